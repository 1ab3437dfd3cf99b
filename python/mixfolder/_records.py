"""Types of the dicts that users get, and of the JSON documents of the core behind them."""

from typing import Any, NotRequired, TypedDict

# Returned to users.

Box = tuple[int, int, int, int]
Matrix = tuple[float, float, float, float, float, float]

#: A file that cannot be read as an image; `position` is its index in `file_paths`.
BadFile = TypedDict("BadFile", {"path": str, "class": str, "position": int, "reason": str})


class Sample(TypedDict):
    """A sample, as described in the docstring of `ImageSequence.explain`."""

    path: str
    partner: str | None
    lam: float
    flip: str | None
    crop: Box | None
    matrix: Matrix | None
    augment: list[dict[str, Any]]
    mask_path: NotRequired[str]
    phase: NotRequired[dict[str, Any]]
    replaces: NotRequired[str]
    partner_row: NotRequired[int]
    partner_flip: NotRequired[str | None]
    partner_crop: NotRequired[Box | None]
    partner_matrix: NotRequired[Matrix | None]
    partner_augment: NotRequired[list[dict[str, Any]]]
    partners: NotRequired[list[str]]
    weights: NotRequired[list[float]]
    boxes: NotRequired[list[dict[str, Any]]]
    mask: NotRequired[dict[str, Any]]
    pixel_lam: NotRequired[float]
    sample_weight: NotRequired[float]


class CoreStats(TypedDict):
    """Counters and timings of the core."""

    threads: int
    batches: int
    images_decoded: int
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
    """The result of `ImageSequence.stats`."""

    epoch: int


class BuildInfo(TypedDict):
    """The build of the core."""

    version: str
    abi: int
    go: str
    platform: str
    cpu_features: list[str]
    decoders: dict[str, str]


# Exchanged with the core.


class Layout(TypedDict):
    """The part of all labels that is those of one head."""

    classes: int  # number of names
    width: int  # values per file; 0 if each file has one class


class ArrayInfo(TypedDict):
    """An array of a batch, without the batch axis."""

    shape: list[int]
    dtype: str
    role: str
    name: str


class TargetInfo(TypedDict):
    """What to make of images that the caller mixes; `Target` has the meanings."""

    x: ArrayInfo
    scale: list[float]
    bias: list[float]
    reverse: bool
    channels_first: bool


class BatchInfo(TypedDict):
    """The arrays of a batch; `BatchSpec` has the meanings."""

    x: ArrayInfo
    y: list[ArrayInfo]
    images: int
    target: NotRequired[TargetInfo]
    shuffled: bool
    mixed: bool
    altered: bool


class PhaseInfo(TypedDict):
    """The epochs from one on; `Phase` has the meanings."""

    epoch: int
    batches: int
    batch_size: int
    rows: int
    last_rows: int
    image_size: list[int]
    batch: BatchInfo


class ListingInfo(TypedDict):
    """An open folder."""

    digest: str
    drawn: bool  # by a sampler with weights
    files: int  # of all subsets
    layouts: list[Layout]  # of the labels of each head
    phases: list[PhaseInfo]
    samples: int  # of this subset
    subset: str
    unused: list[str]  # folders that are not in class_names
    warnings: list[str]


class Drawn(TypedDict):
    """The random parameters of an image."""

    matrix: list[float] | None
    ops: list[dict[str, Any]]


class Blend(TypedDict):
    """How the images of a row are mixed. Images are numbered within the row; 0 is its own."""

    labels: list[float]  # the weights of the images' labels
    weight: float  # of the row's own image, where there is no box and no mask
    boxes: NotRequired[list[dict[str, Any]]]
    mask: NotRequired[dict[str, Any]]


class ImageRow(TypedDict):
    """An image of a batch; `image` and `replaces` are indices into the listing."""

    image: int
    replaces: int | None
    flip: str
    crop: list[int] | None
    augment: Drawn


class PartnerRow(TypedDict):
    """An image that a row is mixed with."""

    image: int
    row: int  # of the batch, that the image belongs to, or -1
    decoded: ImageRow | None  # if it is decoded for this row alone


class Row(ImageRow):
    """A row of a batch."""

    blend: Blend
    partners: list[PartnerRow]
    sample_weight: float | None


class InspectedFile(TypedDict):
    """The report on a file that was decoded for inspection."""

    format: str
    mode: str
    width: int
    height: int
    bits: int
    sha256: str
    reason: str
