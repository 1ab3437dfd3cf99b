"""The ctypes face of the Go core: one table of functions, its loading, its errors and the guard
against fork."""

import ctypes
import json
import math
import os
import sys
import threading
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mixfolder import _limits
from mixfolder._records import BuildInfo

ABI_VERSION = 6
RUNNING, DONE, CANCELLED = 0, 1, 2
SLICE_MS = 50  # for which a call may wait in the core: Python sees no signal meanwhile
LIST_CLASSES, LIST_PATHS, LIST_LABELS, LIST_INFO, LIST_BAD, LIST_FAULTS = 1, 2, 3, 4, 5, 6

_TEXT_BYTES = 8192
_SUFFIX = {"darwin": "dylib", "win32": "dll"}.get(sys.platform, "so")

_i32, _i64, _u64, _ptr = ctypes.c_int32, ctypes.c_int64, ctypes.c_uint64, ctypes.c_void_p
_i32_out, _i64_out = ctypes.POINTER(_i32), ctypes.POINTER(_i64)
_OUT = (_ptr, _i64, _i64_out)
_ERROR = (ctypes.c_char_p, _i64)

#: Packages of the core that begin their errors with their names.
_PACKAGES = (
    "source",
    "dataset",
    "plan",
    "imagefile",
    "resample",
    "mix",
    "label",
    "loader",
    "workpool",
    "mixfolder",
)
#: Bits of a status that tell the kind of error; those above are the system's errno.
_KIND_BITS = 8

#: Arguments of each function of the C ABI (export.go); all return an int32 status.
SIGNATURES: dict[str, tuple[Any, ...]] = {
    "mixfolder_abi_version": (),
    "mixfolder_build_info": (*_OUT, *_ERROR),
    "mixfolder_open": (
        _ptr,
        _i64,
        _ptr,
        _i64,
        _ptr,
        _i64,
        _ptr,
        _i64,
        _ptr,
        _i64,
        _i64,
        _i64_out,
        *_ERROR,
    ),
    "mixfolder_opened": (_i64, _i32, _i32_out, *_ERROR),
    "mixfolder_listing": (_i64, _i32, *_OUT, *_ERROR),
    "mixfolder_submit": (_i64, _u64, _i64, _ptr, _i64, _ptr, _i64, _i64_out, *_ERROR),
    "mixfolder_wait": (_i64, _i64, _i32, _i32_out, *_ERROR),
    "mixfolder_cancel": (_i64, _i64, _i32, _i32_out, *_ERROR),
    "mixfolder_explain": (_i64, _u64, _i64, _i64_out, *_ERROR),
    "mixfolder_sheet": (_i64, _u64, _i64, _i64_out, *_ERROR),
    "mixfolder_inspect": (_i64, _i64, _i64, _i64_out, *_ERROR),
    "mixfolder_result": (_i64, _i64, *_OUT, *_ERROR),
    "mixfolder_stats": (_i64, *_OUT, *_ERROR),
    "mixfolder_close": (_i64, _i32, _i32_out, *_ERROR),
}


class CoreError(Exception):
    """What the core itself says. A ticket of which it was said runs no more: the core has let go
    of its buffers."""


class ImageError(CoreError, ValueError):
    """A file could not be read as an image; the message names its path, class, position and the
    reason."""


class RefusedError(CoreError, OSError):
    """The operating system or a disk refuses a file or folder that may be good; `errno` and
    `filename` tell, where they are known."""

    def __str__(self) -> str:
        return self.strerror or super().__str__()  # the core's sentence names the file already


class ClosedError(CoreError, RuntimeError):
    """Something was asked of a loader after `close()`."""


class ForkError(RuntimeError):
    """The process is a fork of one that had loaded the Go core, which cannot run in it."""


class InternalError(CoreError, RuntimeError):
    """A bug in the core; the message has its stack."""


class TicketError(CoreError, RuntimeError):
    """The core does not know the ticket (any more)."""


_STATUS: dict[int, type[Exception]] = {
    1: ValueError,
    2: FileNotFoundError,
    3: ImageError,
    4: ClosedError,
    5: InternalError,
    6: TicketError,
    7: RefusedError,
    8: MemoryError,
}

_lock = threading.Lock()
_lib: ctypes.CDLL | None = None
_owner: int | None = None  # the process in which the core is loaded, or is being loaded
_forked = False


def _after_fork() -> None:
    global _lock, _forked
    _lock = threading.Lock()  # a thread that does not exist here may have held it
    _forked = _owner is not None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def forked() -> bool:
    """Whether the core was loaded before this process was forked. Then nothing of it runs here, and
    there is nothing to be closed or waited for."""
    return _forked


