"""Writes the seeds of the fuzz targets of this package: a few files of each format with options
(optionsOf in fuzz_test.go). Run by `make golden`."""

import zlib
from pathlib import Path

from support.fuzz_seeds import jpegs, write
from support.kinds import FILES

HERE = Path(__file__).resolve().parent
ARITHMETIC = HERE.parents[1] / "jpeg/testdata/arithmetic"
FORMATS = {
    "BMP": "4 bit|8 bit few colors|16 bit 565 header 56|24 bit os/2|32 bit masks 3 header 108|"
    "rle4 delta|rle4 literal|rle8 delta|rle8 literal",
    "GIF": "3 bit|animated|beyond the screen|extensions|local palette|transparent part interlaced",
    "PNG": "2 bit palette with alpha interlaced|4 bit gray|16 bit rgba interlaced|animated|"
    "many IDAT|rgb with a transparent color|stored",
    "TIFF": "2 bit low bit first lzw|big endian associated alpha planar|"
    "big endian deflate predictor 16 bit|"
    "big endian gray with associated alpha|big endian jpeg rgb|big endian packbits strips planar|"
    "group3|group4|"
    "jpeg with tables|little endian cmyk with a spare sample|little endian jpeg tiles|"
    "little endian lzw predictor tiles|little endian raw 4 bit palette|"
    "little endian raw a tile 16 bit",
    "WebP": "alpha on a part of the canvas|lossless 4 colors|lossy 20 alpha|orientation 6|"
    "part of the canvas lossless",
}


def options(name):
    """Any byte, but always the same for a seed."""
    return "byte", zlib.crc32(name.encode()) & 255


for target, names in FORMATS.items():
    for name in names.split("|"):
        data = FILES[f"{target.lower()} {name}"][0]()
        write(HERE / f"Fuzz{target}", name.replace("/", ""), data, options(name))
for name, data in jpegs().items():
    if zlib.crc32(name.encode()) % 2 == 0:  # FuzzDecode of package baseline has the others
        write(HERE / "FuzzJPEG", name, data, options(name))
for name in (
    "422-61x45+plain",
    "cmyk-420+plain",
    "gray+restart",
    "420-61x45+progressive",
    "changed/420-61x45+missing",
):
    data = (ARITHMETIC / f"{name}.jpg").read_bytes()
    write(
        HERE / "FuzzJPEG",
        "jpeg-arithmetic-" + name.replace("/", "-").replace("+", "-"),
        data,
        options(name),
    )
