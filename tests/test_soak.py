"""The soak test of `make soak`, for a few seconds."""

import subprocess
import sys
from pathlib import Path


def test_training_while_files_are_damaged():
    soak = Path(__file__).parent / "support" / "soak.py"
    done = subprocess.run(
        [sys.executable, soak, "--seconds", "4"], capture_output=True, text=True, timeout=150
    )
    assert done.returncode == 0 and done.stdout.rstrip().endswith("good"), done.stdout + done.stderr
