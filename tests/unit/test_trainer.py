"""The engine against Keras's own `fit`: same weights to start from, same order of images."""

import json
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fmnist.arrays import scale
from fmnist.keras_model import build_sequential, compile_model
from fmnist.recipe import Recipe
from fmnist.training.trainer import LastTrainer, Trainer

ROOT = Path(__file__).parents[2]


class Silent:
    """Observer that keeps what it is told."""

    def __init__(self):
        self.epochs, self.steps = [], []

    def on_train_begin(self):
        pass

    def on_epoch_begin(self):
        pass

    def on_train_batch_end(self, batch, logs):
        self.steps.append((batch, dict(logs)))

    def on_epoch_end(self, logs):
        self.epochs.append(dict(logs))


def plain_fit(recipe, data, epochs):
    """The same images in the same order through Keras's unchanged `fit`."""
    model = build_sequential(recipe)
    model.layers[1].trainable = recipe.first_layer == "trained"
    compile_model(model, recipe)
    x = (data.train_images[: recipe.training_images] / 255.0).astype(model.compute_dtype)
    y, fitted, used = data.train_labels, recipe.fitted_images, recipe.training_images
    history = []
    for epoch in range(epochs):
        order = np.random.default_rng([recipe.seed, epoch]).permutation(fitted)
        logs = model.fit(
            x[order],
            y[order],
            batch_size=recipe.batch_size,
            shuffle=False,
            validation_data=(x[fitted:used], y[fitted:used]),
            verbose=0,
        ).history
        history.append({name: values[0] for name, values in logs.items()})
    return model, history


def assert_same(ours, plain):
    for got, expected in zip(ours, plain, strict=True):
        assert got.keys() == expected.keys()
        for name, value in expected.items():
            assert got[name] == pytest.approx(value, rel=1e-4), name


@pytest.mark.slow
def test_two_epochs_of_the_notebook_equal_plain_fit(environment):
    """All 3,188 updates in float64, in a process of its own since that is a process-wide setting.

    In float32 one rounding apart can tip a relu, and two epochs later the third digit differs
    between any two ways to compute the same (plain `fit` with and without XLA does as well).
    """
    check = textwrap.dedent("""
        import numpy as np
        from fmnist.training.tensorflow_start import start_tensorflow
        from fmnist.training.trainer import Trainer
        start_tensorflow()
        import keras
        keras.config.set_floatx("float64")
        from fmnist import dataset
        from fmnist.recipe import Recipe
        from tests.unit.test_trainer import Silent, assert_same, plain_fit
        recipe, data, seen = Recipe(epochs=2), dataset.load(), Silent()
        trainer = Trainer(recipe, data)
        trainer.fit(seen)
        model, history = plain_fit(recipe, data, 2)
        assert trainer.model.optimizer.iterations == model.optimizer.iterations == 2 * 1594
        assert 51_000 - 1593 * 32 == 24  # the last mini-batch was a partial one in both
        assert_same(seen.epochs, history)
        for ours, plain in zip(trainer.network.get_weights(), model.get_weights(), strict=True):
            assert ours.dtype == np.float64
            assert np.abs(ours - plain).max() < 1e-4 * np.abs(plain).max()
        assert model.evaluate(data.test_images / 255.0, data.test_labels, verbose=0) == (
            __import__("pytest").approx(list(trainer.evaluate_test()), rel=1e-4))
        print("same")
    """)
    result = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.stdout.strip().endswith("same"), result.stderr[-3000:]


