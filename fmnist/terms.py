"""The words of the field, each with one plain sentence, defined here and nowhere else."""

TERMS: dict[str, str] = {
    "epoch": "One pass over all training images.",
    "mini-batch": "The few images that are looked at together for one update of the weights.",
    "batch size": "How many images make a mini-batch.",
    "weight": "A number by which a neuron multiplies one of its inputs; training changes it.",
    "bias": "A number that a neuron adds to its sum, whatever the input is.",
    "neuron": "Multiplies each input by a weight, adds all up with a bias, and passes that on.",
    "layer": "Neurons side by side that all get the same inputs.",
    "relu": "Passes a positive sum on as it is, and nothing of a negative one.",
    "logit": "What a neuron of the last layer gives for its class, before softmax.",
    "softmax": "Turns ten logits into ten probabilities that add up to one.",
    "loss": "How far the answers are from the labels: 0 is always right and certain, 2.30 is "
    "guessing among ten.",
    "accuracy": "The share of pictures that are classified right.",
    "gradient": "For each weight, how much the loss would grow if the weight grew a little.",
    "backpropagation": "Going through the layers backwards to find the gradient of every weight.",
    "learning rate": "How big a step each update takes against the gradient.",
    "SGD": "Stochastic gradient descent: step after step downhill, each by the gradient of one "
    "mini-batch.",
    "momentum": "How much of the last step is carried into the next, like a rolling ball.",
    "Adam": "An optimizer that gives each weight a step size of its own.",
    "dropout": "Switches a share of the hidden neurons off at random in each update, so that no "
    "neuron is relied on alone.",
    "L2 penalty": "Adds the squared weights to the loss, which keeps them small.",
    "validation": "Checking, after each epoch, on images that the network does not learn from.",
    "test": "The last check, on images that played no part in any choice.",
    "overfitting": "Learning the training images by heart: they get better, all others worse.",
    "augmentation": "Showing changed copies of the images, so that more is learnt from the same "
    "number.",
    "calibration": "Whether of all answers that are 80% sure 80% are right, and so on.",
    "confusion matrix": "A table that counts which class was taken for which.",
    "seed": "The starting point of all chance; the same seed gives the same run.",
    "standard deviation": "How far values usually lie from their mean.",
}


def hint(*names: str) -> str:
    """The sentences of some terms, as a widget's help says them."""
    return " ".join(f"**{name[0].upper()}{name[1:]}**: {TERMS[name]}" for name in names)
