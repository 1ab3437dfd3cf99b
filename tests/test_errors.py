"""Errors name the thing and the remedy."""

import json
import multiprocessing
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays
from support.internals import PACKAGES, core_document
from support.internals import options as options_of


def refused(match, directory, error=ValueError, **options):
    with pytest.raises(error, match=match):
        mf.from_directory(directory, verbose=False, **options)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (dict(mix=mf.MixUp(0)), "alpha of MixUp must be above 0.*mix=None"),
        (dict(mix=mf.MixUp(-0.5)), "alpha of MixUp must be above 0"),
        (dict(mix=mf.MixUp(float("nan"))), "alpha of MixUp"),
        (dict(mix="mixup"), "mix must be mixfolder.MixUp"),
        (dict(image_size=(0, 8)), r"image_size must be \(height, width\).*\(0, 8\)"),
        (dict(image_size=(8, -1)), "image_size"),
        (dict(image_size=(8, 8, 3)), "image_size"),
        (dict(image_size=(8.5, 8)), "image_size must be an integer"),
        (dict(image_size=10**6), "134217728 pixels at most"),
        (dict(image_size=2**62), "134217728 pixels at most"),
        (dict(batch_size=2**62), "batch_size must be 2147483647 at most"),
        (dict(threads=10**9), "threads must be 1 to 1024"),
        (dict(batch_size=0), "batch_size must be 1 or more"),
        (dict(batch_size=100, drop_last=True), "drop_last"),
        (dict(threads=0), "threads"),
        (dict(prefetch=-1), "prefetch"),
        (dict(seed=-1), "seed"),
        (dict(label_mode="sparse"), 'label_mode must be "binary", "categorical"'),
        (dict(label_mode="int"), 'categorical.*targets="pair".*mix=None'),
        (dict(label_mode="binary"), "needs 2 classes, but there are 3"),
        (dict(color_mode="hsv"), 'color_mode must be one of "rgb"'),
        (dict(pairing="random"), 'pairing must be one of "balanced", "batch"'),
        (dict(pairing=2), 'pairing must be "batch"'),
        (dict(pairing="nearby_labels"), r"NearbyLabels\(sigma\)"),
        (dict(pairing=mf.NearbyLabels(1.0)), "NearbyLabels needs labels that are numbers"),
        (dict(mix=mf.BalancedMixUp(0.2)), 'BalancedMixUp needs pairing="balanced"'),
        (dict(mix=mf.Remix("MixUp")), "policy of Remix must be a mixing policy"),
        (dict(mix=mf.Remix(kappa=0)), "kappa of Remix must be 1 or more"),
        (dict(mix=mf.MixUp(0.2, per="row")), 'per must be "sample", "pair" or "batch"'),
        (dict(flip="left"), 'flip must be one of None, "horizontal"'),
        (dict(preprocess="keras"), "preprocess"),
        (
            dict(preprocess=3),
            'preprocess must be "tf", "torch", "caffe", .mean, std. or None, but is 3',
        ),
        (dict(preprocess=([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])), "multiply both by 255"),
        (dict(preprocess=([100, 100], [50, 50])), "need 3 number.s., one per channel"),
        (dict(preprocess=([100, 100, 100], [50, 0, 50])), "above 0"),
        (dict(preprocess=([100, 100, 100], [50, 50, 50]), rescale=1 / 255), "rescale=None"),
        (dict(interpolation="cubic"), "interpolation.*bicubic"),
        (dict(interpolation="lanczos", antialias=False), "antialias=True"),
        (dict(dtype="float64"), "dtype must be one of"),
        (dict(data_format="NCHW"), "data_format must be one of"),
        (dict(dtype="uint8", rescale=1 / 255), 'dtype="float32"'),
        (dict(dtype="uint8", preprocess="tf"), 'dtype="float32"'),
        (dict(rescale=1 / 255, preprocess="tf"), "rescale=None"),
        (dict(preprocess="tf", color_mode="rgba"), 'color_mode="rgb"'),
        (dict(crop_to_aspect_ratio=True, pad_to_aspect_ratio=True), "exclude each other"),
        (dict(validation_split=0.2), "needs subset"),
        (dict(subset="training", seed=1), "needs validation_split.*leave subset out"),
        (dict(subset="both"), "subset='both' needs validation_split, the fraction"),
        (dict(subset="test"), '"validation" .also for a test set.'),
        (dict(validation_split=0.2, subset="training"), "seed"),
        (dict(validation_split=1.5, subset="both"), "validation_split must lie between 0 and 1"),
        (dict(validation_split=0.01, subset="both"), "leaves nothing for validation"),
        (dict(validation_split=0.2, subset="test", seed=1), "subset must be"),
        (
            dict(validation_split=0.2, subset="both", split="random"),
            'split must be "stratified" or "head"',
        ),
        (dict(class_names=["daisy"]), '"daisy", which is no folder'),
        (dict(class_names=["rose", "rose"]), "'rose' twice"),
        (dict(class_names=["rose", ""]), "class_names must be names, but entry 1 is ''"),
        (dict(class_names=["rose", "tulip/"]), 'has "tulip/": a class .*without a slash'),
        (dict(crop=(0.08, 1)), "crop must be mixfolder.RandomResizedCrop"),
        (dict(crop=mf.RandomResizedCrop(scale=(0, 1))), "scale of RandomResizedCrop must be"),
        (dict(crop=mf.RandomResizedCrop(ratio=(2, 1))), "ratio of RandomResizedCrop must be"),
        (
            dict(crop=mf.RandomResizedCrop(ratio=3)),
            "ratio of RandomResizedCrop must be .low, high., but is 3",
        ),
        (dict(cache="disk"), 'cache must be "memory" or None'),
        (dict(cache_bytes=100), 'cache_bytes needs cache="memory"'),
        (dict(cache="memory", cache_bytes=0), "cache_bytes must be 1 or more"),
        (dict(on_error="ignore"), 'on_error must be one of "raise", "skip"'),
        (dict(truncated=True), 'truncated must be one of "raise", "keep", but is "True"'),
        (dict(truncated="skip"), 'truncated must be one of "raise", "keep"'),
        (
            dict(background=(0, 0, 256)),
            "background must be .red, green, blue. of 0 to 255, or None, but has 256",
        ),
        (dict(background=(0, 0, -1)), "background must be"),
        (dict(background=(0, 0)), "background must be"),
        (dict(background=255), "background must be"),
        (dict(background=(0, 0, 0.5)), "background must be an integer"),
        (dict(max_pixels=0), "max_pixels must be 1 or more"),
        (dict(max_pixels=1e6), "max_pixels must be an integer"),
        (dict(dtype=np.float32), "dtype must be one of .*, but is .*float32"),
        (dict(label_mode=0), 'label_mode must be .*, but is "0"'),
        (dict(shuffle="no"), "shuffle must be True or False, but is 'no'"),
        (dict(batch_size=True), "batch_size must be an integer, but is True"),
        (dict(rescale=True), "rescale must be a number, but is True"),
        (dict(prefetch=10**9), "prefetch must be from 0 to 1024"),
        (dict(class_names="rose"), "class_names must be a list of names, or None, but is 'rose'"),
        (dict(class_names=3), "class_names must be a list of names, or None, but is 3"),
        (dict(masks=["a.png"], mask_classes=2), "masks must be the path of a folder"),
        (dict(sample_weight=np.ones(21)), "pass a weight per file to from_files"),
        (dict(class_weight=np.ones(3)), 'class_weight must be "balanced", a dict'),
        (dict(shard=np.zeros(3)), "shard must be"),
        (dict(image_size=mf.Sizes(8)), "Sizes must be"),
        (dict(mix=mf.MixUp(per=3)), 'per must be "sample", "pair" or "batch", but is "3"'),
        (dict(mix=mf.Mosaic(fit=3)), "fit of Mosaic must be"),
        (
            dict(affine=mf.RandomAffine(5, fill_mode=3)),
            'unknown fill mode "3"',
        ),
        (dict(workers=4), "threads= and prefetch="),
        (dict(use_multiprocessing=True), "threads= and prefetch="),
        (dict(max_queue_size=5), "threads= and prefetch="),
    ],
)
def test_options(flowers, options, match):
    refused(match, flowers, **options)


