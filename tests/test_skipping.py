"""`on_error="skip"` depends on the files only, not on crops, history, threads or prefetching, and
temporary disk errors are forgotten."""

import errno
import os
import shutil
import sys

import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.batches import all_batches, arrays, assert_same
from support.images import write_images

#: Crops so small that the damage at the end of a file is seldom in one.
OPTIONS = dict(
    image_size=(12, 12),
    batch_size=5,
    seed=3,
    crop=mf.RandomResizedCrop(scale=(0.02, 0.1)),
    on_error="skip",
    verbose=False,
)
FORMATS = {
    "jpg": {},
    "progressive.jpg": dict(progressive=True),
    "png": {},
    "interlaced.png": {},
    "gif": {},
    "bmp": {},
    "webp": dict(lossless=True),
    "strips.tif": dict(compression="tiff_adobe_deflate", strip_size=64 * 3 * 8),
    "raw.tif": dict(strip_size=64 * 3 * 8),
}


def damaged(data: bytes) -> bytes:
    """The file without its last tenth."""
    return data[: len(data) * 9 // 10]


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    """Two classes, each with a damaged file of each format before a good one."""
    root = tmp_path_factory.mktemp("spoilt")
    rng = np.random.default_rng(5)
    for name in ("rose", "tulip"):
        (root / name).mkdir()
        for suffix, options in FORMATS.items():
            for kind in ("0 bad", "1 good"):
                path = root / name / f"{suffix.split('.')[0]} {kind}.{suffix.split('.')[-1]}"
                pixels = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8).repeat(4, 0).repeat(4, 1)
                Image.fromarray(pixels).save(path, **options)
                if kind == "0 bad":
                    path.write_bytes(damaged(path.read_bytes()))
    return root


def taken_up(root, first, count, **options):
    """The batches of the epochs from `first` on, the bad files, and the replacements of the last
    epoch."""
    with mf.from_directory(root, **OPTIONS | options) as seq:
        seq.set_epoch(first)
        batches = all_batches(seq, count)
        seq.set_epoch(first + count - 1)
        shown = [[row["path"] for row in seq.explain(n)] for n in range(len(seq))]
        return batches, seq.bad_files, shown


@pytest.mark.parametrize("cache", [None, "memory"])
@pytest.mark.parametrize(
    "options",
    [
        dict(),
        dict(pairing="dataset"),
        dict(dct_scaling=True),
        dict(truncated="keep"),
        dict(affine=mf.RandomAffine(rotation=20)),
    ],
    ids=["plain", "dataset", "dct_scaling", "keep", "affine"],
)
def test_a_batch_does_not_depend_on_history_with_bad_files(spoilt, options, cache):
    """A resumed epoch equals that of a run from the start, with any threads and prefetching."""
    through, bad, shown = taken_up(spoilt, 0, 8, threads=1, prefetch=0, **options)
    if "truncated" not in options:
        assert {os.path.basename(b["path"]) for b in bad} == {
            p.name for p in spoilt.glob("rose/* 0 bad.*")
        }
    combinations = (
        [(t, p) for t in (1, 2, 8) for p in (0, 2, 8)] if not options else [(2, 2), (8, 8)]
    )
    for threads, prefetch in combinations:
        later, bad_later, shown_later = taken_up(
            spoilt, 6, 2, threads=threads, prefetch=prefetch, cache=cache, **options
        )
        assert_same(later, through[-len(later) :])
        assert bad_later == bad and shown_later == shown


def test_all_sequences_agree_on_bad_files(spoilt):
    """Whether they read a random crop, a centered one, or the full image."""
    options = OPTIONS | dict(verbose=False)
    bad = mf.verify(spoilt).bad_files
    assert len(bad) == 2 * len(FORMATS)
    for change in (
        dict(),
        dict(crop=None),
        dict(crop=mf.CenterCrop()),
        dict(crop=mf.CenterCrop(), cache="memory"),
        dict(image_size=(3, 3), dct_scaling=True),
    ):
        with mf.from_directory(spoilt, **options | change) as seq:
            all_batches(seq, 1)
            assert seq.bad_files == bad, change


