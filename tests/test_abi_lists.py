"""The C ABI: listings, lists of files, and what comes with their files."""

import ctypes
import json

import numpy as np

from support.abi import ARGUMENT, DONE, head


def test_a_listing_can_be_shared(core, root):
    _, train = core.open(root, subset="training", validation_split=0.4)
    (root / "a" / "new.png").write_bytes(b"")
    status, val = core.open(root, like=train.value, subset="validation", validation_split=0.4)
    assert status == 0
    parts = [
        core.fetch("mixfolder_listing", h, ctypes.c_int32(2)).split(b"\0")[:-1]
        for h in (train, val)
    ]
    assert sorted(len(p) for p in parts) == [4, 6] and not set(parts[0]) & set(parts[1])
    core.close(train)
    core.close(val)


def test_a_list_of_files_replaces_the_scan(core, root):
    files = b"b/003.png\0a/001.png\0b/000.png\0"
    status, handle = core.open(
        root,
        classes=b"a\0none\0b\0",
        files=files,
        labels=[2, 0, 2],
        shuffle=False,
        mix=None,
        heads=[head(label_mode="int")],
    )
    assert status == 0, core.error
    assert core.fetch("mixfolder_listing", handle, ctypes.c_int32(1)) == b"a\0none\0b\0"
    assert core.fetch("mixfolder_listing", handle, ctypes.c_int32(2)) == files
    x, y = np.empty((3, 8, 9, 3), np.float32), np.empty(3, np.int32)
    assert core.wait(handle, core.submit(handle, 0, x, y)[1]) == (0, DONE)
    assert y.tolist() == [2, 0, 2]
    core.close(handle)
    for changes, words in [
        (dict(labels=[0, 1]), "3 files but 2 labels"),
        (dict(files=b""), "no files"),
        (dict(labels=[0, 1, 2]), 'file "b/000.png" has label 2'),
        (dict(labels=[0, -1, 0]), 'file "a/001.png" has label -1'),
    ]:
        status, _ = core.open(
            root, **{"classes": b"a\0b\0", "files": files, "labels": [0, 0, 0], **changes}
        )
        assert status == ARGUMENT and words in core.error


def test_files_have_values(core, root):
    files, values = b"b/003.png\0a/001.png\0b/000.png\0", [1, 2.5, -3, 4, 5, 6]
    options = dict(shuffle=False, mix=None, heads=[head(label_mode="regression")])
    status, handle = core.open(root, files=files, values=values, **options)
    assert status == 0, core.error
    labels = core.fetch("mixfolder_listing", handle, ctypes.c_int32(3))
    assert np.frombuffer(labels, np.float32).tolist() == values
    info = json.loads(core.fetch("mixfolder_listing", handle, ctypes.c_int32(4)))
    assert info["layouts"] == [{"classes": 0, "width": 2}]
    assert info["phases"][0]["batch"]["y"][0]["shape"] == [2]
    x, y = np.empty((3, 8, 9, 3), np.float32), np.empty((3, 2), np.float32)
    assert core.wait(handle, core.submit(handle, 0, x, y)[1]) == (0, DONE)
    assert y.ravel().tolist() == values
    core.close(handle)

    for changes, words in [
        (dict(values=values[:5]), "3 files, 5 values and 0 labels"),
        (dict(labels=[0, 0, 0]), "6 values and 3 labels"),
        (dict(values=[1, np.nan, 2]), 'file "a/001.png" has the label NaN'),
    ]:
        status, _ = core.open(root, **options | dict(files=files, values=values) | changes)
        assert status == ARGUMENT and words in core.error


def test_files_have_groups(core, root):
    options = dict(fold=[0, 2], subset="validation")
    status, scan = core.open(root)
    assert status == 0, core.error
    paths = core.fetch("mixfolder_listing", scan, ctypes.c_int32(2)).split(b"\0")[:-1]
    groups = b"".join(path[-5:-4] + b"\0" for path in paths)
    status, handle = core.open(root, like=scan.value, groups=groups, **options)
    assert status == 0, core.error
    names = core.fetch("mixfolder_listing", handle, ctypes.c_int32(2)).split(b"\0")[:-1]
    status, other = core.open(root, like=handle.value, **options | dict(fold=[1, 2]))
    assert status == 0, core.error
    others = core.fetch("mixfolder_listing", other, ctypes.c_int32(2)).split(b"\0")[:-1]
    assert sorted(names + others) == sorted(paths)
    assert not {name[-5] for name in names} & {name[-5] for name in others}
    for opened in (other, handle, scan):
        core.close(opened)
    status, _ = core.open(root, groups=b"a\0", **options)
    assert status == ARGUMENT and f"1 groups for {len(paths)} files" in core.error


def test_heads_share_the_buffer_of_y(core, root):
    """Classes, labels and values of the heads follow each other, and so do their arrays."""
    heads = [
        head(name="kind", label_mode="int", classes=2),
        head(name="size", label_mode="regression", width=2),
        head(name="color", label_mode="categorical", classes=3),
    ]
    status, handle = core.open(
        root,
        classes=b"a\0b\0red\0green\0blue\0",
        files=b"b/003.png\0a/001.png\0",
        labels=[1, 0, 2, 0],
        values=[1, 2, 3, 4],
        shuffle=False,
        mix=None,
        heads=heads,
    )
    assert status == 0, core.error
    info = json.loads(core.fetch("mixfolder_listing", handle, ctypes.c_int32(4)))
    assert [(a["name"], a["shape"], a["dtype"]) for a in info["phases"][0]["batch"]["y"]] == [
        ("kind", [], "int32"),
        ("size", [2], "float32"),
        ("color", [3], "float32"),
    ]
    x, y = np.empty((2, 8, 9, 3), np.float32), np.empty(12, np.float32)
    assert core.wait(handle, core.submit(handle, 0, x, y)[1]) == (0, DONE)
    assert y[:2].view(np.int32).tolist() == [1, 0]
    assert y[2:].tolist() == [1, 2, 3, 4, 0, 0, 1, 1, 0, 0]
    core.close(handle)
    heads[2] |= {"classes": 2}
    status, _ = core.open(
        root, classes=b"a\0b\0red\0", files=b"a/001.png\0", labels=[1, 0], heads=heads
    )
    assert status == ARGUMENT and "do not add up" in core.error