def test_every_option_of_the_core_is_set(flowers):
    document = json.loads((Path(__file__).parent / "support" / "options.json").read_text())
    with mf.from_directory(flowers, verbose=False) as seq:
        nested = core_document(options_of(seq))
    assert nested.keys() == document.keys()
    for stage, options in document.items():
        if isinstance(options, dict):
            missing = options.keys() - nested[stage].keys()
            assert missing <= {"augmented", "filter_beyond_crop", "fold", "unmixed"}, (
                "not of from_directory"
            )
            assert nested[stage].keys() <= options.keys()


def test_a_misspelled_option_is_named(flowers):
    refused("did you mean 'batch_size'", flowers, error=TypeError, batchsize=3)


def test_folders(tmp_path):
    refused("nowhere.*does not exist", tmp_path / "nowhere", error=FileNotFoundError)
    refused("is empty.*one subfolder per class", tmp_path)
    (tmp_path / "loose.jpg").write_bytes(b"")
    refused("no class folders", tmp_path)
    refused("is a file", tmp_path / "loose.jpg")
    (tmp_path / "rose").mkdir()
    refused('class "rose" has no image', tmp_path)


def test_ignored_files_are_reported(folder):
    root = folder(rose=5, tulip=1)
    (root / "rose" / "notes.txt").write_text("no image")
    (root / "readme.md").write_text("loose")
    with pytest.warns(UserWarning) as caught:
        mf.from_directory(root, validation_split=0.5, subset="both", seed=1, verbose=False)
    text = "\n".join(str(w.message) for w in caught)
    assert (
        "1 file(s) directly in" in text
        and ".txt: 1" in text
        and '1 class(es) have no image for validation, as they have too few images: "tulip"' in text
    )
    assert len(caught) == 3