def test_one_epoch_of_the_notebook_equals_plain_fit_in_float32(tensorflow, data):
    recipe = Recipe(epochs=1)
    trainer, seen = Trainer(recipe, data), Silent()
    initial = trainer.network.get_weights()
    reference = build_sequential(recipe).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(initial, reference, strict=True))
    trainer.fit(seen)
    model, history = plain_fit(recipe, data, 1)
    assert_same(seen.epochs, history)
    for ours, plain in zip(trainer.network.get_weights(), model.get_weights(), strict=True):
        assert np.abs(ours - plain).max() < 1e-4 * np.abs(plain).max()


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(optimizer="SGD", momentum=0.9, l2=1e-3),
        Recipe(optimizer="Adam", learning_rate=0.001, hidden_units=(32,)),
        Recipe(optimizer="AdamW", learning_rate=0.002, weight_decay=0.01, hidden_units=()),
        Recipe(optimizer="RMSprop", learning_rate=0.0005, momentum=0.5, hidden_units=(24, 16, 8)),
        Recipe(optimizer="AdamW", weight_decay=0.1, l2=1e-3, first_layer="random"),
        Recipe(momentum=0.9, hidden_units=(30,), first_layer="random"),
    ],
    ids=lambda recipe: f"{recipe.optimizer}-{len(recipe.hidden_units)}-{recipe.first_layer}",
)
def test_every_optimizer_equals_plain_fit(tensorflow, data, recipe):
    recipe = replace(recipe, epochs=2, training_images=3000, validation_split=0.2, batch_size=50)
    recipe = replace(recipe, training_images=2990)  # 2392 fitted: the last mini-batch has 42
    trainer, seen = Trainer(recipe, data), Silent()
    trainer.fit(seen)
    model, history = plain_fit(recipe, data, 2)
    assert_same(seen.epochs, history)
    for got, expected in zip(trainer.network.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("units", [(20, 10), ()])
def test_a_random_first_layer_stays_to_the_last_bit(tensorflow, data, units):
    recipe = Recipe(epochs=1, training_images=600, first_layer="random", hidden_units=units,
                    optimizer="AdamW", weight_decay=0.5, ema_momentum=0.9)  # fmt: skip
    trainer = Trainer(recipe, data)
    before = trainer.network.get_weights()
    trainer.fit(Silent())
    after = trainer.network.get_weights()
    assert np.array_equal(before[0], after[0]) and np.array_equal(before[1], after[1])
    assert all(not np.array_equal(a, b) for a, b in zip(before[2:], after[2:], strict=True))


def test_same_seed_gives_the_same_history_to_the_last_bit(tensorflow, data):
    recipe = Recipe(epochs=2, training_images=4000, dropout=0.3, optimizer="Adam", seed=7)
    histories = []
    for _ in range(2):
        trainer, seen = Trainer(recipe, data), Silent()
        trainer.fit(seen)
        histories.append((seen.epochs, [item.tobytes() for item in trainer.network.get_weights()]))
    assert histories[0] == histories[1]
    other = Silent()
    trainer.begin_again(replace(recipe, seed=8))
    trainer.fit(other)
    assert other.epochs != histories[0][0]


def test_restored_state_continues_as_if_nothing_had_happened(tensorflow, data):
    recipe = Recipe(epochs=4, training_images=3000, dropout=0.2, optimizer="Adam")
    whole, whole_seen = Trainer(recipe, data), Silent()
    whole.fit(whole_seen)

    class StopAfterTwo(Silent):
        def on_epoch_end(self, logs):
            super().on_epoch_end(logs)
            if len(self.epochs) == 2:
                self.state = first.state(2)
                raise KeyboardInterrupt

    first, first_seen = whole, StopAfterTwo()
    first.begin_again(recipe)
    with pytest.raises(KeyboardInterrupt):
        first.fit(first_seen)
    second, second_seen = Trainer(recipe, data), Silent()
    assert second.restore(first_seen.state) == 2
    second.fit(second_seen, initial_epoch=2)
    assert first_seen.epochs + second_seen.epochs == whole_seen.epochs


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "Adam", "dropout": 0.2, "ema_momentum": 0.9, "augmentation": "flip"},
        {"momentum": 0.9, "learning_rate_schedule": "cosine", "l2": 0.001},
        {"hidden_units": ()},
    ],
)
def test_a_trainer_that_begins_again_is_as_good_as_new(tensorflow, data, settings):
    """To the last bit: first weights, every epoch, the saved state and the test figures."""

    def told(trainer, recipe):
        seen = Silent()
        first = trainer.state(0)
        trainer.fit(seen)
        return seen.epochs, first, trainer.state(recipe.epochs), trainer.evaluate_test()

    recipe = Recipe(epochs=2, training_images=3000, **settings)
    other = replace(recipe, seed=7, learning_rate=0.005)
    make = LastTrainer()
    kept = make(recipe, data)
    as_new = {recipe: told(kept, recipe), other: told(Trainer(other, data), other)}
    kept.set_learning_rate(0.3)
    for wanted, expected in reversed(as_new.items()):
        again = make(wanted, data)
        assert again is kept
        got = told(again, wanted)
        assert got[0] == expected[0] and got[3] == expected[3]
        for ours, theirs in zip(got[1:3], expected[1:3], strict=True):
            assert ours.keys() == theirs.keys()
            assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


def test_a_trainer_begins_again_only_where_nothing_is_to_be_compiled(tensorflow, data):
    recipe = Recipe(training_images=200)
    trainer = Trainer(recipe, data)
    for same in ({"seed": 3}, {"learning_rate": 0.1}, {"epochs": 7}):
        assert trainer.can_begin_again(replace(recipe, **same), data)
    for other in ({"momentum": 0.9}, {"batch_size": 16}, {"training_images": 300},
                  {"optimizer": "Adam"}, {"hidden_units": (5,)},
                  {"shuffled_labels": 0.5}):  # fmt: skip
        assert not trainer.can_begin_again(replace(recipe, **other), data)
    assert not trainer.can_begin_again(recipe, replace(data))
    shuffled = replace(recipe, shuffled_labels=0.5)  # another seed mixes up others
    assert not Trainer(shuffled, data).can_begin_again(replace(shuffled, seed=3), data)
    cosine = replace(recipe, learning_rate_schedule="cosine")
    assert not Trainer(cosine, data).can_begin_again(replace(cosine, epochs=7), data)


