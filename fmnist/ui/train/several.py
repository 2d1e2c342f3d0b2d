"""More than one run from one press: how many seeds, and which settings take several values."""

from dataclasses import replace
from typing import Any

import streamlit as st

from fmnist.recipe import OPTIMIZERS, Recipe, field_table, to_text
from fmnist.training import groups
from fmnist.ui.parts import address
from fmnist.ui.parts.parameters import SEEDS, SWEEP
from fmnist.ui.parts.text import plain

NUMBER = "several_seeds"
NOTHING = "nothing"
EXAMPLES = {
    "learning_rate": "0.003, 0.01, 0.03, 0.1",
    "batch_size": "8, 32, 128",
    "hidden_units": "none, 100, 100-75",
    "optimizer": "SGD, Adam",
    "augmentation": "none, flip",
    "learning_rate_schedule": "constant, cosine",
    "training_images": "1000, 6000, 60000",
    "epochs": "10, 20, 50",
    "momentum": "0, 0.5, 0.9",
    "weight_decay": "0, 0.004, 0.05",
    "ema_momentum": "0, 0.99, 0.999",
    "dropout": "0, 0.2, 0.5",
    "l2": "0, 0.0001, 0.001",
    "validation_split": "0.05, 0.15, 0.5",
    "shuffled_labels": "0, 0.2, 0.5",
    "first_layer": "trained, random",
}


def link_brings_several() -> bool:
    """Whether these fields are to be filled from the address."""
    news = [address.is_news(SEEDS, NUMBER), address.is_news(SWEEP, NUMBER)]
    return any(news)


def fill_several() -> None:
    """Put what the address says into the fields; to be called before they are drawn."""
    st.session_state[NUMBER] = address.value(SEEDS) or 1
    swept = list((address.value(SWEEP) or {}).items())
    for number in range(groups.MAX_FIELDS):
        name, values = swept[number] if number < len(swept) else (NOTHING, ())
        st.session_state[_field_key(number)] = name
        st.session_state[_values_key(number)] = ", ".join(map(to_text, values))


def several_form() -> None:
    """Draw the fields, and say how many runs they make or what is wrong with them."""
    with st.expander("Several runs", expanded=is_several()):
        st.number_input(
            "Seeds",
            1,
            groups.MAX_SEEDS,
            key=NUMBER,
            on_change=address.changed_here,
            help="Trains the recipe that often, each from another seed, which tells how much of a "
            "result is luck.",
        )
        for number in range(groups.MAX_FIELDS):
            chosen = st.selectbox(
                "Vary" if number == 0 else "and vary",
                [NOTHING, *groups.SWEPT],
                format_func=_field_label,
                key=_field_key(number),
                on_change=_take_example,
                args=(number,),
            )
            if chosen != NOTHING:
                st.text_input(
                    f"Values of {field_table()[chosen].label.lower()}",
                    key=_values_key(number),
                    on_change=address.changed_here,
                    help="With commas between them.",
                    max_chars=400,
                )
        try:
            count = len(planned(Recipe())) if is_several() else 1
        except ValueError as problem:
            st.warning(plain(problem), icon=":material/error:")
        else:
            st.caption(f"Start makes {count} runs." if count > 1 else "Start makes one run.")


def is_several() -> bool:
    """Whether the fields ask for more than one run."""
    fields = (st.session_state.get(_field_key(n), NOTHING) for n in range(groups.MAX_FIELDS))
    return (st.session_state.get(NUMBER) or 1) > 1 or any(name != NOTHING for name in fields)


def planned(recipe: Recipe) -> list[Recipe]:
    """The recipes to train: this one, or those of a group. Raises ValueError if it makes none."""
    if not is_several():
        return [recipe]
    values = _values()
    seeds = int(st.session_state.get(NUMBER) or 1)
    if seeds == 1 and all(len(several) == 1 for several in values.values()):
        return [replace(recipe, **{name: one for name, (one,) in values.items()})]
    # A rate that a person has set stays; each optimizer's own is taken otherwise.
    own = recipe.learning_rate == OPTIMIZERS[recipe.optimizer]
    return groups.plan(recipe, values, seeds, () if own else ("learning_rate",))


def several_query() -> dict[str, str]:
    """What the address says of them; nothing for a single run, or for values that make no sense."""
    seeds = int(st.session_state.get(NUMBER) or 1)
    query = SEEDS.query(seeds) if seeds > 1 else {}
    try:
        values = _values()
    except ValueError:
        return query
    return query | (SWEEP.query(values) if values else {})


def _values() -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for number in range(groups.MAX_FIELDS):
        name = st.session_state.get(_field_key(number), NOTHING)
        if name == NOTHING:
            continue
        if name in found:
            raise ValueError(f"{field_table()[name].label} is varied twice; take another setting.")
        found[name] = groups.read_values(name, st.session_state.get(_values_key(number)) or "")
    return found


def _take_example(number: int) -> None:
    address.changed_here()
    name = st.session_state[_field_key(number)]
    st.session_state[_values_key(number)] = EXAMPLES.get(name, "")


def _field_label(name: str) -> str:
    return "Nothing" if name == NOTHING else field_table()[name].label


def _field_key(number: int) -> str:
    return f"several_field_{number}"


def _values_key(number: int) -> str:
    return f"several_values_{number}"
