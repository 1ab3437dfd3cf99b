"""Every mixing policy against NumPy, by what `explain` reports."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.batches import arrays
from support.images import write_images

SIZE = (24, 33)
OPTIONS = dict(image_size=SIZE, seed=3, verbose=False, flip="horizontal")
POLICIES = [
    0.4,
    mf.MixUp(1.0, fold=True),
    mf.CutMix(),
    mf.CutMix(box="inside"),
    mf.CutMix(box="uniform"),
    mf.CutMix(minmax=(0.2, 0.6)),
    mf.ResizeMix(),
    mf.Mosaic(),
    mf.Mosaic("resize"),
    mf.GridMix(cell=7),
    mf.SmoothMix(),
    mf.SamplePairing(),
]
# Policies whose pixels are of one image each.
DISJOINT = tuple(vars(mf)[name] for name in ("CutMix", "ResizeMix", "Mosaic", "GridMix"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_images(tmp_path_factory.mktemp("policies"), {"a": 12, "b": 13, "c": 9})


@pytest.fixture(scope="module")
def alone(folder):
    """The pixels and the label of each file, unmixed and unflipped."""
    with mf.from_directory(folder, subset="validation", image_size=SIZE, verbose=False) as seq:
        batches = [arrays(seq[i]) for i in range(len(seq))]
        x, y = (np.concatenate([b[k] for b in batches]) for k in (0, 1))
        return {p: (x[i], y[i]) for i, p in enumerate(seq.file_paths)}


def flipped(pixels, flip):
    return pixels[:, ::-1] if flip == "horizontal" else pixels


def parts(rows, i, alone):
    """The images that a row is made of, and their labels."""
    row = rows[i]
    paths = [row["path"], *row.get("partners", [row["partner"]])]
    images = [flipped(alone[paths[0]][0], row["flip"])]
    for path in paths[1:]:
        flips = {r["flip"] for r in rows if r["path"] == path}
        images.append(flipped(alone[path][0], flips.pop()))
    return images, [alone[path][1] for path in paths]


def bell(x, y, sigma):
    """The weights of the own image by SmoothMix."""
    rows, columns = (np.arange(n) + 0.5 for n in SIZE)
    distance = (rows[:, np.newaxis] - y) ** 2 + (columns - x) ** 2
    return 1 - np.exp(-distance / (2 * sigma**2))


def assert_grid(row, images, pixels):
    """Each cell is one image's, as many as reported."""
    cell, own = (int(n) for n in row["mask"]["args"][:2])
    count, area = 0, 0
    for top in range(0, SIZE[0], cell):
        for left in range(0, SIZE[1], cell):
            part = np.s_[top : top + cell, left : left + cell]
            is_own = np.array_equal(pixels[part], images[0][part])
            assert is_own or np.array_equal(pixels[part], images[1][part])
            count += is_own
            area += is_own * pixels[part].shape[0] * pixels[part].shape[1]
    assert count == own
    assert row["lam"] == pytest.approx(area / (SIZE[0] * SIZE[1]), abs=1e-12)


def expected(policy, row, images):
    """A row by its definition, as floats, and where it is exact."""
    weight = row["lam"] if isinstance(policy, (float, mf.MixUp)) else 0.5
    exact = np.zeros(SIZE, bool)
    if "mask" in row and row["mask"]["kind"] == "smooth":
        weight = bell(*row["mask"]["args"][:3])[..., np.newaxis]
        assert row["lam"] == pytest.approx(weight.mean(), abs=1e-6)
    elif row["lam"] == 1 and not isinstance(policy, (mf.MixUp, mf.SamplePairing)):
        weight = 1
    out = weight * images[0] + (1 - weight) * images[1]
    if "boxes" in row:
        out, exact[:] = images[0].astype(float), True
    for box in row.get("boxes", []):
        left, top, right, bottom = box["to"]
        width, height = right - left, bottom - top
        source = Image.fromarray(images[box["image"]].astype("uint8")).crop(box["from"])
        if source.size != (width, height):
            exact[top:bottom, left:right] = False  # Pillow rounds bilinear otherwise, by 1
        resized = source.resize((width, height), Image.Resampling.BILINEAR)
        out[top:bottom, left:right] = np.asarray(resized)
    return out, exact


