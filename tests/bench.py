"""Pictures per second, side by side: `make bench`.

Each line of the table is a program of its own, run in turn with the others (A B A B ...), so that a change of the machine's
speed meets all of them; the median counts, and the ratio to the first line of its group.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

SIZE, BATCH, ALPHA = 224, 32, 0.2


def mixfolder(data: str, threads: int, **options):
    """Whole pictures, antialiased, MixUp, float32."""
    import mixfolder as mf

    seq = mf.from_directory(
        data, image_size=(SIZE, SIZE), batch_size=BATCH, mix=mf.MixUp(ALPHA), rescale=1 / 255, drop_last=True,
        threads=threads, verbose=False, **options,
    )  # fmt: skip
    return lambda: sum(len(x) for x, _ in seq)


def tutorial(data: str, threads: int):
    """The tutorial's generator: two ImageDataGenerator iterators (nearest neighbour), mixed in NumPy. It has one thread."""
    import numpy as np
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    generator = ImageDataGenerator(rescale=1 / 255)
    first, second = (
        generator.flow_from_directory(data, target_size=(SIZE, SIZE), class_mode="categorical", batch_size=BATCH) for _ in range(2)
    )

    def one_pass() -> int:
        done = 0
        for _ in range(first.samples // BATCH):
            x1, y1 = next(first)
            x2, y2 = next(second)
            if len(x1) != len(x2) or len(x1) < BATCH:
                first.reset()
                second.reset()
                continue
            lam = np.random.beta(ALPHA, ALPHA, len(x1))
            lx, ly = lam.reshape(-1, 1, 1, 1), lam.reshape(-1, 1)
            x, _ = x1 * lx + x2 * (1 - lx), y1 * ly + y2 * (1 - ly)
            done += len(x)
        return done

    return one_pass


GROUPS = {"whole pictures": [mixfolder, tutorial]}
PROGRAMS = {f.__name__: f for group in GROUPS.values() for f in group}


def measure(name: str, data: str, threads: int, passes: int) -> None:
    """The child's part: one pass to warm up, then `passes` timed ones; a line of JSON."""
    one_pass = PROGRAMS[name](data, threads)
    one_pass()
    start, cpu = time.perf_counter(), time.process_time()
    done = sum(one_pass() for _ in range(passes))
    wall = time.perf_counter() - start
    print(json.dumps({"rate": done / wall, "cpu": 1000 * (time.process_time() - cpu) / done}))


def run(name: str, arguments: argparse.Namespace) -> dict:
    command = [sys.executable, __file__, arguments.data, "--threads", str(arguments.threads)]
    done = subprocess.run([*command, "--passes", str(arguments.passes), "--child", name], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", help="a folder with a sub-folder a class")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3, help="processes a program")
    parser.add_argument("--passes", type=int, default=3, help="timed passes a process")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        measure(arguments.child, arguments.data, arguments.threads, arguments.passes)
        return
    if not Path(arguments.data).is_dir():
        sys.exit(f"bench: {arguments.data} is no folder: name one with DATA=")
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(f"{arguments.threads} threads, {SIZE}x{SIZE}, batches of {BATCH}; median of {arguments.runs} processes")
    for title, group in GROUPS.items():
        results = {f.__name__: [] for f in group}
        for _ in range(arguments.runs):
            for name, runs in results.items():
                runs.append(run(name, arguments))
        rates = {name: statistics.median(r["rate"] for r in runs) for name, runs in results.items()}
        base = next(iter(rates.values()))
        print(f"\n| {title} | pictures/s | CPU s per 1,000 | mixfolder is faster by |\n| --- | --- | --- | --- |")
        for name, runs in results.items():
            cpu = statistics.median(r["cpu"] for r in runs)
            print(f"| {name} | {rates[name]:,.0f} | {cpu:.2f} | {base / rates[name]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
