import numpy as np

from fmnist.prediction import colours, segment


def test_lab_agrees_with_published_values() -> None:
    """White, black, and the sRGB primaries as tabulated by Lindbloom (D65)."""
    rgb = np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
    table = [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20], [87.73, -86.18, 83.18],
             [32.30, 79.19, -107.86]]  # fmt: skip
    np.testing.assert_allclose(colours.lab(rgb), table, atol=0.1)


def test_otsu_parts_two_groups() -> None:
    values = np.concatenate([np.full(900, 0.1), np.full(100, 0.8)]).astype(np.float32)
    assert 0.1 < colours.otsu(values) <= 0.8


def test_an_item_on_a_patterned_floor() -> None:
    rng = np.random.default_rng(3)
    tiles = np.where((np.indices((160, 120)) // 20).sum(0)[..., None] % 2, 150, 190)
    floor = np.uint8(tiles + rng.integers(-6, 7, (160, 120, 3)))
    truth = np.zeros((160, 120), bool)
    truth[40:120, 30:90] = True
    floor[truth] = (170, 30, 40)
    mask = segment.find_item(floor)
    assert (mask & truth).sum() / (mask | truth).sum() > 0.85


def test_separation_falls_as_the_item_takes_the_colours_of_its_ground() -> None:
    rng = np.random.default_rng(4)
    ground = rng.normal((120, 130, 90), 12, (90, 120, 3))
    mask = np.zeros((90, 120), bool)
    mask[20:70, 30:90] = True
    found = []
    for share in (1, 0.25, 0.1, 0):
        picture = ground + share * mask[..., None] * np.array([90, -70, 60])
        found.append(segment.separation(picture.clip(0, 255).astype(np.uint8), mask))
    assert found == sorted(found, reverse=True)
    assert found[0] > 7
    assert abs(found[-1]) < 0.2
