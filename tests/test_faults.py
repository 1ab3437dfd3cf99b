"""Files that cannot be read: named, or replaced by the next good image of their class."""

import errno
import os
import shutil

import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.batches import all_batches, arrays, assert_same
from support.images import write_images
from support.internals import options as options_of

OPTIONS = dict(image_size=(9, 10), batch_size=4, seed=3, flip="both", verbose=False)
CROP = mf.RandomResizedCrop()


def spoil(root, *names):
    for name in names:
        (root / name).write_bytes((root / name).read_bytes()[:50])


@pytest.fixture
def spoilt(tmp_path):
    """Three classes with bad files: in the middle, consecutive, and at the end and the start. And
    the same folder with copies in place of the bad files."""
    counts = {"rose": 6, "tulip": 5, "violet": 7}
    root, filled = (
        write_images(tmp_path / "spoilt", counts),
        write_images(tmp_path / "filled", counts),
    )
    for bad, good in [
        ("rose/002", "003"),
        ("tulip/001", "003"),
        ("tulip/002", "003"),
        ("violet/006", "001"),
        ("violet/000", "001"),
    ]:
        spoil(root, f"{bad}.png")
        shutil.copy(filled / bad.split("/")[0] / f"{good}.png", filled / f"{bad}.png")
    return root, filled


@pytest.mark.parametrize(
    "options",
    [
        dict(),
        dict(pairing="dataset", crop=CROP),
        dict(cache="memory"),
        dict(cache="memory", crop=CROP),
        dict(mix=None, shuffle=False, label_mode="int"),
        dict(batch_size=17),  # the last batch has one image, whose partner is decoded for it alone
        dict(threads=8, prefetch=5),
        dict(threads=1, prefetch=0),
    ],
    ids=str,
)
def test_the_next_good_image_of_the_class_replaces_a_bad_one(spoilt, options):
    """The image is replaced, but its label, flip, crop, partner and weight are kept, as if the file
    were a copy of the other."""
    root, filled = spoilt
    options = OPTIONS | options
    with (
        mf.from_directory(root, on_error="skip", **options) as seq,
        mf.from_directory(filled, **options) as want,
    ):
        assert_same(all_batches(seq), all_batches(want))
        found = [
            (os.path.relpath(b["path"], root), b["class"], b["position"]) for b in seq.bad_files
        ]
        assert found == [
            ("rose/002.png", "rose", 2), ("tulip/001.png", "tulip", 7),
            ("tulip/002.png", "tulip", 8),
            ("violet/000.png", "violet", 11), ("violet/006.png", "violet", 17),
        ]  # fmt: skip
        assert all(b["reason"].startswith("PNG: ") for b in seq.bad_files)
        stats = seq.stats()
        assert stats["bad_files"] == 5 and stats["failed"] == 0
        assert stats["skipped"] >= 10 and want.stats()["skipped"] == 0


def test_each_subset_uses_its_own_replacements(spoilt):
    root, _ = spoilt
    both = dict(validation_split=0.4, subset="both", split="head")
    train, val = mf.from_directory(root, on_error="skip", **OPTIONS, **both)
    for seq in (train, val):
        all_batches(seq, 1)
    names = [[os.path.relpath(b["path"], root) for b in seq.bad_files] for seq in (train, val)]
    assert names == [
        ["rose/002.png", "tulip/002.png", "violet/006.png"],
        ["tulip/001.png", "violet/000.png"],
    ]
    replaced = [row for n in range(len(val)) for row in val.explain(n) if "replaces" in row]
    names = [[os.path.relpath(r[key], root) for key in ("path", "replaces")] for r in replaced]
    assert [tuple(pair) for pair in names] == [
        ("tulip/000.png", "tulip/001.png"), ("violet/001.png", "violet/000.png"),
    ]  # fmt: skip
    train.close()
    val.close()


def test_explain_and_preview_show_replacements(spoilt):
    root, _ = spoilt
    with mf.from_directory(root, on_error="skip", **OPTIONS | dict(mix=None, shuffle=False)) as seq:
        assert "replaces" not in seq.explain(0)[2] and seq.explain(0)[2]["crop"] is not None, (
            "not known yet, and the header is good"
        )
        assert seq.preview().startswith(b"\x89PNG")
        row = seq.explain(0)[2]
        assert (
            row["path"].endswith("rose/003.png")
            and row["replaces"].endswith("rose/002.png")
            and row["crop"] == (0, 0, 24, 20)
        )


def test_a_class_without_a_good_image(folder):
    root = folder(rose=3, tulip=3)
    spoil(root, "tulip/000.png", "tulip/001.png", "tulip/002.png")
    with mf.from_directory(root, on_error="skip", **OPTIONS | dict(batch_size=6)) as seq:
        for _ in range(2):
            with pytest.raises(
                mf.ImageError,
                match=r'tulip.00.\.png" \(class "tulip".*no image of its class can be read',
            ):
                seq[0]
        assert len(seq.bad_files) == 3


