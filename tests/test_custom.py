"""Mixing by a function of the user."""

import pickle

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays
from support.reference import compare

OPTIONS = dict(image_size=(8, 10), batch_size=4, seed=3, verbose=False)


def own(images, plan):
    """The samples' own images."""
    return images[0], np.ones(images.shape[1])


def blend(images, plan):
    """MixUp with one weight per sample."""
    lam = plan.rng.random(images.shape[1])
    weight = lam[:, np.newaxis, np.newaxis, np.newaxis]
    return weight * images[0] + (1 - weight) * images[1], lam


def thirds(images, plan):
    """A third of each of three images, side by side."""
    x = images[0]
    x[:, :, 3:6], x[:, :, 6:9], x[:, :, 9:] = (
        images[1][:, :, 3:6],
        images[2][:, :, 6:9],
        images[0][:, :, 9:],
    )
    return x, np.tile([0.4, 0.3, 0.3], (len(x), 1))


@pytest.mark.parametrize(
    "options",
    [
        dict(),
        dict(rescale=1 / 255),
        dict(dtype="float16", preprocess="tf"),
        dict(dtype="uint8", data_format="channels_first"),
        dict(preprocess="caffe"),
        dict(preprocess="torch", data_format="channels_first"),
        dict(preprocess=([120.0], [60.0]), color_mode="grayscale"),
        dict(color_mode="rgba", pairing="dataset"),
    ],
    ids=str,
)
def test_images_alone_are_those_of_the_core(flowers, options):
    """The same bytes after normalization in Python."""
    options = OPTIONS | dict(flip="both", crop=mf.RandomResizedCrop()) | options
    with (
        mf.from_directory(flowers, mix=mf.Custom(own), **options) as custom,
        mf.from_directory(flowers, **options | dict(mix=None, pairing="batch")) as plain,
    ):
        assert custom.image_shape == plain.image_shape
        for n in range(len(plain)):
            (x, y), (want_x, want_y) = arrays(custom[n]), arrays(plain[n])
            assert (x.dtype, y.dtype) == (want_x.dtype, want_y.dtype)
            np.testing.assert_array_equal(x, want_x)
            np.testing.assert_array_equal(y, want_y)


@pytest.mark.parametrize("pairing", ["batch", "dataset", "same_class", "reversed"])
def test_a_function_mixes_what_explain_reports(flowers, pairing):
    options = OPTIONS | dict(dtype="uint8", pairing=pairing, flip="horizontal")
    mix = mf.Custom(blend)
    if pairing in ("batch", "dataset"):
        mix = mf.Custom(thirds, images=3)
    seen = {}
    with (
        mf.from_directory(flowers, mix=mix, **options) as custom,
        mf.from_directory(flowers, subset="validation", **options | dict(pairing="batch")) as alone,
    ):
        for n in range(len(alone)):
            x, y = arrays(alone[n])
            seen.update(zip(alone.file_paths[4 * n :], zip(x, y, strict=True), strict=False))
        for n in range(len(custom)):
            x, y = arrays(custom[n])
            rows = custom.explain(n)
            flips = {row["path"]: row["flip"] for row in rows}
            rng = np.random.default_rng([3, 0, n])
            lams = rng.random(len(rows))
            for i, row in enumerate(rows):
                paths = [row["path"], *row.get("partners", [row["partner"]])]
                how = [row["flip"], *[flips.get(path) for path in paths[1:]]]
                if "partner_flip" in row:
                    how[1] = row["partner_flip"]
                images = [
                    seen[path][0][:, ::-1] if flip else seen[path][0]
                    for path, flip in zip(paths, how, strict=True)
                ]
                if len(paths) == 3:
                    weights = [0.4, 0.3, 0.3]
                    np.testing.assert_array_equal(x[i][:, :3], images[0][:, :3])
                    np.testing.assert_array_equal(x[i][:, 3:6], images[1][:, 3:6])
                    if "partner_flip" not in row:
                        np.testing.assert_array_equal(x[i][:, 6:9], images[2][:, 6:9])
                else:
                    weights = [lams[i], 1 - lams[i]]
                    want = np.rint(lams[i] * images[0] + (1 - lams[i]) * images[1])
                    np.testing.assert_array_equal(x[i], want)
                label = sum(w * seen[path][1] for w, path in zip(weights, paths, strict=True))
                np.testing.assert_allclose(y[i], label, atol=1e-6)


