"""Writes keras.jsonl: the matrices with which apply_affine_transform of
keras.src.legacy.preprocessing.image (Keras 3.15) calls SciPy, and spaces.jsonl and
applied.jsonl: the operations of torchvision's (0.29) RandAugment and TrivialAugmentWide, and
what they make of the image that magnitudes_test.go paints. Run by `make golden`."""

import hashlib
import json
import pathlib
import sys

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
HERE = pathlib.Path(__file__).resolve().parent
with open(HERE / "keras.jsonl", "w") as out:
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

try:
    from PIL import Image
    from torchvision.transforms import autoaugment, functional
except ImportError as error:
    print(f"{error}: the golden files of torchvision stay as they are")
    sys.exit()


def soft(width, height):
    """magnitudes_test.go has the same formula."""
    y, x, c = np.ogrid[:height, :width, :3]
    noise = (x * 7919 + y * 104729 + c * 1299709) // 64
    value = 60 + ((x - 15) ** 2 + 2 * (y - 11) ** 2) // 16 % 97 + 9 * c + noise % 7
    return (value % 256).astype(np.uint8)


def digest(pixels):
    return hashlib.sha256(pixels.tobytes()).hexdigest()[:16]


def matrix_of(name, magnitude, size):
    """The matrix that torchvision hands to Pillow, or None where there is none."""
    matrices = []

    class Spy(Image.Image):
        def transform(self, size, method, data=None, *args, **kwargs):
            matrices.append([float(v) for v in data])
            return self

    image = Spy()
    image._mode, image._size, image.im = "RGB", size, Image.new("RGB", size).im
    autoaugment._apply_op(image, name, magnitude, functional.InterpolationMode.NEAREST, None)
    return matrices[0] if matrices else None


# 20 would shear by 0.2, so that points fall on the edge of two pixels: Pillow, with 16
# fractional bits, may take either.
STRENGTHS = [0, 9, 15, 21, 30]


def write_applied(out):
    """Every operation as torchvision applies it."""
    size = (37, 29)
    image = Image.fromarray(soft(*size))
    for policy in ("RandAugment", "TrivialAugmentWide"):
        sizes = (size[::-1],) if policy == "RandAugment" else ()
        for name, (magnitudes, signed) in (
            getattr(autoaugment, policy)()._augmentation_space(31, *sizes).items()
        ):
            numbers = [float(magnitudes[k]) if magnitudes.ndim else 0.0 for k in STRENGTHS]
            sums = [
                [
                    digest(
                        np.asarray(
                            autoaugment._apply_op(
                                image, name, sign * m, functional.InterpolationMode.NEAREST, None
                            )
                        )
                    )
                    for m in numbers
                ]
                for sign in ((1, -1) if signed else (1,))
            ]
            out.write(
                json.dumps({"policy": policy, "name": name, "strengths": STRENGTHS, "sums": sums})
                + "\n"
            )


def write_spaces(out):
    for policy in ("RandAugment", "TrivialAugmentWide"):
        for width, height in [(224, 224), (150, 97), (32, 48), (331, 662), (1, 1)]:
            transform = getattr(autoaugment, policy)()
            sizes = ((height, width),) if policy == "RandAugment" else ()
            for name, (magnitudes, signed) in transform._augmentation_space(31, *sizes).items():
                numbers = [float(m) for m in magnitudes] if magnitudes.ndim else [0.0] * 31
                case = {
                    "policy": policy,
                    "size": [width, height],
                    "name": name,
                    "signed": signed,
                    "magnitudes": numbers,
                }
                if name in ("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"):
                    case["matrices"] = [
                        [matrix_of(name, s * m, (width, height)) for m in numbers[::5]]
                        for s in (1, -1)
                    ]
                out.write(json.dumps(case) + "\n")


for name, write in {"spaces": write_spaces, "applied": write_applied}.items():
    with open(HERE / f"{name}.jsonl", "w") as out:
        write(out)
