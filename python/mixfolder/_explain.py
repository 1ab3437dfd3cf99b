"""Converts what the core reports about batches and files to what users get."""

from typing import Any, cast

from numpy.typing import NDArray

from mixfolder import _core
from mixfolder._records import BadFile, Blend, Box, Drawn, Matrix, PartnerRow, Row, Sample


def bad_file(
    paths: list[str],
    class_names: list[str],
    labels: NDArray[Any],
    position: int,
    reason: str,
) -> BadFile:
    """A file that cannot be read, as users get it."""
    return {
        "path": paths[position],
        "class": class_names[labels[position]] if labels.ndim == 1 else "",
        "position": position,
        "reason": _core.strip_prefix(reason),
    }


def dark(bits: int) -> str | None:
    """The warning about 16-bit images whose samples fit in this many bits, or None if they do not
    come out dark; bits is 0 if there are none."""
    if not 0 < bits < 15:
        return None
    return (
        f"the samples of the 16-bit images fit in {bits} bits, so the images come out dark: pass "
        f"bit_depth={max(bits, 8)}, or the bit depth of their source, to use the full range"
    )


def explained(row: Row, paths: list[str], masks: list[str]) -> Sample:
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
    if masks:
        sample["mask_path"] = masks[row["image"]]
    if row["replaces"] is not None:
        sample["replaces"] = paths[row["replaces"]]
    if row["sample_weight"] is not None:
        sample["sample_weight"] = row["sample_weight"]
    if row["partners"]:
        _add_partners(sample, row["partners"], row["blend"], paths)
    return sample


def _add_partners(
    sample: Sample, partners: list[PartnerRow], blend: Blend, paths: list[str]
) -> None:
    first = partners[0]
    sample["partner"] = paths[first["image"]]
    if first["row"] >= 0:
        sample["partner_row"] = first["row"]
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
    if not {"boxes", "mask"} & blend.keys() and blend["weight"] != blend["labels"][0]:
        sample["pixel_lam"] = blend["weight"]


# The core returns four and six numbers; the type of a JSON list does not show it.


def _box(edges: list[int] | None) -> Box | None:
    return None if edges is None else cast(Box, tuple(edges))


def _matrix(drawn: Drawn) -> Matrix | None:
    return None if drawn["matrix"] is None else cast(Matrix, tuple(drawn["matrix"]))


def _operations(drawn: Drawn) -> list[dict[str, Any]]:
    """The operations in order, each with its name first."""
    return [{"op": draw["op"], **draw} for draw in drawn["ops"]]
