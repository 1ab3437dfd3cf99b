"""What the core tells of a batch or a file, in the words of the user."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from mixfolder import _core
from mixfolder._records import BadFile, Blend, Box, Drawn, Matrix, PartnerRow, Row, Sample


def bad_file(
    paths: list[str],
    class_names: list[str],
    labels: NDArray[np.int32],
    position: int,
    reason: str,
) -> BadFile:
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


def explained(row: Row, paths: list[str]) -> Sample:
    """A sample of `explain`."""
    sample: Sample = {
        "path": paths[row["image"]],
        "partner": None,
        "lam": row["blend"]["labels"][0],
        "flip": row["flip"] or None,
        "crop": _box(row["crop"]),
        "matrix": _matrix(row["augment"]),
        "augment": _operations(row["augment"]),
    }
    if row["replaces"] is not None:
        sample["replaces"] = paths[row["replaces"]]
    if row["partners"]:
        _add_partners(sample, row["partners"], row["blend"], paths)
    return sample


def _add_partners(
    sample: Sample, partners: list[PartnerRow], blend: Blend, paths: list[str]
) -> None:
    first = partners[0]
    sample["partner"] = paths[first["image"]]
    if decoded := first["decoded"]:
        sample["partner_flip"] = decoded["flip"] or None
        sample["partner_crop"] = _box(decoded["crop"])
        sample["partner_matrix"] = _matrix(decoded["augment"])
        sample["partner_augment"] = _operations(decoded["augment"])
    if len(partners) > 1:
        sample["partners"] = [paths[partner["image"]] for partner in partners]
        sample["weights"] = blend["labels"][: 1 + len(partners)]
    if "boxes" in blend:
        sample["boxes"] = blend["boxes"]
    if "mask" in blend:
        sample["mask"] = blend["mask"]


# The core tells four and six numbers, which a list in JSON does not say.


def _box(edges: list[int] | None) -> Box | None:
    return None if edges is None else cast(Box, tuple(edges))


def _matrix(drawn: Drawn) -> Matrix | None:
    return None if drawn["matrix"] is None else cast(Matrix, tuple(drawn["matrix"]))


def _operations(drawn: Drawn) -> list[dict[str, Any]]:
    """The operations in their order, each with its name first."""
    return [{"op": draw["op"], **draw} for draw in drawn["ops"]]
