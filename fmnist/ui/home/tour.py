"""A tour of five steps, each beside the thing it is about."""

import json
from pathlib import Path

from fmnist.ui.parts.component import component

# What a step points at, as a CSS selector, and what it says.
STEPS = (
    (".fmnist-learning", "Ten pictures, and what a network called them while it learned. It began "
     "by guessing. Click one to see why it answers as it does."),
    ("[data-testid=stSidebar] a[href*=train]", "Train: press Start and watch a network learn. "
     "You can pause it, change how fast it learns, and set one run beside another."),
    ("[data-testid=stSidebar] a[href*=predict]", "Predict: draw something, take a photo or drop a "
     "picture in, and see what the network makes of it, and how sure it is."),
    ("[data-testid=stSidebar] a[href*=weights]", "Weights: what each neuron looks for, drawn, "
     "from the first epoch to the last. Evaluate, below it, shows where the network fails."),
    ("[data-testid=stSidebar] a[href*=learn]", "Learn: one step in slow motion, a network that you "
     "may break, a game against it, and experiments with a guess first."),
)  # fmt: skip

_HERE = Path(__file__).parent
_component = component(
    "fmnist_tour",
    html='<button type="button" class="fmnist-tour-begin"></button>',
    css=(_HERE / "tour.css").read_text(),
    js=(_HERE / "tour.js").read_text(),
    isolate_styles=False,
)


def tour() -> None:
    """Draw the button that begins it; nothing comes by itself and stands in the way."""
    steps = [{"selector": selector, "words": words} for selector, words in STEPS]
    # As text: in a list Streamlit looks for data frames and imports pandas for it.
    _component(key="tour", data={"steps": json.dumps(steps)})
