"""Programs of the tests, each in its own Python process."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def run(code, *arguments, timeout=120, **options):
    """The finished process of `python -c code arguments`, with its output as text. The program can
    import the package `support`."""
    environment = dict(options.pop("env", os.environ))
    paths = [str(TESTS), *filter(None, [environment.get("PYTHONPATH")])]
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment | {"PYTHONPATH": os.pathsep.join(paths)},
        **options,
    )
