"""Speed of mixfolder and of other ways to load images: `make bench`.

Every measurement runs in its own process (benchmarks/contenders.py). Contenders that are compared
run in turn (A B C A B C), so that changes of the machine's speed affect all of them; medians are
reported. Time and memory of worker processes are added to their parent's.
"""

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import peers
from agreement import READERS
from contenders import CONTENDERS, PARTS, STEPS, installed
from peers import BATCH, SIZE

#: The others of a group are compared with the first one.
GROUPS = {
    "full images": (
        "mixfolder", "tutorial", "pillow", "opencv_area", "opencv_linear",
        "tf_data_antialiased", "tf_data_aliased",
        "torchvision_whole", "dali_whole",
    ),
    "RandomResizedCrop + flip + normalize": (
        "mixfolder_crop", "opencv_crop", "tf_data_crop", "timm_crop", "torchvision_crop",
        "dali_crop",
    ),
    "from decoded images in memory": ("mixfolder_cached", "tf_data_cached"),
    "rotation 20, shift 0.1, shear 10, brightness 0.2, flip at 150x150, not mixed": (
        "mixfolder_options", "tutorial_options",
    ),
}  # fmt: skip
NEEDS = {
    "opencv": "cv2", "tf_data": "tensorflow", "pillow": "PIL", "tutorial": "PIL",
    "torchvision": "torchvision", "timm": "timm", "dali": "nvidia.dali",
}  # fmt: skip
BACKENDS = ("jax", "tensorflow", "torch")

#: Batches per epoch of `fit`: with fewer, Keras' work per epoch would weigh more than
#: in real trainings.
EPOCH = 60


class Bench:
    """The settings that all contenders share."""

    def __init__(self, threads: int, runs: int, seconds: float):
        self.threads, self.runs, self.seconds = threads, runs, seconds

    def run(self, name: str, data: str, processes: int = 1, backend: str = "jax") -> dict:
        """The result of a contender; with several processes at the same time, that of the first one
        with the sum of all rates."""
        command = [
            sys.executable,
            str(Path(__file__).with_name("contenders.py")),
            name,
            data,
            str(self.threads),
            str(self.seconds),
        ]
        environment = {**os.environ, "KERAS_BACKEND": backend}
        with contextlib.ExitStack() as stack:
            errors = stack.enter_context(tempfile.TemporaryFile("w+"))
            streams = {
                "text": True,
                "stdin": subprocess.PIPE,
                "stdout": subprocess.PIPE,
                "stderr": errors,
            }
            running = [
                stack.enter_context(subprocess.Popen(command, env=environment, **streams))
                for _ in range(processes)
            ]
            for child in running:
                while child.stdout.readline() not in ("ready\n", ""):
                    pass
            for child in running:
                child.stdin.close()  # the signal to start
            outputs = [child.stdout.read() for child in running]
            if any(child.wait() for child in running):
                errors.seek(0)
                sys.exit(f"bench: {name} failed:\n{errors.read()}")
        found = [json.loads(output.splitlines()[-1]) for output in outputs]
        return found[0] if processes == 1 else {**found[0], "rate": sum(f["rate"] for f in found)}

    def in_turn(self, jobs: dict[str, dict]) -> dict[str, list[dict]]:
        """Results by name; jobs maps names to arguments of `run`."""
        results = {name: [] for name in jobs}
        for _ in range(self.runs):
            for name, job in jobs.items():
                results[name].append(self.run(**job))
        return results

    def steps(self, data: str) -> None:
        found = self.in_turn({"steps": {"name": "steps", "data": data}})["steps"]
        heading("step, one thread", "microseconds per image", "fraction")
        total = sum(median(found, step) for step in STEPS)
        for step in found[0]:
            row(
                step,
                f"{median(found, step):,.0f}",
                f"{median(found, step) / total:.0%}" if step in STEPS else "",
            )

    def augmentations(self, data: str) -> None:
        """The cost of each option; the first row is a full image."""
        found = self.in_turn({"augmentations": {"name": "augmentations", "data": data}})[
            "augmentations"
        ]
        heading("augmentation, microseconds per image, one thread", *PARTS, "total")
        for options in found[0]:
            parts = [median([f[options] for f in found], part) for part in PARTS]
            row(
                f"`{options}`" if options else "full images",
                *(f"{v:,.0f}" for v in [*parts, sum(parts)]),
            )

    def policies(self, data: str) -> None:
        """The cost of each mixing policy, to float32 where no type is named."""
        found = self.in_turn({"policies": {"name": "policies", "data": data}})["policies"]
        heading(f"mixing {SIZE}x{SIZE} images from memory, one thread", "microseconds per image")
        for name in found[0]:
            row(f"`{name}`" if "=mf" in name else name, f"{median(found, name):,.0f}")

    def agreement(self, data: str) -> None:
        heading(
            "unmixed full images against Pillow's antialiased bilinear, in 1/255",
            "mean",
            "largest",
        )
        for name in READERS:
            if installed(needed(name)):
                result = self.run(f"agreement/{name}", data)
                row(name, f"{result['mean']:.3f}", f"{result['largest']:.0f}")

    def group(self, title: str, names: tuple[str, ...], data: str) -> None:
        """The table of contenders that do the same work."""
        absent = [f"{name} ({needed(name)})" for name in names if not installed(needed(name))]
        results = self.in_turn(
            {name: {"name": name, "data": data} for name in names if installed(needed(name))}
        )
        base = median(results[names[0]], "rate")
        heading(
            title,
            "images/s",
            "mixfolder's rate over it",
            "CPU s per 1,000",
            "first batch, ms",
            "peak memory, MB",
        )
        for name, found in results.items():
            ratio, (cpu, first, peak) = (
                base / median(found, "rate"),
                (median(found, key) for key in ("cpu", "first", "peak")),
            )
            row(
                f"{name}: {CONTENDERS[name].__doc__}",
                rates(found),
                f"{ratio:.2f}",
                f"{cpu:.2f}",
                f"{first:,.0f}",
                f"{peak:,.0f}",
            )
        left_out(absent)

    def training(self, data: str) -> None:
        """`model.fit` compared with plain iteration, on each backend, with epochs of typical
        length."""
        backends = [b for b in BACKENDS if installed(b)]
        with tempfile.TemporaryDirectory() as folder:
            batches = linked(data, folder) // BATCH
            jobs = {
                (b, name): {"name": name, "data": folder, "backend": b}
                for b in backends
                for name in ("mixfolder", "fit")
            }
            results = self.in_turn(jobs)
        heading(
            f"model.fit on a model that reads one pixel, {batches} batches an epoch",
            "iteration, images/s", "fit, images/s", "fit's rate over it", "iteration, CPU s per "
            "1,000", "fit, CPU s per 1,000",
        )  # fmt: skip
        for b in backends:
            plain, trained = results[b, "mixfolder"], results[b, "fit"]
            ratio = median(trained, "rate") / median(plain, "rate")
            row(
                b,
                rates(plain),
                rates(trained),
                f"{ratio:.2f}",
                f"{median(plain, 'cpu'):.2f}",
                f"{median(trained, 'cpu'):.2f}",
            )
        left_out([b for b in BACKENDS if b not in backends])

    def scaling(self, data: str) -> None:
        """The speed-up by threads, next to that of as many independent processes on this
        machine."""
        one, many = {"data": data}, {"data": data, "processes": self.threads}
        results = self.in_turn({
            "integers": {"name": "integers", **one},
            "integers of all": {"name": "integers", **many},
            "loader": {"name": "mixfolder_one_thread", **one},
            "loaders": {"name": "mixfolder_one_thread", **many},
            "threads": {"name": "mixfolder", **one},
        })  # fmt: skip
        heading(f"{self.threads} at a time against one", "one", "all", "gain")
        for title, single, several in (
            ("processes of integer arithmetic, thousand steps/s", "integers", "integers of all"),
            ("processes of mixfolder with one thread each, images/s", "loader", "loaders"),
            ("threads of one mixfolder, images/s", "loader", "threads"),
        ):
            gain = median(results[several], "rate") / median(results[single], "rate")
            row(title, rates(results[single]), rates(results[several]), f"{gain:.2f}")


