"""The C ABI through ctypes, without the Python package."""

import copy
import ctypes
import errno
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from support.images import write_images

ROOT = Path(__file__).resolve().parents[1]
SUFFIX = {"darwin": "dylib", "win32": "dll"}.get(sys.platform, "so")
ARGUMENT, MISSING, BAD_FILE, CLOSED, TICKET, SYSTEM = 1, 2, 3, 4, 6, 7
RUNNING, DONE, CANCELLED = 0, 1, 2

DOCUMENT = json.loads((ROOT / "tests" / "support" / "options.json").read_text())


def head(**changes):
    """The options of a head."""
    return DOCUMENT["labels"]["heads"][0] | changes


def document_with(changes):
    """The options of all tests with changes, each in the stage that has it."""
    document = copy.deepcopy(DOCUMENT)
    stages = [stage for stage in document.values() if isinstance(stage, dict)]
    for name, value in changes.items():
        next((stage for stage in stages if name in stage), document)[name] = value
    return document


@pytest.fixture(scope="module")
def lib():
    lib = ctypes.CDLL(str(ROOT / "python" / "mixfolder" / f"libmixfolder.{SUFFIX}"))
    for name in exported():
        getattr(lib, name).restype = ctypes.c_int32
    return lib


def exported() -> list[str]:
    return re.findall(r"^//export (\w+)", (ROOT / "export.go").read_text(), re.MULTILINE)


class Core:
    """Calls with every argument in its C type; keeps the last error's text, errno and path."""

    def __init__(self, lib):
        self.lib, self.error, self.errno, self.path = lib, "", 0, b""

    def __call__(self, name, *arguments):
        text = ctypes.create_string_buffer(4096)
        status = getattr(self.lib, name)(*arguments, text, ctypes.c_int64(len(text)))
        self.error, self.errno, self.path = (
            text.value.decode(errors="replace"),
            status >> 8,
            text.raw.split(b"\0")[1],
        )
        assert bool(status) == bool(self.error), (status, self.error)
        return status & 0xFF

    def open(self, root, **options):
        """Open and wait until it is open; returns the status and the handle."""
        status, handle = self.start_open(root, **options)
        return status or self.wait_until("mixfolder_opened", handle)[0], handle

    def start_open(
        self,
        root,
        like=0,
        classes=b"",
        files=b"",
        labels=(),
        values=(),
        groups=b"",
        masks=b"",
        **changes,
    ):
        document, handle = json.dumps(document_with(changes)).encode(), ctypes.c_int64()
        numbers = (np.array(labels, np.int32).tobytes(), np.array(values, np.float32).tobytes())
        blobs = (document, str(root).encode(), classes, files, *numbers, groups, masks)
        parts = [part for blob in blobs for part in (blob or None, ctypes.c_int64(len(blob)))]
        return self("mixfolder_open", *parts, ctypes.c_int64(like), ctypes.byref(handle)), handle

    def fetch(self, name, *arguments):
        buffer, size = ctypes.create_string_buffer(1 << 20), ctypes.c_int64()
        assert (
            self(name, *arguments, buffer, ctypes.c_int64(len(buffer)), ctypes.byref(size)) == 0
        ), self.error
        return buffer.raw[: size.value]

    def submit(self, handle, batch, x, y, epoch=0):
        ticket = ctypes.c_int64()
        buffers = [
            p for a in (x, y) for p in (ctypes.c_void_p(a.ctypes.data), ctypes.c_int64(a.nbytes))
        ]
        number = (ctypes.c_uint64(epoch), ctypes.c_int64(batch))
        return self("mixfolder_submit", handle, *number, *buffers, ctypes.byref(ticket)), ticket

    def wait_until(self, name, handle, *arguments):
        state = ctypes.c_int32(RUNNING)
        for _ in range(400):
            status = self(name, handle, *arguments, ctypes.c_int32(50), ctypes.byref(state))
            if status or state.value != RUNNING:
                return status, state.value
        raise AssertionError("still running after 20 seconds")

    def wait(self, handle, ticket):
        return self.wait_until("mixfolder_wait", handle, ticket)

    def cancel(self, handle, ticket):
        return self.wait_until("mixfolder_cancel", handle, ticket)

    def explain(self, handle, batch):
        ticket = ctypes.c_int64()
        assert (
            self(
                "mixfolder_explain",
                handle,
                ctypes.c_uint64(0),
                ctypes.c_int64(batch),
                ctypes.byref(ticket),
            )
            == 0
        )
        assert self.wait(handle, ticket) == (0, DONE)
        return json.loads(self.fetch("mixfolder_result", handle, ticket))

    def close(self, handle):
        return self.wait_until("mixfolder_close", handle)


@pytest.fixture
def core(lib):
    return Core(lib)


