"""Pictures that are pasted, or dropped anywhere on the page, go to the file uploader."""

from pathlib import Path

from fmnist.ui.parts.component import component

_component = component("fmnist_files", js=(Path(__file__).parent / "files.js").read_text())


def listen_for_files() -> None:
    """To be called where the uploader is shown; draws nothing."""
    _component(key="file-listener", height=1)
