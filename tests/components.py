"""The component of the canvas package, known to every server that AppTest makes.

The package registers it when it is imported, with the server that is there. From Streamlit 1.66 on,
other servers get to know it at the first use. With 1.65, the newest for Python 3.10, only the first
AppTest that shows the canvas would: each has a server, with a register, of its own.
"""

from functools import cache
from importlib.metadata import version


def share_between_servers() -> None:
    """Give all servers of this process the same register, where Streamlit needs it."""
    if tuple(map(int, version("streamlit").split(".")[:2])) >= (1, 66):
        return
    from streamlit.components.v2 import component_manager

    component_manager.BidiComponentManager = cache(component_manager.BidiComponentManager)
