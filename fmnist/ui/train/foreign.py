"""What the page says of a run that a person's own program trains."""

import math

import streamlit as st

from fmnist.training.progress import Progress
from fmnist.training.runs import Run


def not_shown(run: Run, progress: Progress) -> None:
    """Say what cannot be shown of it, and why."""
    missing = []
    if progress.epochs:
        last = progress.epochs[-1]
        if math.isnan(last.val_loss):
            missing.append("no validation: `fit` was given no validation data")
        if math.isnan(last.accuracy):
            missing.append('no accuracy: the model was compiled without `metrics=["accuracy"]`')
    if not run.kept.epochs():
        missing.append("no first-layer pictures: the first layer is not dense on 784 pixels")
    if progress.phase == "finished" and not run.has_model():
        missing.append(
            "no model for the other pages: they open dense networks from 28 × 28 pixels to ten "
            "classes"
        )
    if missing:
        st.caption(f"Your own model, so not everything can be shown: {'; '.join(missing)}.")
