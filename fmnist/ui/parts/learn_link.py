"""Links into Learn, and the words of its widgets that they say."""

from fmnist.ui.parts.parameters import BREAK, MODEL, ONE, PART, WHICH

BREAK_IT = "Break it"
SWITCH_OFF = "Switch neurons off"
ONE_NEURON = "One"


def neuron_off(model: str, number: int) -> dict[str, str]:
    """What the address of Learn says to show a network without one neuron."""
    words = {PART: BREAK_IT, BREAK: SWITCH_OFF, WHICH: ONE_NEURON, ONE: str(number)}
    return {parameter.name: text for parameter, text in words.items()} | MODEL.query(model)
