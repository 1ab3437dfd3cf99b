"""Supported and unsupported kinds of files, one module per format, whose `add` lists them with
`file` and `refused`."""

from support.kinds import bmp, gif, orientation, png, tiff, webp

# name -> a function that returns the bytes of a file, and the expected Image, or None
# for Pillow's
FILES = {}
# name -> a function that returns the bytes of a file, and a part of the error
REFUSED = {}


def file(name, make, want=None):
    assert name not in FILES
    FILES[name] = make, want


def refused(name, make, error):
    assert name not in REFUSED
    REFUSED[name] = make, error


for module in (bmp, png, tiff, gif, webp, orientation):
    module.add(file, refused)
