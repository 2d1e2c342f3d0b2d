import itertools
import re

import numpy as np
import plotly.graph_objects as go
import pytest

from fmnist.charts import theme
from fmnist.classes import CLASS_COUNT

LIGHT, DARK = "#ffffff", "#11161c"  # backgrounds of .streamlit/config.toml

# Viénot, Brettel and Mollon (1999): linear RGB as seen without the long or medium cones.
PROTANOPIA = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
DEUTERANOPIA = np.array(
    [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]
)


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    a, b = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (b + 0.05) / (a + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE Lab (D65) of linear RGB."""
    xyz = rgb.clip(0, 1) @ np.array(
        [[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]]
    )
    f = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, other: str, vision: np.ndarray) -> float:
    return float(np.linalg.norm(lab(vision @ linear(one)) - lab(vision @ linear(other))))


@pytest.mark.parametrize("background", [LIGHT, DARK])
@pytest.mark.parametrize("color", [theme.TRAINING, theme.VALIDATION, theme.MUTED])
def test_lines_stand_out_on_both_backgrounds(color: str, background: str) -> None:
    assert contrast(color, background) >= 3.0


@pytest.mark.parametrize("vision", [np.eye(3), PROTANOPIA, DEUTERANOPIA])
def test_training_and_validation_differ_for_all_eyes(vision: np.ndarray) -> None:
    assert distance(theme.TRAINING, theme.VALIDATION, vision) > 40


@pytest.mark.parametrize("vision", [np.eye(3), PROTANOPIA, DEUTERANOPIA])
def test_every_class_has_its_own_color_for_all_eyes(vision: np.ndarray) -> None:
    assert len(set(theme.CLASS_COLORS)) == CLASS_COUNT
    for one, other in itertools.combinations(theme.CLASS_COLORS, 2):
        assert distance(one, other, vision) > 5, (one, other)


def test_diverging_scale_is_centred_on_zero_and_clips() -> None:
    values = np.array([-9.0, -0.5, 0.0, 0.5, 9.0])
    colors = theme.diverging_rgb(values, limit=0.5)
    ends = [
        tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
        for color in (theme.DIVERGING[0][1], "#f7f7f7", theme.DIVERGING[-1][1])
    ]
    assert colors.dtype == np.uint8
    assert [tuple(color) for color in colors] == [ends[0], ends[0], ends[1], ends[2], ends[2]]


def test_diverging_scale_runs_from_blue_to_red() -> None:
    colors = theme.diverging_rgb(np.linspace(-1, 1, 201), limit=1.0).astype(int)
    assert (colors[:95, 2] > colors[:95, 0]).all()
    assert (colors[106:, 0] > colors[106:, 2]).all()


def test_limit_is_the_largest_magnitude_and_never_zero() -> None:
    assert theme.diverging_limit(np.array([-3.0, 2.0])) == 3.0
    assert theme.diverging_limit(np.zeros(4)) == 1.0
    assert theme.diverging_limit(np.zeros(0)) == 1.0


def test_layout_takes_options_and_keeps_the_rest() -> None:
    layout = go.Layout(theme.layout(height=300, xaxis={"title": {"text": "Epoch"}}))
    assert layout.height == 300
    assert layout.xaxis.title.text == "Epoch"
    assert layout.xaxis.gridcolor == theme.LINE
    assert layout.font.color == theme.TEXT
    assert layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_a_trace_is_known_by_what_can_be_a_css_class():
    names = ["training", "T-shirt/top", "learning rate 0.1, low", "a:b", "Größe", "1", ""]
    found = [theme.uid(name) for name in names]
    assert found[0] == "training" and len(set(found)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z_][\w-]*", item, re.ASCII) for item in found)
    assert found == [theme.uid(name) for name in names]
