"""The description of a data set that is pickled in its place."""

from dataclasses import dataclass, field
from typing import Any

from mixfolder._files import FileList, MaskFiles
from mixfolder._weights import Versions, WeightOptions
from mixfolder.custom import Custom


@dataclass(frozen=True)
class SequenceConfig:
    """Everything that another process needs to open the same data set.

    Attributes:
        directory: absolute path of the folder.
        class_names: subfolders to read, in label order; empty for all of them.
        options: the core's options, by the names that the core uses.
        prefetch: number of batches to request ahead.
        digest: digest of the listing, which must be unchanged; None if it was never read.
        epoch: the epoch to start with.
        chosen_epoch: the argument of the last `set_epoch`, or None.
        files: a list of files that replaces the scan of `directory`.
        custom: the function that mixes, if `mix` is one.
        groups: the name of each file's group, as `group_names` returns them; empty for none.
        weights: the weights of the files at first.
        weight_versions: those of the last epochs; empty if the data set was never opened.
        masks: the masks, or None.
        auto_shard: whether the shard in `options` was detected.
    """

    directory: str
    class_names: tuple[str, ...]
    options: dict[str, Any] = field(repr=False)
    prefetch: int
    digest: str | None = None
    epoch: int = 0
    chosen_epoch: int | None = None
    files: FileList | None = field(default=None, repr=False)
    custom: Custom | None = None
    groups: bytes = field(default=b"", repr=False)
    weights: WeightOptions = field(default=WeightOptions(), repr=False)
    weight_versions: dict[str, Versions] = field(default_factory=dict, repr=False)
    masks: MaskFiles | None = field(default=None, repr=False)
    auto_shard: bool = False
