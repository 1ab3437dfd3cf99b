"""JPEG files whose entropy-coded data are damaged, with truncated="keep", decode bit-exactly as in
Pillow (libjpeg-turbo). Without it they are an error. JPEG_SEEDS=100 tests more damaged files."""

import io
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

import mixfolder as mf
from support.batches import arrays
from support.images import SHARED
from support.jpeg_maker import (
    SAMPLINGS,
    arithmetic,
    each,
    make,
    photo,
    replaced,
)
from support.reading import refused


@pytest.fixture(autouse=True)
def load_truncated(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)


def kept(folder, files):
    """The pixels of each file with truncated="keep", or the error. The files are of one size."""
    (folder / "all").mkdir(parents=True)
    for name, data in files.items():
        (folder / "all" / f"{name}.jpg").write_bytes(data)
    width, height = Image.open(io.BytesIO(data)).size
    options = dict(
        batch_size=1, label_mode=None, mix=None, shuffle=False, dtype="uint8", verbose=False
    )
    with mf.from_directory(folder, image_size=(height, width), truncated="keep", **options) as seq:
        for i, path in enumerate(seq.file_paths):
            try:
                yield Path(path).stem, arrays(seq[i])[0]
            except mf.ImageError as error:
                yield Path(path).stem, error


def pillow(data):
    """The pixels of Pillow, and whether there are none: if libjpeg stops before the first, Pillow
    returns zeros."""
    image = Image.open(io.BytesIO(data))
    blank = not np.asarray(image).any()
    return np.asarray(image.convert("RGB")), blank


def same(folder, files):
    """Compare the files, and count them by outcome."""
    count = Counter()
    for name, got in kept(folder, files):
        want, blank = pillow(files[name])
        if not blank:
            assert not isinstance(got, Exception), f"{name}: {got}"
            np.testing.assert_array_equal(got, want, name)
        count["blank" if blank else "equal"] += 1
    return count


def scans(data):
    """The (start, end) of the entropy-coded data of each scan."""
    found, at = [], 2
    while data[at + 1] != 0xD9:
        is_scan = data[at + 1] == 0xDA
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if is_scan:
            start = at
            while data[at] != 0xFF or data[at + 1] in (0, *range(0xD0, 0xD8)):
                at += 1
            found.append((start, at))
    return found


def damaged(rng, data):
    """Up to three changes of entropy-coded data: bytes changed, dropped, inserted; restart
    markers renumbered, dropped, doubled, moved."""
    start, end = scans(data)[rng.integers(len(scans(data)))]
    body = bytearray(data[start:end])
    for _ in range(rng.integers(1, 4)):
        i = int(rng.integers(len(body)))
        restarts = [
            j for j in range(len(body) - 1) if body[j] == 0xFF and 0xD0 <= body[j + 1] <= 0xD7
        ] or [i]
        j = restarts[rng.integers(len(restarts))]
        match rng.integers(9):
            case 0:
                body[i] = rng.integers(256)
            case 1:
                del body[i : i + int(rng.integers(1, 40))]
            case 2:
                body[i:i] = rng.bytes(rng.integers(1, 9))
            case 3:
                body[j : j + 2] = bytes((0xFF, 0xD0 + rng.integers(8)))
            case 4:
                del body[j : j + 2]
            case 5:
                body[i:i] = body[j : j + 2]
            case 6:
                body[i:i] = bytes((0xFF, rng.integers(1, 255)))
            case _:
                body[i] ^= 1 << rng.integers(8)
        body = body or bytearray(1)
    return data[:start] + body + data[end:]


def kinds():
    """Files of 90 x 75 pixels of many kinds."""
    for name in ("420", "444", "422", "gray", "luma-below", "cmyk", "cmyk-420"):
        factors = SAMPLINGS[name]
        yield f"{name}", make(90, 75, factors)
        yield f"{name}-restart-1", make(90, 75, factors, restart=1)
        yield f"{name}-restart-3", make(90, 75, factors, restart=3)
        yield f"{name}-scans", make(90, 75, factors, each(factors), restart=2)
        yield f"{name}-progressive", make(90, 75, factors, progressive=True)
        yield f"{name}-progressive-restart", make(90, 75, factors, progressive=True, restart=4)
    for progressive in (False, True):
        for quality in (20, 75, 95):
            for subsampling in (0, 1, 2):
                name = f"photo-{quality}-{subsampling}-{progressive}"
                yield (
                    name,
                    photo(
                        90, 75, quality=quality, subsampling=subsampling, progressive=progressive
                    ),
                )
                yield (
                    f"{name}-restart",
                    photo(
                        90, 75, quality=quality, progressive=progressive, restart_marker_blocks=2
                    ),
                )
        for mode in ("L", "CMYK"):
            yield f"photo-{mode}-{progressive}", photo(90, 75, mode=mode, progressive=progressive)


