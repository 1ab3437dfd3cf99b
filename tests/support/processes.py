"""Programs of the tests, each in a Python of its own."""

import subprocess
import sys


def run(code, *arguments, timeout=120, **options):
    """The finished process of `python -c code arguments`, with its output as text."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        **options,
    )
