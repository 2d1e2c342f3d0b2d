"""Executes exported notebooks as Jupyter does, on a few images in a Keras cache of their own."""

import gzip
import os
import struct
import subprocess
import sys
from dataclasses import replace

import nbformat

from fmnist import dataset

EXECUTE = """
import nbclient, nbformat
notebook = nbformat.read("run.ipynb", as_version=4)
nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
nbformat.write(notebook, "run.ipynb")
"""


def little(data, training, test):
    """The first images of a data set."""
    return replace(
        data,
        train_images=data.train_images[:training],
        train_labels=data.train_labels[:training],
        test_images=data.test_images[:test],
        test_labels=data.test_labels[:test],
    )


def executed(texts, data, folder):
    """Execute notebooks one after the other in one kernel, since each start of Keras takes 8 s.

    Parameters
    ----------
    texts : notebooks; those with checks in them print one line each
    data : the images that Keras finds in its cache

    Returns
    -------
    list of what each code cell of each notebook printed
    """
    _fill_cache(folder / "keras" / "datasets" / "fashion-mnist", data)
    whole = nbformat.v4.new_notebook()
    for text in texts:
        whole.cells += nbformat.reads(text, as_version=4).cells
    for number, cell in enumerate(whole.cells):
        cell["id"] = f"cell-{number}"  # each notebook has counted from 0
    nbformat.write(whole, folder / "run.ipynb")
    result = subprocess.run(
        [sys.executable, "-c", EXECUTE],
        cwd=folder,
        env=os.environ | {"KERAS_HOME": str(folder / "keras"), "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    cells = nbformat.read(folder / "run.ipynb", as_version=4).cells
    return ["".join(output.get("text", "") for output in cell.get("outputs", ())) for cell in cells]


def with_check(text, source):
    """A notebook with one more code cell."""
    notebook = nbformat.reads(text, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(source))
    return nbformat.writes(notebook)


def _fill_cache(folder, data):
    folder.mkdir(parents=True)
    arrays = (data.train_images, data.train_labels, data.test_images, data.test_labels)
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    assert {f"{name}-ubyte" for name in names} == set(dataset.OFFICIAL_FILES)
    for name, array in zip(names, arrays, strict=True):
        header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        (folder / f"{name}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes(), 1))