@pytest.mark.parametrize("seed", range(int(os.environ.get("JPEG_SEEDS", 4))))
def test_damaged_data_decode_as_in_pillow(tmp_path, seed):
    """If damage creates a header after the first scan, libjpeg stops, and Pillow shows nothing.
    Mixfolder shows the pixels decoded before it, or reports the error."""
    rng = np.random.default_rng(seed)
    count = same(tmp_path, {name: damaged(rng, data) for name, data in kinds()})
    assert count["equal"] > 0.75 * count.total() > 60


@pytest.mark.parametrize(
    "name",
    [
        "422-61x45+plain",
        "cmyk-420+restart",
        "420-61x45+progressive",
        "gray+progressive-restart",
        "gray+restart",
        "scans+plain",
    ],
)
def test_damaged_arithmetic_coding_decodes_as_in_pillow(tmp_path, name):
    rng = np.random.default_rng(0)
    assert same(tmp_path, {str(n): damaged(rng, arithmetic(name)) for n in range(20)})["equal"] > 10


def test_a_large_damaged_file_decodes_as_in_pillow(tmp_path):
    """Pillow reads 64 KB at once: libjpeg stops and resumes in the middle of a block."""
    rng = np.random.default_rng(1)
    large = [
        photo(700, 500, noise=40, quality=90, **options)
        for options in ({}, {"restart_marker_rows": 1}, {"progressive": True})
    ]
    assert min(map(len, large)) > 1 << 16
    assert (
        same(tmp_path, {str(n): damaged(rng, data) for n, data in enumerate(large)})["equal"] >= 2
    )


@pytest.mark.parametrize(
    "name",
    [
        "b09_rst_extra_bytes",
        "b09_rst_wrong",
        "b09_rst_zero_bytes",
        "b09_seg_dropped",
        "b10_prog_no_scan2",
        "trunc50_with_eoi",
        "trunc90",
    ],
)
def test_files_that_libjpeg_warns_about(tmp_path, name):
    path = SHARED / "odd" / f"made_{name}.jpg"
    if not path.exists():
        pytest.skip("the odd files are not here (odd in shared/data beside the project)")
    refused(tmp_path / "raise", path.read_bytes(), "damaged|truncated")
    assert same(tmp_path / "keep", {name: path.read_bytes()})["equal"] == 1


NAMED = {
    "arithmetic's restart left out": (
        lambda: replaced(arithmetic("gray+restart"), b"\xff\xd1", b""),
        "",
    ),
    "other restart": (
        lambda: replaced(RESTART, b"\xff\xd1", b"\xff\xd3"),
        "marker 0xd3 for restart 1",
    ),
    "restart left out": (lambda: replaced(RESTART, b"\xff\xd1", b""), ""),
    "bytes before a restart": (
        lambda: replaced(RESTART, b"\xff\xd1", b"\0\xff\xd1"),
        "bytes are left over before a restart",
    ),
    "no such code": (
        lambda: (d := make(61, 45, SAMPLINGS["420"]))[:-90] + b"\xff\0" * 20 + d[-50:],
        "no such code",
    ),
    "too early a marker": (
        lambda: (d := make(61, 45, SAMPLINGS["420"]))[:-90] + b"\xff\xc4" + d[-90:],
        "comes too early",
    ),
}
RESTART = make(61, 45, SAMPLINGS["420"], restart=2)


@pytest.mark.parametrize("what", NAMED)
def test_damage_is_named_by_default(tmp_path, what):
    data, match = NAMED[what][0](), NAMED[what][1]
    refused(tmp_path / "raise", data, f"damaged: .*{match}")
    same(tmp_path / "keep", {"a": data})
