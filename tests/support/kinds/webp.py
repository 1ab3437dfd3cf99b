"""Supported and unsupported kinds of WebP files."""

from support.formats import H, W, faint, saved, scene
from support.formats.webp import uint24, webp, webp_canvas, webp_chunks


def add(file, refused):
    for quality in (20, 80, 100):
        file(f"webp lossy {quality}", lambda q=quality: saved(scene(), "WEBP", quality=q))
        file(
            f"webp lossy {quality} alpha",
            lambda q=quality: saved(faint(), "WEBP", quality=q, exact=True),
        )
    for size in ((1, 1), (3, 5), (64, 64)):
        file(f"webp lossy {size}", lambda s=size: saved(scene(s), "WEBP"))
        file(f"webp lossless {size}", lambda s=size: saved(scene(s), "WEBP", lossless=True))
    for method in (0, 6):
        file(
            f"webp lossless {method}",
            lambda m=method: saved(scene(), "WEBP", lossless=True, method=m),
        )
        file(
            f"webp lossless {method} alpha",
            lambda m=method: saved(faint(), "WEBP", lossless=True, exact=True, method=m),
        )
    for n in (2, 4, 16, 200):  # with few colors, several pixels are packed into one
        file(
            f"webp lossless {n} colors",
            lambda n=n: saved(scene().quantize(n).convert("RGB"), "WEBP", lossless=True),
        )
    file("webp icc", lambda: saved(scene(), "WEBP", icc_profile=b"not really" * 9))
    frames = [faint(), scene(seed=2)]
    for lossless in (False, True):
        tail = " lossless" if lossless else ""
        both = dict(lossless=lossless, quality=90)
        file(
            f"webp animated{tail}",
            lambda o=both: saved(scene(), "WEBP", save_all=True, append_images=frames[1:], **o),
        )
        file(
            f"webp animated alpha{tail}",
            lambda o=both: saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], **o),
        )
        file(
            f"webp part of the canvas{tail}", lambda o=both: webp_canvas(scene((20, 12)), 6, 4, **o)
        )
        file(
            f"webp alpha on a part of the canvas{tail}",
            lambda o=both: webp_canvas(faint((20, 12)), 6, 4, **o),
        )
        file(
            f"webp part of a canvas without alpha{tail}",
            lambda o=both: webp_canvas(scene((20, 12)), 6, 4, flags=2, **o),
        )
        refused(
            f"webp short{tail}",
            lambda o=both: saved(scene(), "WEBP", **o)[:-40],
            "truncated.*WebP files cannot be kept",
        )
    inside = webp_chunks(saved(faint(), "WEBP", lossless=True, exact=True))[-1]
    file(
        "webp alpha that the container doesn't say",
        lambda: webp((b"VP8X", bytes(4) + uint24(W - 1, H - 1)), inside),
    )
    file("webp junk behind", lambda: saved(scene(), "WEBP") + b"junk" * 9)
    refused("webp no frame", lambda: webp((b"VP8X", bytes(4) + uint24(W - 1, H - 1))), "truncated")
    refused(
        "webp two sizes",
        lambda: webp((b"VP8X", bytes(4) + uint24(W - 5, H - 1)), inside),
        "beyond the canvas",
    )
