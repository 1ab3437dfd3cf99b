"""Files that are not supported images: errors name their kind and the remedy, but quote nothing of
their content."""

import gzip
import io
import os
import re
import zipfile

import pytest
from PIL import Image

import mixfolder as mf
from support.formats import saved, scene
from support.formats.png import chunk, png


def ftyp(brand):
    return b"\0\0\0\x18ftyp" + brand + bytes(4) + b"mif1" + brand + b"\0\0\1\x80meta" + bytes(99)


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("a.jpg", b"secret")
    return out.getvalue()


def of_pillow(kind, **options):
    return saved(scene((64, 64)), kind, **options)


PNG = png([[1, 2], [3, 4]], 8, 0)
CGBI = PNG[:8] + chunk(b"CgBI", b"P\0\x20\6") + PNG[8:]
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><text>secret</text></svg>'
PAGE = b"\n<!DOCTYPE HTML><title>404 secret</title>"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab\nsize 12345\n"

# What it is, the remedy, the bytes.
KINDS = [
    ("an AVIF image", "Image.open", ftyp(b"avif")),
    ("an HEIC image", "heif-convert .* pillow-heif", ftyp(b"heic")),
    ("an HEIF or AVIF image", "pillow-heif", ftyp(b"mif1")),
    ("a JPEG XL image", "djxl", b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(99)),
    ("a JPEG XL image", "djxl", b"\xff\x0a\xfa\x1f" + bytes(99)),
    ("a JPEG 2000 image", "Image.open", of_pillow("JPEG2000")),
    ("a JPEG 2000 image", "Image.open", b"\xff\x4f\xff\x51" + bytes(99)),
    ("a BigTIFF image", "tiffcp", of_pillow("TIFF", big_tiff=True)),
    ("an ICO icon", "Image.open", of_pillow("ICO")),
    ("a gzip archive", "gunzip", gzip.compress(of_pillow("JPEG"))),
    ("a ZIP archive", "unpack", archive()),
    ("a DICOM file", "DCMTK.*pydicom", bytes(128) + b"DICM" + bytes(99)),
    ("a web page", "download it again", PAGE),
    ("a Git LFS pointer", "git lfs pull", POINTER),
    ("Apple's CgBI variant", "pngcrush -revert-iphone-optimizations", CGBI),
    ("a PNM image", "Image.open", of_pillow("PPM")),
    ("a Photoshop file", "Image.open", b"8BPS\0\1" + bytes(99)),
    ("a PDF document", "pdftoppm", of_pillow("PDF")),
    ("an SVG drawing", "rsvg-convert", SVG),
    ("all zeros", "copy it again", bytes(4096)),
    ("a video", "ffmpeg", ftyp(b"isom")),
    ("AppleDouble", "remove it", b"\0\5\x16\7" + bytes(99)),
    ("a text file", "remove it, or download it again", b"root:secret:20228:0:99999:7:::\n"),
]


def refusal(tmp_path, data):
    """The error of a file with these bytes, and its reason in `verify`."""
    (tmp_path / "c").mkdir()
    path = tmp_path / "c" / "x.jpg"
    path.write_bytes(data)
    with (
        mf.from_directory(tmp_path, image_size=8, mix=None, verbose=False) as seq,
        pytest.raises(mf.ImageError) as caught,
    ):
        seq[0]
    return str(caught.value), mf.verify(tmp_path).bad_files[0]["reason"]


@pytest.mark.parametrize(("name", "remedy", "data"), KINDS, ids=range(len(KINDS)))
def test_a_file_of_another_kind_is_named_with_its_remedy_and_not_quoted(
    tmp_path, name, remedy, data
):
    for text in refusal(tmp_path, data):
        assert name in text and re.search(remedy, text), text
        assert "repair" not in text and "secret" not in text and repr(data[:12])[2:-1] not in text


def test_of_unknown_bytes_nothing_is_quoted(tmp_path):
    for text in refusal(tmp_path, b"\x01\x02secret\xff\xfe" + os.urandom(99)):
        assert "its signature is unknown" in text and "secret" not in text


def test_an_error_quotes_nothing_of_a_file_that_a_link_leads_to(tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"root:*:20228:0:99999:7:::\n")
    (tmp_path / "root" / "c").mkdir(parents=True)
    (tmp_path / "root" / "c" / "x.jpg").symlink_to(outside)
    with (
        mf.from_directory(tmp_path / "root", image_size=8, mix=None, verbose=False) as seq,
        pytest.raises(mf.ImageError) as caught,
    ):
        seq[0]
    assert "root:*" not in str(caught.value) and "a text file" in str(caught.value)


def test_an_image_beyond_the_limit_suggests_max_pixels(tmp_path):
    files = {
        "x.jpg": "JPEG",
        "x.png": "PNG",
        "x.gif": "GIF",
        "x.bmp": "BMP",
        "x.webp": "WEBP",
        "x.tif": "TIFF",
    }
    for name, kind in files.items():
        (tmp_path / kind / "c").mkdir(parents=True)
        (tmp_path / kind / "c" / name).write_bytes(saved(Image.new("RGB", (40, 30)), kind))
        options = dict(image_size=8, mix=None, max_pixels=1199, verbose=False)
        with (
            mf.from_directory(tmp_path / kind, **options) as seq,
            pytest.raises(mf.ImageError, match="raise max_pixels") as caught,
        ):
            seq[0]
        assert "repair" not in str(caught.value)
