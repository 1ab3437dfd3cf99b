"""Batches against the reference in Pillow and NumPy."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.batches import arrays
from support.images import real, write_images
from support.reference import batch, head_split, scan


def compare(root, size=(16, 18), scale=1.0, batches=None, **options):
    """Compare batches of the first epoch; returns the differences of the values, in 1/255."""
    classes, paths, labels = scan(root)
    label_of = dict(zip(paths, labels, strict=True))
    image_options = {
        k: options[k]
        for k in ("color_mode", "interpolation", "pad_to_aspect_ratio")
        if k in options
    }
    off = []
    with mf.from_directory(
        root, image_size=size, batch_size=8, seed=5, verbose=False, **options
    ) as seq:
        assert (seq.class_names, seq.file_paths, list(seq.labels)) == (classes, paths, labels)
        plans = [seq.explain(n) for n in range(len(seq))][:batches]
        for n, rows in enumerate(plans):
            x, y = arrays(seq[n])
            want_x, want_y = batch(rows, size, label_of, len(classes), **image_options)
            np.testing.assert_allclose(y, want_y, atol=1e-6)
            np.testing.assert_allclose(y.sum(1), 1, atol=1e-6)
            off.append(np.abs(x / scale - want_x).ravel())
    off = np.concatenate(off)
    # Package resample has weights of 16 bits where Pillow's have 22, which makes a
    # difference of 1 where a value is halfway between two; float32 has its own
    # rounding.
    assert off.max() <= 1 + 1e-3 and np.mean(off > 1e-3) <= 0.01
    return off


@pytest.mark.parametrize("pairing", ["batch", "dataset"])
def test_random_resized_crop(flowers, pairing):
    compare(flowers, pairing=pairing, flip="horizontal", crop=mf.RandomResizedCrop())


@pytest.mark.parametrize(
    "interpolation", ["nearest", "bilinear", "bicubic", "box", "hamming", "lanczos"]
)
@pytest.mark.parametrize("size", [(16, 18), (9, 40), (20, 24)])
def test_interpolation(flowers, interpolation, size):
    compare(flowers, size, interpolation=interpolation)


@pytest.mark.parametrize("pairing", ["batch", "dataset"])
@pytest.mark.parametrize("flip", [None, "horizontal", "vertical", "both"])
@pytest.mark.parametrize("color_mode", ["rgb", "grayscale", "rgba"])
def test_mixing(flowers, pairing, flip, color_mode):
    compare(flowers, pairing=pairing, flip=flip, color_mode=color_mode, mix=mf.MixUp(1.0))


@pytest.mark.parametrize("size", [(16, 18), (30, 11), (11, 30)])
@pytest.mark.parametrize("fit", ["crop_to_aspect_ratio", "pad_to_aspect_ratio"])
def test_aspect_ratio(flowers, fit, size):
    compare(flowers, size, flip="both", **{fit: True})


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(7, 9), (9, 40), (45, 50)])
def test_without_antialias_it_is_tensorflow(flowers, interpolation, size):
    tf = pytest.importorskip("tensorflow", reason="compares with tf.image.resize")
    options = dict(image_size=size, batch_size=21, mix=None, shuffle=False, verbose=False)
    with mf.from_directory(flowers, interpolation=interpolation, antialias=False, **options) as seq:
        x = arrays(seq[0])[0]
        files = [np.asarray(Image.open(path).convert("RGB"), np.float32) for path in seq.file_paths]
    want = np.stack(
        [np.clip(tf.image.resize(file, size, method=interpolation), 0, 255) for file in files]
    )
    assert np.abs(x - want).max() <= (0 if interpolation == "nearest" else 1)


def test_unmixed_is_the_image_itself(flowers):
    assert compare(flowers, (20, 24), mix=None).max() == 0


@pytest.mark.parametrize(
    "options", [{"interpolation": "bicubic"}, {"interpolation": "lanczos"}, {"color_mode": "rgba"}]
)
def test_where_a_rounding_could_grow_it_is_that_of_pillow(flowers, options):
    assert compare(flowers, (9, 40), mix=None, **options).max() == 0


def test_rescale(flowers):
    compare(flowers, scale=1 / 255, rescale=1 / 255)


@pytest.mark.parametrize("color_mode", ["rgb", "grayscale", "rgba"])
def test_preprocess_by_mean_and_standard_deviation(flowers, color_mode):
    mean, std = [100, 120.5, 90, 1], [50.5, 60, 70, 255]
    n = {"rgb": 3, "grayscale": 1, "rgba": 4}[color_mode]
    options = dict(image_size=(8, 9), color_mode=color_mode, seed=1, verbose=False)
    with (
        mf.from_directory(flowers, preprocess=(mean[:n], std[:n]), **options) as got,
        mf.from_directory(flowers, **options) as plain,
    ):
        want = (arrays(plain[0])[0] - np.float32(mean[:n])) / np.float32(std[:n])
        np.testing.assert_allclose(arrays(got[0])[0], want, atol=1e-5)


@pytest.mark.parametrize("mode", ["tf", "torch", "caffe"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_preprocess_is_that_of_keras(flowers, mode, data_format):
    from keras.applications.imagenet_utils import preprocess_input

    with (
        mf.from_directory(
            flowers,
            image_size=(8, 9),
            preprocess=mode,
            data_format=data_format,
            seed=1,
            verbose=False,
        ) as got,
        mf.from_directory(
            flowers, image_size=(8, 9), data_format=data_format, seed=1, verbose=False
        ) as plain,
    ):
        assert got.image_shape == ((3, 8, 9) if data_format == "channels_first" else (8, 9, 3))
        x, _ = arrays(got[0])
        want = preprocess_input(arrays(plain[0])[0].copy(), data_format, mode)
        assert x.shape == want.shape and x.dtype == np.float32
        np.testing.assert_allclose(x, want, atol=2e-5 if mode != "caffe" else 2e-4)


@pytest.mark.parametrize("dtype", ["float16", "uint8"])
def test_dtypes_are_float32_rounded(flowers, dtype):
    options = dict(image_size=(8, 9), seed=1, verbose=False, mix=mf.MixUp(1.0))
    with (
        mf.from_directory(flowers, dtype=dtype, **options) as got,
        mf.from_directory(flowers, **options) as plain,
    ):
        x, _ = arrays(got[0])
        want, _ = arrays(plain[0])
        assert x.dtype == dtype
        np.testing.assert_array_equal(
            x, np.rint(want).astype(dtype) if dtype == "uint8" else want.astype(dtype)
        )


def test_label_modes(folder):
    root = folder(cat=5, dog=6)
    options = dict(image_size=(8, 8), batch_size=11, seed=3, verbose=False)
    with (
        mf.from_directory(root, label_mode="binary", **options) as binary,
        mf.from_directory(root, label_mode="categorical", **options) as categorical,
        mf.from_directory(root, label_mode="int", mix=None, **options) as ints,
        mf.from_directory(root, label_mode=None, **options) as alone,
    ):
        yb, (xc, yc), yi = arrays(binary[0])[1], arrays(categorical[0]), arrays(ints[0])[1]
        assert (yb.shape, yb.dtype, yi.shape, yi.dtype) == ((11, 1), np.float32, (11,), np.int32)
        np.testing.assert_allclose(yb[:, 0], yc[:, 1], atol=1e-7)
        assert len(set(np.round(yb[:, 0], 3))) > 2, "the labels are mixed"
        assert [ints.labels[ints.file_paths.index(r["path"])] for r in ints.explain(0)] == list(yi)
        np.testing.assert_array_equal(arrays(alone[0]), xc)


def test_head_split(flowers):
    _, paths, labels = scan(flowers)
    train_at, val_at = head_split(labels, 0.3)
    train, val = mf.from_directory(
        flowers, validation_split=0.3, subset="both", split="head", verbose=False
    )
    assert train.file_paths == [paths[i] for i in train_at] and val.file_paths == [
        paths[i] for i in val_at
    ]


def test_stratified_split(flowers):
    for seed in range(4):
        train, val = mf.from_directory(
            flowers, validation_split=0.25, subset="both", seed=seed, verbose=False
        )
        assert not set(train.file_paths) & set(val.file_paths)
        assert sorted(train.file_paths + val.file_paths) == sorted(scan(flowers)[1])
        assert np.bincount(val.labels).tolist() == [1, 1, 2]
        for name, whole in (("training", train), ("validation", val)):
            part = mf.from_directory(
                flowers, validation_split=0.25, subset=name, seed=seed, verbose=False
            )
            assert part.file_paths == whole.file_paths


def test_a_new_class_or_image_moves_only_what_it_must(tmp_path):
    def validation(**counts):
        write_images(tmp_path, counts, (5, 5))
        _, val = mf.from_directory(
            tmp_path, validation_split=0.3, subset="both", seed=3, verbose=False
        )
        return {Path(p).relative_to(tmp_path).as_posix() for p in val.file_paths}

    before = validation(rose=20, violet=20)
    with_tulips = validation(rose=20, tulip=10, violet=20)
    assert before == {path for path in with_tulips if not path.startswith("tulip")}
    one_more = validation(rose=20, tulip=10, violet=21)
    assert len(with_tulips - one_more) <= 1 and all(
        path.startswith("violet") for path in with_tulips ^ one_more
    )


def test_validation_is_plain(flowers):
    _, val = mf.from_directory(
        flowers,
        image_size=(9, 9),
        validation_split=0.5,
        subset="both",
        seed=1,
        flip="both",
        batch_size=4,
        verbose=False,
    )
    rows = [r for n in range(len(val)) for r in val.explain(n)]
    assert [r["path"] for r in rows] == val.file_paths
    assert all((r["partner"], r["flip"], r["lam"]) == (None, None, 1.0) for r in rows)
    first = [arrays(val[n]) for n in range(len(val))]
    val.set_epoch(3)
    for a, b in zip(first, [arrays(val[n]) for n in range(len(val))], strict=True):
        np.testing.assert_array_equal(a[0], b[0])


def save(folder, name, image, **options):
    folder.mkdir(parents=True, exist_ok=True)
    image.save(folder / name, **options)


def painting(size=(45, 61)):
    rng = np.random.default_rng(7)
    return Image.fromarray(rng.integers(0, 256, (6, 5, 3), dtype=np.uint8)).resize(
        size[::-1], Image.Resampling.BICUBIC
    )


def test_lossless_formats_by_content(tmp_path):
    base = painting()
    faint = base.convert("RGBA")
    faint.putalpha(Image.linear_gradient("L").resize(base.size))
    c = tmp_path / "c"
    save(c, "rgb.png", base)
    save(c, "gray.png", base.convert("L"))
    save(c, "palette.png", base.quantize(50))
    save(c, "bits.png", base.convert("1"))
    save(c, "alpha.png", faint)
    save(c, "gray-alpha.png", faint.convert("LA"))
    save(c, "one.gif", base.quantize(64))
    save(c, "two.bmp", base)
    save(c, "three.tif", base, compression="tiff_lzw")
    save(c, "four.tiff", base.convert("L"))
    save(c, "lossless.webp", faint, lossless=True, exact=True)
    save(c, "really-a-png.jpg", base, format="PNG")
    (c / "no-name-at-all.png").write_bytes((c / "two.bmp").read_bytes())
    for mode in ("rgb", "grayscale", "rgba"):
        compare(tmp_path, (22, 30), color_mode=mode, mix=None)


def test_sixteen_bits_are_their_high_byte(tmp_path):
    values = np.random.default_rng(3).integers(0, 65536, (20, 20), dtype=np.uint16)
    save(tmp_path / "c", "deep.png", Image.fromarray(values))
    with mf.from_directory(
        tmp_path, image_size=(20, 20), color_mode="grayscale", mix=None, verbose=False
    ) as seq:
        np.testing.assert_array_equal(arrays(seq[0])[0][0, :, :, 0], values >> 8)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    save(tmp_path / "c", "1.jpg", painting(), exif=exif, quality=95, subsampling=0)
    save(tmp_path / "c", "2.png", painting(), exif=exif)
    compare(tmp_path, (30, 22), mix=None)
    compare(tmp_path, (30, 22), mix=None, crop_to_aspect_ratio=True)


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg(tmp_path, subsampling, progressive):
    for k, size in enumerate([(45, 61), (16, 16), (1, 1), (3, 5), (37, 2)]):
        save(
            tmp_path / "c",
            f"{k}.jpg",
            painting(size),
            quality=90,
            subsampling=subsampling,
            progressive=progressive,
        )
    compare(tmp_path, (40, 60), mix=None)


def test_jpeg_gray_and_cmyk(tmp_path):
    save(tmp_path / "c", "gray.jpg", painting().convert("L"), quality=90)
    save(tmp_path / "c", "cmyk.jpg", painting().convert("CMYK"), quality=90)
    for mode in ("rgb", "grayscale"):
        assert compare(tmp_path, (45, 61), mix=None, color_mode=mode).max() == 0


def test_lossy_webp(tmp_path):
    for k, size in enumerate([(45, 61), (64, 64), (33, 17)]):
        save(tmp_path / "c", f"{k}.webp", painting(size), quality=80)
    compare(tmp_path, (45, 61), mix=None)


@pytest.mark.parametrize("name", ["caltech4", "photos"])
def test_real_photographs(name):
    compare(real(name), (64, 64), batches=8)


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("restarts", [0, 3])
def test_baseline_jpeg_is_pillow_to_the_bit(tmp_path, subsampling, restarts):
    for k in range(3):
        save(
            tmp_path / "c",
            f"{k}.jpg",
            painting(),
            quality=60 + 15 * k,
            subsampling=subsampling,
            restart_marker_blocks=restarts,
        )
    assert compare(tmp_path, (45, 61), mix=None).max() == 0


@pytest.mark.parametrize("name", ["caltech4", "photos"])
def test_real_photographs_are_pillow_to_the_bit(name):
    """Decoded, at their own size: what a batch of one shows of each of some files."""
    paths = sorted(p for p in real(name).rglob("*.jpg"))[::25]
    assert len(paths) > 5
    for path in paths:
        with Image.open(path) as image:
            want = np.asarray(image.convert("RGB"))
        got = decoded(path, want.shape[:2])
        np.testing.assert_array_equal(got, want, err_msg=str(path))


def decoded(path, size):
    """The file as a loader with that target size shows it; the listing has its folder's other
    files too."""
    options = dict(
        image_size=size,
        batch_size=1,
        mix=None,
        shuffle=False,
        dtype="uint8",
        prefetch=0,
        verbose=False,
    )
    with mf.from_directory(path.parent.parent, class_names=[path.parent.name], **options) as seq:
        return arrays(seq[seq.file_paths.index(str(path))])[0][0]


def large(root, size=(1200, 1600), **options):
    """JPEG files of a large image of smooth colors, edges and noise, one of each of KINDS."""
    smooth = np.asarray(painting(size), np.float64)
    smooth[size[0] // 8 : size[0] // 2, size[1] // 5 : size[1] // 4] = 255
    noisy = smooth + 12 * np.random.default_rng(9).standard_normal(smooth.shape)
    image = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
    for name, kind in KINDS.items():
        save(
            root / "c",
            f"{name}.jpg",
            image.convert(kind["mode"]),
            quality=85,
            subsampling=kind["subsampling"],
            **options,
        )
    return root


KINDS = {
    "4-4-4": {"mode": "RGB", "subsampling": 0},
    "4-2-2": {"mode": "RGB", "subsampling": 1},
    "4-2-0": {"mode": "RGB", "subsampling": 2},
    "gray": {"mode": "L", "subsampling": 0},
}


def shown(root, size, **options):
    """All images of a folder, one after the other."""
    options = {
        "mix": None,
        "shuffle": False,
        "dtype": "uint8",
        "verbose": False,
        "batch_size": 3,
        "seed": 4,
        **options,
    }
    with mf.from_directory(root, image_size=size, **options) as seq:
        return np.concatenate([arrays(seq[n])[0] for n in range(len(seq))]), seq.file_paths


@pytest.mark.parametrize("shrink", [2, 4, 8])
@pytest.mark.parametrize("size", [(45, 61), (16, 16)])
def test_dct_scaling_is_draft_of_pillow_to_the_bit(tmp_path, size, shrink):
    large(tmp_path, tuple(n * shrink for n in size))
    got, paths = shown(tmp_path, size, dct_scaling=True)
    for x, path in zip(got, paths, strict=True):
        with Image.open(path) as image:
            image.draft(image.mode, size[::-1])
            assert image.size == size[::-1]
            np.testing.assert_array_equal(x, np.asarray(image.convert("RGB")), err_msg=path)


@pytest.mark.parametrize(("shape", "aspect"), [((1201, 1607), False), ((1203, 803), True)])
def test_dct_scaling_shows_the_exact_part(tmp_path, shape, aspect):
    """Pillow's draft, and of it the box that the part is there; within 1."""
    large(tmp_path, shape)
    got, paths = shown(tmp_path, (93, 118), dct_scaling=True, crop_to_aspect_ratio=aspect)
    for x, path in zip(got, paths, strict=True):
        with Image.open(path) as image:
            box = smart_box(*image.size, 93, 118) if aspect else (0, 0, *image.size)
            shrink = 4 if aspect else 8
            image.draft(image.mode, tuple(n // shrink for n in image.size))
            assert image.size == tuple(-(-n // shrink) for n in shape[::-1])
            want = image.convert("RGB").resize(
                (118, 93), Image.BILINEAR, tuple(n / shrink for n in box)
            )
            assert np.abs(x.astype(int) - np.asarray(want)).max() <= 1, path


def smart_box(width, height, target_height, target_width):
    """The largest centered part that has the target's shape, as Keras' smart_resize has it."""
    w, h = (
        min(width, height * target_width // target_height),
        min(height, width * target_height // target_width),
    )
    left, top = (width - w) // 2, (height - h) // 2
    return left, top, left + w, top + h


@pytest.mark.parametrize(
    "options",
    [{}, {"crop": mf.RandomResizedCrop((0.7, 1))}, {"pad_to_aspect_ratio": True, "flip": "both"}],
)
def test_dct_scaling_stays_close(tmp_path, options):
    large(tmp_path)
    want, _ = shown(tmp_path, (224, 224), **options)
    got, _ = shown(tmp_path, (224, 224), dct_scaling=True, threads=1, **options)
    again, _ = shown(tmp_path, (224, 224), dct_scaling=True, threads=8, **options)
    np.testing.assert_array_equal(got, again)
    off = np.abs(got.astype(int) - want).mean((1, 2, 3))
    assert (off > 0).all(), "nothing was shrunk"
    assert (off < 1.5).all()


def test_dct_scaling_of_photographs():
    """The figure in from_directory's docstring. With the part rounded to whole pixels of the
    small image it was 2.7."""
    options = {"crop": mf.RandomResizedCrop((0.7, 1)), "batch_size": 16}
    want, got = (
        shown(real("photos"), (128, 128), dct_scaling=fast, **options)[0].astype(int)
        for fast in (False, True)
    )
    off = np.abs(got - want).mean((1, 2, 3))
    off = off[off > 0]
    assert len(off) > 50
    assert off.mean() < 1.6


def test_dct_scaling_where_it_does_nothing(tmp_path, flowers):
    large(tmp_path / "progressive", (480, 640), progressive=True)
    large(tmp_path / "sequential", (480, 640))
    for root, size, options in (
        (flowers, (5, 5), {}),
        (tmp_path / "progressive", (50, 60), {}),
        (tmp_path / "sequential", (241, 50), {}),
        (tmp_path / "sequential", (50, 60), {"crop": mf.RandomResizedCrop(), "cache": "memory"}),
    ):
        np.testing.assert_array_equal(
            shown(root, size, dct_scaling=True, **options)[0], shown(root, size, **options)[0]
        )
    options = {"dct_scaling": True, "flip": "both"}
    np.testing.assert_array_equal(
        shown(tmp_path / "sequential", (50, 60), cache="memory", **options)[0],
        shown(tmp_path / "sequential", (50, 60), **options)[0],
    )
