"""One measurement of benchmarks/bench.py, in its own process: `contenders.py NAME FOLDER THREADS
SECONDS` prints a line of JSON.

A contender is a function of a folder and a number of threads. It returns a function that yields the
batches of an epoch.
"""

import contextlib
import gc
import importlib.util
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import agreement
import peers
import peers_torch
import policies
from peers import ALPHA, BATCH, SIZE


def sequence(data: str, threads: int, **options):
    import mixfolder as mf

    return mf.from_directory(
        data, batch_size=BATCH, drop_last=True, threads=threads, verbose=False,
        **{"image_size": (SIZE, SIZE), "mix": mf.MixUp(ALPHA), "rescale": 1 / 255, **options},
    )  # fmt: skip


def mixfolder(data: str, threads: int, **options):
    """Full images, antialiased."""
    seq = sequence(data, threads, **options)
    return lambda: (x for x, _ in seq)


def mixfolder_crop(data: str, threads: int):
    """RandomResizedCrop, antialiased, flip, normalize."""
    import mixfolder as mf

    return mixfolder(
        data,
        threads,
        crop=mf.RandomResizedCrop(),
        flip="horizontal",
        preprocess="torch",
        rescale=None,
    )


def mixfolder_cached(data: str, threads: int):
    """With cache="memory"."""
    return mixfolder(data, threads, cache="memory")


def mixfolder_options(data: str, threads: int):
    """RandomAffine, ColorJitter and flip, antialiased."""
    import mixfolder as mf

    o = peers.OPTIONS
    affine = mf.RandomAffine(
        rotation=o["rotation"], shift=o["shift"], shear=o["shear"], fill_mode="nearest"
    )
    color = mf.ColorJitter(brightness=o["brightness"])
    return mixfolder(
        data,
        threads,
        image_size=o["size"],
        mix=None,
        affine=affine,
        augment=[color],
        flip="horizontal",
    )


def mixfolder_one_thread(data: str, threads: int):
    """Full images, antialiased, one thread."""
    return mixfolder(data, 1)


def integers(data: str, threads: int):
    """Integer arithmetic in the interpreter, in one thread, to measure how the machine scales with
    processes."""

    def epoch():
        x = 1
        for _ in range(500_000):
            x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        yield range(500)  # thousand steps

    return epoch


CONTENDERS: dict[str, Callable] = {
    f.__name__: f
    for f in (
        mixfolder, mixfolder_crop, mixfolder_cached, mixfolder_options, mixfolder_one_thread,
        integers,
        peers.tutorial, peers.tutorial_options, peers.pillow, peers.opencv_area,
        peers.opencv_linear, peers.opencv_crop,
        peers.tf_data_antialiased, peers.tf_data_aliased, peers.tf_data_crop, peers.tf_data_cached,
        peers_torch.torchvision_whole, peers_torch.torchvision_crop, peers_torch.timm_crop,
        peers_torch.dali_whole, peers_torch.dali_crop,
    )
}  # fmt: skip


class Clock:
    """Wall-clock and processor seconds since the start signal."""

    def __init__(self):
        print("ready", flush=True)
        sys.stdin.readline()  # bench.py starts several processes at the same time
        self._begin, self._used = time.perf_counter(), processor_seconds()

    def seconds(self) -> float:
        return time.perf_counter() - self._begin

    def result(self, done: int) -> dict[str, float]:
        """For `done` images: images per second; processor seconds per thousand images;
        megabytes."""
        wall, used = self.seconds(), processor_seconds() - self._used
        return {"rate": done / wall, "cpu": 1000 * used / done, "peak": peak_megabytes()}


def loading(name: str, data: str, threads: int, seconds: float) -> dict[str, float]:
    """Epochs of a contender, after one to warm up; and milliseconds to the first batch of a new
    loader, with modules already imported."""
    epoch = CONTENDERS[name](data, threads)
    sum(len(x) for x in epoch())
    clock, done = Clock(), 0
    while clock.seconds() < seconds:
        done += sum(len(x) for x in epoch())
    result = clock.result(done)
    del epoch
    return {
        **result,
        "first": statistics.median(first_batch(name, data, threads) for _ in range(3)),
    }


def first_batch(name: str, data: str, threads: int) -> float:
    """The time in milliseconds."""
    gc.collect()
    time.sleep(0.3)  # the previous loader was still prefetching
    begin = time.perf_counter()
    batches = iter(CONTENDERS[name](data, threads)())
    next(batches)
    return 1000 * (time.perf_counter() - begin)


