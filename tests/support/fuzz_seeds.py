"""Seeds for the fuzz targets of Go: the files that `go test` runs a target on and that `make fuzz`
starts from. Files found by fuzzing are next to them and are not changed."""

from pathlib import Path

import numpy as np

from support.jpeg_maker import adobe, each, make

SIZE = 21, 11  # small, so that most mutations have an effect; not a multiple of 8
YUV = [(2, 2), (1, 1), (1, 1)]
SAMPLINGS = {
    "410": [(4, 2), (1, 1), (1, 1)],
    "420": YUV,
    "gray": [(1, 1)],
    "low": [(1, 1), (2, 2), (1, 1)],  # less luma than chroma
    "mixed": [(2, 2), (1, 2), (2, 1)],
    "rgb": [(1, 1)] * 3,
    "cmyk": [(1, 1)] * 4,
}


def write(folder: Path, name: str, *arguments: bytes | tuple[str, int]) -> None:
    """Writes a seed: an argument is bytes, or the type and value of an integer."""
    folder.mkdir(exist_ok=True)
    lines = ["go test fuzz v1"]
    for a in arguments:
        if isinstance(a, bytes):
            lines.append('[]byte("' + "".join(f"\\x{b:02x}" for b in a) + '")')
        else:
            lines.append("{}({})".format(*a))
    (folder / name.replace(" ", "-")).write_text("\n".join(lines) + "\n")


def jpegs() -> dict[str, bytes]:
    """JPEG files of every kind, each intact and damaged in three ways."""
    files = {}
    for name, factors in SAMPLINGS.items():
        ids = b"RGB" if name == "rgb" else None
        every = range(len(factors))
        files |= {
            f"jpeg-{name}": make(*SIZE, factors, ids=ids),
            f"jpeg-{name}-scans": make(*SIZE, factors, each(factors), restart=2, ids=ids),
            f"jpeg-{name}-progressive": make(*SIZE, factors, progressive=True, restart=3, ids=ids),
        }
        if name in ("420", "cmyk"):  # only DC coefficients: the rest is estimated
            means = [(every, 0, 0, 0, 1), (every, 0, 0, 1, 0)]
            files[f"jpeg-{name}-dc"] = make(100, 90, factors, means, progressive=True)
    refined = [([0], 0, 0, 0, 0), *[([0], 1, 63, 0, 0)] * 40]
    files |= {
        "jpeg-ycck": make(*SIZE, [*YUV, (2, 2)], head=adobe(2)),
        "jpeg-fraction": make(*SIZE, [(3, 1), (2, 1), (1, 1)]),
        "jpeg-no-tables": make(*SIZE, YUV, tables=False),
        "jpeg-tall": make(5, 700, YUV, restart=1),
        "jpeg-scans-of-one": make(*SIZE, [(1, 1)], refined, progressive=True),
    }
    return {name + how: d for name, data in files.items() for how, d in damaged(name, data).items()}


def damaged(name: str, data: bytes) -> dict[str, bytes]:
    """data unchanged, with bits flipped after the first scan's header, truncated there, and with
    one byte of its headers changed."""
    rng = np.random.default_rng(list(name.encode()))
    scan = data.index(b"\xff\xda")
    flipped, header = bytearray(data), bytearray(data)
    for at in rng.integers(scan + 14, len(data) - 2, 3):
        flipped[at] ^= 1 << int(rng.integers(8))
    header[int(rng.integers(2, scan + 14))] = int(rng.integers(256))
    cut = data[: int(rng.integers(scan + 14, len(data) - 2))]
    return {"": data, "-flipped": bytes(flipped), "-header": bytes(header), "-cut": cut}
