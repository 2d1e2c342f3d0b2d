"""The events of a run, one JSON object a line: appended by one writer, read by everybody."""

import errno
import json
import os
import time
from contextlib import suppress
from typing import Any

from fmnist.training import files
from fmnist.training.files import disk_errors
from fmnist.training.run import MAX_EVENTS_BYTES, Run

READ_BYTES = 4 * 2**20
EVENT_KEY = b'"event":'
# Events that a power cut must not take back. The others are for the eye, many times a second. They
# stand before one of these in the same file and are flushed with it.
LASTING = ("epoch_end", "train_end", "failed")


class EventLog:
    """The only writer of a run's events. Never leaves a torn line behind."""

    def __init__(self, run: Run) -> None:
        self._run = run
        is_new = not run.events_path.exists()
        self._file = files.open_regular(run.events_path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        if is_new:
            files.flush(run.folder)
        if files.cut_in_mid_line(self._file):
            self._file.write(b"\n")  # an earlier writer was killed there

    def append(self, event: str, **values: Any) -> None:
        """Append one event. Raises RunError on a full or unwritable disk."""
        line = json.dumps({"event": event, "time": time.time(), **values}) + "\n"
        with disk_errors(f"Run {self._run.id}"):
            start = self._file.seek(0, os.SEEK_END)
            try:
                written = self._file.write(line.encode())
                if written != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                if event in LASTING:
                    os.fsync(self._file.fileno())
            except OSError:
                self._file.truncate(start)
                raise

    def append_at_last(self, event: str, **values: Any) -> None:
        """Append even when the disk is full, by giving back the reserve."""
        with suppress(OSError):
            (self._run.folder / "reserve").unlink()
        self.append(event, **values)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_events(
    run: Run, offset: int = 0, passed_over: str | None = None
) -> tuple[list[dict[str, Any]], int]:
    """The next events from a byte offset on, and the offset to go on from.

    A last line without its newline is left for the next call. A line that is not JSON, or into
    which two have run, is ignored: only a killed writer or a damaged disk can have left it. One
    call reads a part of a long file; the end is reached when the offset stays the same. A file that
    cannot be read has no events: `Run.check_events` tells of it.

    Parameters
    ----------
    passed_over : a kind of event that is left out, without being parsed
    """
    try:
        with files.open_regular(run.events_path) as file:
            file.seek(offset)
            content = file.read(min(READ_BYTES, max(MAX_EVENTS_BYTES - offset, 0)))
    except OSError:
        return [], offset
    complete = content[: content.rfind(b"\n") + 1]
    if not complete and len(content) == READ_BYTES:
        return [], offset + len(content)  # no event is that long
    unwanted = None if passed_over is None else f'{{"event": "{passed_over}"'.encode()
    events = []
    for line in complete.split(b"\n"):
        if unwanted is not None and line.startswith(unwanted):
            continue
        if line.count(EVENT_KEY) > 1:
            continue  # a text that says the same has its quotes escaped
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict) and isinstance(event.get("event"), str):
            events.append(event)
    return events, offset + len(complete)
