"""Which rows of each batch a process gets when several processes train together."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import keras

from mixfolder._validation import as_int


@dataclass(frozen=True)
class Shard:
    """One process among several.

    Attributes:
        index: of this process, from 0.
        count: number of processes that get different rows.
        devices: number of devices of this process that a batch is divided among.
    """

    index: int = 0
    count: int = 1
    devices: int = 1


def shard_option(shard: Any) -> Shard:
    """The shard that `shard=` means: "auto", `(index, count)` or None."""
    if shard is None:
        return Shard()
    if isinstance(shard, str) and shard == "auto":
        return _detect()
    try:
        index, count = shard
    except (TypeError, ValueError):
        raise ValueError(
            f'shard must be "auto", (index, count) or None, but is {shard!r}'
        ) from None
    index, count = as_int("the index of shard", index), as_int("the count of shard", count)
    if not 0 <= index < count:
        raise ValueError(
            f"shard must be (index, count) with an index from 0 to count - 1, but is {shard!r}"
        )
    return Shard(index, count)


def require_seed(shard: Shard, seed: Any, subset: str | None) -> None:
    """Reject several processes without a seed, as each would draw one and shuffle by its own."""
    if shard.count > 1 and seed is None and subset != "validation":
        raise ValueError(
            f"{shard.count} processes share the images, so they need the same order: pass the same "
            "seed= in all of them, or shard=None if each process is to read all images"
        )


def require_detected(shard: Shard, rows: Iterable[int]) -> None:
    """Reject a shard that shard="auto" found before processes or devices were connected.

    Args:
        shard: the one that was found.
        rows: numbers of rows in the batches, which may happen to fit the devices.
    """
    now = _detect()
    others = now.count > 1 and (now.index, now.count) != (shard.index, shard.count)
    if others or any(n % now.devices for n in rows):
        raise ValueError(
            f"this data set was opened for process {shard.index} of {shard.count} with "
            f"{shard.devices} devices, but this is now process {now.index} of {now.count} with "
            f"{now.devices}: open it after keras.distribution or torch.distributed is set up, or "
            "pass shard=(index, count), or shard=None if each process is to read all images"
        )


def _detect() -> Shard:
    """The shard of the active `keras.distribution`, else of the processes of torch or JAX."""
    found = {name: world for name, world in _processes() if world[1] > 1}
    distribution = keras.distribution.distribution()
    if hasattr(distribution, "num_model_replicas"):  # Keras 3.10 has distributions without
        processes, replicas = distribution.num_processes, distribution.num_model_replicas
        if {count for _, count in found.values()} <= {processes} and len({*found.values()}) < 2:
            shards = min(replicas, processes)
            return Shard(
                distribution.data_shard_id if shards > 1 else 0, shards, replicas // shards
            )
        found["keras.distribution"] = (0, processes)
    if len(set(found.values())) > 1:
        said = ", ".join(f"{name} says {i} of {n}" for name, (i, n) in sorted(found.items()))
        raise ValueError(
            f"shard='auto' cannot tell which process of how many this is: {said}. Pass "
            "shard=(index, count), or shard=None if each process is to read all images"
        )
    return Shard(*next(iter(found.values()), (0, 1)))


def _processes() -> Iterator[tuple[str, tuple[int, int]]]:
    """Index and number of processes, by each framework that has connected them."""
    torch = sys.modules.get("torch.distributed")
    if torch and torch.is_available() and torch.is_initialized():
        yield "torch.distributed", (torch.get_rank(), torch.get_world_size())
    # Before jax.distributed is initialized there is one process, and asking for it would
    # start JAX' backend.
    jax = sys.modules.get("jax")
    if jax and getattr(jax.distributed, "is_initialized", bool)():  # older JAX has it not
        yield "jax.distributed", (jax.process_index(), jax.process_count())
