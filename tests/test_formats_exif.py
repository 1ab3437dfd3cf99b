"""The tag Orientation of every type and count, in every container, against Pillow."""

import io
import struct
import warnings

import numpy as np
import pytest
from PIL import Image, ImageOps

from support.formats import H, W, saved, scene
from support.formats.png import chunk, png
from support.formats.tiff import tiff
from support.formats.webp import webp, webp_chunks
from support.reading import pixels, write

#: The types of TIFF 6.0 and of BigTIFF by number, with their letter in struct; None:
#: bytes as they are.
TYPES = {
    1: "B",
    2: None,
    3: "H",
    4: "I",
    5: "II",
    6: "b",
    7: None,
    8: "h",
    9: "i",
    10: "ii",
    11: "f",
    12: "d",
    13: "I",
    16: "Q",
}
UNKNOWN = {0: "H", 14: "H", 17: "q", 18: "Q", 129: "H"}
#: Values of an orientation in each type: the value itself, others that equal it, and
#: invalid ones.
RATIONALS = [(6, 1), (12, 2), (13, 2), (6, 0), (0, 0), (0, 6)]
VALUES = {
    **dict.fromkeys([*TYPES, *UNKNOWN], [0, 1, 2, 3, 6, 9]),
    **dict.fromkeys([6, 8, 9], [0, 1, 2, 3, 6, 9, -6, -1]),
    5: RATIONALS,
    10: [*RATIONALS, (-12, -2), (-6, 1), (6, -1)],
    **dict.fromkeys([11, 12], [0.0, 1.0, 6.0, 6.5, -6.0, float("nan"), float("inf")]),
    2: [b"6", b"\6", b"6\0"],
    7: [b"6", b"\6", b"\6\0"],
}
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="8"/></x:xmpmeta>'


def body(order, kind, value):
    letters = TYPES.get(kind, UNKNOWN.get(kind))
    if letters is None:
        return value
    return struct.pack(order + letters, *(value if isinstance(value, tuple) else (value,)))


def block(order, entries, magic=None, cut=None):
    """A TIFF structure of one directory: tag, type, count and the bytes of the values; or an offset
    in the file instead of them."""
    head = magic or {"<": b"II*\0", ">": b"MM\0*"}[order]
    out, end = struct.pack(order + "H", len(entries)), 8 + 2 + 12 * len(entries) + 4
    behind = b""
    for tag, kind, count, data in entries:
        if isinstance(data, int) or len(data) > 4:
            at, data = (data, b"") if isinstance(data, int) else (end + len(behind), data)
            behind += data
            data = struct.pack(order + "I", at)
        out += struct.pack(order + "HHI", tag, kind, count) + data.ljust(4, b"\0")
    return (head + struct.pack(order + "I", 8) + out + bytes(4) + behind)[:cut]


def jpeg(exif, xmp=None):
    return saved(
        scene(),
        "JPEG",
        quality=95,
        subsampling=0,
        exif=b"Exif\0\0" + exif,
        **({"xmp": xmp} if xmp else {}),
    )


def png_of(exif, xmp=None):
    text = [chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)] if xmp else []
    return png(np.asarray(scene()), 8, 2, before=[chunk(b"eXIf", exif), *text])


def webp_of(exif, xmp=None):
    flags = 8 | 4 * bool(xmp)
    size = bytes([W - 1, 0, 0, H - 1, 0, 0])
    image = webp_chunks(saved(scene(), "WEBP", lossless=True))[-1]
    return webp(
        (b"VP8X", bytes([flags, 0, 0, 0]) + size),
        image,
        (b"EXIF", exif),
        *([(b"XMP ", xmp)] if xmp else []),
    )


CONTAINERS = {"jpeg": jpeg, "png": png_of, "webp": webp_of}


