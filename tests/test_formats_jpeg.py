"""Every kind of JPEG file against Pillow (libjpeg-turbo): bit-exact, or a named error."""

import io
from collections import defaultdict

import numpy as np
import pytest
from PIL import Image, ImageFile, ImageOps

import mixfolder as mf
from support.batches import arrays
from support.jpeg_maker import (
    ARITHMETIC,
    SAMPLINGS,
    adobe,
    arithmetic,
    each,
    make,
    photo,
    replaced,
    segment,
)
from support.reading import refused

MODES = {"rgb": "RGB", "grayscale": "L", "rgba": "RGBA"}


def pillow(data, mode):
    return np.atleast_3d(
        np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert(MODES[mode]))
    )


def ours(tmp_path, files, mode, **options):
    """The pixels of each file, by name."""
    by_size, got = defaultdict(dict), {}
    for name, data in files.items():
        image = Image.open(io.BytesIO(data))
        by_size[image.size[:: -1 if image.getexif().get(0x0112, 1) > 4 else 1]][name] = data
    for n, ((width, height), same) in enumerate(by_size.items()):
        folder = tmp_path / f"{mode}-{n}"
        (folder / "all").mkdir(parents=True)
        for name, data in same.items():
            (folder / "all" / f"{name}.jpg").write_bytes(data)
        with mf.from_directory(
            folder,
            image_size=(height, width),
            batch_size=len(same),
            label_mode=None,
            mix=None,
            shuffle=False,
            dtype="uint8",
            color_mode=mode,
            verbose=False,
            **options,
        ) as seq:
            got |= zip(sorted(same), arrays(seq[0]), strict=True)
    return got


def same_as_pillow(tmp_path, files, modes=tuple(MODES), **options):
    for mode in modes:
        for name, pixels in ours(tmp_path, files, mode, **options).items():
            np.testing.assert_array_equal(pixels, pillow(files[name], mode), f"{name}, {mode}")


JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_sampling(tmp_path, sampling):
    """One scan, one per component, two, restart markers, progressive; sizes below a block."""
    factors = SAMPLINGS[sampling]
    files = {
        f"{w}x{h}": make(w, h, factors, seed=w)
        for w, h in ((1, 1), (3, 5), (5, 3), (17, 33), (61, 45))
    }
    files |= {
        "restart": make(61, 45, factors, restart=1),
        "scans": make(61, 45, factors, each(factors)),
        "scans-restart": make(61, 45, factors, each(factors), restart=3),
        "progressive": make(61, 45, factors, progressive=True),
        "progressive-restart": make(33, 45, factors, progressive=True, restart=2),
    }
    if len(factors) > 1:
        rest = range(1, len(factors))
        files["two-scans"] = make(61, 45, factors, [([0], 0, 63, 0, 0), (rest, 0, 63, 0, 0)])
        files["late-luma"] = make(61, 45, factors, [(rest, 0, 63, 0, 0), ([0], 0, 63, 0, 0)])
    same_as_pillow(tmp_path, files)


@pytest.mark.parametrize("sampling", ["444", "420", "luma-below", "cmyk", "cmyk-420", "cmyk-mixed"])
def test_color(tmp_path, sampling):
    """Adobe's marker with each transform, JFIF's, and the names of components."""
    factors = SAMPLINGS[sampling]
    heads = {"none": b"", "jfif": JFIF, "both": JFIF + adobe(0)} | {
        f"adobe-{n}": adobe(n) for n in (0, 1, 2, 7)
    }
    files = {
        f"{name}-{p}": make(41, 27, factors, head=head, progressive=p)
        for name, head in heads.items()
        for p in (0, 1)
    }
    for ids in (b"RGB", b"RGBA", b"\0\0\0\0", b"\0\1\2\3", b"\1\2\3\4"):
        if len(factors) == 3 or ids != b"RGB":
            files["ids-" + ids.hex()] = make(41, 27, factors, ids=ids[: len(factors)])
            files["ids-jfif-" + ids.hex()] = make(
                41, 27, factors, ids=ids[: len(factors)], head=JFIF
            )
    same_as_pillow(tmp_path, files)


