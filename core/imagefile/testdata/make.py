"""Writes the images of this folder and, as want/NAME.png, what Pillow makes of each. Run by `make
golden`.

want/NAME.png is ImageOps.exif_transpose(Image.open(NAME)).convert("RGBA"). convert("RGB") and
convert("L") are checked here to follow from it. Where the package promises something else than
Pillow (16-bit gray by its high byte), `say` is the truth.
"""

import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

from support.formats import H, W
from support.formats.bmp import bmp
from support.formats.png import PASSES, chunk
from support.scenes import scene

HERE = pathlib.Path(__file__).resolve().parent


def alpha(width, height):
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(((x * 255 // max(width - 1, 1)) ^ (y * 3 & 0x3F)).astype(np.uint8))


def with_alpha(width, height):
    image = scene(width, height)
    image.putalpha(alpha(width, height))
    return image


def exif(orientation):
    data = Image.Exif()
    data[274] = orientation
    return data


def save(name, image, say=None, **options):
    """Saves image, or bytes, and what Pillow reads from it."""
    path = HERE / name
    if isinstance(image, bytes):
        path.write_bytes(image)
    else:
        image.save(path, **options)
    read = say or ImageOps.exif_transpose(Image.open(path))
    rgba = read.convert("RGBA")
    rgb = np.asarray(rgba)[:, :, :3].astype(np.uint32)
    assert (rgb == np.asarray(read.convert("RGB"))).all(), name
    assert (
        (rgb @ np.array([19595, 38470, 7471], np.uint32) + 0x8000) >> 16
        == np.asarray(read.convert("L"))
    ).all(), name
    (HERE / "want").mkdir(exist_ok=True)
    rgba.save(HERE / "want" / (name + ".png"), optimize=True)


def resample(name, source, factors):
    """Writes the JPEG source again with other sampling factors of luma, which Pillow can't write.
    The count of blocks in an MCU and of MCUs must stay: the image is another then, but a valid
    one."""
    data = bytearray((HERE / source).read_bytes())
    frame = data.index(b"\xff\xc0\x00\x11\x08")
    data[frame + 11] = factors
    save(name, bytes(data))


def jpegs():
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        for width, height in ((1, 1), (3, 5), (4, 4), (5, 3), (17, 33), (58, 45)):
            save(
                f"jpeg-{name}-{width}x{height}.jpg",
                scene(width, height),
                quality=92,
                subsampling=subsampling,
            )
    save("jpeg-progressive.jpg", scene(58, 45), quality=85, subsampling=2, progressive=True)
    save("jpeg-restart.jpg", scene(58, 45), quality=85, subsampling=2, restart_marker_blocks=3)
    save("jpeg-gray.jpg", scene(33, 18).convert("L"), quality=85)
    save("jpeg-rgb.jpg", scene(33, 18), quality=92, keep_rgb=True)
    save("jpeg-cmyk.jpg", scene(33, 18).convert("CMYK"), quality=92)
    for orientation in range(1, 9):
        save(
            f"jpeg-orientation-{orientation}.jpg",
            scene(40, 23),
            quality=90,
            subsampling=2,
            exif=exif(orientation),
        )
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    save("jpeg-xmp.jpg", scene(40, 23), quality=90, subsampling=2, xmp=xmp)
    # Blocks of a single color have nothing but a mean, which every inverse transform
    # gets exactly: these compare upsampling and color to the bit.
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        flat = (
            scene(96, 64)
            .resize((6, 4), Image.Resampling.BOX)
            .resize((96, 64), Image.Resampling.NEAREST)
        )
        save(
            f"jpeg-exact-{name}.jpg",
            flat.crop((0, 0, 58, 45)),
            quality=75,
            subsampling=subsampling,
            qtables=[[8] + [255] * 63, [8] + [255] * 63],
        )
    for kind in ("58x45", "exact"):
        first, second = (kind, "{}") if kind == "exact" else ("{}", kind)
        for name, source, factors in (("440", "422", 0x12), ("411", "420", 0x41)):
            resample(
                f"jpeg-{first}-{second}.jpg".format(name),
                f"jpeg-{first}-{second}.jpg".format(source),
                factors,
            )


def pngs():
    rgb = scene(37, 23)
    save("png-rgb.png", rgb)
    save("png-rgba.png", with_alpha(37, 23), exif=exif(8))
    save("png-gray.png", rgb.convert("L"))
    save("png-gray-alpha.png", with_alpha(37, 23).convert("LA"))
    save("png-bilevel.png", rgb.convert("1"))
    save("png-palette.png", rgb.quantize(200))
    save("png-palette-2bit.png", rgb.quantize(4), bits=2)
    save("png-palette-trns.png", rgb.quantize(16), transparency=bytes(range(0, 256, 16)))
    save("png-palette-index.png", rgb.quantize(16), transparency=3)
    save("png-rgb-trns.png", rgb, transparency=(255, 0, 0))
    save("png-gray-trns.png", rgb.convert("L"), transparency=rgb.convert("L").getpixel((3, 3)))
    wide = np.asarray(rgb.convert("L")).astype(np.uint16) * 257 ^ 0x5A
    save("png-gray16.png", Image.fromarray(wide), say=Image.fromarray((wide >> 8).astype(np.uint8)))
    save("png-rgb16.png", deep_png(np.asarray(rgb).astype(np.uint16) * 257 ^ 0x5A, 2))
    save(
        "png-rgba16.png", deep_png(np.asarray(with_alpha(37, 23)).astype(np.uint16) * 257 ^ 0x5A, 6)
    )
    save("png-1x1.png", scene(1, 1))
    save("png-interlaced.png", interlaced_png(np.asarray(rgb)))


def png(width, height, depth, color, interlace, rows):
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def deep_png(samples, color):
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    return png(samples.shape[1], samples.shape[0], 16, color, 0, rows)


def interlaced_png(samples):
    rows = b""
    for x, y, dx, dy in PASSES:
        part = samples[y::dy, x::dx]
        if part.shape[1]:
            rows += b"".join(b"\0" + row.tobytes() for row in part)
    return png(samples.shape[1], samples.shape[0], 8, 2, 1, rows)


def gif(screen, frames, table, background=0):
    """A GIF from its parts; frames are (x, y, width, height, indices, transparent or None,
    interlaced)."""
    bits = max(1, (len(table) // 3 - 1).bit_length())
    out = (
        b"GIF89a"
        + struct.pack("<HHBBB", *screen, 0x80 | bits - 1, background, 0)
        + table.ljust(3 << bits, b"\0")
    )
    for x, y, width, height, indices, transparent, interlaced in frames:
        if transparent is not None:
            out += b"\x21\xf9\x04\x01\0\0" + bytes([transparent]) + b"\0"
        out += b"," + struct.pack("<HHHHB", x, y, width, height, 0x40 if interlaced else 0)
        # Codes of 9 bits with a clear code often enough that they never grow: no
        # compression, but valid LZW.
        codes = []
        for i, index in enumerate(indices):
            if i % 200 == 0:
                codes.append(256)
            codes.append(index)
        codes.append(257)
        number = sum(code << 9 * i for i, code in enumerate(codes))
        data = number.to_bytes((9 * len(codes) + 7) // 8, "little")
        out += (
            b"\x08"
            + b"".join(
                bytes([len(data[i : i + 255])]) + data[i : i + 255]
                for i in range(0, len(data), 255)
            )
            + b"\0"
        )
    return out + b";"


def gifs():
    save("gif.gif", scene(37, 23).quantize(60))
    save("gif-gray.gif", scene(37, 23).convert("L"))
    table = bytes(scene(20, 1).tobytes()[:60])
    cells = [(3 * i) % 20 for i in range(15 * 11)]
    save("gif-screen.gif", gif((30, 25), [(7, 5, 15, 11, cells, None, False)], table, 4))
    save("gif-transparent.gif", gif((30, 25), [(7, 5, 15, 11, cells, 6, False)], table, 4))
    save("gif-beyond.gif", gif((9, 9), [(7, 5, 15, 11, cells, 6, True)], table))
    save("gif-interlaced.gif", gif((15, 11), [(0, 0, 15, 11, cells, None, True)], table))
    save(
        "gif-index.gif",
        gif((15, 11), [(0, 0, 15, 11, [i % 50 for i in range(165)], None, False)], table),
    )
    save(
        "gif-animated.gif",
        gif(
            (15, 11),
            [(0, 0, 15, 11, cells, 2, False), (0, 0, 15, 11, cells[::-1], 2, False)],
            table,
        ),
    )


def others():
    rgb = scene(37, 23)
    save("bmp.bmp", rgb)
    save("bmp-gray.bmp", rgb.convert("L"))
    save("bmp-palette.bmp", rgb.quantize(100))
    save("bmp-bilevel.bmp", rgb.convert("1"))
    save("bmp-rgba.bmp", with_alpha(37, 23))
    rows = [row.tobytes() for row in np.asarray(with_alpha(W, H))[:, :, [2, 1, 0, 3]]]
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    for name, compression in (("bmp-v4.bmp", 0), ("bmp-v4-masks.bmp", 3)):
        save(name, bmp(32, rows, 108, compression, masks=masks, down=True))

    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        save(f"tiff-{compression}.tif", rgb, compression=compression)
    save("tiff-gray.tif", rgb.convert("L"))
    save("tiff-bilevel.tif", rgb.convert("1"))
    for name, compression, options in (
        ("rle", "tiff_ccitt", 0),
        ("group3", "group3", 4),
        ("group3-mixed", "group3", 5),
        ("group4", "group4", 0),
    ):
        save(
            f"tiff-{name}.tif",
            rgb.convert("1"),
            compression=compression,
            tiffinfo={292: options} if options else {},
        )
    save("tiff-palette.tif", rgb.quantize(100))
    save("tiff-rgba.tif", with_alpha(37, 23))
    save(
        "tiff-associated.tif", with_alpha(37, 23).convert("RGBa").convert("RGBA"), tiffinfo={338: 1}
    )
    for orientation in (3, 6):
        save(f"tiff-orientation-{orientation}.tif", rgb, exif=exif(orientation))
    wide = np.asarray(rgb.convert("L")).astype(np.uint16) * 257 ^ 0x5A
    save(
        "tiff-gray16.tif", Image.fromarray(wide), say=Image.fromarray((wide >> 8).astype(np.uint8))
    )

    for width, height in ((1, 1), (3, 5), (17, 33), (64, 48)):
        save(f"webp-lossy-{width}x{height}.webp", scene(width, height), quality=85)
    save("webp-lossless.webp", rgb, lossless=True, exif=exif(6))
    save("webp-lossless-alpha.webp", with_alpha(37, 23), lossless=True, exact=True)
    save("webp-lossy-alpha.webp", with_alpha(37, 23), quality=85, exact=True)
    save(
        "webp-animated.webp",
        with_alpha(40, 30),
        save_all=True,
        append_images=[scene(40, 30, seed=2)],
        lossless=True,
    )
    save(
        "webp-animated-lossy.webp",
        with_alpha(40, 30),
        save_all=True,
        append_images=[scene(40, 30, seed=2)],
        quality=80,
    )


if __name__ == "__main__":
    for old in HERE.glob("want/*.png"):
        (HERE / old.stem).unlink(missing_ok=True)
        old.unlink()
    jpegs()
    pngs()
    gifs()
    others()