@pytest.fixture
def sector(folder):
    """A folder with a file of which the disk says "input/output error", and its good content: a
    link to a file that exists, but has nothing to read at its start."""
    if sys.platform != "linux":
        pytest.skip("Linux has such a file")
    root = folder(rose=4, tulip=4)
    path = root / "rose" / "001.png"
    good = path.read_bytes()
    path.unlink()
    path.symlink_to("/proc/self/mem")
    return root, path, good


def test_a_bad_sector_is_skipped_and_tried_again(sector):
    root, path, good = sector
    plain = dict(
        image_size=(9, 10), batch_size=8, mix=None, shuffle=False, prefetch=0, verbose=False
    )
    with mf.from_directory(root, on_error="skip", **plain) as seq:
        for _ in range(2):
            x, _ = arrays(seq[0])
            np.testing.assert_array_equal(x[1], x[2])
        assert [(b["position"], b["reason"]) for b in seq.bad_files] == [
            (1, os.strerror(errno.EIO).lower())
        ]
        path.unlink()
        path.write_bytes(good)
        after, _ = arrays(seq[0])
        with mf.from_directory(root, **plain) as want:
            np.testing.assert_array_equal(after, arrays(want[0])[0])


def test_verify_lists_a_bad_sector_and_continues(sector):
    root, path, _ = sector
    report = mf.verify(root)
    assert [b["path"] for b in report.bad_files] == [str(path)] and sum(report.sizes.values()) == 7


def test_system_errors_have_errno(sector):
    root, path, _ = sector
    with mf.from_directory(root, prefetch=0, **OPTIONS | dict(on_error="raise")) as seq:
        with pytest.raises(
            mf.RefusedError, match='rose.001.*input/output error.*on_error="skip"'
        ) as caught:
            all_batches(seq)
        assert caught.value.errno == errno.EIO and caught.value.filename == str(path)
        assert "Errno" not in str(caught.value)
    with pytest.raises(FileNotFoundError, match="nowhere") as caught:
        mf.from_directory(root / "nowhere", **OPTIONS)
    assert caught.value.errno == errno.ENOENT and caught.value.filename == str(root / "nowhere")


@pytest.mark.parametrize("gone", ["", "rose"])
@pytest.mark.parametrize("empty", [False, True])
def test_a_temporarily_failing_disk(tmp_path, gone, empty):
    """A folder or class folder that is missing or, like an unmounted disk, empty."""
    root = write_images(tmp_path / "images", {"rose": 3, "tulip": 3})
    with mf.from_directory(root, prefetch=0, **OPTIONS) as seq:
        seq.set_epoch(1)
        before = all_batches(seq, 1)
        (root / gone).rename(tmp_path / "away")
        if empty:
            (root / gone).mkdir()
        with pytest.raises(mf.RefusedError, match="is its disk still there") as caught:
            all_batches(seq)
        assert caught.value.errno == errno.ENOENT
        if empty:
            (root / gone).rmdir()
        (tmp_path / "away").rename(root / gone)
        assert seq.bad_files == []
        seq.set_epoch(1)
        assert_same(all_batches(seq, 1), before)


def test_a_class_of_bad_files_is_skipped_at_once(folder):
    """Each file is tried once, however many samples need a replacement."""
    root = folder(rose=1, tulip=1)
    for i in range(2000):
        (root / "rose" / f"{i}.jpg").write_bytes(b"bad")
    shutil.copy(root / "rose" / "000.png", root / "rose" / "0000.png")
    with mf.from_directory(root, **OPTIONS) as seq:
        all_batches(seq, 2)
        assert seq.stats()["bad_files"] == 2000 and seq.stats()["images_decoded"] < 5000
