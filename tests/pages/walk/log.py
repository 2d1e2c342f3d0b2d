"""What a step writes into logs and to standard error, and what is raised and not caught."""

import io
import logging
import sys
import threading
from contextlib import ExitStack, redirect_stderr
from typing import Any

# Loggers whose warnings are no fault, each with its reason.
SILENT = {
    "streamlit.runtime.scriptrunner_utils.script_run_context": "a test has no script of its own",
    "streamlit.runtime.caching.cache_data_api": "a test runs no server",
}


class Log(logging.Handler):
    """Keeps what no step may write; a context manager."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.faults: list[str] = []
        self._stack = ExitStack()
        self._errors = io.StringIO()

    def __enter__(self) -> "Log":
        for name in ("", "streamlit"):  # Streamlit's loggers do not hand on to the root
            logger = logging.getLogger(name)
            logger.addHandler(self)
            self._stack.callback(logger.removeHandler, self)
        for name in SILENT:
            logger = logging.getLogger(name)
            logger.addFilter(_is_error)  # a level would not last: Streamlit sets it anew
            self._stack.callback(logger.removeFilter, _is_error)
        for module, hook in ((sys, "unraisablehook"), (threading, "excepthook")):
            self._stack.callback(setattr, module, hook, getattr(module, hook))
            setattr(module, hook, self._uncaught)
        self._stack.enter_context(redirect_stderr(self._errors))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            text += f" {record.exc_info[1]!r}"
        self.faults.append(f"{record.name}: {text}")

    def _uncaught(self, args: Any) -> None:
        self.faults.append(f"uncaught: {args.exc_value!r} in {getattr(args, 'object', args)}")

    def check(self) -> None:
        """Fail if there was anything since the last look."""
        lines = self._errors.getvalue().splitlines()
        self._errors.seek(0)
        self._errors.truncate()
        faults, self.faults = [*self.faults, *filter(str.strip, lines)], []
        assert not faults, "The log has " + "\n".join(faults)


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR
