"""The image of the golden files of the decoders."""

import numpy as np
from PIL import Image


def scene(width, height, noise=0, seed=0):
    """An image with smooth color, hard edges and saturated corners, where upsampling of chroma is
    hardest, and with noise on request."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    u, v = x / max(width - 1, 1), y / max(height - 1, 1)
    rgb = np.stack([255 * u, 255 * v, 127 + 127 * np.sin(6 * u + 9 * v + seed)], axis=-1)
    stripes = ((x // 5 + y // 7) % 3 == 0) & (u > 0.4)
    rgb[stripes] = 255 - rgb[stripes]
    rgb[(u > 0.75) & (v < 0.3)] = (255, 0, 0)
    rgb[(u < 0.2) & (v > 0.7)] = (0, 0, 255)
    rgb += noise * np.random.default_rng(seed).standard_normal(rgb.shape)
    return Image.fromarray(rgb.clip(0, 255).round().astype(np.uint8))
