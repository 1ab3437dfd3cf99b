"""How a data set is opened from its description, and what is reported of it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mixfolder._batches import Batches
from mixfolder._config import SequenceConfig
from mixfolder._groups import GroupRule, group_names
from mixfolder._text import few, printable, warn
from mixfolder.sequence import ImageSequence, batches_of


def check_subset(subset: Any, validation_split: Any, split: Any, seed: Any) -> None:
    """Reject subsets that are incomplete, or that would overlap with those of another call."""
    if subset == "both" and validation_split is None:
        raise ValueError(
            "subset='both' needs validation_split, the fraction of the images for validation, such "
            "as validation_split=0.2"
        )
    one_of_two = subset in ("training", "validation") and validation_split is not None
    if one_of_two and seed is None and split != "head":
        raise ValueError(
            f"subset={subset!r} needs a seed, or training and validation data would overlap: pass "
            "the same seed= to both calls, or use subset='both'"
        )


def open_subsets(
    config: SequenceConfig, subset: str | None, groups: GroupRule | None
) -> tuple[ImageSequence] | tuple[ImageSequence, ImageSequence]:
    """Open one sequence, or both subsets with a single scan."""
    scan = None
    if groups is not None:
        no_split = {"subset": "", "validation_split": None, "fold": None}
        scan = Batches(replace(config, options={**config.options, **no_split}))
    opened: list[Batches] = []
    try:
        if scan and groups is not None:
            config = replace(config, groups=group_names(groups, scan.listing.names))
        for part in ("training", "validation") if subset == "both" else (subset or "",):
            of_part = replace(config, options={**config.options, "subset": part})
            opened.append(Batches(of_part, share_with=opened[0] if opened else scan))
    except BaseException:
        for batches in opened:
            batches.close()
        raise
    finally:
        if scan:
            scan.close()
    first, *others = map(ImageSequence, opened)
    return (first, others[0]) if others else (first,)


def warn_of_scan(parts: Iterable[ImageSequence]) -> None:
    """Issue the warnings of the scan and the split."""
    for warning in dict.fromkeys(warning for part in parts for warning in part.warnings):
        warn(warning)


def found(part: ImageSequence) -> str:
    """What the scan found, for a user."""
    files, class_names = batches_of(part).listing.info["files"], part.class_names
    kind = "with labels of {} heads" if isinstance(class_names, dict) else "belonging to {} classes"
    names = f"{kind}: {few([*map(printable, class_names)])}".format(len(class_names))
    return f"Found {files} images {names if class_names else 'without classes'}."


def report(parts: tuple[ImageSequence, ...]) -> None:
    """Print what was found."""
    print(found(parts[0]))
    for part in parts:
        options = batches_of(part).config.options
        if options["validation_split"] is not None:
            print(f"Using {part.samples} images for {options['subset']}.")
        elif options["subset"]:
            print("Using all of them in order, without mixing or augmentation.")
