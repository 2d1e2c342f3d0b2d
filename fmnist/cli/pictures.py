"""What the command line does with pictures: answer for files, measure on a folder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from fmnist.classes import CLASS_COUNT, CLASS_NAMES
from fmnist.prediction.confidence import CERTAINTY
from fmnist.prediction.decode import FORMATS, MAX_BYTES, PictureError
from fmnist.prediction.inference import Answer, Predictor
from fmnist.prediction.options import KindChoice, Options
from fmnist.sandbox.opener import Opener

Print = Callable[[str], None]
CLASS_FOLDER = re.compile(r"(\d)_.*")
SUFFIXES = {f".{name.lower()}" for name in FORMATS} | {".jpg", ".tif"}


class FolderError(ValueError):
    """A folder has no pictures to measure on; the message is one plain sentence."""


@dataclass(frozen=True)
class Score:
    """How many pictures of one class, or of all, were answered rightly.

    Attributes
    ----------
    name : of the class, or "all"
    count : pictures
    top1 : right answers
    top2 : pictures whose class was the answer or the runner-up
    """

    name: str
    count: int
    top1: int
    top2: int


def predict_files(
    predictor: Predictor, files: Iterable[Path], kind: KindChoice, as_json: bool, out: Print
) -> int:
    """Answer for files, one line each; a bad file does not keep the others from an answer.

    Parameters
    ----------
    kind : "photo", "drawing" or "auto"
    as_json : one JSON object a line instead of words
    out : gets each line

    Returns
    -------
    int
        Exit status: 1 if any file failed, otherwise 0.
    """
    failed = False
    chosen = list(files)
    with Opener() as opener, two_at_a_time() as pool:
        answers = pool.map(lambda file: _answer(opener, predictor, file, kind), chosen)
        for file, (answer, problem) in zip(chosen, answers, strict=True):
            failed = failed or answer is None
            record = _record(file, answer, problem)
            out(json.dumps(record) if as_json else _line(file, answer, problem))
    return int(failed)


@contextmanager
def two_at_a_time() -> Iterator[ThreadPoolExecutor]:
    """Two pictures at once: one is opened, in a process of its own, while another is answered.

    Matrices as small as these gain nothing from threads of their own.
    """
    pool = ThreadPoolExecutor(2, "predict")
    with threadpool_limits(limits=1, user_api="blas"):
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)  # Ctrl+C does not wait for what is left


def evaluate_folder(predictor: Predictor, folder: Path, kind: KindChoice = "auto") -> list[Score]:
    """Measure on a folder of ``<index>_<name>/`` folders of pictures.

    A picture that cannot be answered counts as wrong.

    Returns
    -------
    list of Score
        One for each class folder, in the order of the classes, and last that of all pictures.

    Raises
    ------
    FolderError
        If there is no such folder, or nothing in it to measure on.
    """
    scores = []
    with Opener() as opener:
        for label, pictures in _class_folders(folder):
            answers = [_answer(opener, predictor, file, kind)[0] for file in pictures]
            given = [answer for answer in answers if answer is not None]
            first = sum(answer.class_index == label for answer in given)
            second = sum(answer.runner_up == label for answer in given)
            scores.append(Score(CLASS_NAMES[label], len(pictures), first, first + second))
    if not scores:
        raise FolderError(
            f"{folder} has no pictures to measure on; it takes folders named <index>_<name>, "
            f"index 0 to {CLASS_COUNT - 1}, such as 8_Bag, with pictures in them."
        )
    sums = (sum(getattr(score, field) for score in scores) for field in ("count", "top1", "top2"))
    return [*scores, Score("all", *sums)]


def score_table(scores: list[Score]) -> list[str]:
    """Lines of a table: class, pictures, top-1 and top-2 in per cent."""
    width = max(len(score.name) for score in scores)
    lines = [f"{'class':<{width}}  pictures   top-1   top-2"]
    for score in scores:
        shares = f"{score.top1 / score.count:>6.1%}  {score.top2 / score.count:>6.1%}"
        lines.append(f"{score.name:<{width}}  {score.count:>8}  {shares}")
    return lines


def _class_folders(folder: Path) -> Iterator[tuple[int, list[Path]]]:
    if not folder.is_dir():
        raise FolderError(f"There is no folder {folder}.")
    for path in sorted(folder.iterdir()):
        match = CLASS_FOLDER.fullmatch(path.name)
        if match and path.is_dir():
            files = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
            if files:
                yield int(match[1]), files


def _answer(
    opener: Opener, predictor: Predictor, file: Path, kind: KindChoice
) -> tuple[Answer | None, str]:
    """The answer, or None and a sentence that says why."""
    try:
        rgb = opener.picture(_content(file), file.name)
    except PictureError as problem:
        return None, str(problem)
    _, answer = predictor.answer_picture(rgb, Options(kind=kind))
    if answer is None:
        return None, f"{file.name} is blank: nothing stands out in it."
    return answer, ""


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)  # enough to see that it is too large
    except OSError as problem:
        raise PictureError(f"{file} cannot be read: {problem.strerror}.") from problem


def _record(file: Path, answer: Answer | None, problem: str) -> dict[str, Any]:
    if answer is None:
        return {"file": str(file), "error": problem}
    return {
        "file": str(file),
        "class_index": answer.class_index,
        "class_name": answer.class_name,
        "probabilities": [float(share) for share in np.asarray(answer.probabilities, np.float64)],
        "confidence": answer.confidence,
        "verdict": answer.verdict(CERTAINTY),
        "reason": answer.reason_in_words(CERTAINTY),
    }


def _line(file: Path, answer: Answer | None, problem: str) -> str:
    if answer is None:
        return f"{file}: error: {problem}"
    verdict = answer.verdict(CERTAINTY)
    share = answer.confidence_in_words()
    second = CLASS_NAMES[answer.runner_up]
    if verdict == "not_clothing":
        return f"{file}: this does not look like clothing (nearest: {answer.class_name})"
    if verdict == "unsure":
        why = answer.reason_in_words(CERTAINTY)
        return f"{file}: not sure, {why}; perhaps {answer.class_name} ({share}), or else {second}"
    return f"{file}: {answer.class_name} ({share}); runner-up {second}"
