"""Files of every format with an orientation in EXIF or XMP."""

import zlib

import numpy as np
from PIL import Image

from support.formats import saved, scene
from support.formats.png import chunk, png
from support.formats.tiff import tiff


def add(file, refused):
    def itxt(packet, compressed=False):
        packet = b"\1\0en\0\0" + zlib.compress(packet) if compressed else b"\0\0\0\0" + packet
        return chunk(b"iTXt", b"XML:com.adobe.xmp\0" + packet)

    for n in range(1, 9):
        exif = Image.Exif()
        exif[274] = n
        for kind, options in {
            "jpeg": {"quality": 95, "subsampling": 0},
            "png": {},
            "tiff": {},
            "webp": {"lossless": True},
        }.items():
            file(
                f"{kind} orientation {n}",
                lambda k=kind, e=exif, o=options: saved(scene(), k.upper(), exif=e, **o),
            )
        pixels = np.asarray(scene())
        xmp = (
            b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description '
            b'tiff:Orientation="%d"/></x:xmpmeta>' % n
        )
        file(
            f"png orientation {n} in XMP",
            lambda x=xmp, p=pixels: png(p, 8, 2, before=[itxt(x)]),
        )
        file(
            f"png orientation {n} in compressed XMP",
            lambda x=xmp, p=pixels: png(p, 8, 2, before=[itxt(x, True)]),
        )
        digits = exif.tobytes().hex()
        text = f"\nexif\n{len(digits) // 2:8}\n{digits[:72]}\n{digits[72:]}\n".encode()
        texts = {b"tEXt": text, b"zTXt": b"\0" + zlib.compress(text)}
        for kind, value in texts.items():
            profile = chunk(kind, b"Raw profile type exif\0" + value)
            file(
                f"png orientation {n} in a profile {kind}",
                lambda c=profile, p=pixels: png(p, 8, 2, before=[c]),
            )
        file(
            f"jpeg orientation {n} in XMP",
            lambda x=xmp: saved(scene(), "JPEG", quality=95, subsampling=0, xmp=x),
        )
        file(
            f"webp orientation {n} in XMP",
            lambda x=xmp: saved(scene(), "WEBP", lossless=True, xmp=x),
        )
        for order in "<>":
            file(
                f"tiff orientation {n} {order}",
                lambda o=order, n=n, p=pixels: tiff(p, 2, order=o, tile=(16, 16), tags={274: [n]}),
            )
