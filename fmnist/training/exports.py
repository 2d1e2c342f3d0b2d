"""What a person can take away from a run: history, recipe, and a notebook in plain Keras."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import fields
from importlib.metadata import version
from typing import Any

from fmnist.keras_model import optimizer_options
from fmnist.layers import layer_table, layers, parameter_count, sequential_code
from fmnist.recipe import Recipe
from fmnist.spreadsheet import cell
from fmnist.training.feed import SHUFFLES_LABELS
from fmnist.training.progress import Epoch, Progress


def history_csv(progress: Progress) -> str:
    """One line per epoch, with the names that Keras logs."""
    return epochs_csv(progress.epochs, progress.data_name)


def epochs_csv(epochs: Sequence[Epoch], data_name: str) -> str:
    """The same of epochs that were read before."""
    names = [item.name for item in fields(Epoch)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*names, "data"])
    for epoch in epochs:
        writer.writerow([*(getattr(epoch, name) for name in names), cell(data_name)])
    return text.getvalue()


def recipe_json(recipe: Recipe) -> str:
    """The recipe as it stands in the run folder; the command line takes it with ``--recipe``."""
    return json.dumps(recipe.to_dict(), indent=2) + "\n"


def model_card(name: str, command: str, recipe: Recipe, progress: Progress) -> str:
    """How a bundled model came about, in Markdown: command, data, figures, versions, limits."""
    assert progress.test is not None
    last = progress.epochs[-1]
    versions = ", ".join(f"{package} {version(package)}" for package in ("keras", "tensorflow"))
    return f"""\
# {name}

A multilayer perceptron for 28×28 pictures of clothing, ten classes.

| | |
|---|---|
| made by | `python -m fmnist {command}` |
| data | {progress.data_name}: {recipe.fitted_images:,} images trained on, \
{recipe.validation_images:,} for validation |
| network | {" → ".join(row.title for row in layer_table(recipe))}, \
{parameter_count(recipe):,} parameters |
| validation | loss {last.val_loss:.4f}, accuracy {last.val_accuracy:.4f} |
| test split, evaluated at the end | loss {progress.test.loss:.4f}, \
accuracy {progress.test.accuracy:.4f} |
| training | {progress.elapsed:.0f} s; {versions} |

The recipe:

```json
{recipe_json(recipe)}```

It knows ten kinds of clothing, centred and bright on black, and nothing else.
"""


def notebook(recipe: Recipe, progress: Progress | None = None) -> str:
    """A Jupyter notebook (nbformat 4) in plain Keras that repeats the run.

    Same first weights, same order of images, same split; needs Keras, NumPy and Plotly.
    Rates that were changed by hand are set before the same mini-batch.
    """
    rates = _rates(recipe, progress)
    cells = [
        _markdown(_introduction(recipe, progress)),
        _code(_IMPORTS),
        _code(_data(recipe)),
        _code(_model(recipe, bool(rates))),
        _code(_training(recipe, rates)),
        _code(_CURVES),
        _code(_EVALUATION),
    ]
    for number, made in enumerate(cells):
        made["id"] = f"cell-{number}"
    content = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _introduction(recipe: Recipe, progress: Progress | None) -> str:
    text = "# Fashion-MNIST with Keras\n\nThis notebook repeats a training run in plain Keras."
    if progress is not None and progress.data_name:
        text += f"\n\nThe run was trained on {progress.data_name}."
    if progress is not None and progress.test is not None:
        text += (
            f" It ended at test loss {progress.test.loss:.4f} and "
            f"accuracy {progress.test.accuracy:.4f}."
        )
    if recipe.augmentation in ("pictures", "taught"):
        text += (
            "\n\nThe run also showed drawings and photo-like copies of the images, which the "
            "project makes (`fmnist.synthetic.augment`). "
        )
        if recipe.augmentation == "taught":
            text += (
                "It learnt what a larger network says of each (`fmnist.training.teacher`), not "
                "the labels. "
            )
        text += "This notebook only mirrors images, so its figures differ."
    return text + (
        "\n\nRounding differs a little between ways to compute the same, so the last digits of "
        "later epochs do too."
    )


def _rates(recipe: Recipe, progress: Progress | None) -> dict[int, float]:
    """Rates changed by hand: how many weight updates came before each."""
    rates = {}
    for change in progress.rate_changes if progress else []:
        epoch, share = divmod(change.position, 1)
        batch = round(share * recipe.fitted_images / recipe.batch_size)
        rates[int(epoch) * recipe.batches_per_epoch + batch] = change.learning_rate
    return rates


_IMPORTS = """\
import keras
import numpy as np"""


def _data(recipe: Recipe) -> str:
    shuffle = ""
    if mixed := recipe.shuffled_images:
        shuffle = f"""

