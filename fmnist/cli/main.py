"""The command line: every job of the app without a browser."""

import argparse
import json
import shlex
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from fmnist import dataset, environment, standin
from fmnist.catalogue import open_model
from fmnist.cli import pictures
from fmnist.cli.progress_bar import ProgressBar
from fmnist.cli.recipes import add_recipe_options, chosen_recipe
from fmnist.cli.serve import serve
from fmnist.cli.sweep import add_sweep
from fmnist.network import Network, read_archive
from fmnist.prediction import confidence
from fmnist.prediction.inference import Predictor
from fmnist.sandbox.opener import Opener
from fmnist.training import progress, runs
from fmnist.training.exports import model_card
from fmnist.training.kept import KeptWeights


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    chosen = command_line().parse_args(arguments)
    if problems := environment.check():
        print(*(f"error: {problem}" for problem in problems), sep="\n", file=sys.stderr)
        return 1
    try:
        return int(chosen.run(chosen))
    except (runs.RunError, dataset.DatasetError, ValueError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; what was trained is kept in the run folder", file=sys.stderr)
        return 130


def command_line() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(
        prog="python -m fmnist", description="Fashion-MNIST: train, and look into what was learnt."
    )
    parsers = parser.add_subparsers(required=True, metavar="command")
    for add in (
        _add_serve,
        _add_train,
        add_sweep,
        _add_predict,
        _add_evaluate_folder,
        _add_builders,
    ):
        add(parsers)
    return parser


# serve ---------------------------------------------------------------------------------------


def _add_serve(parsers: Any) -> None:
    parser = parsers.add_parser("serve", help="serve the app to everybody in this network")
    parser.add_argument("--port", type=_port, default=8501, help="default: %(default)s")
    parser.set_defaults(run=lambda chosen: serve(chosen.port))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r}: it takes a whole number from 1 to 65535")
    return int(text)


# train ---------------------------------------------------------------------------------------


def _add_train(parsers: Any) -> None:
    parser = parsers.add_parser("train", help="train a recipe and evaluate it on the test split")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="copy the model there, with a model card beside"
    )
    parser.add_argument(
        "--output-epochs", metavar="N,N,…", type=_epochs, default=[],
        help="copy the weights after these epochs too, into a folder beside the model",
    )  # fmt: skip
    add_recipe_options(parser)
    parser.set_defaults(run=_train)


def _epochs(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: it takes epochs with commas between") from None


def _train(chosen: argparse.Namespace) -> int:
    recipe = chosen_recipe(chosen)
    from fmnist.training.job import train_run  # TensorFlow comes with it: 7 s, paid by this job
    from fmnist.training.tensorflow_start import start_tensorflow

    start_tensorflow()
    data = _data()
    run = runs.create(recipe)
    print(
        f"run {run.id}: {recipe.epochs} epochs on {data.name} from {data.source}", file=sys.stderr
    )
    with ProgressBar(run):
        train_run(run, lambda: data)
    seen = progress.Follower(run).poll()
    if seen.phase != progress.FINISHED or seen.test is None:
        raise runs.RunError(seen.message or f"Run {run.id} ended as {seen.phase}.")
    print(
        f"test loss {seen.test.loss:.4f}, test accuracy {seen.test.accuracy:.4f} "
        f"({seen.elapsed:.1f} s of training on {data.name}); model in {run.model_path}",
        file=sys.stderr,
    )
    if chosen.output is not None:
        chosen.output.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(run.model_path, chosen.output)
        card = model_card(chosen.output.name, shlex.join(sys.argv[1:]), recipe, seen)
        chosen.output.with_suffix(".md").write_text(card)
        _copy_epochs(run, chosen.output_epochs, chosen.output.with_suffix(""))
    if chosen.json:
        print(json.dumps(_summary(run, seen)))
    return 0


def _data() -> dataset.Dataset:
    """The data set, downloaded first if no place has it; the stand-in if that cannot be."""
    if dataset.find() is None:
        from fmnist.training.download import download

        problem = download(
            lambda share: print(f"\rdownloading {share:4.0%}", end="", file=sys.stderr)
        )
        print(f"\n{problem}" if problem else "", file=sys.stderr)
    return standin.load_data()


def _copy_epochs(run: runs.Run, epochs: list[int], folder: Path) -> None:
    """Copy weights that the run has kept. Raises RunError if it has not kept those of an epoch."""
    copy = KeptWeights(folder, run.recipe.hidden_units)
    for epoch in epochs:
        arrays = [item for layer in run.kept.network(epoch).layers
                  for item in (layer.kernel, layer.bias)]  # fmt: skip
        copy.save(epoch, *arrays)


def _summary(run: runs.Run, seen: progress.Progress) -> dict[str, Any]:
    assert seen.test is not None
    names = ("loss", "accuracy", "val_loss", "val_accuracy")
    return {
        "run": run.id,
        "epochs": seen.completed,
        "test_loss": seen.test.loss,
        "test_accuracy": seen.test.accuracy,
        "seconds": round(seen.elapsed, 3),
        "data": seen.data_name,
        **{name: [getattr(epoch, name) for epoch in seen.epochs] for name in names},
    }


# predict, evaluate-folder ----------------------------------------------------------------------


def _add_predict(parsers: Any) -> None:
    parser = parsers.add_parser("predict", help="classify picture files")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    _add_predictor_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=_predict)


