"""Sequences in worker processes of a torch `DataLoader`."""

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.images import write_images

torch_data = pytest.importorskip("torch.utils.data")
pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "torch", reason="once is enough, and torch's users are here"
)

OPTIONS = dict(
    image_size=(8, 8),
    batch_size=4,
    mix=None,
    interpolation="nearest",
    prefetch=1,
    threads=1,
    verbose=False,
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_images(tmp_path_factory.mktemp("workers"), {"a": 13, "b": 14})


def loader(sequence, workers, **options):
    """A typical DataLoader; a worker starts in 0.1 s if a fork server has imported the package
    before."""
    if workers:
        options = {"multiprocessing_context": "forkserver", **options}
    return torch_data.DataLoader(sequence, batch_size=None, num_workers=workers, **options)


@pytest.fixture(scope="module", autouse=True)
def preloaded():
    import multiprocessing

    multiprocessing.get_context("forkserver").set_forkserver_preload(["mixfolder"])


def images(batches):
    return [x.tobytes() for batch in batches for x in np.asarray(batch[0])]


def every_image(root):
    with mf.from_directory(root, **{**OPTIONS, "batch_size": 32}, shuffle=False) as seq:
        return sorted(images([seq[0]]))


@pytest.mark.parametrize(
    ("workers", "options"),
    [
        (0, {}),
        (2, {}),
        (4, {}),
        (2, dict(shuffle=True)),
        (2, dict(multiprocessing_context="spawn")),
    ],
)
@pytest.mark.filterwarnings("ignore:This DataLoader will create 4 worker processes")
def test_workers_together_see_every_image_once_per_epoch(root, workers, options):
    want = every_image(root)
    with mf.from_directory(root, seed=1, **OPTIONS) as train:
        epochs = [images(train) for _ in range(2)]
        assert epochs[0] != epochs[1]
        for epoch in range(
            1 if "multiprocessing_context" in options else 2
        ):  # importing everything again takes seconds
            train.set_epoch(epoch)
            got = images(loader(train, workers, **options))
            assert sorted(got) == want
            assert got == epochs[epoch] or "shuffle" in options, "as without a DataLoader"


def test_unshuffled_data_need_no_epoch(root):
    with mf.from_directory(root, shuffle=False, **OPTIONS) as test:
        epochs = loader(test, 2, persistent_workers=True)
        assert images(epochs) == images(epochs) == images(test)


def test_workers_without_an_epoch_are_rejected(root):
    words = r"num_workers=0.*set_epoch\(epoch\).*before each epoch.*persistent_workers=False"
    with mf.from_directory(root, seed=1, **OPTIONS) as train:
        with pytest.raises(RuntimeError, match=words):
            list(loader(train, 2))
        train.set_epoch(3)
        persistent = loader(train, 2, persistent_workers=True)
        list(persistent)
        with pytest.raises(RuntimeError, match=words):
            list(persistent)


def test_forked_workers_get_an_error_with_the_remedy(root):
    with (
        mf.from_directory(root, seed=1, **OPTIONS) as train,
        pytest.raises(
            mf.ForkError,
            match=r"num_workers=0.*'spawn' or 'forkserver'.*set_epoch\(epoch\).*before each epoch",
        ),
    ):
        list(loader(train, 1, multiprocessing_context="fork"))
