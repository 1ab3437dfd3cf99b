"""What the core tells of a batch or a file, in the words of the user."""

from typing import Any

import numpy as np

from mixfolder import _core


def bad_file(
    paths: list[str], class_names: list[str], labels: np.ndarray, position: int, reason: str
) -> dict[str, Any]:
    """A bad file as the user sees it."""
    return {
        "path": paths[position],
        "class": class_names[labels[position]],
        "position": position,
        "reason": _core.sentence(reason),
    }


def dark(bits: int) -> str | None:
    """What to say where so many low bits hold all samples of 16-bit images: None where these do
    not come out dark, or there are none."""
    if not 0 < bits < 15:
        return None
    return (
        f"all samples of the 16-bit images fit in {bits} bits, so the images come out dark: give "
        f"bit_depth={max(bits, 8)}, "
        "or the number of bits that their source tells, for their full range"
    )


def explained(row: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """A sample of `explain`."""
    sample = {
        "path": paths[row["image"]],
        "partner": None if row["partner"] is None else paths[row["partner"]],
        "lam": row["lam"],
        **_look(row, "", row["augment"]),
    }
    if row["instead_of"] is not None:
        sample["instead_of"] = paths[row["instead_of"]]
    if row["anew"]:
        sample.update(_look(row, "partner_", row["partner_augment"]))
    return sample


def _look(row: dict[str, Any], whose: str, drawn: dict[str, Any]) -> dict[str, Any]:
    """What was drawn for the look at an image."""
    return {
        f"{whose}flip": row[f"{whose}flip"] or None,
        f"{whose}crop": row[f"{whose}crop"] and tuple(row[f"{whose}crop"]),
        f"{whose}matrix": drawn["matrix"] and tuple(drawn["matrix"]),
        f"{whose}augment": [{"op": draw["op"], **draw} for draw in drawn["ops"]],
    }
