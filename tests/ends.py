"""``python -m tests.ends``: the tests at both ends of what the requirements files allow.

For each end an environment is made in a folder that is deleted afterwards: with an interpreter that
is found by its name on ``PATH``, and the lowest or the newest versions that the files allow. What
the tests print is kept in ``test-results/ends``.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOGS = ROOT / "test-results" / "ends"
OLDEST_PYTHON, NEWEST_PYTHON = "3.10", "3.13"  # the newest that TensorFlow has packages for
SHOWN = ("tensorflow", "keras", "numpy", "scipy", "streamlit", "plotly", "pillow", "h5py")
TWO_PROCESSES = ("--numprocesses", "2", "--dist", "worksteal")
# In the browser the plots only: other tests look for names as Streamlit from 1.66 on gives them.
TESTS = ("tests/unit", "tests/pages", "tests/browser/test_plot.py")


@dataclass(frozen=True)
class End:
    """One end.

    Attributes
    ----------
    python : version of the interpreter
    resolution : of uv; ``lowest-direct`` takes the lowest versions that the files name, and the
        newest of all that these need in turn
    """

    python: str
    resolution: str

    @property
    def name(self) -> str:
        return f"{self.python}-{self.resolution}"


ENDS = (
    End(OLDEST_PYTHON, "lowest-direct"),
    End(OLDEST_PYTHON, "highest"),
    End(NEWEST_PYTHON, "highest"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 unless all tests passed at all ends whose interpreter is there."""
    parser = argparse.ArgumentParser(prog="python -m tests.ends", description=__doc__)
    parser.add_argument(
        "--end", choices=[end.name for end in ENDS], action="append", help="this end alone"
    )
    parser.add_argument("tests", nargs="*", default=TESTS, help="of pytest; default: %(default)s")
    chosen = parser.parse_args(arguments)
    ends = [end for end in ENDS if end.name in (chosen.end or [end.name])]
    LOGS.mkdir(parents=True, exist_ok=True)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        uv = make_uv(Path(folder))
        for end in ends:
            interpreter = find_python(end.python)
            if interpreter is None:
                print(f"{end.name}: no python{end.python} on PATH that starts", flush=True)
                continue
            environment = Path(folder) / end.name
            python = install(uv, end, interpreter, environment)
            print(f"{end.name}: {versions(python)}", flush=True)
            passed, closing = run_tests(python, chosen.tests, LOGS / f"{end.name}.txt")
            print(f"{end.name}: {closing}", flush=True)
            results.append(passed)
            shutil.rmtree(environment)
    return int(not results or not all(results))


def find_python(version: str) -> str | None:
    """Path of an interpreter; None if there is none, or only a stand-in that does not start."""
    name = shutil.which(f"python{version}")
    if name is None:
        return None
    result = subprocess.run(
        [name, "-c", "import sys; print(sys.executable)"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return result.stdout.strip() or None


def make_uv(folder: Path) -> Path:
    """An installer that can take the lowest versions, which pip cannot, in a place of its own."""
    subprocess.run([sys.executable, "-m", "venv", folder / "uv"], check=True)
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"]
    subprocess.run([folder / "uv" / "bin" / "python", *install], check=True)
    return folder / "uv" / "bin" / "uv"


def install(uv: Path, end: End, interpreter: str, environment: Path) -> Path:
    """Make the environment; returns its interpreter. Raises CalledProcessError."""
    subprocess.run([uv, "venv", "--quiet", "--python", interpreter, environment], check=True)
    python = environment / "bin" / "python"
    names = ("requirements.txt", "requirements-cluster.txt", "requirements-dev.txt")
    files = [word for name in names for word in ("-r", ROOT / name)]
    options = ("--quiet", "--compile-bytecode", "--python", python, "--resolution", end.resolution)
    subprocess.run([uv, "pip", "install", *options, *files], check=True)
    return python


def versions(python: Path) -> str:
    """Versions of the interpreter and of the packages that matter most."""
    code = (
        "import sys; from importlib.metadata import version;"
        "print('Python', sys.version.split()[0], *(f'{n} {version(n)}' for n in sys.argv[1:]))"
    )
    return subprocess.check_output([python, "-c", code, *SHOWN], text=True).strip()


def run_tests(python: Path, tests: Sequence[str], log: Path) -> tuple[bool, str]:
    """Whether all passed, and pytest's closing line."""
    path = f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    with log.open("w") as output:
        result = subprocess.run(
            [python, "-m", "pytest", "-q", *TWO_PROCESSES, *tests],
            cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False,
            env=os.environ | {"PATH": path, "PYTHONDONTWRITEBYTECODE": ""},
        )  # fmt: skip
    closing = re.findall(r"^.*\b(?:passed|failed|error|no tests ran)\b.*$", log.read_text(), re.M)
    return result.returncode == 0, closing[-1] if closing else f"no result; see {log}"


if __name__ == "__main__":
    sys.exit(main())
