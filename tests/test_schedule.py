"""Options that change over epochs."""

import gc
import pickle
import time
import warnings

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays, assert_same
from support.internals import Pool, batch, hide_keras_counts, served

STAGES = [(0, 8, 8), (1, (16, 12), 4), (2, 24, 6)]
SIZES = mf.Sizes(STAGES)
MIX = mf.Schedule([(0, 0.8), (1, mf.CutMix()), (3, None)])
AUGMENT = mf.Schedule([(0, []), (2, [mf.RandAugment(magnitude=5)]), (3, [mf.Solarize()])])


@pytest.fixture
def opened(folder):
    """Opens a folder of 24 images; each test has its own."""
    root = folder(a=12, b=12)
    return lambda **options: mf.from_directory(
        root, **dict(image_size=8, batch_size=8, seed=1, verbose=False) | options
    )


def passes(seq):
    """The files of each batch that was served, by epoch."""
    epochs = {}
    for number, index, paths in served(seq):
        epochs.setdefault(number, {})[index] = paths
    return epochs


def assert_whole(seq, epochs):
    """These epochs of a watched sequence had every file once."""
    done = passes(seq)
    for n in epochs:
        assert sorted(p for paths in done[n].values() for p in paths) == sorted(seq.file_paths), n


def model(seq):
    pooling, dense = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, "softmax")
    net = keras.Sequential([keras.Input(seq.image_shape), pooling, dense])
    net.compile("sgd", "categorical_crossentropy")
    return net


def fixed(opened, epoch):
    """The same data set with the options of an epoch in all epochs."""
    _, size, batch_size = STAGES[min(epoch, 2)]
    mix = [0.8, mf.CutMix(), mf.CutMix(), None][epoch]
    augment = [[], [], [mf.RandAugment(magnitude=5)], [mf.Solarize()]][epoch]
    flip = [None, "both", "both", "both"][epoch]
    crop = [mf.CenterCrop(0.5), mf.RandomResizedCrop(), mf.RandomResizedCrop(), None][epoch]
    affine = [None, None, mf.RandomAffine(rotation=9), None][epoch]
    return opened(
        image_size=size, batch_size=batch_size, mix=mix, augment=augment, flip=flip, crop=crop,
        affine=affine,
    )  # fmt: skip


EVERYTHING = dict(
    image_size=SIZES,
    mix=MIX,
    augment=AUGMENT,
    flip=mf.Schedule([(0, None), (1, "both")]),
    crop=mf.Schedule([(0, mf.CenterCrop(0.5)), (1, mf.RandomResizedCrop()), (3, None)]),
    affine=mf.Schedule([(0, None), (2, mf.RandomAffine(rotation=9)), (3, None)]),
)


@pytest.mark.parametrize("options", [{}, dict(cache="memory"), dict(prefetch=0), dict(prefetch=9)])
def test_an_epoch_is_that_of_its_options_alone(opened, options):
    train = opened(**EVERYTHING | options)
    for epoch in range(4):
        alone = fixed(opened, epoch)
        alone.set_epoch(epoch)
        assert len(train) == len(alone)
        assert_same(list(map(arrays, train)), list(map(arrays, alone)))
        assert train.batch_size == alone.batch_size == STAGES[min(epoch, 2)][2]
        rows = train.explain(1)
        assert rows[0].pop("phase") == {
            "epoch": epoch,
            "image_size": alone.image_shape[:2],
            "batch_size": alone.batch_size,
        }
        assert rows[0] == alone.explain(1)[0]
        assert train.preview() == alone.preview()
    assert train.stats()["epoch"] == 3


def test_a_loop_by_index_follows_the_length(opened, watched):
    train = opened(**EVERYTHING)
    lengths = []
    for _ in range(4):
        lengths.append(len(train))
        for i in range(len(train)):
            train[i]
    assert lengths == [3, 6, 4, 4]
    assert [len(batches) for batches in passes(train).values()] == lengths
    assert_whole(train, range(4))
    with pytest.raises(IndexError, match="there is no batch 4: the sequence has 4"):
        train[4]
    with pytest.raises(ValueError, match="there is no batch 4: the epoch has 4"):
        train.explain(4)


def test_prefetching_over_a_border_builds_each_batch_once(opened):
    train = opened(**EVERYTHING, prefetch=4, threads=2)
    for _ in range(2):
        for _ in train:
            pass
    end = time.monotonic() + 20
    while train.stats()["batches"] < 3 + 6 + 4 and time.monotonic() < end:
        time.sleep(0.01)
    assert train.stats()["batches"] == 3 + 6 + 4, "and those of the next two epochs"