def test_state_of_another_recipe_is_refused(tensorflow, data):
    state = Trainer(Recipe(training_images=200), data).state(1)
    with pytest.raises(ValueError, match="another recipe"):
        Trainer(Recipe(training_images=200, hidden_units=(5,)), data).restore(state)
    with pytest.raises(ValueError, match="another recipe"):
        Trainer(Recipe(training_images=200, optimizer="Adam"), data).restore(state)


class FixedPace:
    """Chunks of one size, whatever they take."""

    def __init__(self, size):
        self.size = size

    def chunk_end(self, start, stop):
        return min(start + self.size, stop)

    def took(self, batches, seconds):
        pass


@pytest.mark.parametrize("ema_momentum", [0.0, 0.9])
def test_the_size_of_chunks_changes_no_bit(tensorflow, data, ema_momentum):
    recipe = Recipe(
        epochs=2, training_images=2990, dropout=0.2, optimizer="Adam", ema_momentum=ema_momentum
    )
    results, chunks, trainer = [], [], Trainer(recipe, data)
    for size in (1, 7, 10_000):
        seen = Silent()
        trainer.begin_again(recipe)
        trainer.model.pace = FixedPace(size)
        trainer.fit(seen)
        results.append((seen.epochs, [item.tobytes() for item in trainer.network.get_weights()]))
        chunks.append([batch for batch, _ in seen.steps])
    assert results[0] == results[1] == results[2]
    epoch = recipe.batches_per_epoch  # 80
    assert chunks[0] == [*range(epoch)] * 2
    assert chunks[1] == [*range(6, epoch, 7), epoch - 1] * 2
    assert chunks[2] == [epoch - 1] * 2


def test_test_images_do_not_touch_training(tensorflow, data):
    """Other test images, other test result; but the very same training, to the last bit."""
    recipe = Recipe(epochs=1, training_images=2000)
    results = []
    for test_images in (data.test_images, 255 - data.test_images):
        trainer, seen = Trainer(recipe, replace(data, test_images=test_images)), Silent()
        trainer.fit(seen)
        results.append((json.dumps(seen.epochs), trainer.evaluate_test()))
    assert results[0][0] == results[1][0]
    assert results[0][1] != results[1][1]


def test_cosine_and_averaging_equal_plain_fit(tensorflow, data):
    """Against Keras's own schedule and moving average, through Keras's unchanged `fit`."""
    recipe = Recipe(
        epochs=2, training_images=2990, optimizer="AdamW", learning_rate=0.002,
        learning_rate_schedule="cosine", ema_momentum=0.98, hidden_units=(32,),
    )  # fmt: skip
    trainer, seen = Trainer(recipe, data), Silent()
    trainer.fit(seen)
    assert trainer.learning_rate() == 0.0
    model, _ = plain_fit(recipe, data, 2)  # every fit ends by putting the averages in place …
    whole = compile_model(build_sequential(recipe), recipe)
    fitted = recipe.fitted_images
    x, y = scale(data.train_images[:fitted]), data.train_labels[:fitted]
    orders = [np.random.default_rng([0, epoch]).permutation(fitted) for epoch in range(2)]
    for order in orders:  # … so the batches are walked through one by one here
        for start in range(0, fitted, recipe.batch_size):
            chosen = order[start : start + recipe.batch_size]
            whole.train_on_batch(x[chosen], y[chosen])
    whole.optimizer.finalize_variable_values(whole.trainable_variables)
    for ours, plain in zip(trainer.network.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(ours, plain, rtol=1e-3, atol=2e-5)
    assert any(
        not np.allclose(ours, other, atol=1e-4)
        for ours, other in zip(trainer.network.get_weights(), model.get_weights(), strict=True)
    )


@pytest.mark.parametrize("augmentation", ["flip", "pictures"])
def test_augmented_runs_resume_to_the_last_bit(tensorflow, data, augmentation):
    recipe = Recipe(
        epochs=3, training_images=600, optimizer="AdamW", augmentation=augmentation,
        learning_rate_schedule="cosine", ema_momentum=0.9, batch_size=64, hidden_units=(16,),
    )  # fmt: skip
    whole, whole_seen = Trainer(recipe, data), Silent()
    states = []
    whole_seen.on_epoch_end = lambda logs: (
        whole_seen.epochs.append(dict(logs)),
        states.append(whole.state(len(whole_seen.epochs))),
    )
    whole.fit(whole_seen)
    second, second_seen = Trainer(recipe, data), Silent()
    assert second.restore(states[0]) == 1
    second.fit(second_seen, initial_epoch=1)
    assert second_seen.epochs == whole_seen.epochs[1:]


def test_a_rate_set_by_hand_goes_on_falling_along_the_cosine(tensorflow, data):
    recipe = Recipe(epochs=4, training_images=500, learning_rate_schedule="cosine")
    trainer = Trainer(recipe, data)
    assert trainer.learning_rate() == pytest.approx(0.01)
    trainer.set_learning_rate(0.002)
    assert trainer.learning_rate() == pytest.approx(0.002)
    trainer.model.optimizer.iterations.assign(2 * recipe.batches_per_epoch)
    assert trainer.learning_rate() == pytest.approx(0.001)
