"""Class: join by a nickname, see who is ahead; the teacher begins rounds and sees all runs."""

import streamlit as st

from fmnist import environment
from fmnist.training import classroom
from fmnist.ui.classroom.board import leaderboard
from fmnist.ui.classroom.join import join_form, link_for_others
from fmnist.ui.classroom.teacher import teacher_panel
from fmnist.ui.parts.frame import open_page
from fmnist.ui.parts.run_table import run_table
from fmnist.ui.server import owner

open_page("Class")
if environment.mode() != "class":
    st.info(
        "This server is not set up for a class. `make serve` is, or `FMNIST_MODE=class` with a "
        "`FMNIST_TEACHER_KEY`.",
        icon=":material/school:",
    )
    st.stop()
nickname = classroom.people().get(owner.person())
if owner.is_teacher():
    board, panel = st.columns([1.5, 1], gap="large")
    with panel:
        link_for_others()
        teacher_panel()
    with board:
        leaderboard()
else:
    join_form(nickname)
    if nickname is not None:
        st.page_link("pages/train.py", label="Train a network", icon=":material/play_circle:")
    leaderboard()
run_table()