def _add_evaluate_folder(parsers: Any) -> None:
    parser = parsers.add_parser(
        "evaluate-folder", help="measure on a folder of <index>_<name>/ folders of pictures"
    )
    parser.add_argument("folder", type=Path)
    _add_predictor_options(parser)
    parser.set_defaults(run=_evaluate_folder)


def _add_predictor_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", default="tuned", help='"tuned", "notebook", the id of a run, or a .keras file'
    )
    parser.add_argument("--kind", choices=["auto", "photo", "drawing"], default="auto")


def _predict(chosen: argparse.Namespace) -> int:
    predictor = _predictor(chosen.model)
    return pictures.predict_files(predictor, chosen.files, chosen.kind, chosen.json, print)


def _evaluate_folder(chosen: argparse.Namespace) -> int:
    scores = pictures.evaluate_folder(_predictor(chosen.model), chosen.folder, chosen.kind)
    print("\n".join(pictures.score_table(scores)))
    return 0


def _predictor(ref: str) -> Predictor:
    return Predictor(network_of(ref), confidence.read())


def network_of(ref: str) -> Network:
    """A bundled model, a run, or anybody's ``.keras`` file, opened in another process."""
    path = Path(ref)
    return _strangers_network(path) if path.suffix == ".keras" else open_model(ref).network


def _strangers_network(path: Path) -> Network:
    """A model from anywhere, which is not trusted as the app's own are."""
    with Opener() as opener:
        return opener.network(read_archive(path, path.name), path.name)


# build-standin, build-confidence, fit-trust ----------------------------------------------------


def _add_builders(parsers: Any) -> None:
    for name, help_text, build in (
        ("build-standin", "fit the stand-in data set to the real one", _build_standin),
        ("build-teacher", "train the network that teaches the preset tuned", _build_teacher),
        ("build-pictures", "make the bundled photos", _build_pictures),
        ("build-confidence", "measure what clothing looks like, for Predict", _build_confidence),
    ):
        parsers.add_parser(name, help=help_text).set_defaults(run=build)
    parser = parsers.add_parser("fit-trust", help="measure how far Predict can be believed")
    parser.add_argument(
        "folder", type=Path, help="sets of <index>_<name>/ folders of real pictures"
    )
    parser.add_argument("--model", default="tuned", help="default: %(default)s")
    parser.set_defaults(run=_fit_trust)


def _build_standin(_chosen: argparse.Namespace) -> int:
    size = standin.save(standin.build(dataset.load()))
    print(f"{standin.PATH}: {size:,} bytes")
    return 0


def _build_teacher(_chosen: argparse.Namespace) -> int:
    from fmnist.training import teacher

    teacher.train(dataset.load(), lambda words: print(words, flush=True))
    print(teacher.PATH)
    return 0


def _build_pictures(_chosen: argparse.Namespace) -> int:
    from fmnist.synthetic import example_pictures

    print(*example_pictures.build(dataset.load()), sep="\n")
    return 0


def _build_confidence(_chosen: argparse.Namespace) -> int:
    from fmnist.synthetic import build_confidence

    built = build_confidence.build(dataset.load())
    with suppress(confidence.ConfidenceError):  # there is none yet, or one of another version
        before = confidence.read()
        built = replace(built, trust=before.trust, measured=before.measured)
    size = confidence.save(built)
    print(f"{confidence.PATH}: {size:,} bytes; now fit the trust to it with fit-trust")
    return 0


def _fit_trust(chosen: argparse.Namespace) -> int:
    from fmnist.synthetic import fit_trust

    fitted = fit_trust.fit(
        network_of(chosen.model), confidence.read(), chosen.folder, dataset.load()
    )
    size = confidence.save(fitted)
    print(f"{confidence.PATH}: {size:,} bytes")
    return 0
