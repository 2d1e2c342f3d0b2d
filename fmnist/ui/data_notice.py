"""What a page says when the data set is not there: offer it, show the download, or the fault."""

import streamlit as st

from fmnist import standin
from fmnist.dataset import Dataset, DatasetError
from fmnist.training.queue import Download
from fmnist.ui import resources


def dataset_or_notice() -> Dataset | None:
    """The data set, or the stand-in, after saying so and how the real one can be had.

    None, after saying what is wrong, when files are damaged.
    """
    try:
        data = resources.dataset()
    except DatasetError as problem:
        st.error(f"The data set cannot be used. {problem}", icon=":material/error:")
        return None
    if data.name == standin.NAME:
        _offer_download()
    return data


def _offer_download() -> None:
    download = resources.job_queue().download()
    running = download is not None and download.active
    st.fragment(_download, run_every=0.5 if running else None)(running)


def _download(drawn_running: bool) -> None:
    queue = resources.job_queue()
    download = queue.download()
    if (download is not None and download.active) != drawn_running:
        st.rerun()  # the whole page, which also starts or ends the polling
    with st.container(border=True):
        if download is not None and download.active:
            st.progress(download.share, text=_progress_text(download))
            return
        if download is not None and download.failed:
            st.error(f"The download did not work. {download.message}", icon=":material/error:")
        st.markdown(
            "**Fashion-MNIST is not on this computer yet.** It is 30 MB: 70,000 small pictures "
            "of clothing, from Keras's own server. It is kept, so this happens once. Until then "
            "you see a stand-in: pictures drawn from a small statistical model of the data. "
            "Figures measured on it are about the stand-in alone."
        )
        st.button(
            "Download the data",
            icon=":material/download:",
            type="primary",
            on_click=queue.fetch_data,
        )


def _progress_text(download: Download) -> str:
    return f"Downloading Fashion-MNIST, once: {download.share:.0%} of 30 MB"
