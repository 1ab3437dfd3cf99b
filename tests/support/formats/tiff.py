"""TIFF files."""

import itertools
import struct
import zlib

import numpy as np

from support.formats import packed


def packbits(data):
    out = b""
    while data:
        run = len(data) - len(data.lstrip(data[:1]))
        if run > 1:
            run = min(run, 128)
            out, data = out + bytes([257 - run]) + data[:1], data[run:]
        else:
            out, data = out + b"\x04" + data[:5].ljust(5, b"\0"), data[5:]
    return out


def lzw(data):
    """LZW as in TIFF 6.0, where the code width grows one code early."""
    codes, width, bits = [(256, 9)], 9, ""
    table, prefix = {bytes([i]): i for i in range(256)}, b""
    n = 258
    for i in range(len(data)):
        longer = prefix + data[i : i + 1]
        if longer in table:
            prefix = longer
            continue
        codes.append((table[prefix], width))
        table[longer] = n
        n += 1
        width = 9 + (n > 511) + (n > 1023) + (n > 2047)
        if n == 4095:
            codes.append((256, width))
            table, n, width = {bytes([k]): k for k in range(256)}, 258, 9
        prefix = data[i : i + 1]
    codes.append((table[prefix], width))
    n += 1
    codes.append((257, 9 + (n > 511) + (n > 1023) + (n > 2047)))
    bits = "".join(format(code, f"0{w}b") for code, w in codes)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


COMPRESS = {1: bytes, 8: zlib.compress, 32946: zlib.compress, 32773: packbits, 5: lzw}


def tiff(
    samples,
    photometric,
    bits=8,
    order="<",
    compression=1,
    tile=None,
    strip=7,
    planar=False,
    predictor=1,
    fill=1,
    tags=(),
    packer=None,
    under=None,
):
    """samples: height x width x samples; big and little endian; the directory precedes the pixels.

    tags: values by tag, or (type, count, bytes); under: the tags of the offsets and of the byte
    counts.
    """
    samples = np.asarray(samples)
    samples = samples.reshape(*samples.shape[:2], -1)
    h, w, n = samples.shape
    tw, th = tile or (w, strip)
    data = []
    for plane in np.split(samples, n, 2) if planar else [samples]:
        for y, x in itertools.product(range(0, h, th), range(0, w, tw)):
            part = plane[y : y + th, x : x + tw]
            if tile:
                part = np.pad(
                    part,
                    ((0, th - part.shape[0]), (0, tw - part.shape[1]), (0, 0)),
                    constant_values=1,
                )
            if packer:
                data.append(packer(part))
                continue
            if predictor == 2:
                part = np.concatenate([part[:, :1], np.diff(part, axis=1)], 1)
            rows = (
                [r.astype(order + "u2").tobytes() for r in part]
                if bits == 16
                else packed(part.reshape(part.shape[0], -1), bits)
            )
            raw = COMPRESS[compression](b"".join(rows))
            data.append(bytes(int(f"{b:08b}"[::-1], 2) for b in raw) if fill == 2 else raw)
    entries = {
        256: [w],
        257: [h],
        258: [bits] * n,
        259: [compression],
        262: [photometric],
        277: [n],
        284: [1 + planar],
    }
    entries |= {266: [fill]} if fill != 1 else {}
    entries |= {317: [predictor]} if predictor != 1 else {}
    entries |= {322: [tw], 323: [th]} if tile else {278: [th]}
    offsets, counts = under or ((324, 325) if tile else (273, 279))
    entries |= {offsets: [0] * len(data), counts: [len(d) for d in data]}
    entries |= dict(tags)
    entries = {k: entries[k] for k in sorted(entries) if entries[k] is not None}
    for _ in range(2):  # the second time with the offsets
        directory, outside = b"", b""
        end = 8 + 2 + 12 * len(entries) + 4
        for tag, values in entries.items():
            if isinstance(values, tuple):
                kind, count, body = values
            elif isinstance(values, bytes):
                kind, body, count = 7, values, len(values)
            else:
                kind = 4 if max(values) > 65535 or tag in (273, 279, 324, 325) else 3
                body, count = (
                    struct.pack(f"{order}{len(values)}{'HI'[kind - 3]}", *values),
                    len(values),
                )
            if len(body) > 4:
                outside += b"\0" * (len(outside) % 2)
                at = end + len(outside)
                outside += body
                body = struct.pack(order + "I", at)
            directory += struct.pack(order + "HHI", tag, kind, count) + body.ljust(4, b"\0")
        at = end + len(outside)
        entries[offsets] = [at + sum(map(len, data[:i])) for i in range(len(data))]
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return (
        head
        + struct.pack(order + "H", len(entries))
        + directory
        + struct.pack(order + "I", 0)
        + outside
        + b"".join(data)
    )
