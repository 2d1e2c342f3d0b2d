"""Fashion-MNIST in the browser: train an MLP live, classify pictures, look inside the weights."""

__version__ = "0.1.0"
