"""How often pages look again at what changes: less often when many people do."""

from fmnist.ui.server.streamlit_internals import open_sessions

# Of all pages together. A look takes the server 14 ms of a core (`python -m benchmarks.load`), and
# what looks take is taken from the runs.
LOOKS_A_SECOND = 10


def look_seconds(least: float) -> float:
    """Seconds between two looks of one page.

    Parameters
    ----------
    least : seconds if there are few pages
    """
    return max(least, open_sessions() / LOOKS_A_SECOND)


def has_changed(seconds: float, least: float) -> bool:
    """Whether by now there are so many more or fewer pages that another pace is due."""
    return not 0.5 <= seconds / look_seconds(least) <= 2