def library() -> ctypes.CDLL:
    """The loaded core. It is loaded at the first use, as loading it is what makes a later fork
    unusable."""
    global _lib, _owner
    if _forked:
        raise ForkError(
            f"mixfolder's core was loaded in process {_owner}, of which this one is a fork, and "
            "cannot run here: use threads= "
            "and prefetch= in place of worker processes (num_workers=0 in a DataLoader), or start "
            "them by 'spawn' or 'forkserver' "
            "(a DataLoader with such workers needs set_epoch(epoch) of the sequence before each "
            "epoch)"
        )
    if _lib is None:
        with _lock:
            if _lib is None:
                _limits.make_sure(0)
                _owner = os.getpid()
                try:
                    _lib = _load()
                except ImportError:
                    _owner = None
                    raise
    return _lib


def _load() -> ctypes.CDLL:
    path = Path(__file__).with_name(f"libmixfolder.{_SUFFIX}")
    if not path.exists():
        raise ImportError(
            f"mixfolder's core is not built ({path.name} is missing): run 'pip "
            "install .' or 'make build'"
        )
    try:
        lib = ctypes.CDLL(str(path))
    except OSError as e:
        if "static TLS" in str(e):
            raise ImportError(
                "mixfolder's core found no room for its thread-local storage: import mixfolder "
                "first, or set "
                f"GLIBC_TUNABLES=glibc.rtld.optional_static_tls=4096 before Python starts ({e})"
            ) from e
        raise ImportError(f"mixfolder's core cannot be loaded: {e}") from e
    for name, arguments in SIGNATURES.items():
        function = getattr(lib, name, None)
        if function is None:
            raise ImportError(
                f"mixfolder's core lacks {name}: it is of another version, build it "
                "again ('pip install .')"
            )
        function.argtypes, function.restype = list(arguments), _i32
    if (found := lib.mixfolder_abi_version()) != ABI_VERSION:
        raise ImportError(
            f"mixfolder's core has ABI {found}, this package wants {ABI_VERSION}: "
            "build it again ('pip install .')"
        )
    return lib


def call(name: str, *arguments: Any) -> None:
    """Call a function of the core; a bad status is raised as the exception that fits it."""
    text = ctypes.create_string_buffer(_TEXT_BYTES)
    status = getattr(library(), name)(*arguments, text, _TEXT_BYTES)
    if status:
        raise _error(status, text.raw)


def _error(status: int, text: bytes) -> Exception:
    """The exception for a bad status and what stands in the error buffer: a sentence and a path,
    each ended by NUL."""
    said, path = text.split(b"\0")[:2]
    kind, errno = _STATUS.get(status & (1 << _KIND_BITS) - 1, RuntimeError), status >> _KIND_BITS
    words = sentence(said.decode(errors="replace"))  # they may be cut within a letter
    return kind(errno, words, os.fsdecode(path) or None) if errno else kind(words)


def sentence(text: str) -> str:
    """The core's sentence without the package that it comes from, which is of no use to a reader
    of Python."""
    head, colon, rest = text.partition(": ")
    return rest if colon and head in _PACKAGES else text


def fetch(name: str, *arguments: Any) -> bytes:
    """Call a function that delivers bytes of a size that it tells; ask again with room for them."""
    room, size = ctypes.create_string_buffer(1 << 16), _i64()
    while True:
        call(name, *arguments, room, len(room), ctypes.byref(size))
        if size.value <= len(room):
            return room.raw[: size.value]
        room = ctypes.create_string_buffer(size.value)


def build_info() -> BuildInfo:
    """How the core was built.

    Returns: a dict with `version`, `abi`, `go` (Go's version), `platform`, `cpu_features` (those
        in use, such as "avx2") and
    `decoders` (for each format, what decodes it).

    Example: `mixfolder.build_info()["go"]` gives such as "go1.26.8".
    """
    info: BuildInfo = json.loads(fetch("mixfolder_build_info"))
    try:
        if info["version"] != version("mixfolder"):
            raise ImportError(
                f"mixfolder's core is version {info['version']}, the package "
                f"{version('mixfolder')}: build it again"
            )
    except PackageNotFoundError:
        pass
    return info


def names(blob: bytes) -> list[str]:
    """Names that the core delivers, each ended by NUL."""
    return [os.fsdecode(name) for name in blob.split(b"\0")[:-1]]


def listing(handle: int) -> tuple[list[str], list[str], NDArray[np.int32]]:
    """Names of the classes; paths of the files below the root; their labels, int32."""
    classes, paths, labels = (
        fetch("mixfolder_listing", handle, what) for what in (LIST_CLASSES, LIST_PATHS, LIST_LABELS)
    )
    return names(classes), names(paths), np.frombuffer(labels, np.int32)


def poll(name: str, *arguments: Any, seconds: float = math.inf) -> int:
    """Ask how something stands until it no longer runs, or for so many seconds. Python sees signals
    between the calls."""
    state, end = _i32(RUNNING), time.monotonic() + seconds
    while True:
        left = end - time.monotonic()
        call(name, *arguments, int(min(SLICE_MS, max(0, 1000 * left))), ctypes.byref(state))
        if state.value != RUNNING or left <= 0:
            return state.value
