"""Augmentations against Pillow and SciPy, given the draws that `explain` reports."""

import pickle

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps
from scipy import ndimage

import mixfolder as mf
from support.batches import arrays

SIZE = (20, 24)  # of the images of `flowers`: nothing is resized
OPTIONS = dict(
    image_size=SIZE,
    mix=None,
    dtype="uint8",
    data_format="channels_last",
    batch_size=21,
    seed=11,
    verbose=False,
)

AFFINE = mf.RandomAffine(rotation=30, shift=0.1, shear=10, zoom=0.2)
EVERYTHING = [
    mf.ColorJitter(brightness=0.5, contrast=0.5, saturation=0.5, hue=0.1),
    mf.ChannelShift(30),
    mf.Grayscale(0.3),
    mf.AutoContrast(),
    mf.Equalize(),
    mf.Posterize(5),
    mf.Solarize(200),
    mf.Sharpness(2),
    mf.GaussianBlur(),
    mf.RandomErasing(prob=0.5, value="random"),
    mf.RandAugment(),
    mf.TrivialAugmentWide(),
]


def batch(directory, **options):
    """The first batch, with its random draws."""
    with mf.from_directory(directory, **{**OPTIONS, **options}) as seq:
        drawn = seq.explain(0)
        return arrays(seq[0])[0], drawn


def hue(image, shift):
    """torchvision.transforms.functional.adjust_hue of a Pillow image."""
    h, s, v = image.convert("HSV").split()
    shifted = np.asarray(h) + np.array(shift * 255).astype(np.uint8)
    return Image.merge("HSV", (Image.fromarray(shifted.astype(np.uint8)), s, v)).convert("RGB")


def channel_shift(image, red, green, blue):
    """Keras' apply_channel_shift."""
    x = np.asarray(image, np.float64)
    return Image.fromarray(
        np.clip(x + (red, green, blue), x.min(), x.max()).round().astype(np.uint8)
    )


def blur(image, sigma, kernel_size):
    """A Gaussian, cut off at the size of the kernel."""
    size = int(kernel_size) or int(round(6 * sigma + 1)) | 1
    at = np.arange(size) - size // 2
    kernel = np.exp(-0.5 * (at / sigma) ** 2)
    x = np.asarray(image, np.float64)
    for axis in (0, 1):
        x = ndimage.correlate1d(x, kernel / kernel.sum(), axis, mode="mirror")
    return Image.fromarray(x.round().astype(np.uint8))


def erase(image, x, y, width, height, fill):
    x, y, width, height = map(int, (x, y, width, height))
    image.paste(tuple(fill), (x, y, x + width, y + height))
    return image


def affine(image, bilinear, fill, **matrix):
    method = Image.Resampling.BILINEAR if bilinear else Image.Resampling.NEAREST
    return image.transform(
        image.size,
        Image.Transform.AFFINE,
        [matrix[k] for k in "abcdef"],
        method,
        fillcolor=tuple(fill[:3]),
    )


REFERENCE = {
    "identity": lambda image: image,
    "brightness": lambda image, factor: ImageEnhance.Brightness(image).enhance(factor),
    "contrast": lambda image, factor: ImageEnhance.Contrast(image).enhance(factor),
    "saturation": lambda image, factor: ImageEnhance.Color(image).enhance(factor),
    "hue": hue,
    "channel_shift": channel_shift,
    "grayscale": lambda image: image.convert("L").convert("RGB"),
    "auto_contrast": ImageOps.autocontrast,
    "equalize": ImageOps.equalize,
    "posterize": lambda image, bits: ImageOps.posterize(image, int(bits)),
    "solarize": ImageOps.solarize,
    "sharpness": lambda image, factor: ImageEnhance.Sharpness(image).enhance(factor),
    "gaussian_blur": blur,
    "erase": erase,
    "affine": affine,
}


@pytest.mark.parametrize(
    ("augmentation", "bound"),
    [
        (mf.ColorJitter(brightness=0.5, contrast=(0.2, 2), saturation=0.9, hue=0.4), 0),
        (mf.ColorJitter(hue=(0.1, 0.2), prob=0.5), 0),
        (mf.ChannelShift(60), 0),
        (mf.Grayscale(0.5), 0),
        (mf.AutoContrast(), 0),
        (mf.Equalize(), 0),
        (mf.Posterize(3), 0),
        (mf.Solarize(100), 0),
        (mf.Sharpness(3), 0),
        (mf.GaussianBlur((0.3, 3), prob=1), 1),
        (mf.RandomErasing(1), 0),
        (mf.RandomErasing(1, value=(1, 2, 3)), 0),
        (mf.RandAugment(3, 15), 0),
        (mf.TrivialAugmentWide(), 0),
    ],
    ids=lambda v: type(v).__name__ if v.__class__.__module__.startswith("mixfolder") else "",
)
def test_pixels_match_the_explained_draws(flowers, augmentation, bound):
    plain, _ = batch(flowers)
    got, drawn = batch(flowers, augment=[augmentation])
    changed = 0
    for before, after, sample in zip(plain, got, drawn, strict=True):
        want = Image.fromarray(before)
        for draw in sample["augment"]:
            draw = dict(draw)
            want = REFERENCE[draw.pop("op")](want, **draw)
        difference = np.abs(np.asarray(want, np.int64) - after)
        # An affine operation may take either of two pixels if a point falls on their
        # edge.
        edges = 0.02 if any(draw["op"] == "affine" for draw in sample["augment"]) else 0
        assert (difference > bound).mean() <= edges, sample
        changed += (after != before).any()
    assert changed >= 4