def test_a_batch_depends_on_seed_epoch_and_index(flowers):
    with mf.from_directory(flowers, mix=mf.Custom(blend), **OPTIONS, threads=1) as seq:
        epochs = [[arrays(seq[n]) for n in range(len(seq))] for _ in range(2)]
        assert not np.array_equal(epochs[0][0][0], epochs[1][0][0])
        copy = pickle.loads(pickle.dumps(seq))
        copy.set_epoch(1)
        for n in reversed(range(len(seq))):
            x, y = arrays(copy[n])
            np.testing.assert_array_equal(x, epochs[1][n][0])
            np.testing.assert_array_equal(y, epochs[1][n][1])
        copy.close()
    with mf.from_directory(flowers, mix=mf.Custom(blend), **OPTIONS, prefetch=0) as seq:
        np.testing.assert_array_equal(arrays(seq[0])[0], epochs[0][0][0])


def test_processes_draw_for_themselves(flowers):
    seen = []

    def draws(images, plan):
        seen.append(plan.rng.random())
        return own(images, plan)

    for shard in [(0, 2), (1, 2), (1, 2)]:
        with mf.from_directory(flowers, mix=mf.Custom(draws), shard=shard, **OPTIONS) as seq:
            assert len(seq[0][0]) == 2
    assert seen[0] == np.random.default_rng([3, 0, 0]).random()
    assert seen[0] != seen[1] == seen[2]


def test_labels_of_every_kind(flowers):
    with mf.from_directory(flowers, **OPTIONS) as seq:
        paths = seq.file_paths
    numbers = np.arange(2.0 * len(paths)).reshape(-1, 2)
    value = dict(zip(paths, numbers, strict=True))
    seen = []

    def keeps(images, plan):
        seen.append(plan)
        return blend(images, plan)

    with mf.from_files(
        paths, numbers, label_mode="regression", mix=mf.Custom(keeps), **OPTIONS
    ) as seq:
        x, y = arrays(seq[1])
        assert seq.explain(1)[0]["lam"] == 1
        assert seq.preview().startswith(b"\x89PNG")
        assert (seen[0].epoch, seen[0].index) == (0, 0)
        for i, row in enumerate(seq.explain(0)):
            lam = np.random.default_rng([3, 0, 0]).random(4)[i]
            labels = value[row["path"]], value[row["partner"]]
            np.testing.assert_array_equal(seen[0].labels[:, i], labels)
            np.testing.assert_allclose(y[i], lam * labels[0] + (1 - lam) * labels[1], rtol=1e-6)
    with mf.from_directory(flowers, label_mode=None, mix=mf.Custom(keeps), **OPTIONS) as seq:
        assert arrays(seq[0]).shape == (4, 8, 10, 3)
        assert seen[-1].labels is None
    with pytest.raises(ValueError, match="label_mode"):
        mf.from_directory(flowers, label_mode="int", mix=mf.Custom(own), **OPTIONS)


def test_sample_weights_are_mixed(flowers):
    with mf.from_directory(flowers, **OPTIONS) as seq:
        paths = seq.file_paths
    heavy = dict(zip(paths, range(1, 1 + len(paths)), strict=True))
    labels = [path.split("/")[-2] for path in paths]
    with mf.from_files(
        paths, labels, sample_weight=list(heavy.values()), mix=mf.Custom(blend), **OPTIONS
    ) as seq:
        w = np.asarray(seq[0][2])
        for i, row in enumerate(seq.explain(0)):
            lam = np.random.default_rng([3, 0, 0]).random(4)[i]
            want = lam * heavy[row["path"]] + (1 - lam) * heavy[row["partner"]]
            assert w[i] == pytest.approx(want, rel=1e-6)


