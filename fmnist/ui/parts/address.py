"""What stands in the address of a page, which anybody may have written.

An address says all that a link to a page should bring back. What a page writes there itself is
told from what a link, or the browser's back button, brought: only the latter is news, and only
news changes what a page shows. `fmnist.ui.parts.parameters` declares what there is to say.
"""

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from fmnist.training.runs import RUN_ID
from fmnist.ui.parts.parameters import (
    EPOCH,
    INDEX,
    MODEL,
    PARAMETERS,
    SOURCE,
    Parameter,
    T,
    WidgetParameter,
)
from fmnist.ui.parts.session import PAGE, PAGE_IS_NEW
from fmnist.ui.server.streamlit_internals import is_history_run, is_partial_run

UPLOAD = "upload"  # stands for a file of this visitor's, which has no link
LAST_MODEL = "last model"
OF_WIDGETS = {item.name for item in PARAMETERS if isinstance(item, WidgetParameter)}


def text(parameter: Parameter[Any]) -> str | None:
    """What the address says, whatever it is; None if it says nothing."""
    return st.query_params.get(parameter.name)


def value(parameter: Parameter[T]) -> T | None:
    """What the address says; None if it says nothing, or nothing that can be understood."""
    said = text(parameter)
    try:
        return None if said is None else parameter.parse(said)
    except ValueError:
        return None


def _is_understood(parameter: Parameter[Any] | WidgetParameter) -> bool:
    return isinstance(parameter, WidgetParameter) or value(parameter) is not None


def is_news(parameter: Parameter[Any], key: str) -> bool:
    """Whether the address says something that the widget `key` does not know.

    It does on the first run of a page, after a link, and after the browser's back button: a run
    that was cut short may have taken in the address, but not shown it. None of these has a part of
    the page alone drawn: then the address is one that the browser had when it asked for that, maybe
    before it heard of a click.
    """
    said = text(parameter)
    if key in st.session_state and is_partial_run():
        return False
    is_new = key not in st.session_state or is_history_run()
    news = is_new or said != st.session_state.get(_seen(parameter))
    st.session_state[_seen(parameter)] = said
    return news


def changed_here() -> None:
    """Callback of widgets whose value stands in the address: what a person does is newer.

    A browser sends its address along with each change. When two changes follow each other closely,
    it is the address of before the first one, which must not undo it. A step back or forward sends
    what the widgets were as well: there the address is newer.
    """
    if is_history_run():
        return
    for parameter in PARAMETERS:
        if isinstance(parameter, Parameter):
            st.session_state[_seen(parameter)] = text(parameter)


def write(parameter: Parameter[T], value: T | None) -> None:
    """Put what a page shows into its address; None takes the parameter out."""
    said = None if value is None else parameter.text(value)
    if said is None:
        st.query_params.pop(parameter.name, None)
    elif text(parameter) != said:
        st.query_params[parameter.name] = said
    st.session_state[_seen(parameter)] = said
    keep()


def bind(parameter: WidgetParameter) -> dict[str, Any]:
    """Arguments of the widget that a parameter belongs to."""
    keep()  # a change of it may redraw only this part of the page
    return {"key": parameter.name, "bind": "query-params"}


def not_understood(title: str) -> list[str]:
    """A sentence for each part of the address that means nothing, if no page says so itself."""
    problems = []
    for parameter in PARAMETERS:
        if isinstance(parameter, WidgetParameter) or parameter.explained:
            continue
        said = text(parameter) if title in parameter.pages else None
        try:
            if said is not None:
                parameter.parse(said)
        except ValueError as problem:
            problems.append(str(problem))
    return problems


def whole() -> dict[str, str]:
    """All that the address says."""
    return st.query_params.to_dict()


def replace(query: dict[str, str]) -> None:
    """Put all of it into the address, in place of what stands there; one step back undoes it.

    The browser is told in any case: after a click on a link to the page that is open, it still has
    the old address. It does nothing if it has this one.
    """
    st.query_params.from_dict(query)
    changed_here()
    keep()


def go_on(query: dict[str, str]) -> None:
    """As `replace`, to where the widgets that write their value into the address stay."""
    for name in whole():
        if name not in query and name not in OF_WIDGETS:
            del st.query_params[name]
    st.query_params.update(query)
    changed_here()
    keep()


def keep() -> None:
    """Remember the address of the page that is open, for the menu's link back to it."""
    title = st.session_state[PAGE]
    st.session_state[_kept(title)] = _said_to(title)


def _said_to(title: str) -> dict[str, str]:
    """What the address says that a page has, and that can be understood."""
    said = whole()
    return {
        parameter.name: said[parameter.name]
        for parameter in PARAMETERS
        if parameter.name in said and title in parameter.pages and _is_understood(parameter)
    }


def return_to_kept() -> None:
    """Who opens the page anew, by a button that says nothing more, finds what was open before."""
    kept = st.session_state.get(_kept(st.session_state[PAGE]))
    if kept and st.session_state[PAGE_IS_NEW] and not whole():
        replace(kept)


def menu_parameters(title: str) -> dict[str, str]:
    """Parameters of the menu's link to a page: as it was left, with the model that is open now.

    A page that was just opened by a link is linked to as the link says: it has kept nothing yet.
    Train is not: there the menu leads from a run to the form. What was kept is a change behind for
    the widgets of the open page, whose choice stands in the address at once.
    """
    is_open, is_new = title == st.session_state[PAGE], st.session_state[PAGE_IS_NEW]
    kept = st.session_state.get(_kept(title), {})
    parameters = _said_to(title) if is_open and is_new and title in MODEL.pages else dict(kept)
    if is_open and not is_new:
        parameters = {name: said for name, said in kept.items() if name not in OF_WIDGETS}
        said_now = _said_to(title)
        parameters |= {name: said_now[name] for name in OF_WIDGETS & said_now.keys()}
    if title in MODEL.pages and (model := _model_now()):
        parameters |= MODEL.query(model)
    return parameters


def picker_key(parameter: Parameter[str]) -> str:
    """Key of the select box whose choice of a model stands in a parameter."""
    return f"{parameter.name}-picker"


def sample_link(index: int, model: str, epoch: int | None = None) -> str:
    """Address of Predict with a test image, answered by that model, as it was after an epoch."""
    query = SOURCE.query("sample") | INDEX.query(index) | MODEL.query(model)
    return "predict?" + urlencode(query if epoch is None else query | EPOCH.query(epoch))


def _model_now() -> str | None:
    """The model of this page, else the last one that a page had; never a stranger's words."""
    chosen = st.session_state.get(picker_key(MODEL))
    arriving = st.session_state.get(PAGE_IS_NEW) or chosen is None  # then the address decides
    model = text(MODEL) if arriving else chosen
    if model and model != UPLOAD and RUN_ID.fullmatch(model):
        st.session_state[LAST_MODEL] = model
    last: str | None = st.session_state.get(LAST_MODEL)
    return last


def _seen(parameter: Parameter[Any]) -> str:
    return f"{parameter.name} in the address"


def _kept(title: str) -> str:
    return f"address of {title}"