@pytest.mark.parametrize("mode", ["nearest", "reflect", "wrap"])
def test_random_affine_matches_scipy(flowers, mode):
    plain, _ = batch(flowers)
    # Steps below one pixel: for larger ones the image would be averaged first.
    affine = mf.RandomAffine(rotation=40, shift=0.3, shear=10, zoom=(0.5, 0.9), fill_mode=mode)
    got, drawn = batch(flowers, affine=affine, flip="both")
    for before, after, sample in zip(plain, got, drawn, strict=True):
        a, b, c, d, e, f = sample["matrix"]
        # SciPy counts rows first, and from the center of the first pixel.
        offset = (d / 2 + e / 2 + f - 0.5, a / 2 + b / 2 + c - 0.5)
        for channel in range(3):
            want = ndimage.affine_transform(
                before[..., channel].astype(float), [[e, d], [b, a]], offset, order=1, mode=mode
            )
            difference = np.abs(want - after[..., channel])
            assert (difference > 1).mean() < 0.01, sample  # SciPy's modes jump at an edge


def test_random_affine_has_the_right_axes(flowers):
    """A height shift moves rows and a width shift columns; ImageDataGenerator swaps them."""
    plain, _ = batch(flowers)
    got, drawn = batch(
        flowers, affine=mf.RandomAffine(shift=(0.4, 0), fill_value=9, fill_mode="constant")
    )
    for before, after, sample in zip(plain, got, drawn, strict=True):
        (draw,) = sample["augment"]
        assert draw["op"] == "random_affine" and draw["shift_width"] == 0 and draw["rotation"] == 0
        rows = [
            np.interp(np.arange(20) + draw["shift_height"], np.arange(20), column)
            for column in before[..., 0].T.astype(float)
        ]
        inside = slice(9, 11)  # rows that show the image whatever the shift
        assert np.abs(np.array(rows).T[inside] - after[inside, :, 0]).max() <= 1


def test_random_affine_does_not_alias(folder):
    large = folder(size=(200, 260), rose=3, tulip=3)
    got, drawn = batch(large, affine=mf.RandomAffine(rotation=25, fill_mode="constant"))
    for after, sample in zip(got, drawn, strict=True):
        small = Image.open(sample["path"]).resize(SIZE[::-1], Image.Resampling.BILINEAR)
        want = small.transform(
            small.size, Image.Transform.AFFINE, sample["matrix"], Image.Resampling.BILINEAR
        )
        difference = np.abs(np.asarray(want, np.int64) - after)
        assert difference.mean() < 1 and (difference > 3).mean() < 0.03


def test_random_crop_pads_and_crops(flowers):
    plain, _ = batch(flowers)
    got, drawn = batch(flowers, crop=mf.RandomCrop(padding=4, fill_value=(7, 8, 9)))
    seen = set()
    for before, after, sample in zip(plain, got, drawn, strict=True):
        padded = np.empty((28, 32, 3), np.uint8)
        padded[:] = (7, 8, 9)
        padded[4:24, 4:28] = before
        (draw,) = sample["augment"]
        x, y = draw["x"], draw["y"]
        seen.add((x, y))
        np.testing.assert_array_equal(after, padded[4 + y : 24 + y, 4 + x : 28 + x])
    assert len(seen) > 10


@pytest.mark.parametrize(
    "crop",
    [dict(crop=mf.CenterCrop(0.5)), dict(crop=mf.RandomResizedCrop(), val_crop=mf.CenterCrop(0.5))],
)
def test_validation_has_the_center_crop_alone(flowers, crop):
    options = {**OPTIONS, "image_size": (10, 10), "validation_split": 0.4, "subset": "both", **crop}
    train, val = mf.from_directory(
        flowers, affine=AFFINE, augment=EVERYTHING, flip="both", **options
    )
    with train, val:
        for image, sample in zip(arrays(val[0])[0], val.explain(0), strict=True):
            assert (
                sample["crop"] == (7, 5, 17, 15)
                and sample["augment"] == []
                and sample["flip"] is None
            )
            want = np.asarray(Image.open(sample["path"]))[5:15, 7:17]
            np.testing.assert_array_equal(image, want)


def test_each_item_has_its_own_stream(flowers):
    jitter = mf.ColorJitter(brightness=0.5)
    _, alone = batch(flowers, augment=[jitter])
    _, among = batch(flowers, augment=[mf.Grayscale(0.5), jitter, jitter], flip="horizontal")
    for a, b in zip(alone, among, strict=True):
        factors = [draw["factor"] for draw in b["augment"] if draw["op"] == "brightness"]
        assert a["path"] == b["path"] and a["augment"][0]["factor"] == factors[0] != factors[1]


