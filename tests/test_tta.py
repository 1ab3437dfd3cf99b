"""Test-time augmentation."""

import keras
import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.batches import arrays, gathered
from support.images import write_images

OPTIONS = dict(image_size=(8, 8), batch_size=4, seed=1, verbose=False)
VALIDATION = OPTIONS | dict(subset="validation")
RANDOM = dict(
    crop=mf.RandomResizedCrop(), flip="horizontal", augment=[mf.ColorJitter(brightness=0.5)]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Wide images of two classes."""
    return write_images(tmp_path_factory.mktemp("tta"), {"rose": 5, "tulip": 6}, (30, 52))


@pytest.fixture(scope="module")
def softmax():
    """A model for the tests that need no other one, as compiling it takes seconds."""
    return classifier()


def classifier(units=2, activation="softmax", loss="categorical_crossentropy"):
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(units, activation),
        ]
    )
    model.compile("sgd", loss)
    return model


def views_of(views):
    """All images as each view shows them, and their labels."""
    batches = [views[i] for i in range(len(views))]
    return np.concatenate([x for x, _ in batches], axis=1), np.concatenate([y for _, y in batches])


def shown(path, box):
    """Pillow's part of an image at the target's size."""
    return np.asarray(Image.open(path).crop(box).resize((8, 8), Image.Resampling.BILINEAR))


def assert_nearly(found, wanted):
    """Pillow's weights have more bits than those of package resample: in each of the two passes a
    value that is halfway between two may come out as the other one."""
    off = np.abs(found.astype(float) - np.asarray(wanted, float))
    assert off.max() <= 2 and np.mean(off > 0) <= 0.05


def test_hflip_is_the_image_and_its_mirror_image(folder):
    with mf.from_directory(folder, **VALIDATION) as val:
        views = val.tta("hflip")
        x, y = views_of(views)
        decoded = val.stats()["images_decoded"]
        whole = gathered(val)
    assert (views.count, len(views), views.data) == (2, 3, val)
    np.testing.assert_array_equal(x[0], whole[0])
    np.testing.assert_array_equal(x[1], whole[0][:, :, ::-1])
    np.testing.assert_array_equal(y, whole[1])
    assert decoded == 11  # once for both views
    mirrored = [shown(path, (0, 0, 52, 30))[:, ::-1] for path in val.file_paths]
    assert_nearly(x[1].round(), mirrored)


FIVE = {
    "val_crop": dict(val_crop=mf.CenterCrop(0.6), crop=mf.CenterCrop(0.9)),
    "crop": dict(crop=mf.CenterCrop(0.6)),
    "schedule": dict(crop=mf.Schedule([(0, mf.RandomResizedCrop()), (2, mf.CenterCrop(0.6))])),
    "none": dict(crop=mf.RandomResizedCrop()),
}


@pytest.mark.parametrize("given", FIVE)
def test_five_are_the_corners_and_the_center(folder, given):
    fraction = 0.875 if given == "none" else 0.6
    options = FIVE[given]
    with mf.from_directory(folder, dtype="uint8", **VALIDATION, **options) as val:
        x, y = views_of(val.tta("five"))
        center = gathered(val)[0]
    side = round(fraction * 30)
    right, bottom = 52 - side, 30 - side
    places = [(0, 0), (right, 0), (0, bottom), (right, bottom), (right // 2, bottom // 2)]
    assert x.shape == (5, 11, 8, 8, 3) and len(y) == 11
    for view, (left, top) in zip(x, places, strict=True):
        boxes = (left, top, left + side, top + side)
        assert_nearly(view, [shown(path, boxes) for path in val.file_paths])
    if given != "none":
        np.testing.assert_array_equal(x[4], center)


def test_draws_are_those_of_training(folder):
    options = dict(**OPTIONS, **RANDOM)
    with mf.from_directory(folder, subset="validation", val_crop=mf.CenterCrop(), **options) as val:
        x, y = views_of(val.tta(3))
        again = views_of(val.tta(4))[0]
    train = mf.from_directory(folder, shuffle=False, mix=None, **options)
    for epoch in range(3):
        train.set_epoch(epoch)
        images, labels = gathered(train)
        np.testing.assert_array_equal(x[epoch], images)
        np.testing.assert_array_equal(y, labels)
    np.testing.assert_array_equal(x, again[:3])
    assert not np.array_equal(x[0], x[1])


@pytest.mark.parametrize("kind", ["hflip", "five", 3])
def test_predictions_are_averaged(folder, softmax, kind):
    model = softmax
    with mf.from_directory(folder, **VALIDATION, **RANDOM) as val:
        views = val.tta(kind)
        x, y = views_of(views)
        single = np.stack([model.predict(view, verbose=0) for view in x]).astype(float)
        mean = single.mean(axis=0)
        np.testing.assert_allclose(views.predict(model, verbose=0), mean, atol=1e-6)
        geometric = np.exp(np.log(single).mean(axis=0))
        geometric /= geometric.sum(axis=1, keepdims=True)
        found = val.tta(kind, average="geometric").predict(model, verbose=0)
        np.testing.assert_allclose(found, geometric, atol=1e-6)
        table = mf.predict_table(model, views, verbose=0)
        plain = mf.predict_table(model, val, verbose=0)
        result = mf.evaluate_tta(model, views, verbose=0)
    assert table.keys() == plain.keys() and table["path"] == plain["path"]
    np.testing.assert_allclose(table["p(tulip)"], mean[:, 1], atol=1e-6)
    assert table["predicted"] == [["rose", "tulip"][i] for i in mean.argmax(axis=1)]
    assert result["accuracy"] == pytest.approx((mean.argmax(1) == y.argmax(1)).mean())
    assert result["loss"] == pytest.approx(-np.log((mean * y).sum(axis=1)).mean(), rel=1e-5)


def test_one_view_evaluates_as_keras_does(folder):
    """Views that are all equal change nothing: the same loss and accuracy as Keras'."""
    model = classifier()
    model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    square = write_images(folder.parent / "square", {"rose": 5, "tulip": 6}, (20, 20))
    with mf.from_directory(square, val_crop=mf.CenterCrop(1), **VALIDATION) as val:
        plain = model.evaluate(val, verbose=0, return_dict=True)
        five = mf.evaluate_tta(model, val.tta("five"), verbose=0)
    assert five["accuracy"] == pytest.approx(plain["accuracy"])
    assert five["loss"] == pytest.approx(plain["loss"], rel=1e-5)


@pytest.mark.parametrize("average", ["arithmetic", "geometric"])
def test_one_probability_for_two_classes(folder, average):
    model = classifier(1, "sigmoid", "binary_crossentropy")
    with mf.from_directory(folder, label_mode="binary", **VALIDATION) as val:
        views = val.tta("hflip", average=average)
        x, y = views_of(views)
        single = np.stack([model.predict(view, verbose=0) for view in x]).astype(float)
        if average == "geometric":
            odds = np.sqrt(np.prod(single / (1 - single), axis=0))
            mean = odds / (1 + odds)
        else:
            mean = single.mean(axis=0)
        np.testing.assert_allclose(views.predict(model, verbose=0), mean, atol=1e-6)
        found = mf.evaluate_tta(model, views, verbose=0)
        table = mf.predict_table(model, views, verbose=0)
    assert found["accuracy"] == pytest.approx(((mean > 0.5) == (y > 0.5)).mean())
    np.testing.assert_allclose(table["p(tulip)"], mean[:, 0], atol=1e-6)


def test_other_labels(folder):
    paths = sorted(map(str, folder.glob("*/*.png")))
    tags = [["a", "b"][: i % 3] for i in range(11)]
    model = classifier(2, "sigmoid", "binary_crossentropy")
    with mf.from_files(paths, tags, **VALIDATION) as val:
        views = val.tta(average="geometric")
        x, y = views_of(views)
        single = np.stack([model.predict(view, verbose=0) for view in x]).astype(float)
        odds = np.sqrt(np.prod(single / (1 - single), axis=0))
        mean = odds / (1 + odds)
        np.testing.assert_allclose(views.predict(model, verbose=0), mean, atol=1e-6)
        found = mf.evaluate_tta(model, views, verbose=0)["accuracy"]
    assert found == pytest.approx(((mean > 0.5) == (y > 0.5)).mean())
    model = classifier(1, None, "mse")
    with mf.from_files(paths, [float(i) for i in range(11)], **VALIDATION) as val:
        mean = val.tta().predict(model, verbose=0)[:, 0]
        result = mf.evaluate_tta(model, val, verbose=0)
    assert result.keys() == {"loss"}
    assert result["loss"] == pytest.approx(np.mean((mean - np.arange(11)) ** 2), rel=1e-4)
    model = classifier()
    with mf.from_directory(folder, label_mode="int", mix=None, **VALIDATION) as val:
        mean = val.tta().predict(model, verbose=0)
        model.compile("sgd", "sparse_categorical_crossentropy")
        result = mf.evaluate_tta(model, val, verbose=0)
    assert result["accuracy"] == pytest.approx((mean.argmax(1) == val.labels).mean())
    with mf.from_directory(folder / "rose", label_mode=None, **OPTIONS) as test:
        x = test.tta()[0]
        np.testing.assert_array_equal(x[0], arrays(test[0]))
        table = mf.predict_table(model, test.tta("five"), class_names=["a", "b"], verbose=0)
        assert len(table["predicted"]) == 5 and "label" not in table
        with pytest.raises(ValueError, match="needs one array of labels"):
            mf.evaluate_tta(model, test, verbose=0)


def test_channels_first_are_mirrored_left_and_right(folder):
    with (
        mf.from_directory(folder, data_format="channels_first", **VALIDATION) as first,
        mf.from_directory(folder, data_format="channels_last", **VALIDATION) as last,
    ):
        x, y = first.tta()[0], last.tta()[0]
    np.testing.assert_array_equal(x[0].transpose(0, 1, 3, 4, 2), y[0])


def test_views_do_not_disturb_the_data(folder):
    with mf.from_directory(folder, cache="memory", **VALIDATION, **RANDOM) as val:
        before = gathered(val)
        decoded = val.stats()["images_decoded"]
        epoch = val.stats()["epoch"]
        for kind in ("hflip", "five", 2):
            views_of(val.tta(kind))
        assert val.stats()["images_decoded"] == decoded and val.stats()["epoch"] == epoch
        np.testing.assert_array_equal(gathered(val)[0], before[0])


@pytest.mark.parametrize("kind", ["hflip", "five", 2])
def test_bad_files_have_no_prediction(tmp_path, softmax, kind):
    root = write_images(tmp_path / "bad", {"rose": 3, "tulip": 3})
    (root / "rose" / "001.png").write_bytes(b"no image")
    model = softmax
    with mf.from_directory(root, on_error="skip", **VALIDATION, **RANDOM) as val:
        views = val.tta(kind)
        table = mf.predict_table(model, views, verbose=0)
        result = mf.evaluate_tta(model, views, verbose=0)
    assert [p is None for p in table["predicted"]] == [False, True] + 4 * [False]
    assert 0 <= result["accuracy"] <= 1


def test_a_part_of_the_images_is_not_evaluated(folder, softmax):
    with mf.from_directory(folder, shard=(1, 2), **VALIDATION) as val:
        for use in (val.tta, lambda: mf.predict_table(softmax, val, verbose=0)):
            with pytest.raises(ValueError, match="a part of each batch: open .* shard=None"):
                use()


def test_errors_say_what_to_do(folder):
    train = mf.from_directory(folder, **OPTIONS)
    with train, pytest.raises(ValueError, match='subset="validation"'):
        train.tta("hflip")
    with mf.from_directory(folder, **VALIDATION) as val:
        for kind in ("ten", 0, -1, True, 1.5, None):
            with pytest.raises(ValueError, match='views must be "hflip", "five" or a number'):
                val.tta(kind)
        with pytest.raises(ValueError, match="average must be"):
            val.tta("hflip", average="mean")
        with pytest.raises(ValueError, match="needs random augmentation.*pass crop, flip"):
            val.tta(3)
        with pytest.raises(IndexError, match="no batch 3"):
            val.tta()[3]
        logits = classifier(2, None)
        with pytest.raises(ValueError, match="needs probabilities.*softmax"):
            val.tta(average="geometric").predict(logits, verbose=0)
        x = keras.Input((8, 8, 3))
        with pytest.raises(ValueError, match="one row of values per image"):
            val.tta().predict(keras.Model(x, keras.layers.ReLU()(x)), verbose=0)