def test_a_pool_of_another_size():
    pool = Pool(1000)
    one, other = (pool.array((250,), np.float32) for _ in range(2))
    del one
    pool.resize(4000)
    del other
    gc.collect()
    for array in [pool.array((1000,), np.float32) for _ in range(3)]:
        assert array.base.base.raw.nbytes > 4000, "not a smaller one that became free"


def test_pickling(opened):
    train = opened(**EVERYTHING)
    list(train)
    copy = pickle.loads(pickle.dumps(train))
    assert copy.image_shape == (None, None, 3) and len(copy) == 6
    assert_same(list(map(arrays, copy)), [arrays(b) for b in train])
    assert (copy.batch_size, copy.stats()["epoch"]) == (4, 1)


def test_sizes_without_batch_sizes(opened):
    train = opened(image_size=mf.Sizes([(0, 8), (2, (12, 8))]))
    assert train.image_shape == (None, 8, 3) and train.batch_size == 8
    shapes = [batch(train, epoch, 0)[0].shape for epoch in range(3)]
    assert shapes == [(8, 8, 8, 3), (8, 8, 8, 3), (8, 12, 8, 3)]
    first = opened(image_size=mf.Sizes([(0, 8), (2, (12, 8))]), data_format="channels_first")
    assert first.image_shape == (3, None, 8)


def test_a_schedule_of_the_batch_size(opened):
    train = opened(batch_size=mf.Schedule([(0, 5), (2, 16)]), drop_last=True)
    assert [len(list(train)) for _ in range(3)] == [4, 4, 1] and train.image_shape == (8, 8, 3)


def test_without_a_schedule_nothing_is_said_of_phases(opened):
    assert "phase" not in opened().explain(0)[0]


def test_unmixed_and_unshuffled_epochs_differ(opened):
    train = opened(image_size=SIZES, mix=None, shuffle=False)
    assert len(arrays(next(iter(train)))[0]) == 8
    train.set_epoch(2)
    assert arrays(train[0])[0].shape == (6, 24, 24, 3)


@pytest.mark.parametrize("val", [None, (32, 30)])
def test_validation_has_the_last_size(opened, val):
    sizes = mf.Sizes(STAGES, val=val)
    train, held_out = opened(
        image_size=sizes, mix=MIX, augment=AUGMENT, validation_split=0.4, subset="both"
    )
    assert train.image_shape == (None, None, 3)
    assert held_out.image_shape == (*(val or (24, 24)), 3) and held_out.batch_size == 6
    assert "phase" not in held_out.explain(0)[0]
    assert_same(list(map(arrays, held_out)), list(map(arrays, held_out)))
    # Random crops of the last phase are not for validation, a CenterCrop is.
    crop = mf.Schedule([(0, mf.RandomResizedCrop()), (1, mf.CenterCrop(0.5))])
    cropped = opened(crop=crop, subset="validation")
    assert_same(
        [arrays(cropped[0])], [arrays(opened(crop=mf.CenterCrop(0.5), subset="validation")[0])]
    )


def test_fit_with_sizes_that_change(opened, watched, way):
    sizes = mf.Sizes([(0, 8, 4), (1, (16, 12), 2), (2, 24, 4)])
    train, val = opened(image_size=sizes, mix=MIX, validation_split=1 / 3, subset="both")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model(train).fit(train, validation_data=val, epochs=3, verbose=0)
    assert_whole(train, range(3))
    assert [len(passes(train)[n]) for n in range(3)] == [4, 8, 4]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="others infer no shapes")
def test_fit_with_inferred_shapes(opened, watched, way, monkeypatch):
    """What happens if a version of Keras cannot be told the shapes."""
    if way == "adapter":
        pytest.skip("nothing is inferred there")
    hide_keras_counts(monkeypatch)
    train = opened(image_size=mf.Sizes([(0, 8, 4), (1, (16, 12), 2), (2, 24, 4)]))
    net = model(train)
    with pytest.raises(ValueError, match="one size in a fit.*16 x 12 x 3 from epoch 1 on and"):
        model(train).fit(train, epochs=3, verbose=0)
    train.set_epoch(0)
    for epoch in range(3):  # the remedy
        net.fit(train, initial_epoch=epoch, epochs=epoch + 1, verbose=0)
    assert_whole(train, range(3))


