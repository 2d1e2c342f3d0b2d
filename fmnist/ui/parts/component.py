"""A component of this app: HTML, styles and JavaScript that Streamlit shows in a page."""

from collections.abc import Callable
from typing import Any

import streamlit as st


def component(name: str, **parts: Any) -> Callable[..., Any]:
    """What shows a component, as ``st.components.v2.component`` returns it.

    Streamlit before 1.66 registers a component with the server that is there at that moment, and
    modules may be imported before it. So the component is registered whenever it is shown. The same
    one again changes nothing.

    Parameters
    ----------
    name : unique in the app
    parts : ``html``, ``css``, ``js`` and ``isolate_styles`` of ``st.components.v2.component``
    """

    def show(**options: Any) -> Any:
        return st.components.v2.component(name, **parts)(**options)

    return show
