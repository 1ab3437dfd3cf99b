"""Folders on a disk that is slow, hangs or fails on request: a file system in user space, by the
program `faultfs` next to this file."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("faultfs")

#: Timeout in seconds of last resort.
HANG = 60

#: Errors of Go if it cannot download a module.
_NO_MODULE = ("dial tcp", "lookup", "no such host", "connection refused")


def build(folder: Path) -> Path:
    """The program; skips the test if it cannot be built or used."""
    if not os.path.exists("/dev/fuse") or os.getuid() != 0:
        pytest.skip("mounting needs /dev/fuse and root")
    if not shutil.which("go"):
        pytest.skip("building the file system needs Go")
    program = folder / "faultfs"
    done = subprocess.run(
        ["go", "build", "-o", program, "."],
        cwd=SOURCE,
        env={**os.environ, "GOWORK": "off", "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
    )
    if done.returncode and any(words in done.stderr for words in _NO_MODULE):
        pytest.skip("its module go-fuse is not here and cannot be fetched")
    assert done.returncode == 0, done.stderr
    return program


class Disk:
    """A mounted folder, `root`; its files are those of the folder `original`."""

    def __init__(self, program: Path, original: Path, root: Path):
        self.original, self.root = original, root
        root.mkdir()
        self._server = subprocess.Popen(
            [program, root, original], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._answer()

    def rule(self, *words):
        """Add a rule: an operation, the paths, and the fault. See faultfs/main.go."""
        print(*words, file=self._server.stdin, flush=True)
        self._answer()

    def _answer(self):
        if (line := self._server.stdout.readline()) != "ok\n":
            pytest.skip(f"a file system cannot be mounted here: {line}")

    def close(self):
        self._server.stdin.close()
        try:
            self._server.wait(HANG)
        finally:
            self._server.kill()
            self._server.stdout.close()
