"""Training on real photos, its output, and its memory afterwards."""

import gc
import io
import os
import subprocess
import sys
import weakref

import keras
import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from mixfolder.compat import ImageDataGenerator
from support.images import real, write_images
from support.internals import requests


def test_caltech4_is_learned():
    """The data of the tutorial that the project grew from: mixed training, plain validation, four
    classes (chance by the largest: 35 %)."""
    root = real("caltech4")
    keras.utils.set_random_seed(1)
    train, val = mf.from_directory(
        root, image_size=(48, 64), batch_size=16, mix=mf.MixUp(0.2), rescale=1 / 255,
        flip="horizontal",
        validation_split=0.3, subset="both", seed=1, verbose=False,
    )  # fmt: skip
    assert train.class_names == ["Leopards", "airplanes", "butterfly", "kangaroo"]
    assert train.samples + val.samples == 577
    net = keras.Sequential(
        [
            keras.Input(train.image_shape),
            keras.layers.Conv2D(16, 5, strides=2, activation="relu"),
            keras.layers.Conv2D(32, 3, strides=2, activation="relu"),
            keras.layers.Conv2D(64, 3, strides=2, activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(train.num_classes, "softmax"),
        ]
    )
    net.compile(keras.optimizers.Adam(2e-3), "categorical_crossentropy", metrics=["accuracy"])
    history = net.fit(train, validation_data=val, epochs=15, verbose=0).history
    assert max(history["val_accuracy"][-3:]) > 0.6, history["val_accuracy"]


def test_preview(flowers, tmp_path):
    with mf.from_directory(
        flowers, image_size=(40, 50), batch_size=6, mix=mf.MixUp(1.0), seed=2, verbose=False
    ) as seq:
        plan = seq.explain(0)
        png = seq.preview(tmp_path / "sheet.png")
        assert (tmp_path / "sheet.png").read_bytes() == png
        assert seq.explain(0) == plan and seq.stats()["epoch"] == 0
        sheet = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
        first = np.rint(np.asarray(seq[0][0])[0]).astype(np.uint8)
    doubled = first.repeat(2, 0).repeat(2, 1)  # small images are enlarged by an integer factor
    corners = [
        (y, x) for y in range(20) for x in range(20) if np.array_equal(sheet[y, x], doubled[0, 0])
    ]
    h, w = doubled.shape[:2]
    assert any(np.array_equal(sheet[y : y + h, x : x + w], doubled) for y, x in corners), (
        "the first image is on it"
    )


@pytest.mark.parametrize(
    "options", [{}, {"color_mode": "grayscale"}, {"color_mode": "rgba"}, {"label_mode": None}]
)
def test_preview_of_any_kind(flowers, options):
    train, val = mf.from_directory(
        flowers,
        image_size=(300, 20),
        preprocess=None,
        validation_split=0.3,
        subset="both",
        seed=1,
        verbose=False,
        **options,
    )
    for part in (train, val):
        assert Image.open(io.BytesIO(part.preview())).size[1] > 250


def test_the_summary_of_a_split(flowers, capsys):
    train, _ = mf.from_directory(flowers, validation_split=0.3, subset="both", seed=1)
    assert capsys.readouterr().out == (
        "Found 21 images belonging to 3 classes: rose, tulip, violet.\n"
        "Using 16 images for training.\nUsing "
        "5 images for validation.\n"
    )
    assert "16 images, 3 classes (rose, tulip, violet), 1 batches of 32" in repr(train)
    assert train.class_indices == {"rose": 0, "tulip": 1, "violet": 2}


def test_stats_and_build_info(flowers):
    with mf.from_directory(
        flowers, image_size=(8, 8), batch_size=21, prefetch=0, threads=2, verbose=False
    ) as seq:
        seq[0]
        stats = seq.stats()
        assert (stats["batches"], stats["images_decoded"], stats["failed"], stats["threads"]) == (
            1,
            21,
            0,
            2,
        )
        assert all(stats[f"{step}_seconds"] > 0 for step in ("read", "decode", "resample", "mix"))
    info = mf.build_info()
    assert info["go"].startswith("go1.") and "jpeg" in {k.lower() for k in info["decoders"]}


def small_model(shape, classes):
    net = keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(classes, "softmax"),
        ]
    )
    net.compile("sgd", "categorical_crossentropy")
    return net


def opened(root, kind):
    """A pair for training and validation, of the package or of compat."""
    if kind == "compat":
        generator = ImageDataGenerator(validation_split=0.4)
        options = dict(target_size=(8, 8), batch_size=4, seed=1, shuffle=False)
        return tuple(
            generator.flow_from_directory(root, subset=s, **options)
            for s in ("training", "validation")
        )
    return mf.from_directory(
        root, image_size=8, batch_size=4, seed=1, validation_split=0.4, subset="both", verbose=False
    )


@pytest.mark.parametrize("kind", ["sequence", "compat"])
def test_keras_keeps_no_sequence(way, flowers, kind):
    """TensorFlow keeps Keras' adapter until the process ends."""
    net, train, val = small_model((8, 8, 3), 3), *opened(flowers, kind)
    for _ in range(2):
        net.fit(train, validation_data=val, epochs=2, verbose=0)
    net.evaluate(val, verbose=0)
    net.predict(val, verbose=0)
    kept = [weakref.ref(train), weakref.ref(val)]
    asked = [requests(s) for s in (train, val)]
    del train, val
    gc.collect()
    assert [r() for r in kept] == [None, None]
    assert all(a.closed for a in asked)


TRIALS = """
import os, sys
import test_training, mixfolder as mf
root, mb = sys.argv[1], []
net = test_training.small_model((224, 224, 3), 2)
for _ in range(10):
    train, val = mf.from_directory(
        root, image_size=224, seed=1, validation_split=0.5, subset="both", verbose=False
    )
    net.fit(train, validation_data=val, verbose=0)
    net.evaluate(val, verbose=0)
    net.predict(val, verbose=0)
    with open("/proc/self/statm") as f:
        mb.append(int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6)
print(*mb)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="reads Linux' /proc")
def test_trials_without_close_leak_nothing(tmp_path):
    """A finished trial leaves not even one batch, which has 19 MB. The first two are a warm-up, and
    two are alive at once."""
    root = write_images(tmp_path, {"a": 64, "b": 64})
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", TRIALS, root],
        capture_output=True,
        text=True,
        timeout=300,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    mb = [float(word) for word in done.stdout.split()]
    assert (mb[-1] - mb[2]) / 7 < 10, mb
