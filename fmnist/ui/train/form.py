"""The recipe as a form, kept the same as the page's URL."""

from typing import Any

import streamlit as st

from fmnist.recipe import (
    OPTIMIZERS,
    PRESETS,
    Recipe,
    RecipeField,
    default,
    field_table,
    to_text,
)
from fmnist.ui.parts import address
from fmnist.ui.parts.parameters import RECIPE

LAYERS = "layers"  # number of hidden layers; its widget has no field of its own in Recipe
PRESET = "preset"
OPEN_GROUPS = ("Training", "Optimizer")


def to_query(recipe: Recipe) -> dict[str, str]:
    """URL parameters of a recipe: what differs from the notebook's.

    The rate stands beside the optimizer, because a missing rate means the optimizer's default.
    """
    query = recipe.to_query()
    if recipe.optimizer != default("optimizer"):
        query["learning_rate"] = to_text(recipe.learning_rate)
    return query


def read_query(query: dict[str, str]) -> tuple[Recipe, tuple[str, ...]]:
    """Recipe of the URL's parameters, and one plain sentence for each that is not valid.

    Parameters that are no settings are ignored, because links get extra ones on their way.
    """
    known = {name: text for name, text in query.items() if name in field_table()}
    return Recipe.from_mapping_leniently(known)


def fill_form(recipe: Recipe) -> None:
    """Put a recipe into the form's widgets; to be called before they are drawn."""
    for name in field_table():
        st.session_state[_key(name)] = getattr(recipe, name)
    units = recipe.hidden_units
    st.session_state[_key(LAYERS)] = len(units)
    for layer in range(3):
        st.session_state[_unit_key(layer)] = units[layer] if layer < len(units) else 64


def link_brings_recipe() -> bool:
    """Whether the form is to be filled from the address: on arrival, and after the back button."""
    return any(address.is_news(parameter, _key("epochs")) for parameter in RECIPE.values())


def recipe_form() -> Recipe:
    """Draw the form and return what it says."""
    recipe = form_recipe()
    _presets(recipe)
    groups = dict.fromkeys(item.group for item in field_table().values())
    for group in groups:
        with st.expander(group, expanded=group in OPEN_GROUPS):
            for name, item in field_table().items():
                if item.group == group:
                    _widget(name, item, recipe)
    return form_recipe()


def form_recipe() -> Recipe:
    """What the widgets say; an emptied field counts as its default."""
    values: dict[str, Any] = {
        name: st.session_state[_key(name)]
        for name in field_table()
        if st.session_state.get(_key(name)) is not None
    }
    layers = int(st.session_state.get(_key(LAYERS)) or 0)
    units = (st.session_state.get(_unit_key(layer)) for layer in range(layers))
    values["hidden_units"] = tuple(int(count or 1) for count in units)
    return Recipe.from_mapping(values)


def _presets(recipe: Recipe) -> None:
    """One button per preset; the chosen one is marked for as long as the form agrees with it."""
    match = next((name for name, preset in PRESETS.items() if preset == recipe), None)
    st.session_state[PRESET] = match
    st.pills(
        "Preset",
        list(PRESETS),
        format_func=str.capitalize,
        key=PRESET,
        on_change=_take_preset,
        help="A recipe to start from. Notebook is the classic one: two hidden layers, plain SGD.",
    )


def _take_preset() -> None:
    address.changed_here()
    name = st.session_state[PRESET]
    if name is not None:
        fill_form(PRESETS[name])


def _widget(name: str, item: RecipeField, recipe: Recipe) -> None:
    if name == "hidden_units":
        _hidden_units(item)
    elif item.choices:
        st.selectbox(
            item.label,
            item.choices,
            key=_key(name),
            help=item.help,
            on_change=_take_default_rate if name == "optimizer" else address.changed_here,
        )
    elif item.stops:
        # Named as the style sheet knows it: these buttons stand in for the field's own.
        with st.container(horizontal=True, key=f"stops-{name}"):
            _number(name, item, recipe)
            now = _number_of(recipe, name)
            for icon, stop in (("remove", item.previous_stop(now)), ("add", item.next_stop(now))):
                _stop_button(name, icon, usable=stop is not None and recipe.uses(name))
    else:
        _number(name, item, recipe)


def _number(name: str, item: RecipeField, recipe: Recipe) -> None:
    whole = isinstance(default(name), int)
    kind: type[int] | type[float] = int if whole else float
    assert item.minimum is not None and item.maximum is not None
    st.number_input(
        item.label,
        min_value=kind(item.minimum),
        max_value=kind(item.maximum),
        step=kind(item.step_at(_number_of(recipe, name))),
        format="%d" if whole else "%g",
        key=_key(name),
        help=item.help,
        disabled=not recipe.uses(name),
        on_change=address.changed_here,
    )


def _number_of(recipe: Recipe, name: str) -> float:
    return float(getattr(recipe, name))


def _stop_button(name: str, icon: str, usable: bool) -> None:
    st.button(
        f":material/{icon}:",
        key=f"{icon}-{name}",
        type="tertiary",
        on_click=_take_stop,
        args=(name, icon),
        disabled=not usable,
    )


def _take_stop(name: str, icon: str) -> None:
    """Go on from what the field says by now, which may be newer than the button."""
    address.changed_here()
    item, now = field_table()[name], _number_of(form_recipe(), name)
    stop = item.next_stop(now) if icon == "add" else item.previous_stop(now)
    if stop is not None:
        st.session_state[_key(name)] = type(default(name))(stop)


def _hidden_units(item: RecipeField) -> None:
    assert item.minimum is not None and item.maximum is not None
    st.segmented_control(
        "Hidden layers",
        range(4),
        key=_key(LAYERS),
        help="How many layers of neurons stand between the pixels and the ten classes. "
        "0 means none: the network then learns one template per class.",
        required=True,
        on_change=address.changed_here,
    )
    layers = st.session_state[_key(LAYERS)] or 0
    columns = st.columns(max(layers, 1), gap="small")
    for layer, column in zip(range(layers), columns, strict=False):
        with column:
            st.number_input(
                f"{item.label} {layer + 1}",
                min_value=int(item.minimum),
                max_value=int(item.maximum),
                step=int(item.step or 1),
                key=_unit_key(layer),
                help=item.help if layer == 0 else None,
                on_change=address.changed_here,
            )


def _take_default_rate() -> None:
    """Each optimizer starts from its own default rate."""
    address.changed_here()
    st.session_state[_key("learning_rate")] = OPTIMIZERS[st.session_state[_key("optimizer")]]


def _key(name: str) -> str:
    return f"recipe_{name}"


def _unit_key(layer: int) -> str:
    return f"recipe_units_{layer}"
