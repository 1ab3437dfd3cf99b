"""The C ABI, without the Python package."""

import ctypes
import errno
import json
import re

import numpy as np

from support.abi import (
    ARGUMENT,
    BAD_FILE,
    CANCELLED,
    CLOSED,
    DONE,
    MISSING,
    ROOT,
    SYSTEM,
    TICKET,
    exported,
)


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
