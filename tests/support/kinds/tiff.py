"""Supported and unsupported kinds of TIFF files."""

import itertools

import numpy as np
from PIL import Image

from support.formats import H, W, colors, faint, high_bytes, indices, saved, scene
from support.formats.tiff import tiff

COMPRESSIONS = {
    6: "old-style JPEG", 9: "JBIG", 32766: "NeXT", 32771: "CCITT RLE of words",
    32809: "ThunderScan", 32909: "PixarLog", 34676: "SGILog", 34712: "JPEG 2000", 34887: "LERC",
    34925: "LZMA", 50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL",
}  # fmt: skip


def add(file, refused):
    rgb, rgba, cmyk = np.asarray(scene()), np.asarray(faint()), np.asarray(scene().convert("CMYK"))
    gray, la = np.asarray(scene().convert("L")), np.asarray(faint().convert("LA"))
    associated = np.asarray(faint().convert("RGBa"))

    def deep(a):
        return a.astype(np.uint16) * 257 ^ 0x5A

    for order, (kind, code) in itertools.product(
        "<>", {"raw": 1, "lzw": 5, "deflate": 8, "old deflate": 32946, "packbits": 32773}.items()
    ):
        name = f"tiff {'little' if order == '<' else 'big'} endian {kind}"
        both = dict(order=order, compression=code)
        for how, layout in {
            "strips": {},
            "one strip": {"strip": H},
            "tiles": {"tile": (16, 16)},
            "a tile": {"tile": (48, 32)},
        }.items():
            file(f"{name} {how}", lambda o=both | layout: tiff(rgb, 2, **o))
            file(f"{name} {how} gray", lambda o=both | layout: tiff(gray, 1, **o))
            file(f"{name} {how} 16 bit", lambda o=both | layout: tiff(deep(rgb), 2, 16, **o))
            file(f"{name} {how} planar", lambda o=both | layout: tiff(rgb, 2, planar=True, **o))
        if code in (5, 8, 32946):
            file(f"{name} predictor", lambda o=both: tiff(rgb, 2, predictor=2, **o))
            file(
                f"{name} predictor tiles",
                lambda o=both: tiff(rgba, 2, predictor=2, tile=(16, 32), tags={338: [2]}, **o),
            )
            file(
                f"{name} predictor 16 bit", lambda o=both: tiff(deep(rgb), 2, 16, predictor=2, **o)
            )
            file(
                f"{name} predictor planar",
                lambda o=both: tiff(rgb, 2, predictor=2, planar=True, **o),
            )
        file(
            f"{name} 16 bit gray",
            lambda o=both: tiff(deep(gray), 1, 16, **o),
            high_bytes(deep(gray)),
        )
        file(
            f"{name} 16 bit gray inverted",
            lambda o=both: tiff(~deep(gray), 0, 16, **o),
            high_bytes(deep(gray)),
        )
        file(
            f"{name} 16 bit planar",
            lambda o=both: tiff(deep(rgb), 2, 16, planar=True, **o),
            scene(),
        )  # Pillow fails if it is uncompressed
        file(f"{name} cmyk", lambda o=both: tiff(cmyk, 5, **o))
        file(f"{name} cmyk 16 bit", lambda o=both: tiff(deep(cmyk), 5, 16, **o))
        for bits in (1, 2, 4, 8):
            for inverted in (0, 1):
                file(
                    f"{name} {bits} bit gray {inverted}",
                    lambda b=bits, i=inverted, o=both: tiff(indices(1 << b), i, b, **o),
                )
            table = {320: (colors(1 << bits).T.astype(int) * 257).ravel().tolist()}
            file(
                f"{name} {bits} bit palette",
                lambda b=bits, t=table, o=both: tiff(indices(1 << b), 3, b, tags=t, **o),
            )
    extras = {
        0: ("spare sample", rgba),
        1: ("associated alpha", associated),
        2: ("alpha", rgba),
        999: ("alpha of Corel", rgba),
    }
    for order in "<>":
        name = f"tiff {'little' if order == '<' else 'big'} endian"
        file(f"{name} alpha not said", lambda o=order: tiff(rgba, 2, order=o))
        for extra, (what, pix) in extras.items():
            tags = {338: [extra]}
            file(f"{name} {what}", lambda o=order, t=tags, p=pix: tiff(p, 2, order=o, tags=t))
            file(
                f"{name} {what} planar",
                lambda o=order, t=tags, p=pix: tiff(
                    p, 2, order=o, compression=5, planar=True, tags=t
                ),
            )
            if extra != 999:
                file(
                    f"{name} {what} 16 bit",
                    lambda o=order, t=tags, p=pix: tiff(deep(p), 2, 16, order=o, tags=t),
                )
                five = np.dstack([pix, gray])
                file(
                    f"{name} {what} and another",
                    lambda o=order, e=extra, p=five: tiff(p, 2, order=o, tags={338: [e, 0]}),
                )
        file(f"{name} gray with alpha", lambda o=order: tiff(la, 1, order=o, tags={338: [2]}))
        file(
            f"{name} gray with a spare sample",
            lambda o=order: tiff(la, 1, order=o, tags={338: [0]}),
        )
        la_associated = np.dstack([np.minimum(la[:, :, 0], la[:, :, 1]), la[:, :, 1]])
        want = np.where(
            la[:, :, 1:] > 0,
            la_associated[:, :, :1].astype(int) * 255 // np.maximum(la[:, :, 1:], 1),
            0,
        ).astype(np.uint8)
        want = Image.fromarray(np.dstack([want, la[:, :, 1:]]))
        file(
            f"{name} gray with associated alpha",
            lambda o=order, p=la_associated: tiff(p, 1, order=o, tags={338: [1]}),
            want,
        )
        file(
            f"{name} cmyk with a spare sample",
            lambda o=order: tiff(np.dstack([cmyk, gray]), 5, order=o, tags={338: [0]}),
        )
    for bits in (1, 2, 4, 8):
        file(f"tiff {bits} bit low bit first", lambda b=bits: tiff(indices(1 << b), 1, b, fill=2))
        file(
            f"tiff {bits} bit low bit first lzw",
            lambda b=bits: tiff(indices(1 << b), 1, b, compression=5, fill=2),
        )
    noise = Image.fromarray(np.random.default_rng(5).random((H, W)) < 0.5)
    wide = scene((5300, 9)).convert("1")
    for kind, t4 in itertools.product(("tiff_ccitt", "group3", "group4"), (None, 1, 4, 5)):
        if t4 and kind != "group3":
            continue
        name = f"tiff {kind}" + (f" options {t4}" if t4 else "")
        o = {292: t4} if t4 else {}

        def fax(image, kind=kind, o=o, **tags):
            return lambda: saved(
                image.convert("1"),
                "TIFF",
                compression=kind,
                tiffinfo=o | {int(k[1:]): v for k, v in tags.items()},
            )

        file(name, fax(scene()))
        file(f"{name} inverted", fax(scene(), t262=0))
        file(f"{name} low bit first", fax(scene(), t266=2))
        file(f"{name} strips", fax(scene((700, 300)), t278=100))
        file(f"{name} noise", fax(noise))
        file(f"{name} long runs", fax(wide))
        for level in (0, 1):
            file(f"{name} all {level}", fax(Image.new("1", (W, H), level)))

    # More than 8 bits are reduced to the high 8: Pillow reads them differently, or
    # rejects them.
    for bits, order in itertools.product((10, 12, 14), "<>"):
        name = f"tiff {'little' if order == '<' else 'big'} endian {bits} bit"
        loss = 16 - bits
        for how, layout in {
            "": {},
            " tiles": {"tile": (16, 16)},
            " lzw": {"compression": 5},
        }.items():
            both = dict(bits=bits, order=order) | layout
            file(
                f"{name}{how} gray",
                lambda o=both, k=loss: tiff(deep(gray) >> k, 1, **o),
                high_bytes(deep(gray)),
            )
            file(
                f"{name}{how} gray inverted",
                lambda o=both, k=loss: tiff(~deep(gray) >> k, 0, **o),
                high_bytes(deep(gray)),
            )
            file(f"{name}{how} rgb", lambda o=both, k=loss: tiff(deep(rgb) >> k, 2, **o), scene())
            file(
                f"{name}{how} planar",
                lambda o=both, k=loss: tiff(deep(rgb) >> k, 2, planar=True, **o),
                scene(),
            )
    for code in (1, 5, 8, 32773):
        tiles = dict(compression=code, tile=(16, 32), under=(273, 279))
        file(
            f"tiff tiles under the tags of strips {code}",
            lambda o=tiles: tiff(rgb, 2, **o),
            scene(),
        )
        file(
            f"tiff tiles under the tags of strips planar {code}",
            lambda o=tiles: tiff(rgb, 2, planar=True, **o),
            scene(),
        )
        no = dict(compression=code, strip=H, tags={279: [0]})
        file(f"tiff count of 0 bytes {code}", lambda o=no: tiff(rgb, 2, **o))
        no = dict(compression=code, tags={279: [0, 0, 0, 0]})
        file(f"tiff counts of 0 bytes {code}", lambda o=no: tiff(rgb, 2, **o), scene())
    file("tiff counts of too few bytes", lambda: tiff(rgb, 2, tags={279: [5, 6, 7, 8]}))
    for order in "<>":
        file(f"tiff signed {order}", lambda o=order: tiff(gray, 1, order=o, tags={339: [2]}))

    def jpeg(mode, quality=90, **options):
        return lambda part: saved(
            Image.fromarray(part.squeeze(), mode), "JPEG", quality=quality, **options
        )

    for order in "<>":
        both = dict(order=order, compression=7, strip=16)
        end = "little" if order == "<" else "big"
        file(f"tiff {end} endian jpeg gray", lambda o=both: tiff(gray, 1, packer=jpeg("L"), **o))
        file(
            f"tiff {end} endian jpeg",
            lambda o=both: tiff(rgb, 6, packer=jpeg("RGB", subsampling=0), **o),
        )
        file(
            f"tiff {end} endian jpeg rgb",
            lambda o=both: tiff(rgb, 2, packer=jpeg("RGB", keep_rgb=True), **o),
        )
        tiles = both | {"tile": (32, 16)}
        file(
            f"tiff {end} endian jpeg tiles",
            lambda o=tiles: tiff(
                rgb, 6, packer=jpeg("RGB", subsampling=2), tags={530: [2, 2]}, **o
            ),
        )
    file("tiff jpeg with tables", lambda: saved(scene(), "TIFF", compression="jpeg"))
    file(
        "tiff jpeg with tables gray",
        lambda: saved(scene().convert("L"), "TIFF", compression="jpeg"),
    )
    for order, magic in {"<": b"II\0*", ">": b"MM*\0"}.items():
        file(
            f"tiff magic number in the other order {order}",
            lambda o=order, m=magic: m + tiff(rgb, 2, order=o)[4:],
        )
    file(
        "tiff many pages",
        lambda: saved(scene(), "TIFF", save_all=True, append_images=[scene(seed=2)]),
    )
    file("tiff no photometric interpretation", lambda: tiff(gray, 0, tags={262: None}))
    file("tiff counts missing", lambda: tiff(rgb, 2, strip=H, tags={279: None}))
    file("tiff one count of bits", lambda: tiff(rgb, 2, tags={258: [8]}))
    file(
        "tiff big strips",
        lambda: tiff(np.asarray(scene((150, 120))), 2, compression=5, strip=80, predictor=2),
    )

    refused("tiff big", lambda: b"II+\0\10\0\0\0" + bytes(99), "BigTIFF")
    refused(
        "tiff float",
        lambda: saved(Image.new("F", (W, H)), "TIFF"),
        r"kind 3 \(floating point\) of 32 bits are not supported: convert it",
    )
    refused(
        "tiff 32 bit",
        lambda: saved(Image.new("I", (W, H)), "TIFF"),
        r"kind 2 \(signed integer\) of 32 bits are not supported",
    )
    refused(
        "tiff signed 16 bit",
        lambda: tiff(deep(gray), 1, 16, tags={339: [2]}),
        r"\(signed integer\) of 16 bits are not supported",
    )
    refused("tiff 11 bit", lambda: tiff(gray, 1, 11), "samples of 11 bits are not supported")
    refused(
        "tiff lab",
        lambda: saved(Image.new("LAB", (W, H)), "TIFF"),
        r"interpretation 8 \(CIE L\*a\*b\*\) is not supported",
    )
    for code, what in COMPRESSIONS.items():
        refused(
            f"tiff {what}",
            lambda c=code: tiff(rgb, 2, tags={259: [c]}),
            rf"compression {code} \({what}\) is not supported: convert it",
        )
    refused(
        "tiff unknown compression",
        lambda: tiff(rgb, 2, tags={259: [777]}),
        "compression 777 is not supported",
    )
    refused(
        "tiff fax short",
        lambda: saved(scene().convert("1"), "TIFF", compression="group4", tiffinfo={279: [20]})[
            :100
        ],
        "truncated",
    )
    refused(
        "tiff chunk left out",
        lambda: tiff(
            rgb, 2, compression=5, strip=H, tags={273: [0], 279: [0]}, under=(65001, 65002)
        ),
        "truncated",
    )
    refused(
        "tiff predictor of floats",
        lambda: tiff(rgb, 2, predictor=3),
        "predictor 3 .* not supported",
    )
    refused(
        "tiff without strips", lambda: tiff(rgb, 2, tags={278: [0]}), "have no size|there are none"
    )
    refused(
        "tiff fewer strips", lambda: tiff(rgb, 2, tags={278: [1]}), "strips or tiles instead of"
    )
    refused("tiff short", lambda: tiff(rgb, 2)[:-1], "truncated")
    for code in (5, 8, 32773):
        refused(f"tiff short {code}", lambda c=code: tiff(rgb, 2, compression=c)[:-9], "truncated")
