"""The ctypes binding of the Go core: its functions, loading it, its errors, and the check for a
fork."""

import ctypes
import json
import math
import os
import re
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

ABI_VERSION = 9
RUNNING, DONE, CANCELLED = 0, 1, 2
SLICE_MS = 50  # maximum wait in one call of the core: Python handles no signals meanwhile
LIST_CLASSES, LIST_PATHS, LIST_LABELS, LIST_INFO, LIST_BAD, LIST_FAULTS = 1, 2, 3, 4, 5, 6
LIST_MEMBERS, LIST_MASKS = 7, 8

_TEXT_BYTES = 8192
_SUFFIX = {"darwin": "dylib", "win32": "dll"}.get(sys.platform, "so")

_i32, _i64, _u64, _ptr = ctypes.c_int32, ctypes.c_int64, ctypes.c_uint64, ctypes.c_void_p
_i32_out, _i64_out = ctypes.POINTER(_i32), ctypes.POINTER(_i64)
_IN = (_ptr, _i64)
_OUT = (_ptr, _i64, _i64_out)
_ERROR = (ctypes.c_char_p, _i64)

#: Low bits of a status: the kind of error. The bits above are the system's errno.
_KIND_BITS = 8

#: Argument types of the functions of the C ABI (export.go), which all return an int32
#: status.
SIGNATURES: dict[str, tuple[Any, ...]] = {
    "mixfolder_abi_version": (),
    "mixfolder_build_info": (*_OUT, *_ERROR),
    # options, root, class names, files, labels, values, groups, masks; the loader to share with
    "mixfolder_open": (*_IN, *_IN, *_IN, *_IN, *_IN, *_IN, *_IN, *_IN, _i64, _i64_out, *_ERROR),
    "mixfolder_opened": (_i64, _i32, _i32_out, *_ERROR),
    "mixfolder_listing": (_i64, _i32, *_OUT, *_ERROR),
    "mixfolder_submit": (_i64, _u64, _i64, *_IN, *_IN, _i64_out, *_ERROR),
    "mixfolder_wait": (_i64, _i64, _i32, _i32_out, *_ERROR),
    "mixfolder_cancel": (_i64, _i64, _i32, _i32_out, *_ERROR),
    "mixfolder_set_weights": (_i64, _i32, _u64, *_IN, *_ERROR),
    "mixfolder_explain": (_i64, _u64, _i64, _i64_out, *_ERROR),
    "mixfolder_sheet": (_i64, _u64, _i64, _i64_out, *_ERROR),
    "mixfolder_inspect": (_i64, _i64, _i64, _i64_out, *_ERROR),
    "mixfolder_result": (_i64, _i64, *_OUT, *_ERROR),
    "mixfolder_stats": (_i64, *_OUT, *_ERROR),
    "mixfolder_close": (_i64, _i32, _i32_out, *_ERROR),
}


class CoreError(Exception):
    """An error reported by the core. A ticket with an error has ended: the core has released its
    buffers."""


class ImageError(CoreError, ValueError):
    """A file could not be read as an image; the message has its path, class and position, and the
    reason."""


class RefusedError(CoreError, OSError):
    """The operating system or a disk refused access to a file or folder that may be intact; see
    `errno` and `filename`, which are None if unknown."""

    def __str__(self) -> str:
        return self.strerror or super().__str__()  # the core's message names the file already


class ClosedError(CoreError, RuntimeError):
    """A data set was used after `close()`."""


class ForkError(RuntimeError):
    """The process was forked after the Go core was loaded, so the core cannot run in it."""


class InternalError(CoreError, RuntimeError):
    """A bug in the core; the message includes the stack trace."""


class TicketError(CoreError, RuntimeError):
    """The ticket is unknown to the core, or its result was already taken."""


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

#: Packages of the core, whose names its messages start with; "mixfolder" is the ABI.
PACKAGES = frozenset(
    {
        *("abi", "augment", "badfile", "choice", "contactsheet", "dataset", "exact", "handle"),
        *("imagefile", "imageop", "inspect", "label", "loader", "mix", "mixfolder", "pipeline"),
        *("plan", "quickselect", "raster", "registry", "resample", "rng", "sampler", "simd"),
        *("source", "sysmem", "text", "workpool"),
    }
)

#: Names of packages, arguments and their items.
_NAMES = re.compile(r"([a-z_]+(\[\d+\])?: )*")

_lock = threading.Lock()
_lib: ctypes.CDLL | None = None
_owner: int | None = None  # id of the process that loads, or has loaded, the core
_forked = False


def _after_fork() -> None:
    global _lock, _forked
    _lock = threading.Lock()  # it may have been held by a thread that does not exist here
    _forked = _owner is not None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def forked() -> bool:
    """Whether this process was forked after the core was loaded. Then the core does not run here,
    and there is nothing to close or to wait for."""
    return _forked