# The labels of {mixed:,} images are mixed up among each other, to see what wrong labels do.
rng = np.random.default_rng([{recipe.seed}, {SHUFFLES_LABELS}])
chosen = rng.permutation(len(y_train))[:{mixed}]
y_train = y_train.copy()
y_train[np.sort(chosen)] = y_train[chosen]"""
    return f"""\
(x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
x_train, x_test = x_train / np.float32(255), x_test / np.float32(255)

# validation_split={recipe.validation_split} keeps the last images aside, before any shuffling
x_valid = x_train[{recipe.fitted_images}:{recipe.training_images}]
y_valid = y_train[{recipe.fitted_images}:{recipe.training_images}]
x_train, y_train = x_train[:{recipe.fitted_images}], y_train[:{recipe.fitted_images}]{shuffle}
x_train.shape, x_valid.shape, x_test.shape"""


def _model(recipe: Recipe, changes_rate: bool) -> str:
    before, rate = _learning_rate(recipe, changes_rate)
    options = {"learning_rate": rate, **optimizer_options(recipe)}
    given = ", ".join(f"{name}={value}" for name, value in options.items())
    lines = [
        *before,
        sequential_code(layers(recipe)),
        *(
            ["model.layers[1].trainable = False  # the first layer stays as it was drawn"]
            if recipe.first_layer == "random"
            else []
        ),
        "model.compile(",
        f"    optimizer=keras.optimizers.{recipe.optimizer}({given}),",
        '    loss="sparse_categorical_crossentropy",',
        '    metrics=["accuracy"],',
        # Keras draws other random numbers without XLA, which the run was compiled by.
        *(["    jit_compile=True,  # dropout leaves out the same units"] if recipe.dropout else []),
        ")",
        "model.summary()",
    ]
    return "\n".join(lines)


def _learning_rate(recipe: Recipe, changes: bool) -> tuple[list[str], str]:
    """Lines that come before the model, and what its optimizer is given as the rate."""
    if recipe.learning_rate_schedule == "constant":
        return [], str(recipe.learning_rate)
    updates = recipe.epochs * recipe.batches_per_epoch
    lines = [
        f"schedule = keras.optimizers.schedules.CosineDecay({recipe.learning_rate}, {updates})"
    ]
    if changes:
        lines += [
            "# As a variable, so that the rate can be changed by hand while it falls.",
            f"peak = keras.Variable({recipe.learning_rate}, trainable=False)",
            "schedule.initial_learning_rate = peak",
        ]
    return lines, "schedule"


def _training(recipe: Recipe, rates: dict[int, float]) -> str:
    mirror = (
        """        mirrored = rng.random(len(x_train)) < 0.5
        x = np.where(mirrored[:, None, None], x_train[order][:, :, ::-1], x_train[order])"""
        if recipe.augmentation != "none"
        else "        x = x_train[order]"
    )
    callbacks = ["keras.callbacks.LambdaCallback(on_train_batch_begin=set_rate)"] if rates else []
    if recipe.ema_momentum:
        callbacks.append("keras.callbacks.SwapEMAWeights(swap_on_epoch=False)")
    if recipe.learning_rate_schedule == "cosine":
        assign = "peak.assign(peak * rate / max(float(model.optimizer.learning_rate), 1e-12))"
    else:
        assign = "model.optimizer.learning_rate = rate"
    setter = f"""

rates = {rates!r}  # after so many weight updates: learning rate set by hand


def set_rate(batch, logs=None):
    rate = rates.get(int(model.optimizer.iterations))
    if rate is not None:
        {assign}
"""
    return f"""\
def batches():
    # The order of the images depends on the seed and the epoch alone.
    for epoch in range({recipe.epochs}):
        rng = np.random.default_rng([{recipe.seed}, epoch])
        order = rng.permutation(len(x_train))
{mirror}
        y = y_train[order]
        for start in range(0, len(x), {recipe.batch_size}):
            yield x[start : start + {recipe.batch_size}], y[start : start + {recipe.batch_size}]
{setter if rates else ""}

history = model.fit(
    batches(),
    steps_per_epoch={recipe.batches_per_epoch},
    epochs={recipe.epochs},
    validation_data=(x_valid, y_valid),
    # Where the app is installed, RunCallback("my notebook") here shows this training live in it:
    # from fmnist.training.callback import RunCallback
    callbacks=[{", ".join(callbacks)}],
    verbose=2,
).history"""


_CURVES = """\
import plotly.graph_objects as go

figure = go.Figure(
    [go.Scatter(y=values, x0=1, name=name) for name, values in history.items()],
    layout={"xaxis_title": "epoch"},
)
figure"""

_EVALUATION = """\
names = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
         "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"test loss {loss:.4f}, test accuracy {accuracy:.4f}")
for probabilities, label in zip(model.predict(x_test[:3], verbose=0), y_test[:3]):
    print(f"predicted {names[probabilities.argmax()]}, true {names[label]}")"""


def _markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
    }
