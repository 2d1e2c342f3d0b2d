"""What all sessions of the server share: the data set and the queue of training runs."""

from pathlib import Path

import streamlit as st

from fmnist import dataset as dataset_module
from fmnist import standin
from fmnist.dataset import Dataset
from fmnist.training.queue import JobQueue


def dataset() -> Dataset:
    """Fashion-MNIST, or the stand-in until it is there. Raises DatasetError on damaged files."""
    download = job_queue().download()
    arriving = download is not None and download.active
    folder = None if arriving else dataset_module.find()
    return _dataset(None if folder is None else str(folder))


# One entry: when the real files arrive, the stand-in's 55 MB are let go.
@st.cache_resource(show_spinner=False, max_entries=1)
def _dataset(folder: str | None) -> Dataset:
    return standin.load() if folder is None else dataset_module.load(Path(folder))


@st.cache_resource(show_spinner=False, on_release=lambda queue: queue.close())
def job_queue() -> JobQueue:
    """The one queue of this server; making it starts to warm up a worker."""
    return JobQueue()