def fit(data: str, threads: int, seconds: float) -> dict[str, float]:
    """Epochs of `model.fit` with a model that reads one pixel, after one to warm up."""
    import keras

    seq = sequence(data, threads)
    layers = [keras.layers.Cropping2D(((0, SIZE - 1), (0, SIZE - 1))), keras.layers.Flatten()]
    net = keras.Sequential(
        [keras.Input(seq.image_shape), *layers, keras.layers.Dense(seq.num_classes, "softmax")]
    )
    net.compile("sgd", "categorical_crossentropy")
    result = {}

    class Timed(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 0:
                self.clock = Clock()
            elif self.clock.seconds() >= seconds:
                result.update(self.clock.result(epoch * len(seq) * BATCH))
                net.stop_training = True

    net.fit(seq, epochs=1_000_000, verbose=0, callbacks=[Timed()])
    return result


STEPS = ("read", "decode", "resample", "mix")


def steps(data: str, seconds: float) -> dict[str, float]:
    """Microseconds per image for each step, one thread; also decoding by simplejpeg."""
    with sequence(data, 1) as seq:
        took = spent(seq, STEPS, seconds)
        if installed("simplejpeg"):
            took["decode by simplejpeg"] = simplejpeg_decoding(seq.file_paths, seconds)
    return took


#: The steps that include augmentations.
PARTS = ("decode", "resample", "augment")

AUGMENTATIONS = (
    "",
    "crop=mf.RandomResizedCrop(), flip='horizontal'",
    "crop=mf.RandomCrop(padding=4)",
    "crop=mf.CenterCrop()",
    "affine=mf.RandomAffine(rotation=20)",
    "affine=mf.RandomAffine(rotation=20, shift=0.1, shear=10, zoom=0.2)",
    "augment=[mf.ColorJitter(brightness=0.4)]",
    "augment=[mf.ColorJitter(contrast=0.4)]",
    "augment=[mf.ColorJitter(saturation=0.4)]",
    "augment=[mf.ColorJitter(hue=0.1)]",
    "augment=[mf.ChannelShift(20)]",
    "augment=[mf.Grayscale(prob=1)]",
    "augment=[mf.AutoContrast(prob=1)]",
    "augment=[mf.Equalize(prob=1)]",
    "augment=[mf.Posterize(bits=4, prob=1)]",
    "augment=[mf.Solarize(threshold=128, prob=1)]",
    "augment=[mf.Sharpness(factor=2, prob=1)]",
    "augment=[mf.GaussianBlur(sigma=1, prob=1)]",
    "augment=[mf.GaussianBlur(sigma=2, prob=1)]",
    "augment=[mf.RandomErasing(prob=1)]",
    "augment=[mf.RandomErasing(prob=1, value='random')]",
    "augment=[mf.RandAugment(num_ops=2, magnitude=9)]",
    "augment=[mf.TrivialAugmentWide()]",
)


def augmentations(data: str, seconds: float) -> dict[str, dict[str, float]]:
    """By options of `from_directory`: microseconds per image for each part, one thread."""
    import mixfolder as mf

    found = {}
    for options in AUGMENTATIONS:
        with sequence(data, 1, **eval(f"dict({options})", {"mf": mf})) as seq:
            found[options] = spent(seq, PARTS, seconds / 4)  # there are many
    return found


def spent(seq, steps: tuple[str, ...], seconds: float) -> dict[str, float]:
    """Microseconds per image for each step, after the batches' memory was touched once."""
    for _ in seq:
        pass
    before, begin = seq.stats(), time.perf_counter()
    while time.perf_counter() - begin < seconds:
        for _ in seq:
            pass
    after = seq.stats()
    done = after["images_decoded"] - before["images_decoded"]
    return {
        step: 1e6 * (after[f"{step}_seconds"] - before[f"{step}_seconds"]) / done for step in steps
    }


def simplejpeg_decoding(paths: list[str], seconds: float) -> float:
    """Microseconds per image to decode to RGB by libjpeg-turbo."""
    import simplejpeg

    files = [data for p in paths if (data := Path(p).read_bytes()).startswith(b"\xff\xd8")]
    done, begin = 0, time.perf_counter()
    while (took := time.perf_counter() - begin) < seconds:
        for data in files:
            simplejpeg.decode_jpeg(data)
        done += len(files)
    return 1e6 * took / done


def installed(module: str) -> bool:
    with contextlib.suppress(ModuleNotFoundError):  # of the first part of a dotted name
        return importlib.util.find_spec(module) is not None
    return False


def children() -> list[Path]:
    """The living children of this process: loaders may have worker processes."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(fields(stat)[1]) == os.getpid():
                found.append(stat.parent)
    return found


def fields(stat: Path) -> list[str]:
    """The fields of proc(5)'s stat, from the third one (state) on."""
    return stat.read_text().rsplit(")", 1)[1].split()


def processor_seconds() -> float:
    """Processor seconds of this process and its children: utime and stime, fields 14 and 15."""
    times = (fields(child / "stat")[11:13] for child in children())
    return time.process_time() + sum(int(t) for pair in times for t in pair) / os.sysconf(
        "SC_CLK_TCK"
    )


def peak_megabytes() -> float:
    """Peak memory of this process, plus the private memory of its children (forked, they share the
    rest)."""
    own = [
        int(line.split()[1])
        for child in children()
        for line in (child / "smaps_rollup").read_text().splitlines()
        if line.startswith(("Private_Clean:", "Private_Dirty:"))
    ]
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + sum(own)) / 1024


def main() -> None:
    name, data, threads, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    if name == "fit":
        result = fit(data, threads, seconds)
    elif name in CONTENDERS:
        result = loading(name, data, threads, seconds)
    else:
        Clock()  # only to wait for the start signal
        if name == "steps":
            result = steps(data, seconds)
        elif name == "augmentations":
            result = augmentations(data, seconds)
        elif name == "policies":
            result = policies.policies(data, seconds)
        else:
            result = agreement.agreement(name.removeprefix("agreement/"), data)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