def compare(tmp_path, files):
    """Compare the pixels of each file with Pillow's, those of JPEG within 1. Returns the names of
    the files that are rotated by 90 degrees."""
    wants = {}
    for name, data in files.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wants[name] = np.asarray(
                ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
            )
    rotated = {name for name, want in wants.items() if want.shape != (H, W, 3)}
    wrong = []
    for number, names in enumerate([rotated, wants.keys() - rotated]):
        names = sorted(names)
        if not names:
            continue
        write(tmp_path / str(number), [files[name] for name in names])
        got = pixels(tmp_path / str(number), "rgb", wants[names[0]].shape[1::-1])
        wrong += [
            n
            for n, g in zip(names, got, strict=True)
            if np.abs(g - wants[n].astype(float)).max() > ("jpeg" in n)
        ]
    assert wrong == []
    return rotated


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("container", [*CONTAINERS, "tiff"])
def test_a_tag_of_every_type_and_count_is_applied_as_in_pillow(tmp_path, container, order):
    files = {}
    for kind, values in VALUES.items():
        for value in values:
            one, other = body(order, kind, value), body(order, kind, values[1])
            for count, data in [
                (0, b""),
                (1, one[:1] if kind in (2, 7) else one),
                (2, one[:2].ljust(2, b"\0") if kind in (2, 7) else one + other),
            ]:
                name = f"{container} type {kind} count {count}: {value}"
                if container == "tiff":
                    files[name] = tiff(
                        np.asarray(scene()), 2, order=order, tags={274: (kind, count, data)}
                    )
                else:
                    files[name] = CONTAINERS[container](block(order, [(274, kind, count, data)]))
    rotated = compare(tmp_path, files)
    assert {name.split()[2] for name in rotated} == {
        str(kind) for kind in TYPES if kind not in (1, 2, 7)
    }


def short(order, n, tag=274):
    return tag, 3, 1, struct.pack(order + "H", n)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("container", CONTAINERS)
def test_odd_blocks_are_read_as_in_pillow(tmp_path, container, order):
    six, three = short(order, 6), short(order, 3)
    text = b"of a camera of some name\0"
    blocks = {
        "plain": block(order, [six]),
        "magic in the other order": block(order, [six], {"<": b"II\0*", ">": b"MM*\0"}[order]),
        "prefix again": b"Exif\0\0" + block(order, [six]),
        "two tags": block(order, [three, six]),
        "a tag of unknown type first": block(order, [(274, 99, 1, b"\3\0\0\3"), six]),
        "a tag without a value first": block(order, [(274, 3, 0, b"\3\0\0\3"), six]),
        "a byte first": block(order, [(274, 1, 1, b"\3"), six]),
        "behind a text": block(order, [(271, 2, len(text), text), six]),
        "behind a text that is cut off": block(order, [(271, 2, len(text), text), six], cut=-3),
        "behind a text elsewhere": block(order, [(271, 2, 9, 5000), six]),
        "behind a text of many bytes": block(order, [(271, 2, 5000, text), six]),
        "behind such a text, values elsewhere": block(
            order, [(271, 2, 5000, text), (274, 5, 1, struct.pack(order + "II", 6, 1))]
        ),
        "behind a text of unknown type": block(order, [(271, 99, 5000, 5000), six]),
        "before a text that is cut off": block(order, [six, (305, 2, len(text), text)], cut=-3),
        "entry cut off": block(order, [six], cut=21),
        "values cut off": block(order, [(274, 5, 1, struct.pack(order + "II", 6, 1))], cut=-1),
        "empty directory": block(order, []),
        "no directory": block(order, [six], cut=8),
        "more entries than there are": block(order, [six])[:8]
        + b"\xff\xff"
        + block(order, [six])[10:22],
    }
    files = {f"{container} {name}": CONTAINERS[container](exif) for name, exif in blocks.items()}
    files |= {
        f"{container} {name} beside XMP": CONTAINERS[container](exif, XMP)
        for name, exif in blocks.items()
    }
    rotated = compare(tmp_path, files)
    assert len(rotated) > len(blocks)
