"""The strip of stages, each with what the network would say if the pipeline stopped there."""

import numpy as np
from numpy.typing import NDArray

from fmnist.classes import CLASS_NAMES
from fmnist.prediction.inference import Predictor
from fmnist.prediction.result import Result
from fmnist.ui.predict.pictures import Picture, strip

TITLES = {
    "decode": "Picture",
    "find": "Find the item",
    "crop": "Crop",
    "grey": "Grey",
    "fill": "Fill",
    "resize": "Shrink",
    "sharpen": "Sharpen",
    "centre": "Centre",
}


def show_stages(predictor: Predictor, result: Result, class_index: int) -> None:
    """One picture for each stage; bars and words follow the final class through the stages."""
    probabilities = predictor.network.probabilities(
        np.stack([stage.image28 for stage in result.stages])
    )  # (stages, 10)
    pictures = [
        Picture(
            stage.picture,
            f"{number}. {TITLES.get(stage.name, stage.name.capitalize())}",
            f"{_movement(probabilities, number - 1, class_index)} {stage.caption}",
            probabilities[number - 1],
        )
        for number, stage in enumerate(result.stages, start=1)
    ]
    strip(pictures, cell=132)


def _movement(probabilities: NDArray[np.float32], stage: int, class_index: int) -> str:
    """Such as "Shirt 62% (+35)."."""
    now = float(probabilities[stage, class_index])
    text = f"{CLASS_NAMES[class_index]} {now:.0%}"
    if stage == 0:
        return f"{text}."
    change = round(100 * (now - float(probabilities[stage - 1, class_index])))
    return f"{text} ({change:+d})." if change else f"{text}."
