"""Runs and checks `support.interrupted`."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import keras

TESTS = Path(__file__).resolve().parents[1]


def killed(root, work, kills, world=1, seconds=120, **options):
    """Runs `support.interrupted`: for each rank what it noted, without and with kills, and the
    digests of the weights."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    given = dict(batch_size=2, save_every=2, epochs=2, steps_per_epoch=None) | options
    given |= dict(folder=str(root), work=str(work), kills=kills, world=world, seconds=seconds)
    process = subprocess.Popen(
        [sys.executable, "-m", "support.interrupted", json.dumps(given)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds * (len(kills) + 2))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert process.returncode == 0, output
    return [
        [
            (
                [json.loads(x) for x in (work / name / f"log{rank}").read_text().splitlines()],
                (work / name / f"end{rank}").read_text(),
            )
            for name in ("whole", "killed")
        ]
        for rank in range(world)
    ]


def check_killed(ranks, kills, root, epochs=2):
    """Each step was trained with the images of the run that was not killed, each image once per
    epoch; nothing done was read again; the weights are the same."""
    files = sorted(str(path) for path in Path(root).glob("*/*.png"))
    trained = []
    for rank, ((whole, end), (killed, other_end)) in enumerate(ranks):
        assert [entry["step"] for entry in whole] == list(range(1, len(whole) + 1))
        decoded = [0, *(entry["decoded"] for entry in whole)]
        costs = {n: b - a for n, (a, b) in enumerate(pairwise(decoded), 1)}
        steps = {entry["step"]: entry["paths"] for entry in killed}  # when it was done last
        assert steps == {entry["step"]: entry["paths"] for entry in whole}
        runs = {entry["run"] for entry in killed}
        # The death of the first process ends the others, maybe before they noted a step.
        assert runs == set(range(len(kills) + 1)) or rank
        for run in runs:
            mine = [entry for entry in killed if entry["run"] == run]
            assert all(b["step"] == a["step"] + 1 for a, b in pairwise(mine))
            decoded = sum(costs[entry["step"]] for entry in mine)
            assert mine[-1]["decoded"] == decoded, "nothing that is done is read again"
        if keras.backend.backend() == "jax":
            assert end == other_end, "weights and optimizer, byte by byte"
        trained.append([steps[n] for n in sorted(steps)])
    batches = len(trained[0]) // epochs
    for epoch in range(epochs):
        mine = slice(epoch * batches, (epoch + 1) * batches)
        seen = Counter(path for rank in trained for batch in rank[mine] for path in batch)
        assert sorted(seen) == files
        fillers = sum(seen.values()) - len(files)
        assert fillers < len(ranks) * len(trained[0][0])


def random_kills(count, steps):
    return sorted(random.Random(20).sample(range(1, steps), count))
