"""How far the mixing of timm, torchvision and Keras is from mixfolder's, and from the definitions:
`python benchmarks/mixing_peers.py FOLDER` prints the tables of docs/mixing.md.

MixUp gets the images, partners and weights of mixfolder's batches. Of CutMix the peers draw
themselves; their boxes are compared with the definition's for the same lambda and center, and the
weights of their labels with the pixels.
"""

import sys
from collections.abc import Callable
from unittest import mock

import numpy as np

SIZE, ROWS, BOXES = 224, 64, 20_000


def mixfolder_rows(data: str, dtype: str) -> list[tuple]:
    """(own image, partner, weight, result) of rows of mixfolder's MixUp."""
    import mixfolder as mf

    options = {"image_size": (SIZE, SIZE), "batch_size": ROWS, "seed": 5, "verbose": False}
    with (
        mf.from_directory(data, mix=mf.MixUp(1.0), dtype=dtype, **options) as mixed,
        mf.from_directory(data, mix=None, dtype="uint8", **options) as plain,
    ):
        x, images, rows = np.asarray(mixed[0][0]), np.asarray(plain[0][0]), mixed.explain(0)
        at = {row["path"]: i for i, row in enumerate(rows)}
        return [
            (images[i], images[at[row["partner"]]], row["lam"], x[i]) for i, row in enumerate(rows)
        ]


def timm_mixup(a, b, lam):
    """timm, Mixup"""
    import torch
    from timm.data.mixup import Mixup

    mixup = Mixup(mixup_alpha=1, num_classes=2, label_smoothing=0)
    with mock.patch("numpy.random.beta", return_value=lam):
        x, y = mixup(torch.tensor(np.stack([a, b])).float(), torch.tensor([0, 1]))
    return x[0].numpy(), y[0].numpy()


def timm_collate(a, b, lam):
    """timm, FastCollateMixup"""
    from timm.data.mixup import FastCollateMixup

    collate = FastCollateMixup(mixup_alpha=1, num_classes=2, label_smoothing=0)
    pair = [(image.transpose(2, 0, 1), k) for k, image in enumerate((a, b))]
    with mock.patch("numpy.random.beta", return_value=lam):
        x, y = collate(pair)
    return x[0].numpy().transpose(1, 2, 0), y[0].numpy()


def torchvision_mixup(a, b, lam):
    """torchvision, v2.MixUp"""
    import torch
    from torchvision.transforms import v2

    mixup = v2.MixUp(num_classes=2)
    with mock.patch.object(mixup, "make_params", return_value={"lam": lam}):
        x, y = mixup(torch.tensor(np.stack([a, b])).float(), torch.tensor([0, 1]))
    return x[0].numpy(), y[0].numpy()


def keras_mixup(a, b, lam):
    """Keras, layers.MixUp"""
    import keras

    layer = keras.layers.MixUp(alpha=1.0)
    drawn = {"mix_weight": np.float32([lam, 1]), "permutation_order": np.array([1, 0])}
    x = layer.transform_images(np.stack([a, b]), drawn)
    y = layer.transform_labels(np.eye(2, dtype=np.float32), drawn)
    return np.asarray(x[0]), np.asarray(y[0])


def mixup(name: Callable, rows: list[tuple]) -> None:
    """A row of the table: images of equal type are compared with mixfolder's result."""
    largest = differ = label = 0.0
    for a, b, lam, result in rows:
        x, y = name(a, b, lam)
        gap = np.abs(x.astype(np.float64) - result)
        largest, differ = max(largest, gap.max()), differ + np.mean(gap > 0) / len(rows)
        label = max(label, abs(float(y[0]) - lam))
    print(f"| {name.__doc__} | MixUp | {largest:.2g} | {differ:.1%} | {label:.1g} |", flush=True)


def definition(lam, y, x):
    """The paper's box, clipped: rows and columns, first and last + 1."""
    side = int(SIZE * np.sqrt(1 - lam))
    edges = (y - side // 2, y + (side + 1) // 2, x - side // 2, x + (side + 1) // 2)
    return tuple(min(max(int(e), 0), SIZE) for e in edges)


def covered(y0, y1, x0, x1):
    return max(y1 - y0, 0) * max(x1 - x0, 0)


def timm_boxes():
    """timm, Mixup"""
    from timm.data.mixup import cutmix_bbox_and_lam

    for _ in range(BOXES):
        lam, centers = np.random.beta(1, 1), np.random.randint(SIZE, size=2)
        with mock.patch("numpy.random.randint", side_effect=list(centers)):
            box, share = cutmix_bbox_and_lam((SIZE, SIZE), lam)
        yield lam, centers, tuple(map(int, box)), share


def torchvision_boxes():
    """torchvision, v2.CutMix"""
    import torch
    from torchvision.transforms import v2

    cutmix, image = v2.CutMix(num_classes=2), torch.zeros(1, 3, SIZE, SIZE)
    for _ in range(BOXES):
        lam, (y, x) = np.random.beta(1, 1), np.random.randint(SIZE, size=2)
        places = [torch.tensor([x]), torch.tensor([y])]
        with (
            mock.patch.object(cutmix._dist, "sample", return_value=lam),
            mock.patch("torch.randint", side_effect=places),
        ):
            drawn = cutmix.make_params([image])
        x0, y0, x1, y1 = drawn["box"]
        yield lam, (y, x), (y0, y1, x0, x1), drawn["lam_adjusted"]


def keras_boxes():
    """Keras, layers.CutMix"""
    import keras

    layer = keras.layers.CutMix()
    for _ in range(BOXES // 64):
        drawn = layer.get_random_transformation(np.zeros((64, SIZE, SIZE, 1), np.uint8))
        masks, shares = (
            np.asarray(drawn["batch_masks"])[..., 0],
            np.asarray(drawn["mix_weight"]).ravel(),
        )
        for mask, share in zip(masks, shares, strict=True):
            y, x = (np.flatnonzero(mask.any(axis=k)) for k in (1, 0))
            edges = (y[0], y[-1] + 1, x[0], x[-1] + 1) if mask.any() else (0, 0, 0, 0)
            yield None, None, edges, float(share)


def cutmix(name: Callable) -> None:
    """A row of the table. Keras has no center: its boxes lie inside."""
    off, labels, shares = [], [], []
    for lam, center, box, share in name():
        own = 1 - covered(*box) / SIZE**2
        shares.append(own)
        labels.append(abs(share - own))
        if center is not None:
            want = definition(lam, *center)
            both = covered(*(f(p, q) for f, p, q in zip([max, min] * 2, box, want, strict=True)))
            off.append((covered(*box) + covered(*want) - 2 * both) / SIZE**2)
    pixels = f"{np.mean(off):.2%} | {np.max(off):.2%}" if off else "| "
    print(
        f"| {name.__doc__} | CutMix | {pixels} | {np.mean(labels):.2g}, at most "
        f"{np.max(labels):.2g} | {np.mean(shares):.3f} |",
        flush=True,
    )


def main() -> None:
    np.random.seed(1)
    print("| peer | policy | largest difference | values that differ | label's error |")
    print("| --- | --- | --- | --- | --- |")
    rows = mixfolder_rows(sys.argv[1], "float32")
    for name in (timm_mixup, torchvision_mixup, keras_mixup):
        mixup(name, rows)
    mixup(timm_collate, mixfolder_rows(sys.argv[1], "uint8"))
    print("\n| peer | policy | pixels off, mean | at most | label's error, mean | own share |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in (timm_boxes, torchvision_boxes, keras_boxes):
        cutmix(name)


if __name__ == "__main__":
    main()
