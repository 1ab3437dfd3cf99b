"""Where partners come from, and rules for labels of rare classes."""

import pickle

import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays
from support.images import write_images
from support.reference import compare

OPTIONS = dict(image_size=8, batch_size=7, seed=3, verbose=False)
BY_CLASS = ["same_class", "other_class", "balanced"]


@pytest.fixture(scope="module")
def tail(tmp_path_factory):
    """Classes with 24, 6 and 1 images."""
    return write_images(tmp_path_factory.mktemp("tail"), {"many": 24, "few": 6, "one": 1})


def pairs(seq, epochs=1):
    for _ in range(epochs):
        for n in range(len(seq)):
            for row in seq.explain(n):
                yield row["path"], row["partner"]
        seq.set_epoch(seq.stats()["epoch"] + 1)


def class_of(path):
    return path.split("/")[-2]


@pytest.mark.parametrize("pairing", [*BY_CLASS, "reversed"])
def test_batches_are_mixed_with_these_partners(flowers, pairing):
    compare(flowers, pairing=pairing, mix=mf.MixUp(1.0), flip="horizontal")


def test_partners_by_class(tail):
    with mf.from_directory(tail, pairing="same_class", **OPTIONS) as seq:
        for path, partner in pairs(seq, 5):
            assert class_of(path) == class_of(partner)
            assert (path == partner) == (class_of(path) == "one")
    with mf.from_directory(tail, pairing="other_class", **OPTIONS) as seq:
        assert all(class_of(path) != class_of(partner) for path, partner in pairs(seq, 5))
    with mf.from_directory(tail, pairing="balanced", mix=mf.BalancedMixUp(), **OPTIONS) as seq:
        partners = [class_of(partner) for _, partner in pairs(seq, 20)]
    for name in ("many", "few", "one"):  # 620 draws, 5 standard errors
        assert abs(partners.count(name) / len(partners) - 1 / 3) < 0.095


