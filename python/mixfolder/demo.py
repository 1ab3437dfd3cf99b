"""mixup with noisy labels: `python -m mixfolder.demo`.

Writes scikit-learn's handwritten digits as PNG files, with one folder per class and 40 % of the
training images in a wrong folder, and trains the same small network with and without mixup. A
network of this size can memorize wrong labels. Mixed images are new in each epoch, which makes
memorizing harder. The validation images, with correct labels, show the difference in accuracy.
"""

import argparse
import shutil
import time
from pathlib import Path
from typing import Any

import keras
import matplotlib
import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

import mixfolder as mf

WRONG = 0.4  # fraction of training images in a wrong folder
VALIDATION = 500  # number of images for validation, of 1797
# lambda ~ Beta(1, 1): all weights are equally likely. 0.2 is common; more helps against
# many wrong labels.
ALPHA = 1.0
SEED = 7
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def write_digits(folder: Path) -> tuple[Path, Path]:
    """Write the digits as train/<name>/<number>.png, some with wrong names, and as
    val/<name>/<number>.png."""
    digits: Any = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)  # 8x8 pixels of 0 to 16
    random = np.random.default_rng(SEED)
    order = random.permutation(len(images))
    train = order[VALIDATION:]

    labels = digits.target.copy()
    wrong = random.permutation(train)[: round(WRONG * len(train))]
    labels[wrong] = (
        labels[wrong] + random.integers(1, 10, len(wrong))
    ) % 10  # one of the nine others

    shutil.rmtree(folder, ignore_errors=True)
    for part, indices in (("train", train), ("val", order[:VALIDATION])):
        for index in indices:
            path = folder / part / NAMES[labels[index]] / f"{index:04d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(images[index]).save(path)
    return folder / "train", folder / "val"


def open_digits(directory: Path, mix: mf.MixUp | None, *, shuffle: bool = True) -> mf.ImageSequence:
    """Open a folder. The 8x8 images are enlarged while they are loaded."""
    return mf.from_directory(
        directory,
        image_size=(16, 16),
        color_mode="grayscale",
        rescale=1 / 255,
        seed=SEED,
        verbose=False,
        mix=mix,
        shuffle=shuffle,
    )


def small_network() -> keras.Model:
    """A convolutional network, with the same initial weights in each call."""
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def train(train_folder: Path, val_folder: Path, mix: mf.MixUp | None, epochs: int) -> list[float]:
    """Train a new network and return its validation accuracy after each epoch."""
    with (
        open_digits(train_folder, mix=mix) as data,
        open_digits(val_folder, mix=None, shuffle=False) as val,
    ):
        model: Any = small_network()  # Keras declares no types: pyright guesses wrong ones
        fitted = model.fit(data, validation_data=val, epochs=epochs, verbose=0)
    accuracies: list[float] = fitted.history["val_accuracy"]
    return accuracies


def plot(curves: dict[str, list[float]], path: Path) -> None:
    """Plot the validation accuracies to a PNG file."""
    matplotlib.use("agg")  # draws to a file, without a display
    from matplotlib import pyplot as plt
    from matplotlib import ticker

    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for name, accuracies in curves.items():
        axes.plot(
            range(1, len(accuracies) + 1),
            accuracies,
            label=f"{name}: {accuracies[-1]:.1%} at the end",
        )
    axes.set(
        xlabel="epoch",
        ylabel="validation accuracy",
        title=f"Handwritten digits, {WRONG:.0%} of the training labels wrong",
    )
    axes.yaxis.set_major_formatter(ticker.PercentFormatter(1, decimals=0))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=120)


def main() -> None:
    """Run the demo; see `--help`."""
    parser = argparse.ArgumentParser(prog="python -m mixfolder.demo", description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=Path("demo-output"), help="the folder to write to (%(default)s)"
    )
    parser.add_argument(
        "--epochs", type=int, default=40, help="epochs of each training (%(default)s)"
    )
    arguments = parser.parse_args()

    train_folder, val_folder = write_digits(arguments.out / "mixfolder-digits")
    with open_digits(train_folder, mix=mf.MixUp(ALPHA)) as data:
        print(
            f"{data.samples} training images, {WRONG:.0%} of them in a wrong folder; "
            f"{VALIDATION} validation images, all in the right one."
        )
        data.preview(arguments.out / "mixed-batch.png")

    curves = {}
    for name, mix in (("plain", None), (f"mixup, alpha {ALPHA:g}", mf.MixUp(ALPHA))):
        start = time.perf_counter()
        curve = curves[name] = train(train_folder, val_folder, mix, arguments.epochs)
        seconds = f"{time.perf_counter() - start:.0f} s on {keras.backend.backend()}"
        print(
            f"{name + ':':17} validation accuracy {curve[-1]:.1%} after {len(curve)} epochs, "
            f"{max(curve):.1%} at its best ({seconds})"
        )
    plot(curves, arguments.out / "accuracy.png")

    print(f"{arguments.out / 'mixfolder-digits'}: the images")
    print(f"{arguments.out / 'mixed-batch.png'}: a batch as the model sees it")
    print(f"{arguments.out / 'accuracy.png'}: both trainings")


if __name__ == "__main__":
    main()
