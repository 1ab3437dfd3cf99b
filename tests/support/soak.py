"""Train for a given time while files are deleted, truncated, replaced and restored: no crash, no
hang, no wrong label, no leak.

    KERAS_BACKEND=jax python tests/support/soak.py --seconds 60

Each class is a color, so every mixed image shows what its label must be. Prints one line, and exits
with 1 if a check fails.
"""

import argparse
import faulthandler
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from pathlib import Path

import keras
import numpy as np
from PIL import Image

import mixfolder as mf

COLORS = {
    "blue": (40, 60, 200),
    "green": (50, 190, 70),
    "gray": (120, 120, 120),
    "red": (210, 50, 40),
}
SUFFIXES = [".jpg", ".png", ".gif", ".bmp", ".webp", ".tif"]
IMAGES, SAFE = 60, 12  # per class, and how many of them are never touched

#: Options that keep the mean color of images, one set per round.
WAYS = [
    dict(flip="both"),
    dict(crop=mf.RandomResizedCrop(), dct_scaling=True),
    dict(affine=mf.RandomAffine(rotation=20, shift=0.1), cache="memory"),
    dict(pairing="dataset", flip="horizontal", prefetch=5),
]
#: Seconds from which on a run is long enough to distinguish a leak from its start-up.
STEADY = 30

#: Tolerance for the mean of an image, in pixel values: palettes, JPEG and WebP change
#: it a little.
TOLERANCE = 6
GROWTH, GROWTH_BYTES = 1.05, 20e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    faulthandler.dump_traceback_later(arguments.seconds + 120, exit=True)  # a hang
    root = Path(tempfile.mkdtemp(prefix="mixfolder-soak-"))
    try:
        files = make_images(root, np.random.default_rng(arguments.seed))
        soak(root, files, arguments.seconds, arguments.seed)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def make_images(root: Path, rng: np.random.Generator) -> dict[Path, bytes]:
    """Fills the class folders; returns the content of the files that may be damaged."""
    files = {}
    for name, color in COLORS.items():
        (root / name).mkdir()
        for i in range(IMAGES):
            path = root / name / f"{i:03d}{SUFFIXES[i % len(SUFFIXES)]}"
            height, width = rng.integers(30, 160, 2)
            noise = rng.integers(-12, 13, (height, width, 1))
            pixels = Image.fromarray(
                (np.array(color) + noise - noise.mean().round()).clip(0, 255).astype(np.uint8)
            )
            pixels.save(path, **({"quality": 95} if path.suffix in (".jpg", ".webp") else {}))
            if i >= SAFE:
                files[path] = path.read_bytes()
    return files


class Vandal(threading.Thread):
    """Damages and restores files until it is stopped; `done` counts the changes."""

    def __init__(self, files: dict[Path, bytes], seed: int):
        super().__init__(daemon=True)
        self._files, self._chance = files, random.Random(seed)
        self._stop_asked = threading.Event()
        self.done = Counter()

    def run(self) -> None:
        faults = [
            self._remove,
            self._cut,
            self._garble,
            self._directory,
            self._pipe,
            self._exchange,
        ]
        acts = faults + [self._restore] * (len(faults) // 2)
        while not self._stop_asked.wait(0.002):
            path = self._chance.choice(list(self._files))
            act = self._chance.choice(acts)
            if path.is_dir():
                path.rmdir()
            act(path)
            self.done[act.__name__.strip("_")] += 1

    def stop(self) -> None:
        self._stop_asked.set()
        self.join()

    def _remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def _cut(self, path: Path) -> None:
        data = self._files[path]
        if path.is_fifo():
            path.unlink()
        path.write_bytes(data[: self._chance.randrange(len(data))])

    def _garble(self, path: Path) -> None:
        self._write(path, self._chance.randbytes(self._chance.randrange(2000)))

    def _directory(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        path.mkdir()

    def _pipe(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        os.mkfifo(path)

    def _exchange(self, path: Path) -> None:
        """Another good image of the class, of any format."""
        self._write(
            path,
            self._files[self._chance.choice([p for p in self._files if p.parent == path.parent])],
        )

    def _restore(self, path: Path) -> None:
        self._write(path, self._files[path])

    def _write(self, path: Path, data: bytes) -> None:
        new = path.with_name(".new")
        new.write_bytes(data)
        new.replace(path)


class Checked(keras.utils.Sequence):
    """A sequence whose batches are compared with their labels; `worst` is the largest difference of
    a mean so far, in pixel values."""

    def __init__(self, sequence: mf.ImageSequence):
        super().__init__()
        self._sequence = sequence
        self._colors = np.array([COLORS[name] for name in sequence.class_names], np.float32)
        self.worst = 0.0

    def __len__(self) -> int:
        return len(self._sequence)

    def __getitem__(self, index):
        x, y = self._sequence[index]
        self.worst = max(
            self.worst,
            float(np.abs(np.asarray(x).mean((1, 2)) - np.asarray(y) @ self._colors).max()),
        )
        return x, y

    def on_epoch_begin(self) -> None:
        self._sequence.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self._sequence.on_epoch_end()


def usage() -> dict[str, int]:
    """Resident bytes, open files and threads of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "resident bytes": pages * os.sysconf("SC_PAGE_SIZE"),
        "files": len(os.listdir("/proc/self/fd")),
        "threads": len(os.listdir("/proc/self/task")),
    }


def soak(root: Path, files: dict[Path, bytes], seconds: float, seed: int) -> None:
    model = keras.Sequential(
        [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(len(COLORS), "softmax")]
    )
    model.compile("sgd", "categorical_crossentropy")
    vandal = Vandal(files, seed)
    vandal.start()
    begin, early, worst, totals = time.monotonic(), None, 0.0, Counter()
    while early is None or time.monotonic() < begin + seconds:
        # Opened again each time, as files found bad are not read again.
        options = dict(
            image_size=(48, 40),
            batch_size=16,
            on_error="skip",
            threads=4,
            verbose=False,
            **WAYS[totals["rounds"] % len(WAYS)],
        )
        with (
            warnings.catch_warnings(action="ignore"),
            mf.from_directory(root, seed=totals["rounds"], **options) as sequence,
        ):
            checked = Checked(sequence)
            model.fit(checked, epochs=5, verbose=0)
            stats = sequence.stats()
        worst = max(worst, checked.worst)
        totals.update(
            rounds=1, **{name: stats[name] for name in ("batches", "images_decoded", "skipped")}
        )
        if early is None and time.monotonic() > begin + seconds / 3:
            early = usage()
    vandal.stop()
    late = usage()
    failures = check(early if seconds >= STEADY else late, late, worst, totals)
    used = ", ".join(f"{what} {early[what]} -> {late[what]}" for what in early)
    print(
        f"{keras.backend.backend()}: {dict(totals)}, {sum(vandal.done.values())} faults "
        f"{dict(vandal.done)}; {used}; "
        f"labels off by {worst:.1f} of 255: {'; '.join(failures) or 'good'}"
    )
    sys.exit(bool(failures))


def check(early: dict[str, int], late: dict[str, int], worst: float, totals: Counter) -> list[str]:
    """The problems found, as text."""
    failures = []
    if worst > TOLERANCE:
        failures.append("a label does not fit its image")
    if not totals["skipped"]:
        failures.append("no fault was met")
    if late["resident bytes"] > max(
        GROWTH * early["resident bytes"], early["resident bytes"] + GROWTH_BYTES
    ):
        failures.append("memory grows")
    failures += [f"{what} grow" for what in ("files", "threads") if late[what] > early[what] + 2]
    return failures


if __name__ == "__main__":
    main()