@pytest.mark.parametrize(
    "options", [dict(label_mode=None), dict(targets="pair"), dict(sample_weight=1)]
)
def test_fit_with_any_kind_of_batch(opened, options):
    train = opened(image_size=SIZES, **options)
    net = keras.Sequential(model(train).layers)

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.net = net

        def call(self, x):
            return self.net(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return keras.ops.mean(y_pred)

    wrapped = Model()
    wrapped.compile("sgd", run_eagerly=False)
    wrapped.fit(train, epochs=2, verbose=0)


def test_fit_with_batch_sizes_that_change(opened, watched, way, capsys):
    train = opened(image_size=mf.Sizes([(0, 8, 8), (1, 8, 4), (2, 8, 6)]), mix=MIX)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model(train).fit(train, epochs=3, verbose=1)
    assert_whole(train, range(3))
    steps = [len(passes(train)[n]) for n in range(3)]
    assert steps == [3, 6, 4]
    output = capsys.readouterr().out
    assert all(f"{n}/{n}" in output for n in steps), "the progress bar ends where the epoch ends"


def test_resuming_at_an_epoch(opened, watched):
    train = opened(image_size=mf.Sizes([(0, 8, 8), (3, 8, 4)]), mix=MIX)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model(train).fit(train, initial_epoch=3, epochs=5, verbose=0)
    assert_whole(train, [3, 4])
    assert [len(passes(train)[n]) for n in (3, 4)] == [6, 6]
    again = opened(mix=MIX)
    again.set_epoch(1)
    with pytest.warns(UserWarning, match=r"epoch 3 with epoch 1 .*: call set_epoch\(3\) before"):
        model(again).fit(again, initial_epoch=3, epochs=5, verbose=0)
    plain = opened()
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model(plain).fit(plain, initial_epoch=3, epochs=4, verbose=0)


def test_steps_per_epoch(opened):
    train = opened(image_size=mf.Sizes([(0, 8, 8), (1, 8, 4)]))
    with pytest.raises(ValueError, match="steps_per_epoch does not go with batch sizes"):
        model(train).fit(train, epochs=2, steps_per_epoch=2, verbose=0)
    train = opened(mix=MIX, batch_size=8)
    model(train).fit(train, epochs=3, steps_per_epoch=1, verbose=0)
    assert train.stats()["epoch"] <= 1, "an epoch is a pass over the files"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(mix=mf.Schedule([])), r"schedule of mix must be \[\(epoch, value\), ...\], but is"),
        (dict(mix=mf.Schedule([0.2, 0.4])), "schedule of mix must be"),
        (
            dict(flip=mf.Schedule([(0.5, "both")])),
            "an epoch of the schedule of flip must be an int",
        ),
        (dict(mix=mf.Schedule([(1, 0.2)])), "mix must begin with epoch 0, but begins with 1"),
        (dict(flip=mf.Schedule([(0, None), (5, "both"), (2, None)])), "ascend, but 2 follows 5"),
        (dict(mix=mf.Schedule([(0, 0.2), (9, "cutmix")])), "mix from epoch 9 on must be mixfolder"),
        (dict(mix=mf.Schedule([(0, 0.2), (9, mf.Custom(print))])), "let its function decide by"),
        (dict(augment=mf.Schedule([(0, []), (2, 3)])), "augment from epoch 2 on must be a list"),
        (dict(image_size=mf.Sizes([(0, 8, 4), (2, 9)])), r"Sizes must be \[\(epoch, image size"),
        (dict(image_size=mf.Sizes([(0, 8), (2, (1, 2, 3))])), "image_size from epoch 2 on must be"),
        (dict(image_size=mf.Sizes([(0, 8), (2, 0)])), r"image_size must be .* but is \(0, 0\)"),
        (dict(image_size=mf.Sizes([(0, 8), (2, 9)], val="big")), "val of Sizes must be"),
        (dict(batch_size=mf.Schedule([(0, 8), (4, 99)]), drop_last=True), "no batch of 99"),
        (dict(label_mode="int", mix=mf.Schedule([(0, None), (9, 0.2)])), "int"),
        (dict(val_crop=mf.Schedule([(0, None)])), "val_crop must be"),
    ],
)
def test_errors(opened, options, message):
    with pytest.raises(ValueError, match=message):
        opened(**options)
