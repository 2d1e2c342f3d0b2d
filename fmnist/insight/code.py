"""The layers of a trained network, to be written as Keras code."""

from fmnist.layers import Dense, Flatten, Layer, layers
from fmnist.network import Network
from fmnist.recipe import Recipe


def layers_of(network: Network, recipe: Recipe | None = None) -> tuple[Layer, ...]:
    """The layers that a network has, without seeds.

    Dropout and penalties leave no trace in a network: only its recipe tells of them.
    """
    found = [Dense(layer.units, layer.activation) for layer in network.layers]
    if recipe is not None:
        told = layers(recipe, seeded=False)
        dense = [layer for layer in told if isinstance(layer, Dense)]
        if [(layer.units, layer.activation) for layer in dense] == [
            (layer.units, layer.activation) for layer in found
        ]:
            return told
    return (Flatten(), *found)
