"""Every mixing policy on the same images, with the labels of the results, made by the package:
`make gallery` writes docs/mixing.png.

The images are halves of scikit-learn's two photographs (by danielbuechele and vultilion, CC BY
2.0). Each is mixed with one of the other class where the policy allows.
"""

import tempfile
from pathlib import Path

import numpy as np
from gallery import save
from PIL import Image, ImageDraw, ImageFont
from sklearn.datasets import load_sample_image

import mixfolder as mf


def halves(images, plan):
    """The left half of the image, and the right one of its partner."""
    x, half = images[0], images.shape[3] // 2
    x[:, :, half:] = images[1][:, :, half:]
    return x, np.full(len(x), half / images.shape[3])


#: Each row: `mix=`, with other options.
ROWS = {
    "mix=None": {},
    "mix=mf.MixUp(1.0)": {},
    "mix=mf.CutMix()": {},
    "mix=mf.ResizeMix()": {},
    "mix=mf.Mosaic()": {},
    "mix=mf.Mosaic('resize')": {},
    "mix=mf.GridMix(cell=20)": {},
    "mix=mf.FMix()": {},
    "mix=mf.FMix(soft=0.2)": {},
    "mix=mf.SmoothMix()": {},
    "mix=mf.SamplePairing()": {},
    "mix=mf.BalancedMixUp(1.0)": {"pairing": "balanced"},
    "mix=mf.OneOf([(0.8, 0.5), (mf.CutMix(), 0.5)])": {},
    "mix=mf.Custom(halves)": {},
}
SEED = 7
BLOCKS = 2  # of rows, side by side
WIDTH, HEIGHT, GAP, LINE = 120, 100, 6, 15  # of an image, between two, of a line of text; pixels


def write(folder: Path) -> None:
    """Two halves of each photograph, as the files of two classes."""
    for name, file in {"flower": "flower.jpg", "temple": "china.jpg"}.items():
        photograph = Image.fromarray(load_sample_image(file))
        middle, height = photograph.width // 2, photograph.height
        (folder / name).mkdir()
        for i, left in enumerate((0, middle)):
            half = photograph.crop((left, 0, left + middle, height))
            half.save(folder / name / f"{i}.png")


def mixed(folder: Path, options: str) -> tuple[np.ndarray, list[str]]:
    """A batch as training sees it, and its labels."""
    more = ROWS[options]
    chosen = {"pairing": "other_class", **eval(f"dict({options})", {"mf": mf, "halves": halves})}
    if "Mosaic" in options:
        chosen["pairing"] = "batch"
    with mf.from_directory(
        folder,
        image_size=(HEIGHT, WIDTH),
        batch_size=4,
        shuffle=False,
        dtype="uint8",
        data_format="channels_last",
        crop_to_aspect_ratio=True,
        seed=SEED,
        verbose=False,
        **chosen | more,
    ) as seq:
        x, y = map(np.asarray, seq[0])
        names = seq.class_names
    labels = [
        " + ".join(f"{w:.2f} {n}" for w, n in zip(row, names, strict=True) if w > 0.004)
        for row in y
    ]
    return x, labels


def sheet(folder: Path) -> Image.Image:
    """The rows, from top to bottom and then in the next block."""
    deep = -(-len(ROWS) // BLOCKS)
    width, height = 4 * (WIDTH + GAP) + 2 * GAP, LINE + HEIGHT + LINE + GAP + 4
    drawn = Image.new("RGB", (BLOCKS * width, deep * height + GAP), "white")
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(size=12)
    small = ImageFont.load_default(size=10)
    for i, (options, more) in enumerate(ROWS.items()):
        left, top = i // deep * width + GAP, i % deep * height
        title = ", ".join([options, *(f'{name}="{value}"' for name, value in more.items())])
        pen.text((left, top), title, "black", font)
        x, labels = mixed(folder, options)
        for k, (image, label) in enumerate(zip(x, labels, strict=True)):
            at = left + k * (WIDTH + GAP), top + LINE + 2
            drawn.paste(Image.fromarray(image), at)
            pen.text((at[0], at[1] + HEIGHT + 1), label, "black", small)
    return drawn


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as root:
        write(Path(root))
        save(sheet(Path(root)), "mixing.png")
