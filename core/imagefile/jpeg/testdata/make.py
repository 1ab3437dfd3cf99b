"""Writes the images of this folder and, as want/NAME.png, what Pillow (libjpeg-turbo) reads from
each. Run by `make golden`.

want/NAME.png has the samples of libjpeg with out_color_space = jpeg_color_space: luma, or luma
and both chromas as red, green and blue, after libjpeg's "fancy" upsampling. Luma is never
resampled, so it is the output of the inverse transform.
want/shrunk/NAME.N.png has the same of the image that libjpeg scales to 1/N.
buffered/ has files with several scans, unusual sampling factors or four components: they are
compared with the reference decoder of the tests, and with Pillow in tests/test_formats_jpeg.py.
arithmetic/NAME+KIND.jpg is NAME.jpg, or buffered/NAME.jpg, with arithmetic coding, by jpegtran
of libjpeg-turbo: it has the samples of NAME.jpg. The committed files are by version 2.1.5, and
stay as they are if jpegtran is not installed. Files of arithmetic/changed/ have other samples:
their scans omit bits, or their conditioning is not jpegtran's.
refused/ has files that the decoder does not support: it must say so.
"""

import io
import pathlib
import shutil
import struct
import subprocess

import numpy as np
from PIL import Image

from support.jpeg_maker import make
from support.scenes import scene

HERE = pathlib.Path(__file__).resolve().parent


def save(name, image, like=None, **options):
    """Saves image, or bytes, and the samples that Pillow reads from it, or from `like` where it
    refuses the file."""
    path = HERE / name
    if isinstance(image, bytes):
        path.write_bytes(image)
    else:
        image.save(path, **options)
    keep(HERE / (like or name), f"{name}.png")


