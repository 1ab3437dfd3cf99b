"""`callbacks.Resume`: which batch follows which checkpoint, its files, what it refuses."""

import contextlib
import os

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.internals import ADAPTER, History, Record, ResumeFile, served
from support.interrupted import steps_of
from support.kills import check_killed, killed, random_kills

BACKEND = keras.backend.backend()
OPTIONS = dict(image_size=8, batch_size=4, seed=1, verbose=False)

pytestmark = pytest.mark.skipif(ADAPTER is object, reason="this Keras has no such class")


class Interrupt(keras.callbacks.Callback):
    """Raises KeyboardInterrupt at the end of a step."""

    def __init__(self, step):
        super().__init__()
        self.step = step

    def on_train_batch_end(self, batch, logs=None):
        if steps_of(self.model) == self.step:
            raise KeyboardInterrupt


def network():
    keras.utils.set_random_seed(1)
    net = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    net.compile(keras.optimizers.SGD(0.001, momentum=0.9), "categorical_crossentropy")
    return net


@pytest.fixture
def run(watched, tmp_path):
    """Trains until a step or to the end; returns the model and the batches that were served."""

    def train(root, step=None, net=None, first=(), resume=None, options=(), **arguments):
        net = net or network()
        resume = resume or mf.callbacks.Resume(tmp_path / "resume", save_every=4)
        with mf.from_directory(root, **{**OPTIONS, **dict(options)}) as seq:
            with contextlib.suppress(KeyboardInterrupt):
                net.fit(
                    seq,
                    **{"epochs": 2, "verbose": 0, **arguments},
                    callbacks=[*first, resume, Interrupt(step)],
                )
            return net, [(epoch, number) for epoch, number, _ in served(seq)]

    return train


def weights_of(net):
    return [np.asarray(keras.ops.convert_to_numpy(w)) for w in net.weights]


def keys(first, last, batches=6):
    return [divmod(i, batches) for i in range(first, last)]


def test_a_saved_model_goes_on_where_it_was(flowers, run, tmp_path):
    whole, order = run(flowers)
    assert order == keys(0, 12)
    checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / "{batch}.keras", save_freq=3)
    run(flowers, step=8, first=[checkpoint])
    saved = sorted(tmp_path.glob("*.keras"))
    assert len(saved) == 2
    for path in saved:
        net = keras.saving.load_model(path)
        step = steps_of(net)
        copy = (tmp_path / "resume").read_bytes()
        net, order = run(flowers, net=net)
        assert order == keys(step, 12)
        if BACKEND == "jax":
            assert all(map(np.array_equal, weights_of(net), weights_of(whole)))
        np.testing.assert_allclose(weights_of(net)[0], weights_of(whole)[0], rtol=1e-5)
        assert not (tmp_path / "resume").exists(), "a run that is complete leaves no files"
        (tmp_path / "resume").write_bytes(copy)


@pytest.mark.parametrize(
    ("options", "steps"),
    [((), 4), ((), 9), ({"batch_size": mf.Schedule([(0, 4), (1, 3)])}, None)],
    ids=["4 steps", "9 steps", "schedule"],
)
def test_backups_go_on_with_the_remaining_batches(flowers, run, tmp_path, options, steps):
    arguments = dict(options=options, steps_per_epoch=steps, epochs=3)
    _, order = run(flowers, **arguments)
    done = []
    for step in (5, 9, None):
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup", save_freq=2)
        _, served = run(flowers, step, first=[backup], **arguments)
        done = done[: order.index(served[0])] + served
    assert done == order


def test_a_backup_at_the_end_of_an_epoch_begins_the_next(flowers, run, tmp_path):
    def backup():
        return keras.callbacks.BackupAndRestore(tmp_path / "backup", save_freq=6)

    run(flowers, step=7, first=[backup()])
    _, order = run(flowers, first=[backup()])
    assert order == keys(6, 12)


def test_a_new_model_begins_anew(flowers, run):
    run(flowers, step=8)
    assert run(flowers)[1] == keys(0, 12)


def test_a_model_of_another_run_is_refused(flowers, run, tmp_path):
    run(flowers, step=3)
    net = network()
    net.optimizer.build(net.trainable_variables)
    net.optimizer.iterations.assign(50)
    with pytest.raises(ValueError, match=r"taken 50 steps, but .*resume' has records of steps"):
        run(flowers, net=net)
    lenient = mf.callbacks.Resume(tmp_path / "resume", strict=False)
    with pytest.warns(UserWarning, match="taken 50 steps.* A new run begins"):
        assert run(flowers, net=net, resume=lenient)[1] == keys(0, 12)


