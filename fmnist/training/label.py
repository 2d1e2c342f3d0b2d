"""What a person has written on a run: its name, a note, and whether it is pinned.

It stands in ``label.json`` beside the recipe, which never changes.
"""

import json
from dataclasses import asdict, dataclass

from fmnist.training import files
from fmnist.training.files import disk_errors
from fmnist.training.run import BAD_JSON, RunFolder

FILE = "label.json"
MAX_NAME, MAX_NOTE = 60, 500  # characters
MAX_BYTES = 16_384


@dataclass(frozen=True)
class Label:
    """A run's label.

    Attributes
    ----------
    name : at most 60 characters of one line; empty for none
    note : at most 500 characters
    pinned : whether the run is kept on top of lists, and is never deleted to make room
    """

    name: str = ""
    note: str = ""
    pinned: bool = False

    def __post_init__(self) -> None:
        for what, value, most in (("name", self.name, MAX_NAME), ("note", self.note, MAX_NOTE)):
            if not isinstance(value, str):
                raise ValueError(f"A {what} is text, not {value!r:.20}.")
            if len(value) > most:
                raise ValueError(
                    f"A {what} has at most {most} characters; this one has {len(value):,}. "
                    "Shorten it."
                )
        if type(self.pinned) is not bool:
            raise ValueError(f"pinned is true or false, not {self.pinned!r:.20}.")


def tidy(text: object, lines: bool = False) -> str:
    """A text as labels have it: without control characters, and in one line if not `lines`."""
    kept = (character for character in str(text) if character.isprintable() or character == "\n")
    joined = "".join(kept)
    return joined.strip() if lines else " ".join(joined.split())


def read(run: RunFolder) -> Label:
    """The label of a run; an empty one where there is none, or none that can be read."""
    try:
        content = json.loads(files.read_regular(run.folder / FILE, MAX_BYTES))
        return Label(**content)
    except BAD_JSON:
        return Label()


def write(run: RunFolder, label: Label) -> None:
    """Put a label on a run, or take it off. Raises RunError if the disk refuses."""
    with disk_errors(f"Run {run.id}"):
        if label == Label():
            (run.folder / FILE).unlink(missing_ok=True)
        else:
            files.write_atomically(run.folder / FILE, json.dumps(asdict(label)).encode())
