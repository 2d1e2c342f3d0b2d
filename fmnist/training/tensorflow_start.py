"""How processes that train start TensorFlow."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext


def start_tensorflow(alone: bool = True) -> None:
    """Import TensorFlow for small dense layers: one thread for each operation.

    The matrices are too small to gain from threads; with one thread each, two runs side by side
    do not slow each other down and every run is the same to the last bit.

    Parameters
    ----------
    alone : whether no other thread of the process imports anything meanwhile; it starts sooner then
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    with _absent("pandas", "sklearn") if alone else nullcontext():
        import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


@contextmanager
def _absent(*names: str) -> Iterator[None]:
    """Let packages seem not to be installed, unless they are imported already.

    Keras imports them if they are there, for wrappers and data frames that are not used here: a
    third of TensorFlow's start.
    """
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
