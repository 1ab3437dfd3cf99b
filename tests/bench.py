"""Pictures per second, side by side: `make bench`.

Each line of the table is a program of its own, run in turn with the others (A B A B ...), so that a change of the machine's
speed meets all of them; the median counts, and the ratio to the first line of its group.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import agreement
import peers
import peers_torch
from peers import ALPHA, BATCH, SIZE


def sequence(data: str, threads: int, **options):
    import mixfolder as mf

    return mf.from_directory(
        data, image_size=(SIZE, SIZE), batch_size=BATCH, mix=mf.MixUp(ALPHA), drop_last=True, threads=threads,
        verbose=False, **{"rescale": 1 / 255, **options},
    )  # fmt: skip


def mixfolder(data: str, threads: int, **options):
    """Whole pictures, antialiased."""
    seq = sequence(data, threads, **options)
    return lambda: sum(len(x) for x, _ in seq)


def mixfolder_crop(data: str, threads: int):
    """RandomResizedCrop, antialiased, flip, normalise."""
    import mixfolder as mf

    return mixfolder(data, threads, crop=mf.RandomResizedCrop(), flip="horizontal", preprocess="torch", rescale=None)


def mixfolder_cached(data: str, threads: int):
    """From cache="memory"."""
    return mixfolder(data, threads, cache="memory")


def mixfolder_one_thread(data: str, threads: int):
    """Whole pictures, antialiased, one thread."""
    return mixfolder(data, 1)


def fit(data: str, threads: int):
    """model.fit on a model that reads one pixel."""
    import keras

    seq = sequence(data, threads)
    layers = [keras.layers.Cropping2D(((0, SIZE - 1), (0, SIZE - 1))), keras.layers.Flatten()]
    net = keras.Sequential([keras.Input(seq.image_shape), *layers, keras.layers.Dense(seq.num_classes, "softmax")])
    net.compile("sgd", "categorical_crossentropy")

    def passes() -> int:
        net.fit(seq, epochs=8, verbose=0)  # in one call: its start is not what is measured
        return 8 * len(seq) * BATCH

    return passes


STEPS = ("read", "decode", "resample", "mix")


def steps(data: str) -> dict[str, float]:
    """Microseconds a picture of each step, one thread, once the batches' memory has been used."""
    seq = sequence(data, 1)

    def one_pass():
        for _ in seq:
            pass
        return seq.stats()

    one_pass()
    before = one_pass()
    for _ in range(3):
        after = one_pass()
    done = after["pictures"] - before["pictures"]
    took = {step: 1e6 * (after[f"{step}_seconds"] - before[f"{step}_seconds"]) / done for step in STEPS}
    if importlib.util.find_spec("simplejpeg"):
        took["decode by simplejpeg"] = simplejpeg_decoding(seq.file_paths)
    return took


def simplejpeg_decoding(paths: list[str]) -> float:
    """Microseconds a picture to RGB by libjpeg-turbo, for comparison with our decoding."""
    import simplejpeg

    files = [data for p in paths if (data := Path(p).read_bytes()).startswith(b"\xff\xd8")]
    start = time.perf_counter()
    for data in files * 3:
        simplejpeg.decode_jpeg(data)
    return 1e6 * (time.perf_counter() - start) / len(files) / 3


#: The first of a group is what the others are compared with. The number is how many passes count as one: those from memory are short.
GROUPS = {
    "whole pictures": (
        1,
        [
            mixfolder, peers.tutorial, peers.opencv_area, peers.pillow, peers.tf_data_antialiased, peers.opencv_linear,
            peers.tf_data_aliased, peers_torch.torchvision_whole, peers_torch.dali_whole, mixfolder_one_thread,
        ],
    ),
    "RandomResizedCrop + flip + normalise": (
        1,
        [
            mixfolder_crop, peers.opencv_crop, peers.tf_data_crop, peers_torch.timm_crop, peers_torch.torchvision_crop,
            peers_torch.dali_crop,
        ],
    ),
    "training": (1, [mixfolder, fit]),
    "from decoded pictures in memory": (20, [mixfolder_cached, peers.tf_data_cached]),
}  # fmt: skip
PROGRAMS = {f.__name__: (f, repeat) for repeat, group in GROUPS.values() for f in group}
NEEDS = {
    "opencv": "cv2", "tf_data": "tensorflow", "pillow": "PIL", "tutorial": "PIL",
    "torchvision": "torchvision", "timm": "timm", "dali": "nvidia.dali",
}  # fmt: skip


def missing(name: str) -> str | None:
    """The module that a program lacks."""
    needed = next((module for start, module in NEEDS.items() if name.startswith(start)), None)
    with contextlib.suppress(ModuleNotFoundError):  # of a dotted name's first part
        return needed if needed and importlib.util.find_spec(needed) is None else None
    return needed


