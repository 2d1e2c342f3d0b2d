"""A row of choices, one of which always holds."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from fmnist.ui.parts import address
from fmnist.ui.parts.parameters import WidgetParameter


def segmented(label: str, options: Sequence[str], parameter: WidgetParameter, **look: Any) -> str:
    """The chosen option, which stands in the address; the first one unless another is chosen.

    Streamlit reads an empty parameter of a link as a choice of nothing, even where one is required.

    Parameters
    ----------
    look : of ``st.segmented_control``
    """
    if st.session_state.get(parameter.name, options[0]) is None:
        st.session_state[parameter.name] = options[0]  # so that it is seen to hold
    chosen = st.segmented_control(
        label, options, default=options[0], required=True, **address.bind(parameter), **look
    )
    return options[0] if chosen is None else chosen
