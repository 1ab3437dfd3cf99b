"""Calls of the C ABI through ctypes."""

import copy
import ctypes
import json
import re
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
SUFFIX = {"darwin": "dylib", "win32": "dll"}.get(sys.platform, "so")
ARGUMENT, MISSING, BAD_FILE, CLOSED, TICKET, SYSTEM = 1, 2, 3, 4, 6, 7
RUNNING, DONE, CANCELLED = 0, 1, 2

DOCUMENT = json.loads((ROOT / "tests" / "support" / "options.json").read_text())


def head(**changes):
    """The options of a head."""
    return DOCUMENT["labels"]["heads"][0] | changes


def document_with(changes):
    """The options of all tests with changes, each in the stage that has it."""
    document = copy.deepcopy(DOCUMENT)
    stages = [stage for stage in document.values() if isinstance(stage, dict)]
    for name, value in changes.items():
        next((stage for stage in stages if name in stage), document)[name] = value
    return document


def library():
    """The core, whose functions return statuses."""
    lib = ctypes.CDLL(str(ROOT / "python" / "mixfolder" / f"libmixfolder.{SUFFIX}"))
    for name in exported():
        getattr(lib, name).restype = ctypes.c_int32
    return lib


def exported() -> list[str]:
    return re.findall(r"^//export (\w+)", (ROOT / "export.go").read_text(), re.MULTILINE)


class Core:
    """Calls with every argument in its C type; keeps the last error's text, errno and path."""

    def __init__(self, lib):
        self.lib, self.error, self.errno, self.path = lib, "", 0, b""

    def __call__(self, name, *arguments):
        text = ctypes.create_string_buffer(4096)
        status = getattr(self.lib, name)(*arguments, text, ctypes.c_int64(len(text)))
        self.error, self.errno, self.path = (
            text.value.decode(errors="replace"),
            status >> 8,
            text.raw.split(b"\0")[1],
        )
        assert bool(status) == bool(self.error), (status, self.error)
        return status & 0xFF

    def open(self, root, **options):
        """Open and wait until it is open; returns the status and the handle."""
        status, handle = self.start_open(root, **options)
        return status or self.wait_until("mixfolder_opened", handle)[0], handle

    def start_open(
        self,
        root,
        like=0,
        classes=b"",
        files=b"",
        labels=(),
        values=(),
        groups=b"",
        masks=b"",
        **changes,
    ):
        document, handle = json.dumps(document_with(changes)).encode(), ctypes.c_int64()
        numbers = (np.array(labels, np.int32).tobytes(), np.array(values, np.float32).tobytes())
        blobs = (document, str(root).encode(), classes, files, *numbers, groups, masks)
        parts = [part for blob in blobs for part in (blob or None, ctypes.c_int64(len(blob)))]
        return self("mixfolder_open", *parts, ctypes.c_int64(like), ctypes.byref(handle)), handle

    def fetch(self, name, *arguments):
        buffer, size = ctypes.create_string_buffer(1 << 20), ctypes.c_int64()
        assert (
            self(name, *arguments, buffer, ctypes.c_int64(len(buffer)), ctypes.byref(size)) == 0
        ), self.error
        return buffer.raw[: size.value]

    def submit(self, handle, batch, x, y, epoch=0):
        ticket = ctypes.c_int64()
        buffers = [
            p for a in (x, y) for p in (ctypes.c_void_p(a.ctypes.data), ctypes.c_int64(a.nbytes))
        ]
        number = (ctypes.c_uint64(epoch), ctypes.c_int64(batch))
        return self("mixfolder_submit", handle, *number, *buffers, ctypes.byref(ticket)), ticket

    def wait_until(self, name, handle, *arguments):
        state = ctypes.c_int32(RUNNING)
        for _ in range(400):
            status = self(name, handle, *arguments, ctypes.c_int32(50), ctypes.byref(state))
            if status or state.value != RUNNING:
                return status, state.value
        raise AssertionError("still running after 20 seconds")

    def wait(self, handle, ticket):
        return self.wait_until("mixfolder_wait", handle, ticket)

    def cancel(self, handle, ticket):
        return self.wait_until("mixfolder_cancel", handle, ticket)

    def explain(self, handle, batch):
        ticket = ctypes.c_int64()
        assert (
            self(
                "mixfolder_explain",
                handle,
                ctypes.c_uint64(0),
                ctypes.c_int64(batch),
                ctypes.byref(ticket),
            )
            == 0
        )
        assert self.wait(handle, ticket) == (0, DONE)
        return json.loads(self.fetch("mixfolder_result", handle, ticket))

    def close(self, handle):
        return self.wait_until("mixfolder_close", handle)
