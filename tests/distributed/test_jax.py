"""Several JAX processes with keras.distribution."""

import numpy as np
import pytest

from support.ranks import run_ranks


@pytest.fixture(scope="module")
def alone(flowers, tmp_path_factory):
    """What one process reports."""
    folder = tmp_path_factory.mktemp("alone")
    options = dict(root=str(flowers), on_error="raise", sleep=0)
    return run_ranks("jax_fit", 1, folder, "jax", **options)[0]


@pytest.mark.parametrize("world", [2, 3])
def test_several_processes_train_as_one(world, alone, flowers, tmp_path, each_once, split_files):
    ranks = run_ranks(
        "jax_fit", world, tmp_path, "jax", root=str(flowers), on_error="raise", sleep=0
    )
    files, val_files = split_files(flowers)
    assert len(files) % 12 and len(val_files) % 12  # the last batches are filled up
    each_once([r["epochs"] for r in ranks], files)
    each_once([[r["validation"]] for r in ranks], val_files)
    assert all(r["steps"] == alone["steps"] for r in ranks)
    for name in ("digest", "evaluated", "history"):
        assert all(r[name] == ranks[0][name] for r in ranks)
    # Sums over processes are rounded in another order.
    np.testing.assert_allclose(ranks[0]["weights"], alone["weights"], rtol=1e-4, atol=1e-6)
    for name, value in alone["evaluated"].items():
        assert ranks[0]["evaluated"][name] == pytest.approx(value, rel=1e-4)
    assert ranks[0]["history"]["accuracy"] == pytest.approx(alone["history"]["accuracy"], rel=1e-4)


def test_a_slow_process_and_a_bad_file_do_not_break_step(folder, tmp_path, each_once, split_files):
    root = folder(rose=7, tulip=5, violet=9)
    files, _ = split_files(root)
    (root / files[4]).write_bytes(b"\x89PNG\r\n\x1a\n broken")
    ranks = run_ranks("jax_fit", 2, tmp_path, "jax", root=str(root), on_error="skip", sleep=0.5)
    each_once([r["epochs"] for r in ranks], files)
    assert ranks[0]["steps"] == ranks[1]["steps"]
    assert ranks[0]["digest"] == ranks[1]["digest"]
    assert {file for r in ranks for file in r["bad"]} == {files[4]}
