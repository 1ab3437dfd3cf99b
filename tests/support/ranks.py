"""Programs that run as several processes, connected on this machine."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from support.processes import TESTS

PROGRAMS = TESTS / "distributed" / "programs"

#: Seconds for all ranks together. A JAX process that waits for another one waits for ever.
LIMIT = 180

_ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "",
    "GLOO_SOCKET_IFNAME": "lo",
    "JAX_PLATFORMS": "cpu",
    "OMP_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "XLA_FLAGS": "--xla_force_host_platform_device_count=1",
}


def run_ranks(program, world, folder: Path, backend, environment=None, limit=LIMIT, **options):
    """What each rank of a program reports, by rank.

    A rank is `python PROGRAM rank world port options` with the options as JSON, and reports by
    `report`. All ranks are killed as soon as one fails, or after `limit` seconds; no process is
    left. Their output is written to files in `folder`.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = [str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        **os.environ,
        **_ENVIRONMENT,
        "KERAS_BACKEND": backend,
        "PYTHONPATH": os.pathsep.join(path),
        **(environment or {}),
    }
    outputs = [folder / f"{program}-{world}-{rank}.txt" for rank in range(world)]
    ranks: list[subprocess.Popen] = []
    try:
        for rank, output in enumerate(outputs):
            arguments = [PROGRAMS / f"{program}.py", rank, world, port, json.dumps(options)]
            with output.open("w") as file:
                ranks.append(
                    subprocess.Popen(
                        [sys.executable, *map(str, arguments)],
                        stdout=file,
                        stderr=subprocess.STDOUT,
                        env=environment,
                        start_new_session=True,
                    )
                )
        problem = _wait(ranks, limit)
    finally:
        for rank in ranks:
            _kill(rank)
    left = [rank.pid for rank in ranks if _alive(rank.pid)]
    assert not left, f"processes of the groups {left} are left"
    reports = [_report_in(output) for output in outputs]
    if problem or None in reports:
        tails = [f"{o.name}:\n{o.read_text(errors='replace')[-2000:]}" for o in outputs]
        raise AssertionError(f"{problem or 'a rank reports nothing'}\n" + "\n".join(tails))
    return reports


def arguments():
    """Rank, number of ranks, port and options of the program that this is."""
    rank, world, port, options = sys.argv[1:]
    return int(rank), int(world), int(port), json.loads(options)


def report(**values):
    """Report what a rank has found; the end of its program."""
    print("\n" + json.dumps(values), flush=True)


def _wait(ranks, limit):
    """What went wrong, or None, when all have ended or one has failed."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        codes = [rank.poll() for rank in ranks]
        if any(codes):
            return f"the ranks ended with {codes}"
        if None not in codes:
            return None
        time.sleep(0.05)
    return f"after {limit} s the ranks ended with {codes}"


def _kill(rank):
    """End a process and all that it has started; not by SIGTERM, which JAX ignores while it
    waits."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(rank.pid, signal.SIGKILL)
    rank.wait()


def _alive(group, patience=5.0):
    """Whether a process of a group still runs, after a while for the system to end it."""
    end = time.monotonic() + patience
    while _runs(group):
        if time.monotonic() > end:
            return True
        time.sleep(0.05)
    return False


def _runs(group):
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of_group = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:  # it has ended
            continue
        if int(of_group) == group and state not in "ZX":
            return True
    return False


def _report_in(output):
    lines = [line for line in output.read_text(errors="replace").splitlines() if line[:1] == "{"]
    return json.loads(lines[-1]) if lines else None
