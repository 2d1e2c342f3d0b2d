"""What Home and Train say while the data set is missing: an offer, the download, or its fault.

All other pages leave that to the badge in the menu.
"""

import streamlit as st

from fmnist import standin
from fmnist.dataset import Dataset, DatasetError
from fmnist.training.fetch import Download
from fmnist.ui.parts.text import plain
from fmnist.ui.server import resources

CANNOT_BE_USED = "The data set cannot be used now; Home says why."
MOST_DETAILS = 1200  # characters


def dataset_or_none() -> Dataset | None:
    """The data set, or the stand-in; None when files are damaged."""
    try:
        return resources.dataset()
    except DatasetError:
        return None


def dataset_or_notice() -> Dataset | None:
    """The data set, after a notice if it is damaged or only the stand-in."""
    try:
        data = resources.dataset()
    except DatasetError as problem:
        _damage(problem)
        return None
    if data.name == standin.NAME:
        _offer_download()
    return data


def _damage(problem: DatasetError) -> None:
    st.markdown(
        ":material/warning: The data set cannot be used: a file of it is damaged, missing or "
        "another one. What needs its pictures waits until they are there."
    )
    with st.expander("Details"):
        st.markdown(plain(problem, MOST_DETAILS))
        st.caption("The files are looked at again whenever this page is loaded.")


def _offer_download() -> None:
    download = resources.job_queue().download()
    running = download is not None and download.active
    st.fragment(_download, run_every=0.5 if running else None)(running)


def _download(drawn_running: bool) -> None:
    download = resources.job_queue().download()
    if (download is not None and download.active) != drawn_running:
        st.rerun()  # the whole page, which also starts or ends the polling
    if download is not None and download.failed:
        _fault(download)
        return
    with st.container(border=True):
        if download is not None and download.active:
            st.progress(download.share, text=_progress_text(download))
        else:
            _offer()


def _offer() -> None:
    st.markdown(
        "**Fashion-MNIST is not on this computer yet.** It is 30 MB: 70,000 small pictures of "
        "clothing, from Keras's own server. It is kept, so this happens once. Until then you see "
        "a stand-in: pictures drawn from a small statistical model of the data. Figures measured "
        "on it are about the stand-in alone."
    )
    st.button(
        "Download the data",
        icon=":material/download:",
        type="primary",
        on_click=resources.job_queue().fetch_data,
    )


def _fault(download: Download) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(
            ":material/cloud_off: Working with stand-in pictures; Fashion-MNIST could not be "
            f"downloaded: {plain(download.message)}.",
            width="content",
        )
        st.button("Retry", icon=":material/refresh:", on_click=resources.job_queue().fetch_data)
    with st.expander("Details"):
        st.markdown(plain(download.details, MOST_DETAILS))
        st.caption(
            "The stand-in pictures are drawn from a small statistical model of the data. Figures "
            "measured on them are about the stand-in alone."
        )


def _progress_text(download: Download) -> str:
    return f"Downloading Fashion-MNIST, once: {download.share:.0%} of 30 MB"
