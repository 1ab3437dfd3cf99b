"""Limits of the process that the core would run into.

Go ends the whole process where it gets no thread or no address space. So both are tried before the
core is loaded, and before a loader starts its threads.
"""

import errno
import mmap
import os
import sys
import threading

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

#: Threads beside the workers: Go's own, and those that take over while others are in a
#: read. Measured: 6 more than 1 worker, 8 more than 4, 12 more than 16.
_OWN_THREADS = 12

#: Bytes of address space without the workers': some 0.9 GB that Go takes when it is
#: loaded, its heap, and its threads. Measured with the workers': an epoch of batches of
#: 32 x 224 x 224 goes through with 2.0, 2.5 and 3.0 GB for 1, 4 and 16 workers, and
#: ends the process with 1.7, 2.0 and 2.5.
_OWN_SPACE = 9 << 28

#: And of a worker: a stack of 8 MiB, and 64 that the C library reserves for its malloc.
_SPACE_PER_WORKER = 80 << 20

#: More workers are refused by the core itself.
_MOST_WORKERS = 1024

_threads = 0  # that the core is known to get


def make_sure(workers: int) -> None:
    """Raise an OSError that says what is wanted where the core cannot have so many workers in
    all."""
    global _threads
    want = workers + _OWN_THREADS
    if want > _threads:
        more = want - max(_threads, _OWN_THREADS)
        _try_space((0 if _threads else _OWN_SPACE) + more * _SPACE_PER_WORKER)
        _try_threads(want - _threads)
        _threads = want


def _try_space(size: int) -> None:
    if resource is None or resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        return
    try:
        mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=0).close()
    except (OSError, ValueError):
        raise OSError(
            errno.ENOMEM,
            f"the limit of this process's address space leaves no {size / 1e9:.1f} GB, which "
            "mixfolder's core wants: raise or "
            "remove the limit (ulimit -v unlimited), or use fewer threads=",
        ) from None


def _try_threads(count: int) -> None:
    leave = threading.Event()
    started: list[threading.Thread] = []
    try:
        for _ in range(count):
            thread = threading.Thread(target=leave.wait, daemon=True)
            thread.start()
            started.append(thread)
    except RuntimeError:
        raise OSError(
            errno.EAGAIN,
            f"this process can start {len(started)} more threads, but mixfolder's core wants "
            f"{count}: raise the limit (ulimit -u, or "
            "that of the container or job: pids.max), end other processes, or use fewer threads=",
        ) from None
    finally:
        leave.set()
        for thread in started:
            thread.join()


def workers_of(threads: int) -> int:
    """The number of workers that the core has with this option: 0 stands for as many as there are
    processors, 16 at most."""
    if threads > 0:
        return min(threads, _MOST_WORKERS)
    affinity = os.sched_getaffinity(0) if sys.platform == "linux" else ()
    return min(len(affinity) or os.cpu_count() or 1, 16)