@pytest.fixture
def root(tmp_path):
    return write_images(tmp_path, {"a": 5, "b": 5})


def buffers(n=4, classes=2):
    return np.full((n, 8, 9, 3), np.nan, np.float32), np.full((n, classes), np.nan, np.float32)


def test_a_batch_is_filled(core, root):
    assert core.lib.mixfolder_abi_version() == 9
    status, handle = core.open(root)
    assert status == 0
    assert core.fetch("mixfolder_listing", handle, ctypes.c_int32(1)) == b"a\0b\0"
    paths = core.fetch("mixfolder_listing", handle, ctypes.c_int32(2)).split(b"\0")
    assert paths[0] == b"a/000.png" and len(paths) == 11
    labels = np.frombuffer(core.fetch("mixfolder_listing", handle, ctypes.c_int32(3)), np.int32)
    assert labels.tolist() == [0] * 5 + [1] * 5
    info = json.loads(core.fetch("mixfolder_listing", handle, ctypes.c_int32(4)))
    assert (info["samples"], info["phases"][0]["batches"], info["threads"]) == (10, 3, 2)
    x, y = buffers()
    status, ticket = core.submit(handle, 0, x, y)
    assert status == 0 and core.wait(handle, ticket) == (0, DONE)
    assert not np.isnan(x).any() and x.max() > 1
    np.testing.assert_allclose(y.sum(1), 1, atol=1e-6)
    assert core.wait(handle, ticket) == (0, DONE), "an answer can be repeated"
    assert core.cancel(handle, ticket) == core.cancel(handle, ticket) == (0, CANCELLED), (
        "and given back again"
    )
    assert core.wait(handle, ticket)[0] == TICKET, "a released ticket is unknown"
    assert len(core.explain(handle, 0)) == 4
    assert json.loads(core.fetch("mixfolder_stats", handle))["batches"] == 1
    assert core.close(handle) == (0, DONE) and core.close(handle) == (0, DONE)
    assert core.submit(handle, 0, x, y)[0] == CLOSED


def test_a_handle_is_there_before_it_is_open(core, root):
    """It can be closed at any time, and its error stays available."""
    for wait in (True, False):
        status, handle = core.start_open(root / "nowhere")
        assert status == 0 and handle.value > 0
        for _ in range(2 * wait):
            assert (
                core.wait_until("mixfolder_opened", handle)[0] == MISSING
                and "nowhere" in core.error
            )
        assert core.close(handle) == core.close(handle) == (0, DONE)
        assert core.wait_until("mixfolder_opened", handle)[0] == CLOSED
    status, handle = core.start_open(root)
    x, y = buffers()
    if (status := core.submit(handle, 0, x, y)[0]) == ARGUMENT:  # it may be open by now
        assert "still being opened" in core.error
    assert (
        core.wait_until("mixfolder_opened", handle)
        == core.wait_until("mixfolder_opened", handle)
        == (0, DONE)
    )
    assert core.close(handle) == (0, DONE)


def test_a_sheet_is_a_png(core, root):
    _, handle = core.open(root)
    ticket = ctypes.c_int64()
    assert (
        core("mixfolder_sheet", handle, ctypes.c_uint64(0), ctypes.c_int64(0), ctypes.byref(ticket))
        == 0
    )
    assert core.wait(handle, ticket) == (0, DONE)
    small, size = ctypes.create_string_buffer(8), ctypes.c_int64()
    assert (
        core("mixfolder_result", handle, ticket, small, ctypes.c_int64(8), ctypes.byref(size)) == 0
    )
    assert size.value > 8 and small.raw == bytes(8), "a buffer that is too small is not written"
    assert core.fetch("mixfolder_result", handle, ticket).startswith(b"\x89PNG")
    core.close(handle)


def test_wrong_buffers_are_rejected(core, root):
    _, handle = core.open(root)
    x, y = buffers()
    for bad_x, bad_y, word in [
        (x[:3], y, "buffer x has"),
        (x, y[:3], "buffer y has"),
        (x[:, :, :, :1], y, "buffer x has"),
    ]:
        assert core.submit(handle, 0, bad_x, bad_y)[0] == ARGUMENT and word in core.error
    odd = np.empty(x.nbytes + 4, np.uint8)
    assert (
        core.submit(handle, 0, odd[1 : 1 + x.nbytes], y)[0] == ARGUMENT and "aligned" in core.error
    )
    assert core.submit(handle, 3, x, y)[0] == ARGUMENT and "no batch 3" in core.error
    assert core.submit(handle, -1, x, y)[0] == ARGUMENT
    null = ctypes.c_void_p(None)
    for length in (x.nbytes, -1):
        status = core(
            "mixfolder_submit", handle, ctypes.c_uint64(0), ctypes.c_int64(0), null,
            ctypes.c_int64(length),
            null, ctypes.c_int64(0), ctypes.byref(ctypes.c_int64()),
        )  # fmt: skip
        assert status == ARGUMENT and "buffer x" in core.error
    core.close(handle)