def test_a_file_that_goes_bad_and_is_repaired(folder):
    """The file stays replaced: a known bad file is not tried again, so that batches do not change
    back."""
    root = folder(rose=3, tulip=3)
    good = (root / "rose" / "001.png").read_bytes()
    with mf.from_directory(
        root,
        on_error="skip",
        **OPTIONS | dict(mix=None, shuffle=False, flip=None, batch_size=3, prefetch=0),
    ) as seq:
        before, _ = arrays(seq[0])
        (root / "rose" / "001.png").unlink()
        without, _ = arrays(seq[0])
        (root / "rose" / "001.png").write_bytes(good)
        after, _ = arrays(seq[0])
        np.testing.assert_array_equal(without, before[[0, 2, 2]])
        np.testing.assert_array_equal(after, without)
        assert seq.bad_files == [
            {
                "path": str(root / "rose" / "001.png"),
                "class": "rose",
                "position": 1,
                "reason": os.strerror(errno.ENOENT).lower(),
            }
        ]


def test_raise_lists_bad_files_and_reads_repaired_ones(folder):
    root = folder(rose=3, tulip=3)
    good = (root / "rose" / "001.png").read_bytes()
    spoil(root, "rose/001.png")
    with mf.from_directory(root, prefetch=0, **OPTIONS) as seq:
        with pytest.raises(mf.ImageError, match='or let on_error="skip" put'):
            all_batches(seq)
        assert [b["position"] for b in seq.bad_files] == [1] and seq.stats()["bad_files"] == 1
        (root / "rose" / "001.png").write_bytes(good)
        all_batches(seq)


def test_skipping_survives_pickling(spoilt):
    import pickle

    root, _ = spoilt
    options = OPTIONS | dict(truncated="keep", exif=False, background=(1, 2, 3), max_pixels=10**6)
    with (
        mf.from_directory(root, on_error="skip", **options) as seq,
        pickle.loads(pickle.dumps(seq)) as copy,
    ):
        assert options_of(copy) == options_of(seq)
        assert_same(all_batches(seq), all_batches(copy))


def test_a_removed_folder_marks_no_file_as_bad(folder):
    root = folder(rose=3, tulip=3)
    with mf.from_directory(root, on_error="skip", prefetch=0, **OPTIONS) as seq:
        root.rename(root.with_name("away"))
        with pytest.raises(OSError, match="the whole folder is gone"):
            seq[0]
        assert seq.bad_files == []
        root.with_name("away").rename(root)
        all_batches(seq)


# How a file is decoded.


def one(root, **options):
    """The only image of the first class."""
    with mf.from_directory(
        root, mix=None, shuffle=False, batch_size=1, verbose=False, **options
    ) as seq:
        return arrays(seq[0])[0][0]


@pytest.fixture
def pair(folder):
    """A folder whose first class has no image yet."""
    root = folder(b=1)
    (root / "a").mkdir()
    return root


def test_truncated(pair):
    Image.fromarray(np.full((64, 64, 3), 200, np.uint8)).save(pair / "a" / "0.jpg")
    content = (pair / "a" / "0.jpg").read_bytes()
    (pair / "a" / "0.jpg").write_bytes(content[: len(content) - 40])
    with pytest.raises(mf.ImageError, match="truncated"):
        one(pair, image_size=(64, 64))
    assert abs(one(pair, image_size=(64, 64), truncated="keep")[0].mean() - 200) < 2, (
        "the first rows are there"
    )


def test_exif(pair):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.arange(32, dtype=np.uint8)[None].repeat(32, 0)).save(
        pair / "a" / "0.png", exif=exif
    )
    oriented, stored = (
        one(pair, image_size=(32, 32), color_mode="grayscale", exif=e)[..., 0]
        for e in (True, False)
    )
    np.testing.assert_array_equal(stored, np.arange(32)[None].repeat(32, 0))
    np.testing.assert_array_equal(oriented, np.rot90(stored, -1))


def test_background(pair):
    rng = np.random.default_rng(0)
    pixels = Image.fromarray(rng.integers(0, 256, (16, 16, 4), dtype=np.uint8), "RGBA")
    pixels.save(pair / "a" / "0.png")
    want = Image.alpha_composite(Image.new("RGBA", (16, 16), (255, 128, 0)), pixels).convert("RGB")
    got = one(pair, image_size=(16, 16), background=(255, 128, 0))
    assert np.abs(got - np.asarray(want, np.float32)).max() <= 1
    np.testing.assert_array_equal(one(pair, image_size=(16, 16)), np.asarray(pixels.convert("RGB")))


def test_max_pixels(pair):
    Image.new("L", (40, 30)).save(pair / "a" / "0.png")
    one(pair, image_size=(8, 8), max_pixels=1200)
    with pytest.raises(mf.ImageError, match="40 x 30.*too large.*1199.*raise max_pixels"):
        one(pair, image_size=(8, 8), max_pixels=1199)
