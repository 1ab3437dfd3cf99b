"""Several PyTorch processes with torch.distributed."""

import keras
import numpy as np
import pytest

from support.ranks import run_ranks


def test_a_loop_of_several_processes_trains_as_one(flowers, tmp_path, each_once, split_files):
    files, val_files = split_files(flowers)
    alone = run_ranks("torch_loop", 1, tmp_path, "torch", root=str(flowers))[0]
    ranks = run_ranks("torch_loop", 2, tmp_path, "torch", root=str(flowers))
    each_once([r["epochs"] for r in ranks], files)
    each_once([[r["validation"]] for r in ranks], val_files)
    assert ranks[0]["digest"] == ranks[1]["digest"]
    np.testing.assert_allclose(ranks[0]["weights"], alone["weights"], rtol=1e-4, atol=1e-6)


@pytest.mark.skipif(
    tuple(map(int, keras.__version__.split(".")[:2])) < (3, 16),
    reason="fit of this Keras trains each PyTorch process by itself",
)
@pytest.mark.parametrize("distribution", [True, False])
def test_fit_of_several_processes(distribution, flowers, tmp_path, each_once, split_files):
    files, val_files = split_files(flowers)
    ranks = run_ranks(
        "torch_fit", 2, tmp_path, "torch", root=str(flowers), distribution=distribution
    )
    each_once([r["epochs"] for r in ranks], files)
    each_once([[r["validation"]] for r in ranks], val_files)
    assert ranks[0]["digest"] == ranks[1]["digest"]
    assert ranks[0]["evaluated"] == ranks[1]["evaluated"]
