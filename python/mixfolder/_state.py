"""The state of a sequence: its position, and digests of what its batches depend on."""

import hashlib
import json
from collections import Counter
from typing import Any

from mixfolder._batches import Batches
from mixfolder._listing import Listing
from mixfolder._options import core_document
from mixfolder._text import few, printable, warn
from mixfolder._validation import as_int

#: Version of the format of states.
VERSION = 1

#: Most bytes of a state as JSON.
MAX_BYTES = 1024

_REQUIRED = {"seed", "epoch", "batch", "images", "files", "options", "weights"}

#: Options that may differ: where and how batches are made. The seed is compared by itself.
_NEUTRAL = {"seed", "shard", "cache", "threads", "on_error"}


class Resumable:
    """The methods of an `ImageSequence` that save and restore its position."""

    _batches: Batches

    def state_dict(self) -> dict[str, Any]:
        """The position in the data set, to go on in mid-epoch with `load_state_dict` in another
        process.

        Returns:
            A dict that is at most 1 KB as JSON: the version of its format (`mixfolder`), `seed`,
            `epoch`, `batch` (number of batches of the epoch that were returned; with `shard`, of
            those of all processes together, so that any number of processes can go on),
            `images` (their number), `files` (a digest of the names and labels), `classes` (number
            of images by class, where there is room), `options` (digests, by group) and `weights`
            (digests of those of `update_weights`).

        The state counts what was returned, not what was prefetched. In `fit`, Keras may have
        requested more batches than it has trained with: use `mixfolder.callbacks.Resume` there.

        Raises:
            ValueError: batches were requested by index and out of order.

        Example:
            >>> train = mf.from_directory("flowers", seed=1)
            >>> x, y = next(iter(train))
            >>> state = train.state_dict()
        """
        return state_at(self._batches, *self._batches.position)

    def load_state_dict(self, state: dict[str, Any], strict: bool = True) -> None:
        """Go to the position of a state: the next `fit` or `iter` returns the remaining batches of
        its epoch, and reads no image of the others.

        They are equal, byte for byte, to those that the other sequence would have returned. With
        several processes, so are the rows of each global batch (with partners of mixing from the
        process' own rows unless `pairing="global"`).

        Args:
            state: what `state_dict` returned.
            strict: False ignores that files, options, weights or the seed differ. The batches
                then go on at the same position of another order.

        Raises:
            ValueError: state is no state of this version, or something differs: the message says
                what.

        Example:
            >>> train = mf.from_directory("flowers", seed=1)
            >>> train.load_state_dict(train.state_dict())
        """
        load_state(self._batches, state, strict)


def state_at(batches: Batches, epoch: int, batch: int) -> dict[str, Any]:
    """The state of a data set at a batch of an epoch."""
    listing = batches.listing
    state = {
        "mixfolder": VERSION,
        "seed": batches.config.options["seed"],
        "epoch": epoch,
        "batch": batch,
        "images": len(listing.names),
        "files": listing.digest,
        "options": _digests(batches),
        "weights": _weights(batches, epoch),
    }
    counted = state | {"classes": _counts(listing)}
    return counted if len(json.dumps(counted)) <= MAX_BYTES else state


def load_state(
    batches: Batches, state: dict[str, Any], strict: bool, listed: str | None = None
) -> None:
    """Go to the position of a state. `listed` tells how the files have changed, if that is
    known."""
    if not isinstance(state, dict) or "mixfolder" not in state:
        raise ValueError("state must be a dict returned by state_dict")
    if state["mixfolder"] != VERSION:
        raise ValueError(
            f"the state has version {state['mixfolder']!r}, but this version of mixfolder reads "
            f"version {VERSION}"
        )
    if missing := sorted(_REQUIRED - state.keys()):
        raise ValueError(f"the state has no {missing[0]}: pass the whole dict of state_dict")
    epoch, batch = as_int("the state's epoch", state["epoch"]), as_int("its batch", state["batch"])
    if not 0 <= epoch < 2**63 or batch < 0:
        raise ValueError(f"the state has no valid position: epoch {epoch}, batch {batch}")
    now = state_at(batches, epoch, batch)
    if strict and (found := _differences(batches, state, now, listed)):
        raise ValueError(
            f"{batches.config.directory!r} cannot go on from the state: {'; '.join(found)}. "
            "strict=False goes on at the same position of the order that holds now"
        )
    batches.choose_epoch(*batches.locate(epoch, batch))
    for kind, digests in state["weights"].items():
        if strict and digests[1:] and digests[-1] != now["weights"][kind][-1]:
            warn(
                f"the {kind} had been changed for the next epoch: pass the new ones to "
                "update_weights again"
            )


def _digests(batches: Batches) -> dict[str, str]:
    """A digest of each group of options."""
    options = {k: v for k, v in batches.config.options.items() if k not in _NEUTRAL}
    document = {name: group for name, group in core_document(options).items() if name != "cache"}
    return {
        name: hashlib.sha256(json.dumps(group, sort_keys=True).encode()).hexdigest()[:8]
        for name, group in document.items()
    }


def _weights(batches: Batches, epoch: int) -> dict[str, list[str]]:
    """Digests of the weights in an epoch and, if they change after it, of the newest."""
    weights = batches.weights
    return {
        kind: list(dict.fromkeys([weights.digest(kind, epoch), weights.digest(kind, None)]))
        for kind in weights.versions
    }


def _counts(listing: Listing) -> dict[str, int]:
    """Number of images by class; none if labels are not classes."""
    if len(listing.heads) > 1 or listing.labels.ndim > 1:
        return {}
    counts = Counter(listing.labels.tolist())
    return {name: counts[i] for i, name in enumerate(listing.class_names)}


def _differences(
    batches: Batches, then: dict[str, Any], now: dict[str, Any], listed: str | None
) -> list[str]:
    """What differs from the state, as parts of a sentence."""
    found = []
    if then["seed"] != now["seed"]:
        found.append(f"its seed is {then['seed']}, not {now['seed']}: pass seed={then['seed']}")
    if then["files"] != now["files"]:
        found.append(listed or _changed_counts(then, now))
    for name, digest in now["options"].items():
        if then["options"].get(name) != digest:
            found.append(f"other options than then: one of {_names(batches, name)}")
    for kind, digests in now["weights"].items():
        if then["weights"].get(kind, [""])[0] != digests[0]:
            found.append(
                f"the weights of {kind} were others: pass those of epoch {then['epoch']} to "
                "update_weights before load_state_dict"
            )
    return found


def _changed_counts(then: dict[str, Any], now: dict[str, Any]) -> str:
    before, after = then.get("classes", {}), now.get("classes", {})
    changed = [
        f"{printable(name)} {before.get(name, 0)}, now {after.get(name, 0)}"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]
    if before and after and changed:
        return f"images were added or removed ({few(changed)})"
    if then["images"] != now["images"]:
        return f"it had {then['images']} images, and now has {now['images']}"
    return "images were renamed or exchanged, or have other labels"


def _names(batches: Batches, group: str) -> str:
    """The options of a group, as in an error message."""
    document = core_document(batches.config.options)[group]
    names = [*document] if isinstance(document, dict) else [group]
    return ", ".join(name for name in names if name not in _NEUTRAL)
