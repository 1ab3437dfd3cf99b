"""Writes keras.jsonl: the matrices with which apply_affine_transform of
keras.src.legacy.preprocessing.image (Keras 3.15) calls SciPy. Run by `make golden`."""

import json
import pathlib

import numpy as np
from keras.src.legacy.preprocessing import image as legacy

CASES = [  # height, width, theta, tx, ty, shear, zx, zy
    (100, 200, 90, 0, 0, 0, 1, 1),
    (100, 200, 0, 7.5, -3.25, 0, 1, 1),
    (100, 200, 0, 0, 0, 20, 1, 1),
    (100, 200, 0, 0, 0, 0, 1.25, 0.8),
    (150, 60, -17.3, 4.1, 9.7, 12.5, 0.9, 1.1),
    (64, 64, 33, -5, 11, -8, 1.3, 0.7),
]


class Interpolation:
    """Stands for SciPy's module of that name."""

    def affine_transform(self, channel, matrix, offset, **options):
        self.seen = matrix.tolist(), offset.tolist()
        return channel


class SciPy:
    def __init__(self):
        self.ndimage = self
        self.interpolation = Interpolation()


legacy.scipy = SciPy()
with open(pathlib.Path(__file__).with_name("keras.jsonl"), "w") as out:
    for height, width, theta, tx, ty, shear, zx, zy in CASES:
        image = np.zeros((height, width, 1))
        legacy.apply_affine_transform(
            image, theta, tx, ty, shear, zx, zy, row_axis=0, col_axis=1, channel_axis=2
        )
        matrix, offset = legacy.scipy.interpolation.seen
        case = {
            "height": height,
            "width": width,
            "theta": theta,
            "tx": tx,
            "ty": ty,
            "shear": shear,
            "zx": zx,
            "zy": zy,
        }
        out.write(json.dumps(case | {"matrix": matrix, "offset": offset}) + "\n")