def test_what_pillow_writes(tmp_path):
    """Each size to 17 x 17; qualities; progressive with successive approximation; gray, CMYK,
    RGB; restart markers; optimized tables."""
    files = {
        f"{n}x{n + d}-{s}-{p}": photo(n, n + d, subsampling=s, progressive=p)
        for n in range(1, 18, 2)
        for d in (0, 1)
        for s in (0, 2)
        for p in (0, 1)
    }
    for progressive in (False, True):
        for quality in (1, 30, 75, 100):
            for subsampling in (0, 1, 2):
                files[f"q{quality}-{subsampling}-{progressive}"] = photo(
                    quality=quality, subsampling=subsampling, progressive=progressive
                )
        for mode in ("L", "CMYK"):
            files[f"{mode}-{progressive}"] = photo(mode=mode, progressive=progressive)
        files[f"rgb-{progressive}"] = photo(keep_rgb=True, progressive=progressive)
        files[f"restart-{progressive}"] = photo(restart_marker_blocks=1, progressive=progressive)
        files[f"rows-{progressive}"] = photo(restart_marker_rows=1, progressive=progressive)
        files[f"optimized-{progressive}"] = photo(
            optimize=True, noise=60, quality=97, progressive=progressive
        )
    same_as_pillow(tmp_path, files, ["rgb", "grayscale"])


def test_around_the_image(tmp_path):
    """Junk after the end and between segments, tables for 16 bits and none, DRI 0, EXIF behind
    other segments."""
    plain = photo(subsampling=0)
    exif = Image.Exif()
    exif[0x0112] = 6
    rotated = photo(exif=exif)
    files = {
        "after": plain + b"what follows \xff\xd8\xff\xda the end",
        "between": replaced(plain, b"\xff\xdb", b"\xff\xff\xff\xfe\0\6junk\xff\xff\xdb"),
        "comment": replaced(plain, b"\xff\xc0", b"\xff\xfe\0\x08\xff\xc0\xff\xda\0\0\xff\xc0"),
        "wide-tables": make(
            61,
            45,
            SAMPLINGS["420"],
            quant=segment(0xDB, b"\x10" + bytes.fromhex("0009" * 20 + "0121" * 44)),
        ),
        "no-tables": make(61, 45, SAMPLINGS["420"], tables=False),
        "no-tables-scans": make(61, 45, SAMPLINGS["420"], each("123"), tables=False),
        "dri-0": replaced(plain, b"\xff\xda", b"\xff\xdd\0\4\0\0\xff\xda"),
        "extended": replaced(plain, b"\xff\xc0", b"\xff\xc1"),
        "rotated": rotated,
        "rotated-late": replaced(
            rotated, b"\xff\xd8", b"\xff\xd8" + JFIF + segment(0xFE, b"comment")
        ),
    }
    same_as_pillow(tmp_path, files)


def test_restart_marker_after_the_last_block(tmp_path):
    """As written by cameras and scanners: with any number, twice, and after any scan. Pillow reads
    it without a warning."""
    plain, restart = make(61, 45, SAMPLINGS["420"]), make(61, 45, SAMPLINGS["420"], restart=3)
    several = [
        make(61, 45, SAMPLINGS["420"], each("123"), restart=2),
        make(61, 45, SAMPLINGS["420"], progressive=True, restart=2),
    ]
    files = {
        f"{n}-{k}": replaced(d, b"\xff\xd9", bytes((0xFF, 0xD0 + k)) + b"\xff\xd9")
        for n, d in enumerate((plain, restart))
        for k in (0, 5)
    }
    files["twice"] = replaced(plain, b"\xff\xd9", b"\xff\xd0\xff\xd1\xff\xd9")
    files["arithmetic"] = replaced(arithmetic("gray+restart"), b"\xff\xd9", b"\xff\xd7\xff\xd9")
    for n, data in enumerate(several):
        first = data.index(b"\xff\xda") + 2
        rest = (
            data[first:]
            .replace(b"\xff\xda", b"\xff\xd3\xff\xda")
            .replace(b"\xff\xd9", b"\xff\xd4\xff\xd9")
        )
        files[f"scans-{n}"] = data[:first] + rest
    same_as_pillow(tmp_path, files)


