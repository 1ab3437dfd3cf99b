"""Metrics for soft labels, and predictions beside their files."""

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.images import write_images

OPTIONS = dict(image_size=(8, 8), batch_size=4, seed=1, verbose=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_images(tmp_path_factory.mktemp("prediction"), {"rose": 5, "tulip": 6})


def classifier(units=2):
    activation = "softmax" if units > 1 else "sigmoid"
    keras.utils.set_random_seed(3)
    return keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(units, activation)]
    )


def test_the_accuracy_is_the_weight_of_the_predicted_class():
    metric = mf.metrics.MixupAccuracy()
    y = np.array([[0.7, 0.3, 0], [0, 1, 0], [0.2, 0.2, 0.6]], "float32")
    p = np.array([[0.9, 0.1, 0], [0.5, 0.2, 0.3], [0, 0.4, 0.6]], "float32")
    metric.update_state(y, p)
    assert float(metric.result()) == pytest.approx((0.7 + 0 + 0.6) / 3)
    metric.reset_state()
    metric.update_state(y, p, sample_weight=np.array([1, 0, 3], "float32"))
    assert float(metric.result()) == pytest.approx((0.7 + 3 * 0.6) / 4)


def test_the_accuracy_of_two_classes_is_that_of_one_probability():
    metric = mf.metrics.MixupAccuracy()
    metric.update_state(np.array([[0.7], [0.0]], "float32"), np.array([[0.9], [0.2]], "float32"))
    assert float(metric.result()) == pytest.approx((0.7 + 1) / 2)


def test_the_accuracy_equals_keras_on_images_that_are_not_mixed(folder):
    model = classifier()
    model.compile(
        "sgd", "categorical_crossentropy", metrics=["accuracy", mf.metrics.MixupAccuracy()]
    )
    with mf.from_directory(folder, subset="validation", **OPTIONS) as val:
        found = model.evaluate(val, verbose=0, return_dict=True)
    assert found["mixup_accuracy"] == pytest.approx(found["accuracy"])


def test_a_model_is_saved_with_the_metric(folder, tmp_path):
    model = classifier()
    model.compile("sgd", "categorical_crossentropy", metrics=[mf.metrics.MixupAccuracy()])
    with mf.from_directory(folder, **OPTIONS) as train:
        model.fit(train, verbose=0)
        model.save(tmp_path / "model.keras")
        history = keras.saving.load_model(tmp_path / "model.keras").fit(train, verbose=0).history
    assert 0 <= history["mixup_accuracy"][0] <= 1


@pytest.mark.parametrize("units", [1, 2])
def test_a_table_has_the_predictions_of_each_file(folder, units):
    model = classifier(units)
    with mf.from_directory(folder, subset="validation", **OPTIONS) as val:
        table = mf.predict_table(model, val, verbose=0)
        x = np.concatenate([np.asarray(val[i][0]) for i in range(len(val))])
        assert table["path"] == val.file_paths
        assert table["label"] == ["rose"] * 5 + ["tulip"] * 6
    tulip = np.asarray(model.predict(x, verbose=0))[:, -1]
    np.testing.assert_allclose(table["p(tulip)"], tulip, atol=1e-6)
    np.testing.assert_allclose(table["p(rose)"], 1 - tulip, atol=1e-6)
    assert table["predicted"] == ["tulip" if p > 0.5 else "rose" for p in tulip]
    np.testing.assert_allclose(table["probability"], np.maximum(tulip, 1 - tulip), atol=1e-6)


def test_a_test_set_needs_the_names_of_the_classes(folder):
    model = classifier()
    with mf.from_directory(folder / "rose", label_mode=None, **OPTIONS) as test:
        with pytest.raises(ValueError, match="class_names=train.class_names"):
            mf.predict_table(model, test, verbose=0)
        table = mf.predict_table(model, test, ["rose", "tulip"], verbose=0)
    assert len(table["path"]) == 5 and "label" not in table


def test_training_images_have_no_table(folder):
    with (
        mf.from_directory(folder, mix=None, **OPTIONS) as train,
        pytest.raises(ValueError, match='subset="validation"'),
    ):
        mf.predict_table(classifier(), train)


def test_tags_and_numbers_have_no_table(folder):
    files = sorted(folder.glob("*/*"))
    seq = mf.from_files(files, [["a"]] * len(files), subset="validation", **OPTIONS)
    with pytest.raises(ValueError, match="the labels are tags or numbers"):
        mf.predict_table(None, seq)


def test_a_skipped_file_has_no_prediction(tmp_path):
    folder = write_images(tmp_path, {"rose": 3, "tulip": 3})
    bad = sorted((folder / "rose").iterdir())[1]
    bad.write_bytes(bad.read_bytes()[:50])
    with mf.from_directory(folder, subset="validation", on_error="skip", **OPTIONS) as val:
        table = mf.predict_table(classifier(), val, verbose=0)
        row = val.file_paths.index(str(bad))
    assert table["predicted"][row] is None and np.isnan(table["p(rose)"][row])
    assert sum(p is None for p in table["predicted"]) == 1
