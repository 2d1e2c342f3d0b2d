"""Home, and the server that carries all pages.

``streamlit run`` finds `app` in this file, imports it once and serves it; for each visit of the
home page the file is then run as a script.
"""

import streamlit as st

from fmnist import environment
from fmnist.dataset import Dataset
from fmnist.layers import parameter_count
from fmnist.recipe import NOTEBOOK_RESULT, PRESETS
from fmnist.ui.home.learning import learning
from fmnist.ui.home.tour import tour
from fmnist.ui.parts.data_notice import dataset_or_notice
from fmnist.ui.parts.frame import APP_NAME, open_page
from fmnist.ui.parts.parameters import MODEL, SOURCE
from fmnist.ui.parts.run_table import run_table
from fmnist.ui.server.guards import middleware
from fmnist.ui.server.lifespan import lifespan, routes


def home() -> None:
    """The home page."""
    open_page(APP_NAME)
    st.markdown(
        "Train a small neural network to tell ten kinds of clothing apart, and watch every step of "
        "it. All that you see is computed here."
    )
    tour()
    data = dataset_or_notice()
    if data is not None:
        learning(data)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if st.button("Train the network", type="primary", icon=":material/play_arrow:"):
            st.switch_page("pages/train.py")
        st.page_link(
            "pages/predict.py", label="Draw something of your own", icon=":material/draw:",
            query_params=SOURCE.query("draw") | MODEL.query("notebook"), width="content",
        )  # fmt: skip
    st.markdown("Training is 50 epochs of real Keras, in well under half a minute.")
    facts(data)
    run_table()


def facts(data: Dataset | None) -> None:
    """What is trained on, and what is trained."""
    data_side, model_side = st.columns(2, gap="large")
    with data_side:
        st.subheader("The data", anchor=False)
        name = "Fashion-MNIST" if data is None else data.name[:1].upper() + data.name[1:]
        st.markdown(
            f"{name}: 70,000 pictures of 28 × 28 grey pixels, 60,000 to learn from and 10,000 for "
            "the final test. Training touches the test pictures once, when a run has finished."
        )
    with model_side:
        st.subheader("The model", anchor=False)
        st.markdown(
            "784 pixels, two hidden layers of 100 and 75 neurons, ten classes: "
            f"{parameter_count(PRESETS['notebook']):,} parameters. "
            f"The classic notebook reaches a test accuracy of {NOTEBOOK_RESULT['accuracy']} "
            "with it. Can you do better?"
        )


if __name__ == "__main__":
    home()
else:
    # Streamlit's secrets, all that a person can set on its cloud, become environment variables.
    st.secrets.load_if_toml_exists()
    if problems := environment.check():
        raise SystemExit("\n".join(f"error: {problem}" for problem in problems))
    app = st.App(__file__, lifespan=lifespan, routes=routes(), middleware=middleware())