def test_an_unreadable_file_is_named(folder):
    root = folder(rose=4, tulip=4)
    (root / "tulip" / "001.png").write_bytes((root / "tulip" / "001.png").read_bytes()[:60])
    with mf.from_directory(
        root, image_size=(8, 8), mix=None, shuffle=False, batch_size=4, verbose=False
    ) as seq:
        arrays(seq[0])
        for _ in range(2):
            with pytest.raises(
                mf.ImageError, match=r'tulip.001\.png" \(class "tulip", file_paths\[5\]\).*PNG'
            ):
                seq[1]
        (root / "tulip" / "002.png").unlink()
        (root / "tulip" / "001.png").unlink()
        with pytest.raises(mf.ImageError, match="001.*no such file"):
            seq[1]
        assert seq.explain(1)[1]["crop"] is None


def test_fit_names_the_file(way, folder):
    import keras

    root = folder(rose=4, tulip=4)
    (root / "tulip" / "001.png").write_bytes(b"GIF89a, but no more")
    net = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")]
    )
    net.compile("sgd", "categorical_crossentropy")
    with (
        mf.from_directory(root, image_size=(8, 8), batch_size=2, seed=1, verbose=False) as seq,
        pytest.raises(Exception, match=r"tulip.001\.png.*class .*tulip") as caught,
    ):
        net.fit(seq, verbose=0)
    if way == "adapter" or keras.backend.backend() != "tensorflow":
        assert isinstance(caught.value, mf.ImageError)  # TensorFlow replaces those of its threads