def test_partners_have_their_own_draws(flowers):
    with mf.from_directory(
        flowers,
        **{**OPTIONS, "mix": mf.MixUp(0.4), "pairing": "dataset"},
        augment=[mf.ColorJitter(0.5)],
    ) as seq:
        for sample in seq.explain(0):
            assert sample["augment"][0]["factor"] != sample["partner_augment"][0]["factor"]


@pytest.mark.parametrize(
    "options",
    [dict(), dict(crop=mf.RandomResizedCrop()), dict(cache="memory"), dict(color_mode="grayscale")],
    ids=str,
)
def test_threads_and_caching_change_nothing(flowers, options):
    def epochs(**more):
        with mf.from_directory(
            flowers,
            **{**OPTIONS, "batch_size": 8, "mix": mf.MixUp(0.3)},
            flip="both",
            affine=AFFINE,
            augment=EVERYTHING,
            **{**options, **more},
        ) as seq:
            return [arrays(b)[0] for _ in range(2) for b in seq]

    want = epochs(threads=1, prefetch=0)
    assert not np.array_equal(want[0], want[3])
    for more in (dict(threads=2), dict(threads=8, prefetch=4)):
        for a, b in zip(want, epochs(**more), strict=True):
            np.testing.assert_array_equal(a, b)


def test_pickling_keeps_transforms(flowers):
    with (
        mf.from_directory(
            flowers, **OPTIONS, affine=AFFINE, augment=EVERYTHING, crop=mf.RandomCrop(2)
        ) as seq,
        pickle.loads(pickle.dumps(seq)) as other,
    ):
        np.testing.assert_array_equal(arrays(seq[0])[0], arrays(other[0])[0])
        assert seq.explain(0) == other.explain(0)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (dict(augment=mf.Grayscale()), "augment must be a list"),
        (dict(augment=["grayscale"]), "augment must be a list"),
        (
            dict(augment=[mf.Grayscale(2)]),
            "augment.0.: .*prob of grayscale must be from 0 to 1, but is 2",
        ),
        (dict(augment=[mf.Grayscale("x")]), "prob of Grayscale must be a number"),
        (dict(augment=[mf.Grayscale(), mf.RandomAffine(10)]), "use affine=mixfolder.RandomAffine"),
        (dict(augment=mf.RandomAffine(10)), "use affine=mixfolder.RandomAffine"),
        (dict(affine=mf.Grayscale()), "affine must be mixfolder.RandomAffine.. or None"),
        (dict(affine=[mf.RandomAffine(10)]), "affine must be mixfolder.RandomAffine.. or None"),
        (dict(affine=mf.RandomAffine(-3)), "rotation of RandomAffine must be 0 or more"),
        (dict(affine=mf.RandomAffine(zoom=1)), "zoom of RandomAffine"),
        (
            dict(affine=mf.RandomAffine(fill_mode="mirror")),
            'unknown fill mode "mirror", valid are constant',
        ),
        (
            dict(affine=mf.RandomAffine(fill_value=300)),
            "fill_value of RandomAffine must be a number from 0 to 255",
        ),
        (dict(augment=[mf.ColorJitter(hue=0.7)]), "hue"),
        (dict(augment=[mf.ColorJitter(brightness=(2, 1))]), "low, high"),
        (dict(augment=[mf.ChannelShift(-1)]), "range of ChannelShift must be from 0 to 255"),
        (
            dict(augment=[mf.Posterize(9)]),
            "bits of posterize is 9, must be a whole number from 1 to 8",
        ),
        (dict(augment=[mf.Posterize(2.5)]), "bits of Posterize must be an integer"),
        (dict(augment=[mf.Sharpness(-1)]), "factor of sharpness must not be below 0"),
        (dict(augment=[mf.GaussianBlur(0)]), "sigma"),
        (dict(augment=[mf.RandomErasing(scale=(0.5, 2))]), "scale of RandomErasing"),
        (
            dict(augment=[mf.RandomErasing(value="black")]),
            'value of RandomErasing must be a color, "random" or None',
        ),
        (dict(augment=[mf.RandAugment(0)]), "num_ops of RandAugment must be from 1"),
        (
            dict(augment=[mf.RandAugment(magnitude=31)]),
            "magnitude of RandAugment must be from 0 to 30",
        ),
        (dict(crop=mf.RandomCrop(0)), "padding of RandomCrop must be from 1"),
        (dict(crop=mf.CenterCrop(1.5)), "fraction of CenterCrop must be above 0"),
        (dict(val_crop=mf.RandomCrop()), "val_crop: .*the same in every epoch: use CenterCrop"),
        (dict(val_crop=0.875), "val_crop must be mixfolder.RandomResizedCrop"),
    ],
)
def test_errors(flowers, options, match):
    with pytest.raises(ValueError, match=match):
        mf.from_directory(flowers, verbose=False, **options)