def linked(data: str, folder: str) -> int:
    """Fill folder with links to data's images, repeated as needed for EPOCH batches; return their
    number."""
    paths = peers.listing(data)[0]
    times = -(-EPOCH * BATCH // len(paths))
    for path in map(Path, paths):
        there = Path(folder, path.parent.name)
        there.mkdir(exist_ok=True)
        for i in range(times):
            (there / f"{i}-{path.name}").symlink_to(path.resolve())
    return times * len(paths)


def needed(name: str) -> str:
    """The module that a contender imports."""
    return next((module for start, module in NEEDS.items() if name.startswith(start)), "keras")


def median(found: list[dict], key: str) -> float:
    return statistics.median(f[key] for f in found)


def rates(found: list[dict]) -> str:
    """The median, and the largest deviation from it."""
    middle = median(found, "rate")
    return f"{middle:,.0f} ±{max(abs(f['rate'] / middle - 1) for f in found):.0%}"


def heading(*titles: str) -> None:
    print()
    row(*titles)
    row(*["---"] * len(titles))


def row(*cells: str) -> None:
    print("|", " | ".join(cells), "|", flush=True)


def left_out(names: list[str]) -> None:
    if names:
        print(f"\nLeft out, as not installed: {', '.join(names)}", flush=True)


def processor() -> str:
    """The processor's name, on Linux."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next(
        (line.split(": ", 1)[1] for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def versions() -> Iterator[str]:
    """The versions of Python and of the contenders."""
    yield f"Python {platform.python_version()}"
    for name in (
        "mixfolder", "keras", "numpy", "jax", "tensorflow-cpu", "tensorflow", "torch",
        "pillow", "opencv-python-headless", "simplejpeg",
        "torchvision", "timm", "nvidia-dali-cuda130",
    ):  # fmt: skip
        with contextlib.suppress(metadata.PackageNotFoundError):
            yield f"{name} {metadata.version(name)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "data",
        nargs="+",
        help="folders with class folders; augmentations, training and scaling on the first",
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=2, help="processes per contender")
    parser.add_argument(
        "--seconds",
        type=float,
        default=3,
        help="minimum time per measurement; epochs are completed",
    )
    arguments = parser.parse_args()
    for data in arguments.data:
        if not Path(data).is_dir():
            sys.exit(f"bench: {data} is no folder: name others with DATA=")
    bench = Bench(arguments.threads, arguments.runs, arguments.seconds)
    print(f"{processor()}, {os.cpu_count()} processors; {', '.join(versions())}")
    print(
        f"{bench.threads} threads, {SIZE}x{SIZE}, batches of {BATCH}; medians of {bench.runs} "
        f"processes of {bench.seconds:g} s"
    )
    for data in arguments.data:
        paths = peers.listing(data)[0]
        size = sum(Path(p).stat().st_size for p in paths) / len(paths) / 1000
        print(f"\n{Path(data).name}: {len(paths)} images, {size:.0f} KB in the mean")
        bench.steps(data)
        bench.agreement(data)
        for title, names in GROUPS.items():
            bench.group(title, names, data)
        if data == arguments.data[0]:
            bench.augmentations(data)
            bench.policies(data)
            bench.training(data)
            bench.scaling(data)


if __name__ == "__main__":
    main()
