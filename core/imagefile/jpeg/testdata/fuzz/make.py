"""Writes the seeds of FuzzDecode: JPEG files, whole and damaged, with regions. Run by `make
golden`."""

import zlib
from pathlib import Path

from support.fuzz_seeds import jpegs, write

HERE = Path(__file__).resolve().parent

for name, data in jpegs().items():
    region = zlib.crc32(name.encode())
    if region % 2:  # FuzzJPEG has the others
        write(HERE / "FuzzDecode", name, data, ("uint32", region))