def library() -> ctypes.CDLL:
    """The core, loaded at its first use: a process forked after that cannot use it."""
    global _lib, _owner
    if _forked:
        raise ForkError(
            f"mixfolder's core cannot run in this process, which was forked from process {_owner} "
            "after the core was loaded: use threads= and prefetch= instead of worker processes "
            "(num_workers=0 in a DataLoader), or start them with 'spawn' or 'forkserver' (a "
            "DataLoader with such workers needs set_epoch(epoch) of the sequence before each epoch)"
        )
    if _lib is None:
        with _lock:
            if _lib is None:
                _limits.require(0)
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
            f"mixfolder's core is not built ({path.name} is missing): run 'pip install .' or "
            "'make build'"
        )
    try:
        lib = ctypes.CDLL(str(path))
    except OSError as e:
        if "static TLS" in str(e):
            raise ImportError(
                "there is no space left for the thread-local storage of mixfolder's core: import "
                "mixfolder before other packages, or set "
                f"GLIBC_TUNABLES=glibc.rtld.optional_static_tls=4096 before Python starts ({e})"
            ) from e
        raise ImportError(f"mixfolder's core cannot be loaded: {e}") from e
    for name, arguments in SIGNATURES.items():
        function = getattr(lib, name, None)
        if function is None:
            raise ImportError(
                f"mixfolder's core is from another version (it has no {name}): rebuild it with "
                "'pip install .'"
            )
        function.argtypes, function.restype = list(arguments), _i32
    if (found := lib.mixfolder_abi_version()) != ABI_VERSION:
        raise ImportError(
            f"mixfolder's core has ABI version {found}, but this package needs {ABI_VERSION}: "
            "rebuild it with 'pip install .'"
        )
    return lib


def call(name: str, *arguments: Any) -> None:
    """Call a function of the core and raise the exception for its status, if it failed."""
    text = ctypes.create_string_buffer(_TEXT_BYTES)
    status = getattr(library(), name)(*arguments, text, _TEXT_BYTES)
    if status:
        raise _error(status, text.raw)


def _error(status: int, text: bytes) -> Exception:
    """The exception for the status of a failed call and its error buffer: a message and a path,
    each terminated by NUL."""
    message, path = text.split(b"\0")[:2]
    kind, errno = _STATUS.get(status & (1 << _KIND_BITS) - 1, RuntimeError), status >> _KIND_BITS
    # The message may be truncated within a character.
    reason = strip_prefix(message.decode(errors="replace"))
    return kind(errno, reason, os.fsdecode(path) or None) if errno else kind(reason)


def strip_prefix(message: str) -> str:
    """A message of the core without the Go packages among the names that it starts with:
    "preprocess: unknown" for "loader: preprocess: mix: unknown"."""
    start = _NAMES.match(message)
    assert start is not None
    names = [name for name in start[0].split(": ") if name not in PACKAGES]
    return ": ".join(names) + message[start.end() :]


def call_bytes(name: str, *arguments: Any) -> bytes:
    """Call a function that returns bytes, a second time if they are more than expected."""
    buffer, size = ctypes.create_string_buffer(1 << 16), _i64()
    while True:
        call(name, *arguments, buffer, len(buffer), ctypes.byref(size))
        if size.value <= len(buffer):
            return buffer.raw[: size.value]
        buffer = ctypes.create_string_buffer(size.value)


def build_info() -> BuildInfo:
    """Describe the build of the core.

    Returns:
        A dict with `version`, `abi`, `go` (Go's version), `platform`, `cpu_features` (those in
        use, for example "avx2") and `decoders` (the decoder of each format).

    Raises:
        ImportError: the core is from another version than the package.

    Example: `mixfolder.build_info()["go"]  # "go1.26.8"`
    """
    info: BuildInfo = json.loads(call_bytes("mixfolder_build_info"))
    try:
        if info["version"] != version("mixfolder"):
            raise ImportError(
                f"mixfolder's core is version {info['version']}, but the package is "
                f"{version('mixfolder')}: rebuild it with 'pip install .'"
            )
    except PackageNotFoundError:
        pass
    return info


def split_names(blob: bytes) -> list[str]:
    """Names that the core returns, each terminated by NUL."""
    return os.fsdecode(blob).split("\0")[:-1]


def listing(handle: int) -> tuple[list[str], list[str], NDArray[np.int32]]:
    """Names of the classes; paths of the files, relative to the root; their labels, int32."""
    classes, paths, labels = (
        call_bytes("mixfolder_listing", handle, field)
        for field in (LIST_CLASSES, LIST_PATHS, LIST_LABELS)
    )
    return split_names(classes), split_names(paths), np.frombuffer(labels, np.int32)


def poll(name: str, *arguments: Any, seconds: float = math.inf) -> int:
    """Call a function that waits, until the state that it returns is not RUNNING or the seconds
    have passed. Python handles signals between the calls."""
    state, end = _i32(RUNNING), time.monotonic() + seconds
    while True:
        left = end - time.monotonic()
        call(name, *arguments, int(min(SLICE_MS, max(0, 1000 * left))), ctypes.byref(state))
        if state.value != RUNNING or left <= 0:
            return state.value
