"""Ray Train on this machine, if Ray is installed: `pip install "ray[train]"`."""

import pytest

from support.ranks import run_ranks

pytest.importorskip("ray.train", reason="Ray is not installed", exc_type=ImportError)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_two_workers(backend, flowers, tmp_path, each_once, split_files):
    files, _ = split_files(flowers)
    found = run_ranks(
        "ray_train", 1, tmp_path, backend, limit=300, root=str(flowers), out=str(tmp_path)
    )[0]
    each_once([[rank["rows"]] for rank in found["ranks"]], files)
    assert found["ranks"][0]["digest"] == found["ranks"][1]["digest"]