def test_changed_files_are_named(folder, run):
    root = folder(rose=9, tulip=8, violet=9)
    run(root, step=5)
    os.rename(root / "rose/000.png", root / "rose/first.png")
    (root / "tulip/007.png").unlink()
    (root / "violet/new.png").write_bytes((root / "violet/000.png").read_bytes())
    with pytest.raises(
        ValueError,
        match=r"1 added \(violet/new.png\), 1 removed \(tulip/007.png\), "
        r"1 renamed \(rose/000.png to rose/first.png\)",
    ):
        run(root)


def test_resume_is_listed_after_what_restores(flowers, run, tmp_path):
    resume = mf.callbacks.Resume(tmp_path / "resume")
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    with pytest.raises(ValueError, match="Resume must be listed after BackupAndRestore"):
        run(flowers, first=[resume], resume=backup)


def test_other_steps_per_epoch_are_refused(flowers, run):
    run(flowers, step=2, steps_per_epoch=5)
    with pytest.raises(ValueError, match="had steps_per_epoch=5, not 4"):
        run(flowers, steps_per_epoch=4)


def test_other_data_is_refused(tmp_path):
    net = network()
    x, y = np.zeros((4, 8, 8, 3)), np.zeros((4, 3))
    with pytest.raises(RuntimeError, match="takes a sequence of mixfolder as it is"):
        net.fit(x, y, verbose=0, callbacks=[mf.callbacks.Resume(tmp_path / "resume")])
    with pytest.raises(ValueError, match="save_every must be 1 or more, but is 0"):
        mf.callbacks.Resume("resume", save_every=0)


# The records.


def history(*records):
    return History(3, None, tuple(Record(i, b, 0, 0, {"at": i}) for i, b in records))


@pytest.mark.parametrize(
    ("records", "steps", "found"),
    [
        ([(0, 0)], 0, (0, 0)),
        ([(0, 0)], 6, (0, 6)),
        ([(0, 0)], 7, None),
        ([(5, 0)], 4, None),
        ([(0, 0), (10, 10), (13, 13)], 9, (0, 9)),
        ([(0, 0), (10, 10), (13, 13)], 10, (10, 0)),
        ([(0, 0), (10, 10), (13, 13)], 19, (13, 6)),
        ([(0, 0), (10, 10), (13, 13)], 20, None),
        # Not each batch was a step.
        ([(0, 0), (10, 12), (13, 15)], 9, None),
        ([(0, 0), (10, 12), (13, 15)], 10, (10, 0)),
        ([(0, 0), (10, 10), (12, 13)], 12, (12, 0)),
        ([(0, 0), (10, 10), (12, 13)], 13, None),
    ],
)
def test_the_record_of_a_model_is_found(records, steps, found):
    record, more = history(*records).find(steps) or (None, None)
    assert found == (record and (record.iterations, more))


def test_the_first_record_and_the_latest_are_kept():
    records = history((3, 0))
    for i in range(20):
        records = records.add(Record(10 + i, 7 + i, 0, 0, {}))
    assert [r.iterations for r in records.records] == [3, *range(22, 30)]


# The files.


def test_a_damaged_file_is_named_and_the_one_before_is_used(tmp_path):
    file, path = ResumeFile(str(tmp_path / "r")), tmp_path / "r"
    assert file.read() is None
    file.write(history((1, 1)))
    file.write(history((2, 2)))
    assert file.read() == history((2, 2))
    data = path.read_bytes()
    for damaged in (data[:-1], b"", b"{}", data[:80] + b"x" + data[81:], os.urandom(100)):
        path.write_bytes(damaged)
        with pytest.warns(UserWarning, match="r' is damaged or no file of Resume"):
            assert file.read() == history((1, 1))
    path.unlink()
    assert file.read() == history((1, 1))
    (tmp_path / "r.previous").write_bytes(b"other")
    with pytest.raises(ValueError, match=r"r\.previous' is damaged or no file of Resume: delete"):
        file.read()


def test_a_file_of_something_else_is_left_alone(flowers, run, tmp_path):
    (tmp_path / "resume").write_text("precious")
    with pytest.raises(ValueError, match="resume' is damaged or no file of Resume"):
        run(flowers)
    assert (tmp_path / "resume").read_text() == "precious"


def test_a_training_that_is_killed_thrice_ends_as_if_it_was_not(flowers, tmp_path):
    """`make test-resume` kills more."""
    kills = random_kills(3, 22)
    check_killed(killed(flowers, tmp_path, kills), kills, flowers)
