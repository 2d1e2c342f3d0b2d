"""What Fashion-MNIST is: ten classes, in the order of their labels, and the size of an image.

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
# Short enough for an axis.
SHORT_NAMES = ("T-shirt", *CLASS_NAMES[1:9], "Boot")
CLASS_COUNT = len(CLASS_NAMES)
SIDE = 28  # pixels along one edge of an image
PIXELS = SIDE * SIDE


def folder_name(label: int) -> str:
    """Of a folder with pictures of a class, such as ``0_T-shirt_top``."""
    return f"{label}_{CLASS_NAMES[label].replace('/', '_').replace(' ', '_')}"
