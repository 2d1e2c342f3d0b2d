"""A group of runs on the page: its progress and its curves."""

from functools import partial

import streamlit as st

from fmnist.charts.groups import mean_curves
from fmnist.recipe import field_table
from fmnist.training import group_exports, groups
from fmnist.training.progress import LIVE
from fmnist.training.run import Control
from fmnist.training.runs import Run, RunError
from fmnist.ui.parts import address
from fmnist.ui.parts.group_data import Group, curves, read_groups
from fmnist.ui.parts.known_runs import summaries, watched
from fmnist.ui.parts.pace import look_seconds
from fmnist.ui.parts.parameters import BESIDE_GROUP, GROUP, SEEDS, SWEEP
from fmnist.ui.parts.plot import plot
from fmnist.ui.parts.run_list import started
from fmnist.ui.parts.text import plain
from fmnist.ui.server import owner, resources
from fmnist.ui.train.form import to_query
from fmnist.ui.train.group_outcomes import show_outcomes
from fmnist.ui.train.start import forget_start
from fmnist.ui.train.status import progress_bar

POLL_SECONDS = 1.0
NO_OTHER = ""
BESIDE = "beside-group-chosen"
NOT_STOPPED = "group-not-stopped"
MOST_LINES = 27


def group_view(group_id: str) -> None:
    """Draw a group; the part that changes redraws itself while any of its runs is at work."""
    group = read_groups([group_id])
    if group is None:
        st.warning(
            "There is no run of that group any more; they may have been deleted to make room.",
            icon=":material/link_off:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.subheader(_title(group), anchor=False, width="content")
        st.button("New run", type="tertiary", icon=":material/add:", on_click=_back, args=(group,))
        other = _choose_beside(group_id)
    ids = [group_id, other] if other else [group_id]
    moving = any(state in LIVE for state in group.states)
    st.fragment(_moving_part, run_every=look_seconds(POLL_SECONDS) if moving else None)(ids, moving)


def _title(group: Group) -> str:
    table, varied = field_table(), group.varied
    what = " and ".join(table[name].label.lower() for name in varied)
    count = len(group.members)
    return f"{count} runs: {what}" if what else f"{count} runs of one recipe"


def _moving_part(ids: list[str], drawn_moving: bool) -> None:
    group = read_groups(ids)
    moving = group is not None and group.live > 0
    if group is None or moving != drawn_moving or address.text(GROUP) != ids[0]:
        st.rerun()  # the whole page, which also starts or ends the polling
        return
    for item, state in zip(group.members, group.states, strict=True):
        if state in LIVE:
            watched(item.run)
    _progress(group)
    _buttons(group, ids[0])
    loss, accuracy = st.columns(2, gap="small")
    with loss:
        lines = curves(group, "val_loss")[:MOST_LINES]
        plot(mean_curves(lines, "Validation loss", group.epochs, falling=True), "group-loss", 360)
    with accuracy:
        lines = curves(group, "val_accuracy")[:MOST_LINES]
        plot(mean_curves(lines, "Validation accuracy", group.epochs), "group-accuracy", 360)
    if any(len(variant.runs) > 1 for variant in group.variants):
        st.caption("Lines are means over the seeds, bands one standard deviation to either side.")
    show_outcomes(group)


def _progress(group: Group) -> None:
    """How many have ended, and how far the others are."""
    done = sum(item.completed for item in group.members)
    planned = sum(item.run.recipe.epochs for item in group.members)
    ended = len(group.members) - group.live
    share = min(done / planned, 1.0)
    state = "running" if group.live else "finished"
    figures = [f"{ended} of {len(group.members)} runs ended", f"{done:,} of {planned:,} epochs"]
    progress_bar("group", state, state.capitalize(), figures, share)


def _buttons(group: Group, group_id: str) -> None:
    if message := st.session_state.pop(NOT_STOPPED, None):
        st.error(plain(message), icon=":material/error:")
    own = all(owner.may_control(item.run) for item in group.members)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if group.live and own:
            members = [item.run for item in group.members]
            st.button("Stop all", icon=":material/stop:", key="stop-group", on_click=_stop,
                      args=(members,))  # fmt: skip
        elif not own:
            st.badge("You are watching", icon=":material/visibility:", color="gray")
        for label, file_name, mime, content in (
            ("Table (.csv)", f"group-{group_id[:8]}.csv", "text/csv", group_exports.table_csv),
            ("Everything (.zip)", f"group-{group_id[:8]}.zip", "application/zip",
             group_exports.archive),
        ):  # fmt: skip
            st.download_button(
                label,
                partial(content, group.members),
                file_name,
                mime,
                key=f"download_{file_name}",
                icon=":material/download:",
                on_click="ignore",
            )


def _choose_beside(group_id: str) -> str | None:
    """Draw the choice of another group to compare with; the chosen one."""
    known = [item for item in summaries().sound() if item.run.group]
    others = {
        item.run.group: f"Group of {started(item.run)}"
        for item in sorted(known, key=lambda item: item.run.id, reverse=True)
        if item.run.group != group_id
        and (owner.may_see(item.run) or item.run.group == address.value(BESIDE_GROUP))
    }
    if not others:
        return None
    others = {NO_OTHER: "Compare with another group", **others}
    if address.is_news(BESIDE_GROUP, BESIDE):
        wanted = address.value(BESIDE_GROUP)
        st.session_state[BESIDE] = wanted if wanted in others else NO_OTHER
    if st.session_state.get(BESIDE) not in others:
        st.session_state[BESIDE] = NO_OTHER
    chosen = st.selectbox(
        "Compare with",
        list(others),
        format_func=lambda name: others.get(name, name),
        key=BESIDE,
        label_visibility="collapsed",
        on_change=address.changed_here,
        width=300,
    )
    other = None if chosen == NO_OTHER else chosen
    address.write(BESIDE_GROUP, other)
    return other


def _stop(members: list[Run]) -> None:
    queue = resources.job_queue()
    for run in members:
        try:
            owner.check(run)
            if not queue.withdraw(run.id) and summaries().state(run) in LIVE:
                run.ask(Control(state="stop"))
        except RunError as problem:
            st.session_state[NOT_STOPPED] = str(problem)


def _back(group: Group) -> None:
    """To the form, filled with what this group was made of."""
    forget_start()
    varied, first = group.varied, group.variants[0]
    values = {
        name: tuple(dict.fromkeys(getattr(v.recipe, name) for v in group.variants))
        for name in varied[: groups.MAX_FIELDS]
    }
    query = to_query(first.recipe) | SEEDS.query(min(len(first.runs), groups.MAX_SEEDS))
    address.replace(query | (SWEEP.query(values) if values else {}))
