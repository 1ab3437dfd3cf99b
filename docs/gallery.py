"""Every augmentation at a low, a middle and a high strength, made by the package: `make gallery`
writes docs/gallery.png.

Each image is what training would see of one file, a sample of scikit-learn's (by danielbuechele,
CC BY 2.0).
"""

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from sklearn.datasets import load_sample_image

import mixfolder as mf

SEED = 1  # of what is drawn at random in spite of the fixed strengths
#: Options of `from_directory` with a strength v, and what v is from the left to the
#: right.
ROWS = {
    "": (0,),
    "crop=mf.RandomResizedCrop(scale=(v, v))": (0.7, 0.35, 0.08),
    "crop=mf.RandomCrop(padding=v)": (8, 16, 32),
    "crop=mf.CenterCrop(fraction=v)": (0.875, 0.6, 0.3),
    "affine=mf.RandomAffine(rotation=(v, v))": (10, 30, 90),
    "affine=mf.RandomAffine(shift=v, fill_mode='constant')": (0.1, 0.3, 0.6),
    "affine=mf.RandomAffine(shear=(v, v), fill_mode='reflect')": (10, 25, 45),
    "affine=mf.RandomAffine(zoom=(v, v), fill_mode='wrap')": (0.6, 1.5, 2.5),
    "augment=[mf.ColorJitter(brightness=(v, v))]": (1.2, 0.6, 0.2),
    "augment=[mf.ColorJitter(contrast=(v, v))]": (1.3, 0.5, 0.1),
    "augment=[mf.ColorJitter(saturation=(v, v))]": (1.3, 0, 3),
    "augment=[mf.ColorJitter(hue=(v, v))]": (0.05, 0.2, 0.5),
    "augment=[mf.ChannelShift(v)]": (20, 60, 120),
    "augment=[mf.Grayscale(prob=v)]": (1,),
    "augment=[mf.ColorJitter(contrast=(0.2, 0.2)), mf.AutoContrast(v)]": (0, 1),
    "augment=[mf.Equalize(prob=v)]": (1,),
    "augment=[mf.Posterize(bits=v, prob=1)]": (4, 2, 1),
    "augment=[mf.Solarize(threshold=v, prob=1)]": (224, 128, 0),
    "augment=[mf.Sharpness(factor=v, prob=1)]": (2, 0, 6),
    "augment=[mf.GaussianBlur(sigma=v, prob=1)]": (0.7, 1.5, 4),
    "augment=[mf.RandomErasing(scale=(v, v), prob=1)]": (0.05, 0.15, 0.33),
    "augment=[mf.RandomErasing(scale=(v, v), value='random', prob=1)]": (0.05, 0.15, 0.33),
    "augment=[mf.RandAugment(num_ops=2, magnitude=v)]": (4, 9, 25),
    "augment=[mf.TrivialAugmentWide()], seed=v": (3, 5, 10),
}
BLOCKS, ACROSS = 3, 3  # of rows, side by side; of images in a row
WIDTH, HEIGHT, GAP, LINE = 120, 80, 6, 15  # of an image, between two, of a line of text; pixels


def augmented(folder: Path, options: str, v: float) -> Image.Image:
    """The image as training sees it."""
    chosen = {"seed": SEED, **eval(f"dict({options})", {"mf": mf, "v": v})}
    form = {
        "image_size": (HEIGHT, WIDTH),
        "batch_size": 1,
        "label_mode": None,
        "dtype": "uint8",
        "data_format": "channels_last",
    }
    with mf.from_directory(folder, mix=None, verbose=False, **form, **chosen) as seq:
        return Image.fromarray(np.array(seq[0][0]))


def sheet(folder: Path) -> Image.Image:
    """The rows, from top to bottom and then in the next block."""
    deep = -(-len(ROWS) // BLOCKS)
    width, height = ACROSS * (WIDTH + GAP) + 2 * GAP, LINE + HEIGHT + LINE + GAP
    drawn = Image.new("RGB", (BLOCKS * width, deep * height + GAP), "white")
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(size=12)
    for i, (options, strengths) in enumerate(ROWS.items()):
        left, top = i // deep * width + GAP, i % deep * height
        pen.text((left, top), options or "the image", "black", font)
        for k, v in enumerate(strengths):
            x, y = left + k * (WIDTH + GAP), top + LINE + 2
            drawn.paste(augmented(folder, options, v), (x, y))
            if options:
                pen.text((x, y + HEIGHT), f"v = {v}", "black", font)
    return drawn


def main() -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root, "china")
        folder.mkdir()
        Image.fromarray(load_sample_image("china.jpg")).save(folder / "china.png")
        save(sheet(Path(root)), "gallery.png")


def save(drawn: Image.Image, name: str) -> None:
    """Write a picture of the documentation with 6 bits per value, which PNG packs in two thirds of
    the bytes."""
    reduced = drawn.point(lambda value: value & 0xFC | value >> 6)
    reduced.save(Path(__file__).with_name(name), optimize=True)


if __name__ == "__main__":
    main()