def test_reversed_rows_have_the_draws_of_their_pair(flowers):
    options = OPTIONS | dict(batch_size=8, pairing="reversed")
    policy = mf.OneOf([(mf.MixUp(1.0, per="pair"), 0.5), (mf.CutMix(per="pair"), 0.5)], per="pair")
    with mf.from_directory(flowers, mix=policy, **options) as seq:
        lams = set()
        for n in range(len(seq)):
            rows = seq.explain(n)
            paths = [row["path"] for row in rows]
            for i, row in enumerate(rows):
                other = rows[-1 - i]
                middle = 2 * i + 1 == len(rows)
                assert row["partner"] == (paths[i + 1] if middle else other["path"])
                assert (row["lam"], row.get("boxes")) == (other["lam"], other.get("boxes"))
            lams.update(row["lam"] for row in rows)
        assert len(lams) == sum((len(seq.explain(n)) + 1) // 2 for n in range(len(seq)))
    policy = mf.OneOf(
        [(mf.MixUp(1.0, per="batch"), 0.5), (mf.CutMix(per="batch"), 0.5)], per="batch"
    )
    with mf.from_directory(flowers, mix=policy, **options) as seq:
        for n in range(len(seq)):
            assert len({row["lam"] for row in seq.explain(n)}) == 1


def ages(flowers):
    with mf.from_directory(flowers, image_size=8, verbose=False) as seq:
        paths = seq.file_paths
    return paths, np.arange(len(paths)) % 10 * 1.0


def test_nearby_labels(flowers):
    paths, labels = ages(flowers)
    age = dict(zip(paths, labels, strict=True))
    options = OPTIONS | dict(mix=mf.MixUp(1.0), pairing=mf.NearbyLabels(0.5))
    with mf.from_files(paths, labels, **options) as seq:
        planned, again = seq.explain(1), pickle.loads(pickle.dumps(seq))
        for n in range(len(seq)):
            for row, got in zip(seq.explain(n), arrays(seq[n])[1], strict=True):
                want = row["lam"] * age[row["path"]] + (1 - row["lam"]) * age[row["partner"]]
                assert got == pytest.approx(want, abs=1e-5)
        assert seq.preview().startswith(b"\x89PNG")
        assert again.explain(1) == planned
        again.close()
        found = list(pairs(seq, 30))
    assert all(path != partner for path, partner in found)
    distance = np.array([abs(age[path] - age[partner]) for path, partner in found])
    want = {}
    for gap in range(10):
        weight = sum(
            np.exp(-gap * gap / 0.5) / total
            for i, a in enumerate(labels)
            for total in [sum(np.exp(-((a - b) ** 2) / 0.5) for b in labels) - 1]
            for j, b in enumerate(labels)
            if i != j and abs(a - b) == gap
        )
        want[gap] = weight / len(labels)
    for gap in (0, 1, 2):  # 5 standard errors of 630 draws
        share = np.mean(distance == gap)
        assert abs(share - want[gap]) < 5 * np.sqrt(want[gap] / len(distance)) + 1e-3


def test_the_first_of_several_heads_counts(flowers):
    paths, labels = ages(flowers)
    names = [class_of(path) for path in paths]
    heads = {"age": labels, "name": names}
    with mf.from_files(paths, heads, pairing=mf.NearbyLabels(0.1), **OPTIONS) as seq:
        age = dict(zip(paths, labels, strict=True))
        assert all(age[path] == age[partner] for path, partner in pairs(seq) if age[path] < 1)
    heads = {"name": names, "age": labels}
    with mf.from_files(paths, heads, pairing="same_class", **OPTIONS) as seq:
        assert all(class_of(path) == class_of(partner) for path, partner in pairs(seq))
    with pytest.raises(ValueError, match="NearbyLabels needs labels that are numbers"):
        mf.from_files(paths, heads, pairing=mf.NearbyLabels(0.1), **OPTIONS)


def test_validation_has_no_partners(flowers):
    train, val = mf.from_directory(
        flowers, pairing="other_class", validation_split=0.2, subset="both", **OPTIONS
    )
    assert all(partner is None for _, partner in pairs(val))
    assert all(partner is not None for _, partner in pairs(train))


@pytest.mark.parametrize("pairing", BY_CLASS)
def test_partners_of_skipped_files(tmp_path, pairing):
    root = write_images(tmp_path / "images", {"a": 5, "b": 4})
    (root / "a" / "000.png").write_bytes(b"no image")
    options = OPTIONS | dict(on_error="skip", pairing=pairing, mix=mf.MixUp(1.0))
    with mf.from_directory(root, **options) as seq:
        for n in range(len(seq)):
            x, y = arrays(seq[n])
        for n in range(len(seq)):
            for row in seq.explain(n):
                assert "000.png" not in row["path"] or class_of(row["path"]) == "b"
                assert pairing != "same_class" or class_of(row["path"]) == class_of(row["partner"])


def test_what_pairings_need(flowers):
    paths, labels = ages(flowers)
    for options, match in [
        (dict(pairing="same_class"), "needs one class per file"),
        (dict(pairing=mf.NearbyLabels(0)), "sigma of NearbyLabels must be above 0"),
        (dict(pairing=mf.NearbyLabels("wide")), "sigma of NearbyLabels"),
        (dict(mix=mf.Remix()), "Remix needs one class per file"),
    ]:
        with pytest.raises(ValueError, match=match):
            mf.from_files(paths, labels, **OPTIONS | options)
    for options, match in [
        (dict(pairing="other_class", class_names=["rose"]), "images of two classes"),
        (dict(pairing="reversed", mix=mf.Mosaic()), "gives a row one partner"),
        (dict(mix=mf.Remix(mf.Mosaic())), "Remix needs a policy that mixes 2 images"),
    ]:
        with pytest.raises(ValueError, match=match):
            mf.from_directory(flowers, **OPTIONS | options)


@pytest.mark.parametrize("policy", [mf.MixUp(1.0), mf.CutMix()], ids=str)
def test_remix_changes_labels_alone(tail, policy):
    """Equation 8 of the paper, with the pixels of the policy."""
    size = {"many": 24, "few": 6, "one": 1}
    options = OPTIONS | dict(pairing="dataset")
    changed = 0
    with (
        mf.from_directory(tail, mix=policy, **options) as plain,
        mf.from_directory(tail, mix=mf.Remix(policy, kappa=3, tau=0.6), **options) as remix,
    ):
        index = {name: i for i, name in enumerate(remix.class_names)}
        for n in range(len(plain)):
            (x, _), (remixed, y) = arrays(plain[n]), arrays(remix[n])
            np.testing.assert_array_equal(x, remixed)
            for before, row, got in zip(plain.explain(n), remix.explain(n), y, strict=True):
                lam = want = before["lam"]
                own, other = class_of(row["path"]), class_of(row["partner"])
                if size[own] / size[other] >= 3 and lam < 0.6:
                    want = 0
                elif size[other] / size[own] >= 3 and 1 - lam < 0.6:
                    want = 1
                changed += want != lam
                assert row["lam"] == want
                if "boxes" not in row and want != lam:
                    assert row["pixel_lam"] == lam
                label = np.zeros(3)
                label[index[own]] += want
                label[index[other]] += 1 - want
                np.testing.assert_allclose(got, label, atol=1e-6)
        assert changed > 2
        assert remix.preview().startswith(b"\x89PNG")


def test_balanced_mixup_weighs_the_partner_by_its_beta(tail):
    """The mean weight of the partner is alpha / (1 + alpha)."""
    options = OPTIONS | dict(pairing="balanced", mix=mf.BalancedMixUp(0.3))
    with mf.from_directory(tail, **options) as seq:
        lams = []
        for epoch in range(30):
            seq.set_epoch(epoch)
            lams += [row["lam"] for n in range(len(seq)) for row in seq.explain(n)]
    deviation = np.sqrt(0.3 / (2.3 * 1.3**2) / len(lams))
    assert abs(1 - np.mean(lams) - 0.3 / 1.3) < 5 * deviation
