"""The ten classes of Fashion-MNIST, in the order of their labels.

Source: Xiao, Rasul and Vollgraf, "Fashion-MNIST", arXiv:1708.07747, table 2.
"""

CLASS_NAMES: tuple[str, ...] = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
CLASS_COUNT = len(CLASS_NAMES)
