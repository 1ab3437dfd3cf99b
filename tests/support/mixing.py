"""Rows by the definitions of the mixing policies, in NumPy, from what `explain` reports."""

import math

import numpy as np

import mixfolder as mf

#: Every policy, with its options.
POLICIES = [
    0.4,
    mf.MixUp(1.0, fold=True),
    mf.CutMix(),
    mf.CutMix(box="inside"),
    mf.CutMix(box="uniform"),
    mf.CutMix(minmax=(0.2, 0.6)),
    mf.ResizeMix(),
    mf.Mosaic(),
    mf.Mosaic("resize"),
    mf.GridMix(cell=7),
    mf.FMix(),
    mf.FMix(alpha=0.5, decay=2, soft=0.2),
    mf.SmoothMix(),
    mf.SamplePairing(),
]

MASK64 = 2**64 - 1


def mix64(z):
    """The finalizer of SplitMix64."""
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK64
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK64
    return z ^ z >> 31


class Stream:
    """The core's random stream for one purpose: PCG-DXSM, seeded through the purpose's hash."""

    def __init__(self, seed, purpose):
        h = 14695981039346656037
        for byte in purpose.encode():
            h = ((h ^ byte) * 1099511628211) & MASK64
        golden = 0x9E3779B97F4A7C15
        a = mix64(seed[0] ^ mix64((h + golden) & MASK64))
        self.state = a << 64 | mix64(seed[1] ^ mix64(a ^ mix64(3)))

    def uint64(self):
        multiplier = 2549297995355413924 << 64 | 4865540595714422341
        increment = 6364136223846793005 << 64 | 1442695040888963407
        self.state = (self.state * multiplier + increment) & (2**128 - 1)
        high, low = self.state >> 64, self.state & MASK64
        high ^= high >> 32
        high = (high * 0xDA942042E4DD58B5) & MASK64
        high ^= high >> 48
        return (high * (low | 1)) & MASK64

    def below(self, n):
        """A whole number from 0 to n-1."""
        return self.uint64() * n >> 64

    def normals(self):
        """Two normal numbers by the polar method."""
        while True:
            x, y = (((self.uint64() >> 12) + 0.5) / 2**51 - 1 for _ in range(2))
            w = x * x + y * y
            if w < 1:
                factor = math.sqrt(-2 * math.log(w) / w)
                return x * factor, y * factor


def smooth(size, seed, x, y, sigma, _):
    """SmoothMix: 1 - Gaussian, of the distances of the pixels' centers."""
    rows, columns = (
        np.exp(-(((np.arange(n) + 0.5 - center) / sigma) ** 2) / 2).astype(np.float32)
        for n, center in zip(size, (y, x), strict=True)
    )
    return 1 - rows[:, np.newaxis] * columns


def grid(size, seed, cell, own, *_):
    """GridMix: cells chosen one by one, each with the probability that is left."""
    stream, cell, own = Stream(seed, "grid"), int(cell), int(own)
    down, across = (-(-n // cell) for n in size)
    cells = np.zeros(down * across, np.float32)
    for i in range(len(cells)):
        if stream.below(len(cells) - i) < own:
            cells[i], own = 1, own - 1
    mask = cells.reshape(down, across).repeat(cell, 0).repeat(cell, 1)
    return mask[: size[0], : size[1]]


def fmix(size, seed, decay, own, soft, _):
    """FMix: the largest values of noise with a spectrum of the frequency^-decay, less the
    frequencies that together have 0.002 of its standard deviation."""
    height, width = size
    longer = max(size)
    limit = (math.pi / (4 * (decay - 1)) / 0.002**2) ** (1 / (2 * decay - 2))
    stream, spectrum = Stream(seed, "fmix"), np.zeros((height, width // 2 + 1), complex)
    for v in range(width // 2 + 1):
        for u in range(height // 2 + 1):
            f = math.hypot(u / height, v / width)
            for row in sorted({u, -u % height}):
                if f * longer <= limit:
                    spectrum[row, v] = complex(*stream.normals()) * max(f, 1 / longer) ** -decay
    noise = np.fft.irfft2(spectrum, size).ravel()
    own, soft = int(own), int(soft)
    mask = np.zeros(len(noise), np.float32)
    order = np.argsort(-noise, kind="stable")
    mask[order[: own - soft]] = 1
    mask[order[own - soft : own + soft]] = np.linspace(1, 0, 2 * soft)
    return mask.reshape(size)


MASKS = {"smooth": smooth, "grid": grid, "fmix": fmix}


def coefficients(source, target):
    """Antialiased bilinear weights of the source's pixels for each target pixel, as integers of a
    number of bits: the running sum is rounded, with as many bits as a weight of 16 bits allows."""
    scale = source / target
    stretch = max(scale, 1)
    weights = np.zeros((target, source))
    for i, center in enumerate((np.arange(target) + 0.5) * scale):
        first, end = max(int(center - stretch + 0.5), 0), min(int(center + stretch + 0.5), source)
        w = np.maximum(1 - np.abs((np.arange(first, end) + 0.5 - center) / stretch), 0)
        weights[i, first:end] = w / w.sum()
    bits = 22
    while weights.max() * 2**bits >= 2**15 - 1 or 255 * 2**bits >= (2**31 - 1) * 0.9:
        bits -= 1
    sums = np.floor(weights.cumsum(axis=1) * 2**bits + 0.5)
    return np.diff(sums, axis=1, prepend=0).astype(int), bits


def resized(image, width, height):
    """An image in another size: rows, then columns, each rounded to 8 bits; or columns first
    where they are the ones that shrink, as in Pillow."""
    axes = [(1, width), (0, height)]
    if image.shape[0] - height > max(0, 2 * (image.shape[1] - width)):
        axes.reverse()
    for axis, target in axes:
        weights, bits = coefficients(image.shape[axis], target)
        sums = np.tensordot(weights, image.astype(int), (1, axis)) + 2 ** (bits - 1) >> bits
        image = np.moveaxis(np.clip(sums, 0, 255), 0, axis)
    return image


def with_boxes(row, image, images):
    """An image with the boxes of a row in it."""
    out = image.copy()
    for box in row.get("boxes", []):
        left, top, right, bottom = box["to"]
        x0, y0, x1, y1 = box["from"]
        part, width, height = images[box["image"]][y0:y1, x0:x1], right - left, bottom - top
        if (x1 - x0, y1 - y0) != (width, height):
            part = resized(part, width, height)
        out[top:bottom, left:right] = part
    return out


def mixed(row, images, weight):
    """A row of uint8 images, unrounded: b + weight * (a - b) in float32, each operation rounded,
    where weight is a number, or None for that of the row's mask, else 1."""
    if "mask" in row:
        mask, size = row["mask"], images[0].shape[:2]
        weight = MASKS[mask["kind"]](size, mask["seed"], *mask["args"])[..., np.newaxis]
    weight = np.float32(1 if weight is None else weight)
    a, b = (with_boxes(row, image, images).astype(np.float32) for image in images[:2])
    return b + weight * (a - b)
