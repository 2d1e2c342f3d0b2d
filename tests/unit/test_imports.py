"""The import rules of the architecture, read from the code itself."""

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(
    [ROOT / "streamlit_app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "fmnist").rglob("*.py")]
)

STANDARD_LIBRARY_ONLY = {
    "fmnist.__init__",
    "fmnist.classes",
    "fmnist.recipe",
    "fmnist.recipe_words",
    "fmnist.recipe_fields",
    "fmnist.terms",
    "fmnist.environment",
    "fmnist.environment_variables",
    "fmnist.keras_call",
    "fmnist.layers",
}
# Keras may be imported here, inside functions or for type checking.
WITH_KERAS = {
    "fmnist.keras_model",
    "fmnist.synthetic.build_confidence",
    "fmnist.training.callback",
    "fmnist.training.device",
    "fmnist.training.keras_internals",
    "fmnist.training.teacher",
    "fmnist.training.tensorflow_start",
    "fmnist.training.trainer",
    "fmnist.training.download",
}
# People import it in their own programs, which have Keras already.
HAS_KERAS_EARLY = {"fmnist.training.callback"}
# Processes of their own, never imported by the web process.
OWN_PROCESS = {
    "fmnist.cli.main",
    "fmnist.cli.pictures",
    "fmnist.cli.progress_bar",
    "fmnist.cli.serve",
    "fmnist.__main__",
    "fmnist.sandbox.child",
    "fmnist.synthetic.build_confidence",
    "fmnist.training.callback",
    "fmnist.training.worker",
    "fmnist.training.job",
    "fmnist.training.recorder",
    "fmnist.training.device",
    "fmnist.training.keras_internals",
    "fmnist.training.prepared",
    "fmnist.training.teacher",
    "fmnist.training.tensorflow_start",
    "fmnist.training.trainer",
}
CORE_LIBRARIES = {"numpy", "PIL", "h5py"}
SCIPY_IN = ("fmnist.prediction", "fmnist.synthetic", "fmnist.insight.seeds")
SHOWS_LINKS = {
    "fmnist.cli.serve": {"psutil", "segno"},
    "fmnist.cli.pictures": {"threadpoolctl"},
    "fmnist.training.cluster": {"distributed"},
}
# What builds an asset, from a terminal, imports scikit-learn at that moment.
BUILDS_ASSETS = {
    "fmnist.synthetic.fit_trust",
    "fmnist.standin",
}


def name_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def is_screen(module):
    return module == "streamlit_app" or module.startswith(("pages.", "fmnist.ui"))


@cache
def imports(path):
    """Every import of a file: (module, whether it is made when the file is imported)."""
    tree = ast.parse(path.read_text())
    late = set()
    for node in ast.walk(tree):
        typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if typing_only or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            late |= set(ast.walk(node))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node not in late) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found += [(f"{node.module}.{alias.name}", node not in late) for alias in node.names]
    return found


def top(module):
    return module.split(".")[0]


def outside(path):
    """Packages that are neither the standard library nor ours."""
    return {
        (top(module), early)
        for module, early in imports(path)
        if top(module) not in sys.stdlib_module_names and top(module) not in ("fmnist", "pages")
    }


def test_the_parts_of_the_house_are_there():
    modules = {name_of(path) for path in FILES}
    expected = STANDARD_LIBRARY_ONLY | WITH_KERAS | OWN_PROCESS | {"streamlit_app", "pages.train"}
    assert modules >= expected
    assert any(module.startswith("fmnist.charts.") for module in modules)


def test_1_classes_recipe_and_settings_stand_on_the_standard_library():
    for path in FILES:
        if name_of(path) in STANDARD_LIBRARY_ONLY:
            assert outside(path) == set(), path
            ours = [module for module, _ in imports(path) if top(module) == "fmnist"]
            assert all(module.rpartition(".")[0] in STANDARD_LIBRARY_ONLY for module in ours), path


def test_2_the_core_uses_a_few_libraries():
    for path in FILES:
        module = name_of(path)
        if is_screen(module):
            continue
        allowed = set(CORE_LIBRARIES)
        if module.startswith(SCIPY_IN):
            allowed.add("scipy")
        if module in WITH_KERAS:
            allowed |= {"tensorflow", "keras"}
        if module in BUILDS_ASSETS:
            allowed.add("sklearn")
        allowed |= SHOWS_LINKS.get(module, set())
        assert {name for name, _ in outside(path)} <= allowed, path


