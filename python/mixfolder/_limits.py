"""Resource limits of the process that the core could exceed.

Go aborts the process if it cannot get a thread or address space. So both are tried out before the
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

#: Threads besides the workers: those of Go's runtime, and those that it starts while
#: others block in a read. Measured: 6 with 1 worker, 8 with 4, 12 with 16.
_OWN_THREADS = 12

#: Bytes of address space without the workers: about 0.9 GB that Go reserves when it is
#: loaded, its heap and its threads. Measured with workers: an epoch of batches of
#: 32 x 224 x 224 completes with 2.0, 2.5 and 3.0 GB for 1, 4 and 16 workers, and the
#: process aborts with 1.7, 2.0 and 2.5 GB.
_OWN_SPACE = 9 << 28

#: The same per worker: a stack of 8 MiB, and 64 MiB that the C library reserves for
#: malloc.
_SPACE_PER_WORKER = 80 << 20

#: The core itself rejects more workers.
_MAX_WORKERS = 1024

_threads = 0  # number that the core is known to get


def require(workers: int) -> None:
    """Raise an OSError with the remedy unless the core can have this many workers in total."""
    global _threads
    needed = workers + _OWN_THREADS
    if needed > _threads:
        more = needed - max(_threads, _OWN_THREADS)
        _try_space((0 if _threads else _OWN_SPACE) + more * _SPACE_PER_WORKER)
        _try_threads(needed - _threads)
        _threads = needed


def _try_space(size: int) -> None:
    if resource is None or resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        return
    try:
        mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=0).close()
    except (OSError, ValueError):
        raise OSError(
            errno.ENOMEM,
            f"mixfolder's core needs {size / 1e9:.1f} GB of address space, more than the limit of "
            "this process leaves: raise or remove the limit (ulimit -v unlimited), or use fewer "
            "threads=",
        ) from None


def _try_threads(count: int) -> None:
    done = threading.Event()
    started: list[threading.Thread] = []
    try:
        for _ in range(count):
            thread = threading.Thread(target=done.wait, daemon=True)
            thread.start()
            started.append(thread)
    except RuntimeError:
        raise OSError(
            errno.EAGAIN,
            f"mixfolder's core needs {count} more threads, but this process can start only "
            f"{len(started)}: raise the limit (ulimit -u, or pids.max of the container or job), "
            "end other processes, or use fewer threads=",
        ) from None
    finally:
        done.set()
        for thread in started:
            thread.join()


def worker_count(threads: int | None) -> int:
    """The number of workers that the core starts for the option `threads`: with None, as many as
    there are processors, at most 16."""
    if threads is not None:
        return max(1, min(threads, _MAX_WORKERS))
    affinity = os.sched_getaffinity(0) if sys.platform == "linux" else ()
    return min(len(affinity) or os.cpu_count() or 1, 16)
