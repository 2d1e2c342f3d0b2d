"""The table of runs: sort, filter, compare, open, rename, pin, delete with undo."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st

from fmnist.charts import theme
from fmnist.recipe_words import differences
from fmnist.training import classroom, runs
from fmnist.training import label as labels
from fmnist.training.label import Label
from fmnist.training.progress import LIVE
from fmnist.training.run_words import describe
from fmnist.training.runs import RUN_ID, RunError
from fmnist.training.summaries import Summary
from fmnist.ui.parts import address
from fmnist.ui.parts.component import component
from fmnist.ui.parts.known_runs import summaries
from fmnist.ui.parts.pace import look_seconds
from fmnist.ui.parts.parameters import GROUP, OVERLAYS, RUN, TRAIN
from fmnist.ui.parts.run_list import damaged_lines, started
from fmnist.ui.parts.session import PAGE, PAGE_IS_NEW
from fmnist.ui.parts.text import plain
from fmnist.ui.server import owner
from fmnist.ui.server.streamlit_internals import is_partial_run

KEY = "run-table"
PROBLEM, DELETED = "run-table-problem", "run-table-deleted"
TO_OPEN, REST_CHANGES = "run-table-to-open", "run-table-rest-changes"
LOOK_SECONDS = 3.0
MOST = 1 + len(theme.OVERLAY_COLORS)  # runs on one chart: the open one, and those laid over it
LONGEST_ACTION = 20_000  # characters

_HERE = Path(__file__).parent
_component = component(
    "fmnist_runs",
    html="""
<div class="fmnist-runs">
  <div class="top">
    <input type="search" placeholder="Filter" aria-label="Filter the runs">
    <button type="button" class="compare" disabled>Compare</button>
    <span role="status"></span>
  </div>
  <div class="wide" tabindex="0" role="region" aria-label="Runs">
    <table><thead></thead><tbody></tbody></table>
  </div>
  <button type="button" class="more" hidden></button>
</div>
""",
    css=(_HERE / "run_table.css").read_text(),
    js=(_HERE / "run_table.js").read_text(),
    isolate_styles=False,
)


def run_table() -> None:
    """Draw the table of the runs that this visitor may see, and the damaged ones beneath it."""
    if query := st.session_state.pop(TO_OPEN, None):
        st.switch_page("pages/train.py", query_params=query)
    if message := st.session_state.pop(PROBLEM, None):
        st.error(plain(message), icon=":material/error:")
    _undo_line()
    known = _known()
    if known:
        st.subheader("Runs", anchor=False)
        # By locks alone: the rows are made once, where they are drawn.
        live = any(item.run.waits() or item.run.is_locked("worker") for item in known)
        st.fragment(_table, run_every=look_seconds(LOOK_SECONDS) if live else None)()
    damaged_lines({item.run.id for item in known})


def _known() -> list[Summary]:
    return [item for item in summaries().sound() if owner.may_see(item.run)]


def _table() -> None:
    """Draw the table itself, again and again while any of its runs is at work."""
    if st.session_state.pop(REST_CHANGES, False) and is_partial_run():
        st.rerun()  # what was pressed changes more of the page than the table
    _component(
        key=KEY,
        data={"rows": json.dumps(rows(_known())), "most": MOST},
        on_action_change=_act,
    )


def rows(known: list[Summary]) -> list[dict[str, Any]]:
    """What the table shows of each run, newest first."""
    found = []
    nicknames = classroom.people() if owner.is_teacher() else {}
    ours = [item.run.recipe for item in known if not item.run.foreign]
    different = iter(differences(ours))
    for item in known:
        what = f"your own: {item.run.foreign.title}" if item.run.foreign else next(different)
        try:
            state = summaries().state(item.run)
        except RunError:
            continue  # deleted at this moment
        when = started(item.run)
        found.append(
            {
                "id": item.run.id,
                "name": item.label.name or when,
                "own": item.label.name,
                "when": when,
                "who": nicknames.get(item.run.owner, ""),
                "note": item.label.note,
                "pinned": item.label.pinned,
                "what": what,
                "recipe": describe(item.run),
                "state": state,
                "live": state in LIVE,
                "completed": item.completed,
                "epochs": item.run.epochs,
                "best": item.best,
                "last": item.last,
                "test": item.test.accuracy if item.test else None,
                "seconds": item.seconds,
                "data": "" if item.data_official or item.run.foreign else item.data_name,
                "group": item.run.group,
                "yours": owner.may_control(item.run),
            }
        )
    return found


def _act() -> None:
    """Do what was pressed in the table; a message says why if that cannot be done."""
    said = st.session_state[KEY].get("action")
    st.session_state[REST_CHANGES] = True
    try:
        act(read_action(said))
    except (RunError, ValueError) as problem:
        st.session_state[PROBLEM] = str(problem)


def read_action(said: Any) -> dict[str, Any]:
    """What a browser says was pressed. Raises ValueError if that makes no sense."""
    action = None
    with suppress(TypeError, ValueError, RecursionError):
        action = json.loads(said) if len(said) <= LONGEST_ACTION else None
    if not isinstance(action, dict) or not isinstance(action.get("do"), str):
        raise ValueError("The table of runs was not understood. Load the page anew.")
    named = action.get("runs", [action.get("run")])
    if not (isinstance(named, list) and 1 <= len(named) <= MOST):
        raise ValueError(f"At most {MOST} runs can be compared at a time.")
    if not all(isinstance(name, str) and RUN_ID.fullmatch(name) for name in named):
        raise ValueError("That is not the name of a run.")
    return action | {"runs": named}


def act(action: dict[str, Any]) -> None:
    """Do it. Raises RunError or ValueError, with one plain sentence, if it cannot be done."""
    what, first = action["do"], action["runs"][0]
    if what == "open":
        _go(RUN.query(first))
    elif what == "group":
        _go(GROUP.query(runs.open_run(first).group))
    elif what == "compare":
        others = tuple(dict.fromkeys(action["runs"][1:]))
        _go(RUN.query(first) | (OVERLAYS.query(others) if others else {}))
    elif what in ("label", "pin"):
        run = runs.open_run(first)
        owner.check(run)
        before = labels.read(run)
        if what == "pin":
            after = Label(before.name, before.note, action.get("pinned") is True)
        else:
            name = labels.tidy(action.get("name", ""))
            after = Label(name, labels.tidy(action.get("note", ""), lines=True), before.pinned)
        labels.write(run, after)
        summaries().of(run)  # what is known of a finished run may be a second old
    elif what == "delete":
        owner.check(runs.open_run(first))
        runs.throw_away(first)
        st.session_state[DELETED] = first
        if address.text(RUN) == first:
            address.replace({})


def _go(query: dict[str, str]) -> None:
    """Open Train with this query: at once, or from another page when the table is drawn next."""
    if st.session_state[PAGE] == TRAIN:
        # From run to run the curves are drawn in the same way.
        (address.go_on if RUN.name in query else address.replace)(query)
    else:
        st.session_state[TO_OPEN] = query


def _undo_line() -> None:
    if st.session_state[PAGE_IS_NEW]:
        st.session_state.pop(DELETED, None)
    run_id = st.session_state.get(DELETED)
    if run_id is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("The run was deleted.", width="content")
        st.button("Undo", key="undo-delete", icon=":material/undo:", on_click=_undo, args=(run_id,))


def _undo(run_id: str) -> None:
    del st.session_state[DELETED]
    try:
        runs.restore(run_id)
    except RunError as problem:
        st.session_state[PROBLEM] = str(problem)
