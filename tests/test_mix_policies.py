"""Every mixing policy against NumPy, by what `explain` reports."""

import dataclasses

import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays
from support.images import write_images
from support.mixing import POLICIES, mixed

SIZE = (24, 33)
OPTIONS = dict(image_size=SIZE, seed=3, verbose=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_images(tmp_path_factory.mktemp("policies"), {"a": 12, "b": 13, "c": 9})


@pytest.fixture(scope="module")
def alone(folder):
    """The pixels and the label of each file, unmixed."""
    with mf.from_directory(folder, subset="validation", image_size=SIZE, verbose=False) as seq:
        batches = [arrays(seq[i]) for i in range(len(seq))]
        x, y = (np.concatenate([b[k] for b in batches]) for k in (0, 1))
        return {p: (x[i].astype("uint8"), y[i]) for i, p in enumerate(seq.file_paths)}


def parts(row, alone):
    """The images that a row is made of, and their labels."""
    paths = [row["path"], *row.get("partners", [row["partner"]])]
    return [alone[p][0] for p in paths], [alone[p][1] for p in paths]


def own_weight(policy, row):
    """The weight of the own image at all pixels, as far as there is no mask."""
    if isinstance(policy, (float, mf.MixUp)):
        return row["lam"]
    return 0.5 if isinstance(policy, mf.SamplePairing) else None


# 34 images: the last batches are of 34, 2, 1, 6 and 1.
@pytest.mark.parametrize("batch_size", [1, 2, 3, 7, 33])
@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_a_batch_is_what_explain_reports(folder, alone, policy, batch_size):
    options = OPTIONS | dict(batch_size=batch_size, mix=policy)
    with (
        mf.from_directory(folder, **options, rescale=1 / 255) as floats,
        mf.from_directory(folder, **options, dtype="uint8") as integers,
    ):
        for n in range(len(floats)):
            x, y = arrays(floats[n])
            x8, y8 = arrays(integers[n])
            np.testing.assert_array_equal(y, y8)
            rows = floats.explain(n)
            assert len(x) == min(batch_size, 34 - n * batch_size)
            for i, row in enumerate(rows):
                images, labels = parts(row, alone)
                weights = row.get("weights", [row["lam"], 1 - row["lam"]])
                assert sum(weights) == pytest.approx(1)
                want = sum(w * label for w, label in zip(weights, labels, strict=True))
                np.testing.assert_allclose(y[i], want, atol=1e-6)
                if len(images) == 2 and not row.keys() & {"boxes", "mask"}:
                    assert row["lam"] == 1 or own_weight(policy, row), "no pixel of the partner"
                out = mixed(row, images, own_weight(policy, row))
                np.testing.assert_array_equal(x8[i], np.rint(out))
                np.testing.assert_allclose(x[i], out / 255, atol=1e-6)


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
        (mf.FMix(alpha=0), "alpha of FMix must be above 0"),
        (mf.FMix(decay=-1), "decay of FMix must be 0 or more"),
        (mf.FMix(soft=0.6), "soft of FMix must be from 0 to 0.5"),
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