def test_targets_and_smoothing(flowers):
    lam = np.random.default_rng([3, 0, 0]).random(4)
    mix = mf.Custom(blend)
    with (
        mf.from_directory(flowers, targets="pair", label_mode="int", mix=mix, **OPTIONS) as pairs,
        mf.from_directory(flowers, label_smoothing=0.1, mix=mix, **OPTIONS) as smooth,
    ):
        first, second, weight = map(np.asarray, pairs[0][1])
        paths = [(row["path"], row["partner"]) for row in pairs.explain(0)]
        names = [[pairs.class_names.index(path.split("/")[-2]) for path in pair] for pair in paths]
        np.testing.assert_array_equal(np.stack([first, second], axis=1), names)
        np.testing.assert_allclose(weight, lam, rtol=1e-6)
        y = lam[:, np.newaxis] * np.eye(3)[first] + (1 - lam[:, np.newaxis]) * np.eye(3)[second]
        np.testing.assert_allclose(arrays(smooth[0])[1], 0.9 * y + 0.1 / 3, atol=1e-6)
    with pytest.raises(ValueError, match="binarize is for labels that the core mixes"):
        mf.from_directory(flowers, binarize=0.0, mix=mix, **OPTIONS)
    with pytest.raises(ValueError, match="mix=Custom cannot mix masks"):
        mf.from_directory(flowers, masks=flowers, mix=mix, **OPTIONS)


def test_validation_is_not_mixed(flowers):
    def fails(images, plan):
        raise AssertionError

    compare(flowers, subset="validation", mix=mf.Custom(fails))
    train, val = mf.from_directory(
        flowers, mix=mf.Custom(own), validation_split=0.3, subset="both", **OPTIONS
    )
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3)])
    model.compile(loss="mse")
    history = model.fit(train, validation_data=val, epochs=2, verbose=0)
    assert len(history.history["val_loss"]) == 2
    assert model.predict(val, verbose=0).shape == (val.samples, 3)


@pytest.mark.parametrize(
    ("result", "match"),
    [
        (lambda images, plan: images[0], r"must return \(x, weights\)"),
        (lambda images, plan: None, "returned NoneType"),
        (lambda images, plan: (images, np.ones(4)), "x must have shape"),
        (lambda images, plan: (images[0] / 1 + 1, np.ones(4)), "floats of 0 to 255"),
        (lambda images, plan: (images[0] * np.nan, np.ones(4)), "floats of 0 to 255"),
        (lambda images, plan: (images[0].astype(int), np.ones(4)), "dtype int64"),
        (lambda images, plan: (images[0], np.ones((4, 3))), "weights must have shape"),
        (lambda images, plan: (images[0], np.ones((4, 2))), "sum up to 1"),
        (lambda images, plan: (images[0], 2 * np.ones(4)), "0 or more"),
    ],
)
def test_what_a_function_must_return(flowers, result, match):
    def mine(images, plan):
        images[0, 0, 0, 0] = 255
        return result(images, plan)

    with (
        mf.from_directory(flowers, mix=mf.Custom(mine), **OPTIONS) as seq,
        pytest.raises(ValueError, match=f"the function .*mine of mix=Custom.*{match}"),
    ):
        seq[0]


def test_errors_name_the_function(flowers):
    def broken(images, plan):
        raise KeyError("oops")

    with mf.from_directory(flowers, mix=mf.Custom(broken), **OPTIONS) as seq:
        with pytest.raises(KeyError, match="oops") as caught:
            seq[0]
        assert "broken of mix=Custom, for batch 0 of epoch 0" in caught.value.__notes__[0]
    for custom, match in [
        (mf.Custom("blend"), "fn of Custom must be a function"),
        (mf.Custom(own, images=5), "images of Custom must be from 2 to 4"),
        (mf.OneOf([(mf.Custom(own), 1)]), "policies of OneOf"),
    ]:
        with pytest.raises(ValueError, match=match):
            mf.from_directory(flowers, mix=custom, **OPTIONS)
