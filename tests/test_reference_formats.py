"""Files of each format against Pillow."""

import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.batches import arrays
from support.images import painting, real, save
from support.reference import compare


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
def test_mixed_real_photos(name):
    compare(real(name), (64, 64), batches=8)


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("restarts", [0, 3])
def test_baseline_jpeg_equals_pillow_bit_for_bit(tmp_path, subsampling, restarts):
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
def test_real_photos_equal_pillow_bit_for_bit(name):
    """Several files in batches of one, at their own size."""
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