def test_a_missing_end_marker(tmp_path):
    """A file without its end marker is complete if it has all blocks; Pillow reports it as
    truncated."""
    for n, data in enumerate(
        (photo(), photo(progressive=True), make(61, 45, SAMPLINGS["420"], each("123")))
    ):
        got = ours(tmp_path / str(n), {"cut": data[:-2]}, "rgb")
        np.testing.assert_array_equal(got["cut"], pillow(data, "rgb"))


@pytest.mark.parametrize(
    "sampling", ["444", "422", "440", "420", "410", "luma-below", "cmyk-420", "gray"]
)
def test_missing_bits(tmp_path, sampling):
    """Progressive files whose scans omit bits: libjpeg estimates coefficients from neighboring
    blocks."""
    factors = SAMPLINGS[sampling]
    every = range(len(factors))
    scans = {
        "dc": [(every, 0, 0, 0, 0)],
        "dc-in-part": [(every, 0, 0, 0, 2)],
        "some": [(every, 0, 0, 0, 0), ([0], 1, 5, 0, 2)],
        "more": [(every, 0, 0, 0, 1), ([0], 1, 5, 0, 2), *[([c], 1, 2, 0, 3) for c in every[1:]]],
        "one": [([0], 0, 0, 0, 0), ([0], 1, 63, 0, 0)],
    }
    sizes = ((131, 107), (17, 33), (3, 5))
    same_as_pillow(
        tmp_path,
        {
            f"{name}-{w}": make(w, h, factors, s, progressive=True)
            for name, s in scans.items()
            for w, h in sizes
        },
    )


def cuts(data, count):
    """Positions after the first scan's header."""
    start = data.index(b"\xff\xda")
    start += 2 + data[start + 3]
    return np.linspace(start + 20, len(data) - 3, count).astype(int)


def test_truncated_is_an_error(tmp_path):
    for n, data in enumerate(
        (
            photo(),
            photo(progressive=True),
            photo(mode="CMYK"),
            make(61, 45, SAMPLINGS["420"], each("123")),
        )
    ):
        for cut in cuts(data, 3):
            refused(tmp_path / f"{n}-{cut}", data[:cut], "truncated")


