"""`mf.timm` against timm's formulas, and published recipes."""

import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays
from support.images import write_images

OPTIONS = dict(image_size=(20, 24), seed=3, verbose=False, flip="horizontal")
CLASSES = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_images(tmp_path_factory.mktemp("timm"), {"a": 15, "b": 13, "c": 9})


def timm_target(labels, partners, lam, smoothing):
    """`mixup_target` of timm 1.0.31, with the partners' labels instead of `y1.flip(0)`."""
    off = np.float32(smoothing / CLASSES)
    on = np.float32(1.0 - smoothing + smoothing / CLASSES)
    rows = np.full((CLASSES, CLASSES), off, np.float32)
    np.fill_diagonal(rows, on)
    lam = np.asarray(lam, np.float32)[:, np.newaxis]
    return rows[labels] * lam + rows[partners] * (1 - lam)


def timm_image(x, partner, lam, boxes):
    """A row of `Mixup` of timm 1.0.31: float32, channels last."""
    if not boxes:
        return x * np.float32(lam) + partner * np.float32(1 - lam)
    out = x.copy()
    for box in boxes:
        left, top, right, bottom = box["to"]
        out[top:bottom, left:right] = partner[top:bottom, left:right]
    return out


@pytest.mark.parametrize("batch_size", [6, 7, 36])
@pytest.mark.parametrize("mode", ["batch", "pair", "elem"])
def test_timm(folder, mode, batch_size):
    recipe = mf.timm(mixup_alpha=0.8, cutmix_alpha=1.0, prob=0.7, mode=mode)
    options = OPTIONS | dict(batch_size=batch_size)
    kinds, different, values = set(), 0, 0
    with (
        mf.from_directory(folder, **options, **recipe) as floats,
        mf.from_directory(folder, dtype="uint8", **options, **recipe) as integers,
        mf.from_directory(folder, mix=None, label_mode="int", **options) as plain,
    ):
        for number in range(len(plain)):
            (x, labels), (mixed, y) = arrays(plain[number]), arrays(floats[number])
            mixed8, _ = arrays(integers[number])
            rows, n = floats.explain(number), len(x)
            if n == 1:  # the partner is another image
                assert rows[0]["partner"] != rows[0]["path"]
                continue
            at = [i + 1 if 2 * i + 1 == n else n - 1 - i for i in range(n)]
            lams = [row["lam"] for row in rows]
            want = timm_target(labels, labels[at], lams, 0.1)
            np.testing.assert_allclose(y, want, atol=1e-6)
            for i, row in enumerate(rows):
                boxes = row.get("boxes", [])
                want = timm_image(x[i], x[at[i]], row["lam"], boxes)
                np.testing.assert_allclose(mixed[i], want, atol=1e-4)
                off = np.abs(mixed8[i].astype(int) - np.rint(want).astype(int))
                assert off.max() <= (not boxes)
                different, values = different + np.sum(off > 0), values + off.size
                other = rows[0] if mode == "batch" else rows[n - 1 - i] if mode == "pair" else row
                assert (row["lam"], boxes) == (other["lam"], other.get("boxes", []))
                kinds.add("box" if boxes else "sum" if row["lam"] < 1 else "own")
    assert different <= 1e-3 * values
    assert mode == "batch" or kinds == {"box", "sum", "own"}


def test_timm_probabilities(folder):
    """Within 5 standard errors."""
    recipe = mf.timm(0.8, 1.0, prob=0.6, switch_prob=0.3, mode="elem")
    with mf.from_directory(folder, batch_size=37, **OPTIONS, **recipe) as seq:
        rows = []
        for epoch in range(40):
            seq.set_epoch(epoch)
            rows += seq.explain(0)
    boxes = np.mean(["boxes" in row for row in rows])
    sums = np.mean(["boxes" not in row and row["lam"] < 1 for row in rows])
    for share, want in ((boxes, 0.6 * 0.3), (sums, 0.6 * 0.7)):
        # Some boxes of 20 x 24 pixels are empty.
        assert abs(share - want) < 5 * np.sqrt(want / len(rows)) + 0.01


def test_the_parts_of_timm():
    both = mf.timm(0.8, 1.0, prob=0.5, switch_prob=0.25, mode="pair", label_smoothing=0.2)
    assert both == {
        "mix": mf.OneOf(
            [(mf.MixUp(0.8, per="pair"), 0.375), (mf.CutMix(1.0, per="pair"), 0.125)], per="pair"
        ),
        "pairing": "reversed",
        "label_smoothing": 0.2,
    }
    assert mf.timm(0.8, 0)["mix"] == mf.MixUp(0.8, per="batch")
    assert mf.timm(0, 1, prob=0.5, mode="elem")["mix"] == mf.CutMix(1, prob=0.5)
    minmax = mf.timm(0, 0, cutmix_minmax=[0.2, 0.8])["mix"]
    assert minmax == mf.CutMix(1.0, minmax=(0.2, 0.8), per="batch")
    for arguments, match in [
        (dict(mixup_alpha=0, cutmix_alpha=0), "timm needs mixup_alpha or cutmix_alpha"),
        (dict(mode="half"), 'mode of timm must be "batch", "pair" or "elem".*"half"'),
        (dict(prob="often"), "prob of timm"),
    ]:
        with pytest.raises(ValueError, match=match):
            mf.timm(**arguments)


def test_timm_takes_odd_and_single_rows(folder):
    with mf.from_directory(folder, batch_size=1, **OPTIONS, **mf.timm()) as seq:
        assert all(row["partner"] != row["path"] for n in range(3) for row in seq.explain(n))


@pytest.mark.parametrize("name", ["rsb_a2", "rsb_a3", "deit", "deit3", "cifar"])
def test_recipes(folder, name):
    recipe = mf.recipe(name)
    assert recipe == mf.recipe(name) and recipe is not mf.recipe(name)
    small = {"image_size": 32, "batch_size": 5, "seed": 1, "verbose": False}
    with mf.from_directory(folder, **recipe | small) as train:
        x, y = arrays(train[0])
        assert x.shape == (5, 32, 32, 3) and y.shape == (5, CLASSES)
        if "binarize" in recipe:
            assert set(np.unique(y)) <= {0, 1}
        else:
            assert np.all(np.abs(y.sum(axis=1) - 1) < 1e-6)
    _, val = mf.from_directory(folder, **recipe | small, validation_split=0.2, subset="both")
    assert set(np.unique(arrays(val[0])[1])) == {0, 1}


def test_what_the_recipes_have_of_their_papers():
    sizes = {name: mf.recipe(name)["image_size"][0] for name in ("rsb_a2", "rsb_a3", "deit")}
    assert sizes == {"rsb_a2": 224, "rsb_a3": 160, "deit": 224}
    alphas = {
        name: [policy.alpha for policy, _ in mf.recipe(name)["mix"].policies]
        for name in ("rsb_a2", "rsb_a3", "deit", "deit3")
    }
    assert alphas == {
        "rsb_a2": [0.1, 1.0],
        "rsb_a3": [0.1, 1.0],
        "deit": [0.8, 1.0],
        "deit3": [0.8, 1.0],
    }
    assert mf.recipe("deit")["label_smoothing"] == 0.1
    assert mf.recipe("deit3")["label_smoothing"] == mf.recipe("rsb_a2")["label_smoothing"] == 0
    with pytest.raises(ValueError, match="no recipe 'vgg'.*'rsb_a2', 'rsb_a3', 'deit', 'deit3'"):
        mf.recipe("vgg")