def test_after_close(flowers):
    seq = mf.from_directory(flowers, image_size=(8, 8), verbose=False)
    kept = arrays(seq[0])[0]
    copy = kept.copy()
    seq.close()
    seq.close()
    np.testing.assert_array_equal(kept, copy)
    for ask in (
        lambda: seq[0],
        lambda: seq.explain(0),
        seq.preview,
        seq.stats,
        lambda: seq.set_epoch(1),
        seq.on_epoch_end,
    ):
        with pytest.raises(mf.ClosedError, match="is closed"):
            ask()
    assert seq.samples == 21 and len(seq) == 1, "the listing stays available"


def test_indices(flowers):
    seq = mf.from_directory(flowers, image_size=(8, 8), batch_size=5, shuffle=False, verbose=False)
    np.testing.assert_array_equal(arrays(seq[-1])[1], arrays(seq[4])[1])
    for index in (5, -6):
        with pytest.raises(IndexError):
            seq[index]
    for index in (5, -1, 2**63, 2**64, -(2**64)):
        with pytest.raises(ValueError, match=f"no batch {index}: the epoch has 5"):
            seq.explain(index)
    with pytest.raises(ValueError, match="epoch number"):
        seq.set_epoch(-1)


@pytest.mark.parametrize(
    ("name", "value"), [("workers", 4), ("use_multiprocessing", True), ("max_queue_size", 3)]
)
def test_keras_workers_cannot_be_set(flowers, name, value):
    seq = mf.from_directory(flowers, verbose=False)
    with pytest.raises(ValueError, match="threads= and prefetch="):
        setattr(seq, name, value)


def in_child(sequence, results):
    x, _ = arrays(sequence[0])
    results.put((x.sum(), os.getpid()))


def test_pickling(folder):
    root = folder(rose=6, tulip=4)
    seq = mf.from_directory(root, image_size=(8, 8), batch_size=4, verbose=False)
    seq.set_epoch(3)
    copy = pickle.loads(pickle.dumps(seq))
    assert (
        copy.seed == seq.seed and copy.stats()["epoch"] == 3 and copy.file_paths == seq.file_paths
    )
    np.testing.assert_array_equal(arrays(copy[0])[0], arrays(seq[0])[0])
    frozen = pickle.dumps(seq)
    (root / "rose" / "000.png").rename(root / "rose" / "new.png")
    with pytest.raises(ValueError, match="has changed since this sequence was pickled"):
        pickle.loads(frozen)[0]


def test_a_spawned_process_gets_the_same_batches(flowers):
    context = multiprocessing.get_context("spawn")
    seq = mf.from_directory(flowers, image_size=(8, 8), seed=1, verbose=False)
    results = context.Queue()
    child = context.Process(target=in_child, args=(seq, results))
    child.start()
    total, pid = results.get(timeout=120)
    child.join(30)
    assert pid != os.getpid() and total == arrays(seq[0])[0].sum()


@pytest.mark.parametrize(
    "option, message",
    [
        (dict(preprocess="x"), 'preprocess: unknown preprocessing "x"'),
        (dict(interpolation="x"), 'interpolation: unknown filter "x"'),
        (dict(augment=[mf.Posterize(9)]), "augment[0]: bits of posterize is 9"),
        (dict(val_crop=mf.CenterCrop(7)), "val_crop: fraction of CenterCrop must be above 0"),
    ],
)
def test_messages_name_arguments_but_no_packages(flowers, option, message):
    with pytest.raises(ValueError) as caught:
        mf.from_directory(flowers, verbose=False, **option)
    assert str(caught.value).startswith(message)


def test_every_package_of_the_core_is_stripped_from_messages():
    core = Path(__file__).resolve().parents[1] / "core"
    packages = {p.name for p in core.iterdir() if any(p.glob("*.go"))}
    assert packages - PACKAGES == set() and "mixfolder" in PACKAGES
