"""Components of installed packages, looked for once in a process, and known to every server.

Each AppTest makes a server, which looks through all installed packages for components: a fifth of a
second. What it finds cannot change while tests run. Each also looks anew at every script of ours,
whether that is the name of a file.

The package of the canvas registers its component when it is imported, with the server that is
there. From Streamlit 1.66 on, other servers get to know it at the first use. With 1.65, the newest
for Python 3.10, only the first AppTest that shows the canvas would: each has a register of its own.
"""

import json
from functools import cache, partial
from importlib.metadata import version
from typing import Any

from streamlit.components.v2 import component_manager, manifest_scanner
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.components.v2.component_registry import BidiComponentDefinition
from streamlit.proto.WidgetStates_pb2 import WidgetState


def share_between_servers() -> None:
    """Look for components once, and give all servers the same register where Streamlit needs it."""
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
    is_file_path = cache(partial(BidiComponentDefinition._is_file_path, None))
    BidiComponentDefinition._is_file_path = lambda _, content: is_file_path(content)
    if tuple(map(int, version("streamlit").split(".")[:2])) < (1, 66):
        component_manager.BidiComponentManager = cache(component_manager.BidiComponentManager)


def reported(component: Any, name: str, value: Any) -> tuple[WidgetState, WidgetState]:
    """What a browser sends when a component reports something: its state, and the event.

    Parameters
    ----------
    component : as an AppTest shows it
    name : of the event
    """
    events = json.dumps([{"event": name, "value": value}])
    return (
        # Without it Streamlit 1.65 does not know the component's key while the event is told.
        WidgetState(id=component.proto.id, json_value="{}"),
        WidgetState(id=_make_trigger_id(component.proto.id, "events"), json_trigger_value=events),
    )
