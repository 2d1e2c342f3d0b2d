"""What an upgrade of streamlit-drawable-canvas may break."""

import json
from importlib.metadata import files

import pytest
from streamlit.testing.v1 import AppTest

# Components can only be called in an app. What both hand to the package's component is printed.
SCRIPT = """
import json
import streamlit as st
import streamlit_drawable_canvas as package
from fmnist.ui.predict.canvas_package import canvas

component, calls = package.out, []
package.out = lambda **arguments: calls.append(arguments) or {}
try:
    canvas("ours", "line", 14, "#ffffff", b"", 336)
    package.st_canvas(
        "#ffffff", 14, "#ffffff", height=336, width=336, drawing_mode="line", key="ours",
        point_display_radius=5, return_image_data=True,
    )
finally:
    package.out = component
for call in calls:
    st.text(json.dumps(call, default=str))
"""


def test_our_call_is_that_of_st_canvas():
    app = AppTest.from_string(SCRIPT, default_timeout=60).run()
    assert not app.exception
    ours, theirs = (json.loads(item.value) for item in app.text)
    assert ours.keys() == theirs.keys(), "The component takes other arguments now."
    assert ours["default"].keys() == theirs["default"].keys(), "It reports other states now."
    ground, start = ours["data"].pop("backgroundImageURL"), ours["data"].pop("initialDrawing")
    assert ground.startswith("data:image/png;base64,")
    assert json.loads(start) == theirs["data"].pop("initialDrawing")
    del theirs["data"]["backgroundImageURL"]
    assert ours["data"] == theirs["data"], (
        "st_canvas hands the browser other data than canvas_package does."
    )


@pytest.mark.parametrize(
    "name", ["dc-root", "dc-toolbar", "dc-toolbar-card", "dc-icon-button", "mouseup", "touchend"]
)
def test_the_canvas_has_the_parts_that_our_script_looks_for(name):
    built = [path for path in files("streamlit-drawable-canvas") if path.suffix in (".js", ".css")]
    text = "".join(path.read_text() for path in built)
    assert name in text, (
        f"The canvas has no {name} any more: strokes would be reported late, or its toolbar hidden."
    )
