"""What becomes of a picture on its way to a 28×28 image."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist.arrays import Floats, Mask, UInt8
from fmnist.prediction.pixels import Box


@dataclass(frozen=True)
class Stage:
    """One step on the way.

    Attributes
    ----------
    name : str
    caption : str
        One sentence for the page.
    picture : ndarray of shape (height, width, 3) or (height, width), uint8
    image28 : ndarray of shape (28, 28), float32 in [0, 1]
        What the classifier would see if the pipeline stopped here.
    """

    name: str
    caption: str
    picture: UInt8
    image28: Floats


@dataclass(frozen=True)
class GroundSigns:
    """How well an item was told from its ground; a drawing always counts as well told.

    Attributes
    ----------
    separation : how well colours tell the two apart, from 0 to 1; see `segment.separation`
    even : whether the ground is even
    """

    separation: float = 1.0
    even: bool = True


@dataclass(frozen=True)
class Result:
    """What the classifier gets, and how it came about.

    Attributes
    ----------
    image : ndarray of shape (28, 28), float32 in [0, 1]
        The item, bright on black.
    stages : tuple of Stage
    kind : {"photo", "drawing"}
    crop : (left, top, right, bottom)
        Fractions of the turned picture.
    blank : bool
        Nothing stands out from the ground; ``image`` is all zeros and must not be classified.
    notes : tuple of str
        What a person should know, one sentence each.
    found : bool
        False if no item stood out, so that ``image`` is the whole picture.
    clear : bool
        False if nothing was found in a photo, or it hardly differs in colour from its background.
    signs : GroundSigns
        How well a photo's item was told from its ground.
    aspect : float
        Height of what was found, over its width.
    mask : ndarray of shape (height, width), bool, or None
        The item of a photo before it is turned, in a small copy of the picture.
    """

    image: Floats
    stages: tuple[Stage, ...]
    kind: str
    crop: Box
    blank: bool = False
    notes: tuple[str, ...] = ()
    found: bool = True
    clear: bool = True
    signs: GroundSigns = GroundSigns()
    aspect: float = 1.0
    mask: Mask | None = None