def test_wrong_options_are_rejected(core, root):
    assert core.open(root, color="blue")[0] == ARGUMENT and "color" in core.error
    assert core.open(root, image_size=[0, 8])[0] == ARGUMENT and "image_size" in core.error
    assert core.open(root, mix={"mixup": {"alpha": 0}})[0] == ARGUMENT and "alpha" in core.error
    assert core.open(root / "nowhere")[0] == MISSING and "nowhere" in core.error
    x, y = buffers()
    for handle in (ctypes.c_int64(10**6), ctypes.c_int64(-1), ctypes.c_int64(0)):
        assert core.submit(handle, 0, x, y)[0] == ARGUMENT and "no handle" in core.error


def test_a_bad_file_is_named(core, root):
    (root / "b" / "000.png").write_bytes(b"not an image")
    _, handle = core.open(root, shuffle=False, mix=None)
    x, y = buffers()
    _, ticket = core.submit(handle, 1, x, y)
    assert core.wait(handle, ticket)[0] == BAD_FILE
    assert "b/000.png" in core.error and 'class "b"' in core.error and "file_paths[5]" in core.error
    core.close(handle)


def test_system_errors_have_errno_and_path(core, root):
    assert core.open(root / "nowhere")[0] == MISSING
    assert core.errno == errno.ENOENT and core.path.decode() == str(root / "nowhere")
    assert (
        core.open(root, image_size=[0, 8])[0] == ARGUMENT and core.errno == 0 and core.path == b""
    )
    _, handle = core.open(root, shuffle=False, mix=None)
    (root / "b").rename(root / "away")
    x, y = buffers()
    assert core.wait(handle, core.submit(handle, 1, x, y)[1])[0] == SYSTEM
    assert core.errno == errno.ENOENT and core.path.decode() == str(root / "b" / "000.png")
    core.close(handle)


def test_cancel_releases_the_buffers(core, root):
    _, handle = core.open(root, image_size=[600, 700], threads=1)
    x, y = np.zeros((4, 600, 700, 3), np.float32), np.zeros((4, 2), np.float32)
    tickets = [core.submit(handle, 0, x, y)[1] for _ in range(20)]
    for ticket in tickets[1:]:
        assert core.cancel(handle, ticket) == (0, CANCELLED)
    assert core.wait(handle, tickets[0]) == (0, DONE)
    assert core.close(handle) == (0, DONE)


def test_close_cancels_running_jobs(core, root):
    _, handle = core.open(root, image_size=[600, 700], threads=2)
    x, y = np.zeros((4, 600, 700, 3), np.float32), np.zeros((4, 2), np.float32)
    for _ in range(20):
        core.submit(handle, 0, x, y)
    assert core.close(handle) == (0, DONE)
    x[:] = 7
    assert (x == 7).all(), "nothing is written after close"


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


def test_both_sides_agree_on_the_signatures():
    """The ctypes table of the package equals the Go declarations of the exports."""
    source = (ROOT / "python" / "mixfolder" / "_core.py").read_text()
    found = re.findall(r'"(mixfolder_\w+)": \((.*?)\),\n', source, re.DOTALL)
    table = {name: " ".join(listed.split()).rstrip(",") for name, listed in found}
    groups = {"_IN": ["ptr", "i64"], "_OUT": ["ptr", "i64", "i64*"], "_ERROR": ["ptr", "i64"]}
    kinds = {
        "C.int32_t": "i32",
        "C.int64_t": "i64",
        "C.uint64_t": "u64",
        "*C.uint8_t": "ptr",
        "*C.char": "ptr",
    }
    kinds |= {"*C.int32_t": "i32*", "*C.int64_t": "i64*"}
    python = {
        "_i32": "i32",
        "_i64": "i64",
        "_u64": "u64",
        "_ptr": "ptr",
        "_i32_out": "i32*",
        "_i64_out": "i64*",
    }
    go = (ROOT / "export.go").read_text()
    assert sorted(table) == sorted(exported())
    for name in exported():
        declared = re.search(
            rf"^func {name}\((.*?)\) C\.int32_t", go, re.MULTILINE | re.DOTALL
        ).group(1)
        want, unnamed = [], 0
        for part in filter(None, (p.strip() for p in declared.split(","))):
            unnamed += 1
            if " " in part:  # "a, b C.int64_t" declares two
                want += [kinds[part.split()[1]]] * unnamed
                unnamed = 0
        got = []
        for word in filter(None, (w.strip() for w in table[name].split(","))):
            got += groups[word[1:]] if word.startswith("*") else [python[word]]
        assert got == want, name