@pytest.mark.parametrize("batch_size", [4, 7, 33])
@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_a_batch_is_what_explain_reports(folder, alone, policy, batch_size):
    options = OPTIONS | dict(batch_size=batch_size, mix=policy, drop_last=True)
    with (
        mf.from_directory(folder, **options) as floats,
        mf.from_directory(folder, **options, dtype="uint8") as integers,
    ):
        for n in range(len(floats)):
            x, y = arrays(floats[n])
            x8, _ = arrays(integers[n])
            rows = floats.explain(n)
            for i, row in enumerate(rows):
                images, labels = parts(rows, i, alone)
                weights = row.get("weights", [row["lam"], 1 - row["lam"]])
                assert sum(weights) == pytest.approx(1)
                want = sum(w * label for w, label in zip(weights, labels, strict=True))
                np.testing.assert_allclose(y[i], want, atol=1e-6)
                if isinstance(policy, DISJOINT) and not row.keys() & {"boxes", "mask"}:
                    assert row["lam"] == 1, "a box of no pixels"
                if "mask" in row and row["mask"]["kind"] == "grid":
                    assert_grid(row, images, x[i])
                    assert_grid(row, images, x8[i])
                    continue
                out, exact = expected(policy, row, images)
                np.testing.assert_array_equal(x[i][exact], out[exact])
                np.testing.assert_array_equal(x8[i][exact], out[exact])
                np.testing.assert_allclose(x[i], out, atol=1.001)
                np.testing.assert_allclose(x8[i], out, atol=1.501)


@pytest.mark.parametrize("policy", POLICIES[2:9], ids=str)
def test_the_weights_are_those_of_the_pixels(folder, policy):
    with mf.from_directory(folder, batch_size=33, mix=policy, **OPTIONS) as seq:
        for row in seq.explain(0):
            owner = np.zeros(SIZE, int)
            for box in row.get("boxes", []):
                left, top, right, bottom = box["to"]
                owner[top:bottom, left:right] = box["image"]
            weights = row.get("weights", [row["lam"], 1 - row["lam"]])
            for image, weight in enumerate(weights):
                assert weight == pytest.approx(np.mean(owner == image), abs=1e-12)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 5])
@pytest.mark.parametrize("pairing", ["batch", "dataset"])
@pytest.mark.parametrize(
    "policy", [mf.CutMix(), mf.Mosaic(), mf.GridMix(5), mf.SmoothMix()], ids=str
)
def test_small_and_short_batches_are_mixed(folder, policy, pairing, batch_size):
    options = OPTIONS | dict(batch_size=batch_size, mix=policy, pairing=pairing)
    with mf.from_directory(folder, **options) as seq:
        for n in range(len(seq)):
            x, y = arrays(seq[n])
            assert len(x) == min(batch_size, 34 - n * batch_size)
            np.testing.assert_allclose(y.sum(axis=1), 1, atol=1e-6)
            for row in seq.explain(n):
                paths = [row["path"], *row.get("partners", [row["partner"]])]
                assert len(set(paths)) == len(paths), "no image is mixed with itself"
        assert seq.preview().startswith(b"\x89PNG")


def test_a_folded_weight_is_at_least_half(folder):
    with mf.from_directory(folder, mix=mf.MixUp(1.0, fold=True), batch_size=33, **OPTIONS) as seq:
        assert all(row["lam"] >= 0.5 for row in seq.explain(0))


