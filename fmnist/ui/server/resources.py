"""What all sessions of the server share: the data set and the queue of training runs."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist import dataset as dataset_module
from fmnist import standin
from fmnist.dataset import Dataset
from fmnist.sandbox.opener import Opener
from fmnist.training.queue import JobQueue
from fmnist.ui.server import memory

# TensorFlow takes three seconds of a core to start. Before the first page is there, that would only
# delay the page.
FIRST_PAGE_SECONDS = 2.5


def dataset() -> Dataset:
    """Fashion-MNIST, or the stand-in until it is there. Raises DatasetError on damaged files."""
    reading = begin_to_read_dataset()
    try:
        return reading.result()
    except Exception:
        _reading.clear()  # a failure is not kept: the files are looked at again next time
        raise


def begin_to_read_dataset() -> Future[Dataset]:
    """Have the data set read in a thread, if nobody has yet.

    The server asks for this when it starts, so that the data is there when the first browser has
    loaded the page.
    """
    download = job_queue().download()
    arriving = download is not None and download.active
    folder = None if arriving else dataset_module.find()
    return _reading(None if folder is None else str(folder))


@contextmanager
def training_images(data: Dataset) -> Iterator[NDArray[np.uint8]]:
    """The training images, read from disk; the memory that took is given back at the end."""
    try:
        yield data.train_images
    finally:
        memory.release(data.train_images)


# One entry, so that the stand-in is dropped when the real files arrive.
@st.cache_resource(show_spinner=False, max_entries=1)
def _reading(folder: str | None) -> Future[Dataset]:
    executor = ThreadPoolExecutor(1, "read-dataset")
    reading = executor.submit(_read_dataset, folder)
    executor.shutdown(wait=False)
    return reading


def _read_dataset(folder: str | None) -> Dataset:
    data = standin.load() if folder is None else dataset_module.load(Path(folder))
    # 47 MB. Pages show a few images at a time; all are read once or twice in a server's life.
    return replace(data, train_images=memory.on_disk(data.train_images))


@st.cache_resource(show_spinner=False, on_release=lambda queue: queue.close())
def job_queue() -> JobQueue:
    """The one queue of this server; it warms up a worker."""
    return JobQueue(delay=FIRST_PAGE_SECONDS)


@st.cache_resource(show_spinner=False, on_release=lambda opener: opener.close())
def opener() -> Opener:
    """Opens the files of all visitors, in processes of their own."""
    return Opener()
