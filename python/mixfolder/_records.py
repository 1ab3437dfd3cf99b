"""The dicts that the core tells, as JSON, and those that users get of them, for type checkers."""

from typing import Any, NotRequired, TypedDict

# What users get.

Box = tuple[int, int, int, int]
Matrix = tuple[float, float, float, float, float, float]

#: A file of which no image can be made; `position` is its place in `file_paths`.
BadFile = TypedDict("BadFile", {"path": str, "class": str, "position": int, "reason": str})


class Sample(TypedDict):
    """A sample of `ImageSequence.explain`, whose docstring tells the meanings."""

    path: str
    partner: str | None
    lam: float
    flip: str | None
    crop: Box | None
    matrix: Matrix | None
    augment: list[dict[str, Any]]
    replaces: NotRequired[str]
    partner_flip: NotRequired[str | None]
    partner_crop: NotRequired[Box | None]
    partner_matrix: NotRequired[Matrix | None]
    partner_augment: NotRequired[list[dict[str, Any]]]
    partners: NotRequired[list[str]]
    weights: NotRequired[list[float]]
    boxes: NotRequired[list[dict[str, Any]]]
    mask: NotRequired[dict[str, Any]]


class CoreStats(TypedDict):
    """What the core counts and measures."""

    threads: int
    batches: int
    images: int
    failed: int
    bad_files: int
    skipped: int
    in_flight: int
    read_seconds: float
    decode_seconds: float
    resample_seconds: float
    augment_seconds: float
    mix_seconds: float
    cache_hits: int
    cache_misses: int
    cache_bytes: int
    sample_bits: int


class Stats(CoreStats):
    """What `ImageSequence.stats` tells."""

    epoch: int


class BuildInfo(TypedDict):
    """How the core was built."""

    version: str
    abi: int
    go: str
    platform: str
    cpu_features: list[str]
    decoders: dict[str, str]


# What the core tells.


class ArrayInfo(TypedDict):
    """An array of a batch, without the batch axis."""

    shape: list[int]
    dtype: str


class BatchInfo(TypedDict):
    """The arrays of a batch; `BatchSpec` has the meanings."""

    x: ArrayInfo
    y: list[ArrayInfo]
    images: int
    shuffled: bool
    mixed: bool
    altered: bool


class ListingInfo(TypedDict):
    """An open folder."""

    batch: BatchInfo
    batches: int
    digest: str
    files: int  # of all subsets
    samples: int  # of this subset
    subset: str
    warnings: list[str]


class Drawn(TypedDict):
    """What was drawn for an image."""

    matrix: list[float] | None
    ops: list[dict[str, Any]]


class Blend(TypedDict):
    """How the images of a row become one. Images are named by their place in the row; 0 is its
    own."""

    labels: list[float]  # the weights of the images' labels
    weight: float  # of the row's own image, where there is no box and no mask
    boxes: NotRequired[list[dict[str, Any]]]
    mask: NotRequired[dict[str, Any]]


class ImageRow(TypedDict):
    """An image of a batch; images are positions in the listing."""

    image: int
    replaces: int | None
    flip: str
    crop: list[int] | None
    augment: Drawn


class PartnerRow(TypedDict):
    """An image that a row is mixed with."""

    image: int
    decoded: ImageRow | None  # if it is decoded for this row alone


class Row(ImageRow):
    """A row of a batch."""

    blend: Blend
    partners: list[PartnerRow]


class Finding(TypedDict):
    """A file that was decoded to see whether it can be."""

    format: str
    mode: str
    width: int
    height: int
    bits: int
    sha256: str
    reason: str
