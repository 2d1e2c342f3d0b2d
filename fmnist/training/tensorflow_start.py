"""How processes that train start TensorFlow."""

import gc
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
    with _quick_imports() if alone else nullcontext():
        import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


@contextmanager
def _quick_imports() -> Iterator[None]:
    """Import without what is not needed here: that halves the time of TensorFlow's start.

    Keras imports pandas and scikit-learn if they are there, for data frames and wrappers. Garbage
    is looked for again and again among a million new objects, all of which stay.
    """
    hidden = [name for name in ("pandas", "sklearn") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # what was imported is not looked at again
        gc.enable()
        for name in hidden:
            del sys.modules[name]
