"""Names under which a visitor's session keeps what more than one file uses.

What one file alone keeps is named at the top of that file. The key of a widget that stands in the
address is the name of its parameter (`fmnist.ui.parts.parameters`).
"""

PAGE = "page"  # title of the page that is open
PAGE_IS_NEW = "page-is-new"  # whether this run is the page's first
OWN_PICTURE = "own-picture"  # taken from Predict to Learn: (28, 28), uint8, and a class
CLICKED_NEURON = "neuron-clicked"  # number of a neuron whose tile was clicked, until it is shown
