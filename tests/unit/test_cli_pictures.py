import json

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fmnist.cli.pictures import (
    FolderError,
    Score,
    evaluate_folder,
    predict_files,
    score_table,
)
from fmnist.network import Dense, Network
from fmnist.prediction import confidence
from fmnist.prediction.inference import Predictor


@pytest.fixture(scope="module")
def bag_lover():
    """Takes everything for a bag, and second for a coat."""
    bias = np.zeros(10, np.float32)
    bias[8], bias[4] = 5, 3
    layer = Dense("only", np.zeros((784, 10), np.float32), bias, "softmax")
    return Predictor(Network((layer,)), confidence.read())


def picture(path):
    image = Image.new("RGB", (100, 100), "white")
    ImageDraw.Draw(image).rectangle((20, 30, 80, 70), fill=(30, 60, 150))
    path.parent.mkdir(exist_ok=True)
    image.save(path)
    return path


def test_one_json_object_a_line(bag_lover, tmp_path):
    good, bad = picture(tmp_path / "bag.png"), tmp_path / "text.png"
    bad.write_text("no picture")
    lines: list[str] = []
    missing = tmp_path / "missing.png"
    assert predict_files(bag_lover, [good, bad, missing, good], "auto", True, lines.append) == 1
    first, second, third, fourth = map(json.loads, lines)
    assert first == fourth
    assert first["file"] == str(good)
    assert (first["class_index"], first["class_name"]) == (8, "Bag")
    assert len(first["probabilities"]) == 10
    assert sum(first["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert first["verdict"] in ("sure", "unsure", "not_clothing")
    assert set(second) == {"file", "error"}
    assert "text.png" in second["error"]
    assert "missing.png" in third["error"]


def test_all_well_is_status_0(bag_lover, tmp_path):
    lines: list[str] = []
    good = picture(tmp_path / "bag.png")
    assert predict_files(bag_lover, [good], "photo", False, lines.append) == 0
    assert len(lines) == 1
    assert lines[0].startswith(f"{good}: ")
    assert "Bag" in lines[0]


def test_folder_counts_first_and_second_answers(bag_lover, tmp_path):
    for k in range(3):
        picture(tmp_path / "8_Bag" / f"{k}.png")
    for k in range(2):
        picture(tmp_path / "4_Coat" / f"{k}.png")
    picture(tmp_path / "5_Sandal" / "0.png")
    (tmp_path / "5_Sandal" / "1.png").write_text("damaged")
    (tmp_path / "5_Sandal" / "notes.txt").write_text("is no picture")
    (tmp_path / "others").mkdir()
    scores = evaluate_folder(bag_lover, tmp_path)
    assert scores == [
        Score("Coat", 2, 0, 2),
        Score("Sandal", 2, 0, 0),
        Score("Bag", 3, 3, 3),
        Score("all", 7, 3, 5),
    ]
    table = score_table(scores)
    assert len(table) == 5
    assert "42.9%" in table[-1]
    assert "71.4%" in table[-1]


def test_a_folder_without_pictures_is_refused(bag_lover, tmp_path):
    with pytest.raises(FolderError, match="8_Bag"):
        evaluate_folder(bag_lover, tmp_path)
    with pytest.raises(FolderError, match="no folder"):
        evaluate_folder(bag_lover, tmp_path / "nowhere")