@pytest.mark.parametrize(
    "sampling", ["444", "422", "440", "420", "411", "luma-below", "cmyk-420", "gray"]
)
def test_truncated_is_kept(tmp_path, monkeypatch, sampling):
    """The rest is as libjpeg decodes it. Pillow returns no pixels of a file that is cut between two
    scans, so these are omitted."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    factors = SAMPLINGS[sampling]
    files = {}
    for kind, options in {
        "one-scan": {},
        "restart": dict(restart=3),
        "progressive": dict(progressive=True),
        "progressive-restart": dict(progressive=True, restart=5),
        "scans": dict(scans=each(factors)),
    }.items():
        data = make(90, 75, factors, **options)
        files |= {f"{kind}-{cut}": data[:cut] for cut in cuts(data, 9)}
    for kind in (photo(90, 75, subsampling=2), photo(90, 75, subsampling=0, progressive=True)):
        files |= {f"photo-{cut}": kind[:cut] for cut in cuts(kind, 9)}
        files |= {
            "photo-end": kind[: len(kind) // 2] + b"\xff\xd9",
            "photo-ff": kind[: len(kind) // 2] + b"\xff",
        }
    for name, pixels in ours(tmp_path, files, "rgb", truncated="keep").items():
        want = pillow(files[name], "rgb")
        if np.ptp(want):
            np.testing.assert_array_equal(pixels, want, name)


def test_arithmetic(tmp_path):
    """All samplings, gray to four components, restart markers, several scans, progressive with
    missing bits, other conditioning."""
    names = [
        path.relative_to(ARITHMETIC).with_suffix("") for path in sorted(ARITHMETIC.rglob("*.jpg"))
    ]
    assert len(names) > 30
    same_as_pillow(tmp_path, {str(name).replace("/", "-"): arithmetic(name) for name in names})


@pytest.mark.parametrize(
    "name",
    [
        "gray+plain",
        "420-17x33+progressive-restart",
        "422-61x45+plain",
        "cmyk-420+restart",
        "cmyk-420+progressive",
    ],
)
def test_arithmetic_truncated(tmp_path, name):
    """Zeros follow after the end of the file. A file with its end marker may then be complete for
    libjpeg and mixfolder."""
    data = arithmetic(name)
    files = {
        str(cut): data[:cut] for cut in cuts(data, 5) if data.rfind(b"\xff", cut - 14, cut) < 0
    }
    for cut, part in files.items():
        refused(tmp_path / cut, part, "truncated")
    refused(tmp_path / "end", data[:-2], "truncated")
    for cut, pixels in ours(tmp_path, files, "rgb", truncated="keep").items():
        np.testing.assert_array_equal(pixels, pillow(files[cut] + b"\xff\xd9", "rgb"), cut)


BAD = {
    "lossless arithmetic": (
        lambda: replaced(photo(), b"\xff\xc0", b"\xff\xcb"),
        "not supported: .*lossless",
    ),
    "arithmetic's bounds": (
        lambda: replaced(arithmetic("gray+plain"), b"\xff\xcc\0\6\0\x10", b"\xff\xcc\0\6\0\x01"),
        "segment 0xcc has wrong contents",
    ),
    "12 bits": (lambda: replaced(photo(), b"\xff\xc0\0\x11\x08", b"\xff\xc1\0\x11\x0c"), "12 bits"),
    "lossless": (lambda: replaced(photo(), b"\xff\xc0", b"\xff\xc3"), "not supported: .*lossless"),
    "hierarchical": (
        lambda: replaced(photo(), b"\xff\xc0", b"\xff\xc5"),
        "not supported: .*hierarchical",
    ),
    "whole fractions": (lambda: make(61, 45, [(3, 1), (2, 1), (1, 1)]), "2x1 among 3x1"),
    "large units": (lambda: make(61, 45, [(2, 2)] * 3), "12 blocks in an MCU"),
    "a component without scan": (lambda: make(61, 45, SAMPLINGS["420"], each("12")), "truncated"),
    "a component twice": (
        lambda: make(61, 45, SAMPLINGS["420"], [*each("12"), *each("123")]),
        "two scans of one component",
    ),
    "other order": (
        lambda: make(61, 45, SAMPLINGS["444"], [([1, 0, 2], 0, 63, 0, 0)]),
        "in its order",
    ),
    "no tables": (
        lambda: make(61, 45, SAMPLINGS["420"], progressive=True, tables=False),
        "Huffman table is missing",
    ),
    "too many scans": (
        lambda: make(
            8, 8, [(1, 1)], [([0], 0, 0, 0, 1), *[([0], 0, 0, 1, 0)] * 500], progressive=True
        ),
        "more than 500 scans",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_named_errors(tmp_path, what):
    """Also with truncated="keep", as these have no pixels to keep."""
    data, match = BAD[what][0](), BAD[what][1]
    refused(tmp_path / "a", data, match)
    if "truncated" not in match:
        refused(tmp_path / "b", data, match, truncated="keep")


@pytest.mark.parametrize("size", [(0, 61), (65535, 65535), (45, 0)])
def test_sizes_that_are_none(tmp_path, size):
    """Height 0 means that a DNL marker specifies it, which no available decoder supports."""
    data = bytearray(photo())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = size[0].to_bytes(2, "big") + size[1].to_bytes(2, "big")
    refused(tmp_path, bytes(data), "has no pixels|too large")


def test_junk_before_the_start(tmp_path):
    """Neither Pillow nor mixfolder recognizes it as a JPEG file."""
    refused(tmp_path, b"junk" + photo(), "not an image")