def keep(path, want, shrink=1):
    """Saves the samples that Pillow reads from path as want/`want`."""
    read = Image.open(path)
    color, size = read.mode, tuple(n // shrink for n in read.size)
    shrunk = tuple(-(-n // shrink) for n in read.size)
    read.draft("YCbCr" if color == "RGB" else color, size)
    samples = np.asarray(read)
    assert read.size == shrunk, path
    if color == "RGB":
        assert read.mode == "YCbCr"
        luma = Image.open(path)
        luma.draft("L", size)
        assert (samples[:, :, 0] == np.asarray(luma)).all(), path
    (HERE / "want" / want).parent.mkdir(exist_ok=True, parents=True)
    Image.fromarray(np.ascontiguousarray(samples)).save(HERE / "want" / want, optimize=True)


def shrink(name):
    """Saves what Pillow reads at each scale that it can be asked for by a size."""
    for n in (2, 4, 8):
        if min(Image.open(HERE / name).size) >= n:
            keep(HERE / name, f"shrunk/{name}.{n}.png", n)


def patched(source, *changes):
    """The bytes of source with the first place of each old sequence made new."""
    data = (HERE / source).read_bytes()
    for old, new in changes:
        assert old in data, (source, old)
        data = data.replace(old, new, 1)
    return data


def luma_factors(source, factors):
    """source with other sampling factors of luma, which Pillow can't write. The blocks of an MCU
    and the number of MCUs must stay the same: the image is another then, but a valid one."""
    data = bytearray((HERE / source).read_bytes())
    frame = data.index(b"\xff\xc2" if b"\xff\xc2" in data else b"\xff\xc0")
    data[frame + 11] = factors
    return bytes(data)


def wide_tables(source):
    """source as an extended sequential file (SOF1) with 16-bit quantization tables, factors above
    255 among them."""
    data = (HERE / source).read_bytes().replace(b"\xff\xc0", b"\xff\xc1", 1)
    at = 0
    while (at := data.find(b"\xff\xdb\x00\x43", at)) >= 0:
        factors = list(data[at + 5 : at + 69])
        factors[20:24] = [257, 300, 400, 511]
        segment = b"\xff\xdb\x00\x83" + bytes([0x10 | data[at + 4]]) + struct.pack(">64H", *factors)
        data = data[:at] + segment + data[at + 69 :]
        at += len(segment)
    return data


def unseen(folder, name, data):
    """Saves bytes, or an image with options, without what Pillow reads from it."""
    (HERE / folder).mkdir(exist_ok=True)
    if isinstance(data, bytes):
        (HERE / folder / name).write_bytes(data)
    else:
        image, options = data
        image.save(HERE / folder / name, **options)


def buffered():
    """Writes buffered/."""
    image = scene(61, 45, 9)
    unseen("buffered", "rgb.jpg", (image, dict(keep_rgb=True)))
    unseen("buffered", "cmyk.jpg", (image.convert("CMYK"), {}))
    unseen("buffered", "411.jpg", luma_factors("420-61x45.jpg", 0x41))
    yuv = [(2, 2), (1, 1), (1, 1)]
    each = [([c], 0, 63, 0, 0) for c in range(3)]
    for name, data in {
        "scans": make(37, 29, yuv, each),
        "scans-restart": make(37, 29, yuv, each, restart=3),
        "two-scans": make(37, 29, yuv, [([0], 0, 63, 0, 0), ([1, 2], 0, 63, 0, 0)]),
        "no-tables": make(37, 29, yuv, tables=False),
        "low-luma": make(37, 29, [(1, 1), (2, 2), (1, 1)]),
        "mixed": make(37, 29, [(2, 2), (1, 2), (2, 1)], restart=1),
        "three": make(37, 29, [(3, 1), (1, 1), (1, 1)], progressive=True),
        "rgb-half": make(37, 29, yuv, ids=b"RGB"),
        "cmyk-420": make(37, 29, [*yuv, (2, 2)], each + [([3], 0, 63, 0, 0)]),
        "cmyk-progressive": make(
            37, 29, [(1, 2), (1, 1), (2, 1), (1, 1)], progressive=True, restart=2
        ),
        "gray-three": make(37, 29, [(3, 1)], restart=4),
        "missing-bits": make(
            37, 29, yuv, [(range(3), 0, 0, 0, 1), ([0], 1, 5, 0, 2)], progressive=True
        ),
    }.items():
        unseen("buffered", f"{name}.jpg", data)


ARITHMETIC = {
    "plain": "420-1x1 444-3x5 422-5x3 420-9x7 420-17x33 422-61x45 440-61x45 gray quality-100 "
    "wide-tables gray-factors "
    "progressive-420-61x45 cmyk-420 411 mixed three scans",
    "progressive": "420-1x1 444-3x5 420-9x7 422-17x33 420-61x45 gray rgb cmyk-420 mixed "
    "progressive-quality-1",
    "restart": "420-17x33 gray cmyk-420",
    "progressive-restart": "420-17x33 gray mixed",
}
OPTIONS = {
    "plain": [],
    "progressive": ["-progressive"],
    "restart": ["-restart", "2B"],
    "missing": ["-scans", "/dev/stdin"],
}
OPTIONS["progressive-restart"] = OPTIONS["progressive"] + OPTIONS["restart"]
MISSING = b"0,1,2: 0-0, 0, 1; 0: 1-5, 0, 2; 1: 1-2, 0, 3;"


def transcoded(name, kind):
    """A file of this folder with arithmetic coding, and the same coefficients, or some of them."""
    source = next(
        p for p in (HERE / f"{name}.jpg", HERE / "buffered" / f"{name}.jpg") if p.exists()
    )
    data = subprocess.run(
        ["jpegtran", "-arithmetic", *OPTIONS[kind], source],
        input=MISSING,
        check=True,
        capture_output=True,
    ).stdout
    assert (
        kind == "missing"
        or (np.asarray(Image.open(io.BytesIO(data))) == np.asarray(Image.open(source))).all()
    ), name
    return data


def conditioned(data, dc, ac):
    """data with other bounds in its DAC segments. The image is another then: any bits mean
    something, if not too many coefficients."""
    data = bytearray(data)
    at = 0
    while (at := data.find(b"\xff\xcc", at)) >= 0:
        for i in range(at + 4, at + 2 + data[at + 3], 2):
            data[i + 1] = ac if data[i] >> 4 else dc
        at += 4
    return bytes(data)


def arithmetic():
    """Writes arithmetic/."""
    if not shutil.which("jpegtran"):
        print("jpegtran (of libjpeg-turbo) is not installed: arithmetic/ stays as it is")
        return
    for kind, names in ARITHMETIC.items():
        for name in names.split():
            unseen("arithmetic", f"{name}+{kind}.jpg", transcoded(name, kind))
    (HERE / "arithmetic/changed").mkdir(exist_ok=True)
    for name in ("420-61x45", "444-17x33"):
        save(f"arithmetic/changed/{name}+missing.jpg", transcoded(name, "missing"))
    for name, kind, dc, ac in (
        ("gray", "plain", 0x31, 12),
        ("422-61x45", "plain", 0x22, 1),
        ("420-17x33", "plain", 0xF0, 63),
        ("restart-gray", "progressive", 0x20, 5),
        ("422-61x45", "progressive", 0x00, 2),
    ):
        save(f"arithmetic/changed/{name}+{kind}.jpg", conditioned(transcoded(name, kind), dc, ac))


def main():
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        for width, height in ((1, 1), (3, 5), (5, 3), (9, 7), (17, 33), (61, 45)):
            save(
                f"{name}-{width}x{height}.jpg",
                scene(width, height),
                quality=92,
                subsampling=subsampling,
            )
        save(
            f"{name}-noise.jpg",
            scene(51, 35, 60, 1),
            quality=97,
            subsampling=subsampling,
            optimize=True,
        )
    for size in ("1x1", "3x5", "5x3", "61x45"):
        save(f"440-{size}.jpg", luma_factors(f"422-{size}.jpg", 0x12))
    for quality in (1, 30, 100):
        save(f"quality-{quality}.jpg", scene(40, 36, 20, quality), quality=quality, subsampling=0)
    save("wide.jpg", scene(300, 20, 5), quality=60, subsampling=2)
    save("gray.jpg", scene(61, 45).convert("L"), quality=90)
    save("gray-wide.jpg", scene(800, 11, 9).convert("L"), quality=60)
    save("gray-factors.jpg", luma_factors("gray.jpg", 0x22))
    save("restart-1.jpg", scene(61, 45), quality=90, subsampling=2, restart_marker_blocks=1)
    save("restart-3.jpg", scene(90, 61), quality=90, subsampling=0, restart_marker_blocks=3)
    save("restart-row.jpg", scene(90, 61), quality=90, subsampling=1, restart_marker_rows=1)
    save("restart-gray.jpg", scene(90, 61).convert("L"), quality=90, restart_marker_blocks=5)
    save("wide-tables.jpg", wide_tables("420-61x45.jpg"))
    save(
        "no-jfif.jpg", patched("444-17x33.jpg", (b"\xff\xe0\x00\x10JFIF", b"\xff\xe5\x00\x10JFIF"))
    )
    save(
        "junk.jpg",
        patched(
            "444-17x33.jpg",
            (b"\xff\xdb", b"junk\xff\xff\xff\xdb"),
            (b"\xff\xc0", b"\x00\xff\x00\xff\xc0"),
        ),
    )
    save(
        "trailing.jpg",
        patched("gray.jpg", (b"\xff\xd9", b"\xff\xff\xd9 what follows the end \xff\xd8\xff\xda")),
    )
    save("no-end.jpg", (HERE / "422-17x33.jpg").read_bytes()[:-2], like="422-17x33.jpg")

    for kind in ("444", "422", "420"):
        for size in ("9x7", "17x33", "61x45", "noise"):
            shrink(f"{kind}-{size}.jpg")
    for name in (
        "440-61x45",
        "gray",
        "gray-factors",
        "quality-1",
        "quality-100",
        "wide-tables",
        "restart-3",
    ):
        shrink(f"{name}.jpg")

    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        for width, height in ((1, 1), (3, 5), (17, 33), (61, 45)):
            image = scene(width, height, 9)
            save(
                f"progressive-{name}-{width}x{height}.jpg",
                image,
                quality=85,
                subsampling=subsampling,
                progressive=True,
            )
    save("progressive-440.jpg", luma_factors("progressive-422-61x45.jpg", 0x12))
    for quality in (1, 30, 95, 100):
        image = scene(40, 36, 20, quality)
        save(
            f"progressive-quality-{quality}.jpg",
            image,
            quality=quality,
            subsampling=2,
            progressive=True,
        )
    save(
        "progressive-flat.jpg",
        Image.new("RGB", (700, 90), (10, 200, 90)),
        subsampling=2,
        progressive=True,
    )
    save("progressive-wide.jpg", scene(700, 20, 5), quality=50, subsampling=2, progressive=True)
    save("progressive-gray.jpg", scene(61, 45, 5).convert("L"), quality=90, progressive=True)
    save("progressive-gray-factors.jpg", luma_factors("progressive-gray.jpg", 0x22))
    image = scene(61, 45, 9)
    save(
        "progressive-restart-1.jpg",
        image,
        quality=80,
        subsampling=2,
        progressive=True,
        restart_marker_blocks=1,
    )
    save(
        "progressive-restart-7.jpg",
        image,
        quality=80,
        subsampling=0,
        progressive=True,
        restart_marker_blocks=7,
    )
    save(
        "progressive-restart-row.jpg",
        image,
        quality=80,
        subsampling=1,
        progressive=True,
        restart_marker_rows=1,
    )
    save(
        "progressive-no-end.jpg",
        (HERE / "progressive-422-17x33.jpg").read_bytes()[:-2],
        like="progressive-422-17x33.jpg",
    )

    image = scene(33, 18)
    buffered()
    arithmetic()
    unseen(
        "refused",
        "12-bit.jpg",
        patched("444-17x33.jpg", (b"\xff\xc0\x00\x11\x08", b"\xff\xc1\x00\x11\x0c")),
    )
    unseen(
        "refused", "lossless-arithmetic.jpg", patched("444-17x33.jpg", (b"\xff\xc0", b"\xff\xcb"))
    )


if __name__ == "__main__":
    main()
