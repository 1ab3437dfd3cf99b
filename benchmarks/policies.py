"""The cost of mixing, for benchmarks/bench.py: each policy of mixfolder, and timm's."""

import statistics
import time
from collections.abc import Callable

import numpy as np

from peers import ALPHA, BATCH, SIZE

#: By name: the arguments of `from_directory`, to be evaluated.
POLICIES = (
    "mix=None",
    "mix=mf.MixUp()",
    "mix=mf.MixUp(), dtype='uint8'",
    "mix=mf.SamplePairing()",
    "mix=mf.CutMix()",
    "mix=mf.CutMix(), dtype='uint8'",
    "mix=mf.ResizeMix()",
    "mix=mf.Mosaic()",
    "mix=mf.Mosaic('resize')",
    "mix=mf.GridMix()",
    "mix=mf.FMix()",
    "mix=mf.FMix(soft=0.1)",
    "mix=mf.SmoothMix()",
)


def policies(data: str, seconds: float) -> dict[str, float]:
    """Microseconds per image, one thread: policies with rows from the cache, timm's uint8 mixing of
    the same images, and what it takes to fill the memory of a row with zeros."""
    import mixfolder as mf

    found = {"fill the memory with zeros": filling(seconds / 4)}
    images = []
    for arguments in POLICIES:
        options = {"rescale": 1 / 255, **eval(f"dict({arguments})", {"mf": mf})}
        if options.get("dtype") == "uint8":
            del options["rescale"]
        with mf.from_directory(
            data, image_size=(SIZE, SIZE), batch_size=BATCH, drop_last=True, threads=1,
            cache="memory", verbose=False, seed=1, **options,
        ) as seq:  # fmt: skip
            found[arguments] = spent(seq, seconds / 4)
            if options.get("dtype") == "uint8" and not images:
                images = list(np.asarray(seq[0][0]).transpose(0, 3, 1, 2).copy())
    return found | timm(images, seconds / 4)


def spent(seq, seconds: float) -> float:
    """The time of the step that mixes, after the cache is filled."""

    def epoch() -> float:
        before = seq.stats()["mix_seconds"]
        for _ in seq:
            pass
        return (seq.stats()["mix_seconds"] - before) / (len(seq) * BATCH)

    return typical(epoch, seconds)


def typical(run: Callable[[], float], seconds: float) -> float:
    """The median of the seconds per image that `run` returns, after two runs to warm up, in
    microseconds."""
    run(), run()
    found, begin = [], time.perf_counter()
    while not found or time.perf_counter() - begin < seconds:
        found.append(run())
    return 1e6 * statistics.median(found)


def timed(use: Callable[[], object]) -> Callable[[], float]:
    """A function that calls `use` for a batch and returns the seconds per image."""

    def run() -> float:
        begin = time.perf_counter()
        use()
        return (time.perf_counter() - begin) / BATCH

    return run


def filling(seconds: float) -> float:
    batch = np.ones((BATCH, SIZE, SIZE, 3), np.float32)
    return typical(timed(lambda: batch.fill(0)), seconds)


def timm(images: list[np.ndarray], seconds: float) -> dict[str, float]:
    """FastCollateMixup, on images with channels first."""
    from contenders import installed

    if not installed("timm"):
        return {}
    import torch
    from timm.data.mixup import FastCollateMixup

    torch.set_num_threads(1)
    found = {}
    for name, options in {
        "MixUp": {"mixup_alpha": ALPHA},
        "CutMix": {"mixup_alpha": 0, "cutmix_alpha": 1},
    }.items():
        collate = FastCollateMixup(mode="elem", num_classes=10, label_smoothing=0, **options)
        batch = [(image, 1) for image in images]
        found[f"timm's {name}, uint8, mode='elem'"] = typical(
            timed(lambda collate=collate, batch=batch: collate(batch)), seconds
        )
    return found