@pytest.mark.parametrize("pairing", ["batch", "dataset"])
@pytest.mark.parametrize("policy", [mf.MixUp(1.0), mf.CutMix(), mf.Mosaic()], ids=str)
def test_a_gate_leaves_rows_unmixed_and_others_as_they_are(folder, policy, pairing):
    options = OPTIONS | dict(batch_size=33, pairing=pairing)
    gated = dataclasses.replace(policy, prob=0.5)
    with (
        mf.from_directory(folder, mix=policy, **options) as always,
        mf.from_directory(folder, mix=gated, **options) as sometimes,
        mf.from_directory(folder, mix=mf.MixUp(prob=0), **options) as never,
    ):
        mixed = 0
        for n in range(len(always)):
            wanted = {True: arrays(always[n]), False: arrays(never[n])}
            x, y = arrays(sometimes[n])
            for i, row in enumerate(sometimes.explain(n)):
                want = wanted[row["lam"] != 1]
                np.testing.assert_array_equal(x[i], want[0][i])
                np.testing.assert_array_equal(y[i], want[1][i])
                mixed += row["lam"] != 1
        assert 8 <= mixed <= 26


def test_a_partner_that_is_not_shown_is_not_decoded(folder):
    options = OPTIONS | dict(batch_size=34, pairing="dataset", prefetch=0)
    for prob, decoded in [(1, 68), (0, 34)]:
        with mf.from_directory(folder, mix=mf.MixUp(1.0, prob=prob), **options) as seq:
            arrays(seq[0])
            assert seq.stats()["images_decoded"] == decoded


def test_one_of_mixes_by_one_policy_per_row_or_batch(folder):
    policies = [(1.0, 0.4), (mf.Mosaic(), 0.4)]

    def kinds(per):
        with mf.from_directory(
            folder, mix=mf.OneOf(policies, per=per), batch_size=5, **OPTIONS
        ) as seq:
            for n in range(len(seq)):
                x, y = arrays(seq[n])
                np.testing.assert_allclose(y.sum(axis=1), 1, atol=1e-6)
                rows = seq.explain(n)
                yield {"boxes" if "boxes" in r else "sum" if r["lam"] < 1 else "" for r in rows}

    assert all(len(batch) == 1 for batch in kinds("batch"))
    assert set().union(*kinds("sample")) == {"boxes", "sum", ""}


def test_a_number_is_mixup(folder):
    with (
        mf.from_directory(folder, mix=0.3, **OPTIONS) as number,
        mf.from_directory(folder, mix=mf.MixUp(0.3), **OPTIONS) as policy,
    ):
        np.testing.assert_array_equal(arrays(number[0])[0], arrays(policy[0])[0])


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (mf.CutMix(alpha=0), "alpha of CutMix must be above 0"),
        (mf.CutMix(box="outside"), "box of CutMix must be"),
        (mf.CutMix(minmax=(0.5, 0.2)), "minmax of CutMix"),
        (mf.ResizeMix((0, 1)), "scale of ResizeMix"),
        (mf.MixUp(prob=1.5), "prob must be from 0 to 1"),
        (mf.OneOf([]), "policies of OneOf must be"),
        (mf.OneOf([mf.MixUp()]), "policies of OneOf must be"),
        (mf.OneOf([(mf.MixUp(), 0.7), (mf.CutMix(), 0.7)]), "probabilities of OneOf must sum up"),
        (mf.OneOf([(0.2, 1)], per="row"), "per of OneOf must be"),
        (mf.GridMix(cell=0), "cell of GridMix must be"),
        (mf.GridMix(cell=1.5), "cell of GridMix must be an integer"),
        (mf.SmoothMix((0, 1)), "sigma of SmoothMix must be"),
        (mf.Mosaic("pad"), "fit of Mosaic must be"),
        (True, "mix must be mixfolder.MixUp"),
        (0, "alpha of MixUp must be above 0"),
    ],
)
def test_a_wrong_parameter_is_named(folder, policy, text):
    with pytest.raises(ValueError, match=text):
        mf.from_directory(folder, mix=policy, **OPTIONS)