def test_3_keras_is_imported_late_and_in_few_places():
    for path in FILES:
        for library, early in outside(path):
            if library in ("tensorflow", "keras"):
                assert name_of(path) in WITH_KERAS, path
            if library in ("tensorflow", "keras", "sklearn"):
                late = not early or name_of(path) in HAS_KERAS_EARLY
                assert late, f"{path} imports {library} as soon as it is imported itself"


def test_4_streamlit_stays_on_the_screen():
    for path in FILES:
        if any(library.startswith("streamlit") for library, _ in outside(path)):
            assert is_screen(name_of(path)), path


def test_5_pages_to_ui_to_core():
    for path in FILES:
        for module, _ in imports(path):
            assert top(module) not in ("pages", "streamlit_app"), f"{path} imports a page"
            if module.startswith("fmnist.ui"):
                assert is_screen(name_of(path)), f"{path} knows the screen"
            if is_screen(name_of(path)):
                own_process = any(module.startswith(own) for own in OWN_PROCESS)
                assert not own_process, f"{path} imports {module}"


def test_6_a_folder_of_a_page_knows_no_other_page():
    shared = {"parts", "server"}
    for path in FILES:
        place = name_of(path).split(".")
        if place[:2] != ["fmnist", "ui"] or len(place) < 4:
            continue
        rooms = {module.split(".")[2] for module, _ in imports(path) if "fmnist.ui." in module}
        own = {place[2]} if place[2] not in shared else set()
        assert rooms <= shared | own, f"{path} imports from {rooms - shared - own}"


def test_7_arrows_run_down_only():
    """Each room imports from rooms below it, so that there are no circles."""
    below = {
        "prediction": {"prediction"},
        "synthetic": {"synthetic", "prediction"},
        "insight": {"insight", "prediction"},
        "training": {"training", "synthetic", "prediction"},
        "sandbox": {"sandbox", "prediction"},
        "charts": {"charts", "insight", "training", "prediction"},
        "cli": {"cli", "sandbox", "training", "synthetic", "insight", "prediction"},
    }
    for path in FILES:
        room = name_of(path).split(".")[1] if top(name_of(path)) == "fmnist" else ""
        if room in below:
            used = {module.split(".")[1] for module, _ in imports(path) if top(module) == "fmnist"}
            rooms = {name for name in used if (ROOT / "fmnist" / name).is_dir()}
            assert rooms <= below[room], f"{path} imports from {rooms - below[room]}"


def test_8_what_is_not_public_has_one_room_for_each_library():
    """Each of these rooms has a test of its name, which says what an upgrade broke."""
    rooms = {
        "streamlit.": "fmnist.ui.server.streamlit_internals",
        "streamlit_drawable_canvas": "fmnist.ui.predict.canvas_package",
        "ctypes": "fmnist.ui.server.process",
    }
    public = ("streamlit.delta_generator.DeltaGenerator",)
    for path in FILES:
        for module, _ in imports(path):
            for start, room in rooms.items():
                if module.startswith(start) and module not in public:
                    assert name_of(path) == room, f"{path} imports {module}"
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
                own = ast.unparse(node.value) in ("self", "cls", "trainer", "os")
                assert own or node.attr.startswith("__"), f"{path}: {ast.unparse(node)}"


PAGE = """
import importlib

for name in {names}:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as problem:
        if problem.name != name:
            raise
        owner, _, attribute = name.rpartition(".")
        getattr(importlib.import_module(owner), attribute)
"""
# Components are registered with a runtime, so the imports are made where a page makes them.
VISIT = """
import json, sys
from streamlit.testing.v1 import AppTest

app = AppTest.from_string(sys.argv[1], default_timeout=120).run()
assert not app.exception, app.exception
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.slow
def test_the_web_process_has_no_tensorflow():
    """A fresh interpreter imports all that the pages import, and finds no TensorFlow or Keras."""
    modules = {
        name_of(path).removesuffix(".__init__")
        for path in FILES
        if name_of(path) not in OWN_PROCESS and top(name_of(path)) == "fmnist"
    }
    screens = [path for path in FILES if is_screen(name_of(path))]
    modules |= {module for path in screens for module, early in imports(path) if early}
    result = subprocess.run(
        [sys.executable, "-c", VISIT, PAGE.format(names=sorted(modules))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    loaded = json.loads(result.stdout.splitlines()[-1])
    assert {"streamlit", "plotly", "fmnist.training.queue", "fmnist.ui.parts.frame"} <= set(loaded)
    assert not [name for name in loaded if top(name) in ("tensorflow", "keras", "sklearn")]