def processor_seconds() -> float:
    """Of this process and its living children: loaders with worker processes spend theirs there."""
    total = time.process_time()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()  # proc(5): parent, utime and stime are fields 4, 14 and 15
            if int(fields[1]) == os.getpid():
                total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def measure(name: str, data: str, threads: int, passes: int) -> None:
    """The child's part: one pass to warm up, then `passes` timed ones; a line of JSON."""
    program, repeat = PROGRAMS[name]
    begin = time.perf_counter()
    one_pass = program(data, threads)
    one_pass()
    warm, start, cpu = time.perf_counter() - begin, time.perf_counter(), processor_seconds()
    done = sum(one_pass() for _ in range(passes * repeat))
    wall = time.perf_counter() - start
    cpu = 1000 * (processor_seconds() - cpu) / done
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rate": done / wall, "cpu": cpu, "warm": warm, "peak": peak}))


def run(name: str, arguments: argparse.Namespace) -> dict:
    """Run a child and return what it found."""
    command = [sys.executable, __file__, arguments.data, "--threads", str(arguments.threads)]
    done = subprocess.run([*command, "--passes", str(arguments.passes), "--child", name], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"bench: {name} failed:\n{done.stderr}")
    result = json.loads(done.stdout.splitlines()[-1])
    if arguments.json:
        with open(arguments.json, "a") as file:
            print(json.dumps({"program": name, "data": Path(arguments.data).name, "threads": arguments.threads, **result}), file=file)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", help="a folder with a sub-folder a class")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3, help="processes a program")
    parser.add_argument("--passes", type=int, default=3, help="timed passes a process")
    parser.add_argument("--json", metavar="FILE", help="append each process's result to FILE, a line of JSON each")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child == "steps":
        print(json.dumps(steps(arguments.data)))
        return
    if arguments.child == "agreement":
        print(json.dumps(agreement.agreement(arguments.data)))
        return
    if arguments.child:
        measure(arguments.child, arguments.data, arguments.threads, arguments.passes)
        return
    if not Path(arguments.data).is_dir():
        sys.exit(f"bench: {arguments.data} is no folder: name one with DATA=")
    print(f"{processor()}, {os.cpu_count()} processors; {', '.join(versions())}")
    print(f"{arguments.threads} threads, {SIZE}x{SIZE}, batches of {BATCH}; median of {arguments.runs} processes")
    parts = [run("steps", arguments) for _ in range(arguments.runs)]
    print("\n| step, one thread | microseconds a picture |\n| --- | --- |")
    for step in parts[0]:
        print(f"| {step} | {statistics.median(p[step] for p in parts):,.0f} |")
    if importlib.util.find_spec("PIL"):
        print("\n| unmixed whole pictures against Pillow's antialiased bilinear, in 1/255 | mean | largest |\n| --- | --- | --- |")
        for name, (mean, largest) in run("agreement", arguments).items():
            print(f"| {name} | {mean:.3f} | {largest:.0f} |")
    for title, (_, group) in GROUPS.items():
        absent = [f"{f.__name__} ({missing(f.__name__)})" for f in group if missing(f.__name__)]
        results = {f.__name__: [] for f in group if not missing(f.__name__)}
        for _ in range(arguments.runs):
            for name, runs in results.items():
                runs.append(run(name, arguments))
        table(title, results)
        if absent:
            print(f"\nLeft out, as their modules are not installed: {', '.join(absent)}")


def processor() -> str:
    """The processor's name, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), platform.machine())


TORCH = ("torch", "torchvision", "timm", "nvidia-dali-cuda130")


def versions() -> Iterator[str]:
    """Of Python and what is compared."""
    yield f"Python {platform.python_version()}"
    for name in ("mixfolder", "keras", "numpy", "jax", "tensorflow-cpu", "tensorflow", "opencv-python-headless", "pillow", *TORCH):
        with contextlib.suppress(metadata.PackageNotFoundError):
            yield f"{name} {metadata.version(name)}"


def table(title: str, results: dict[str, list[dict]]) -> None:
    """Print a group's medians."""

    def median(name: str, key: str) -> float:
        return statistics.median(r[key] for r in results[name])

    base = median(next(iter(results)), "rate")
    print(f"\n| {title} | pictures/s | mixfolder's rate over it | CPU s per 1,000 | first pass, s | peak memory, MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in results:
        what = f"{name}: {PROGRAMS[name][0].__doc__}"
        rate = median(name, "rate")
        print(
            f"| {what} | {rate:,.0f} | {base / rate:.2f} | {median(name, 'cpu'):.2f} | {median(name, 'warm'):.2f} "
            f"| {median(name, 'peak'):,.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
