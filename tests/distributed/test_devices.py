"""One process with several devices."""

import numpy as np
import pytest

from support.ranks import run_ranks


def test_mirrored_strategy(flowers, tmp_path, each_once, split_files):
    files, val_files = split_files(flowers)
    found = run_ranks("tf_mirrored", 1, tmp_path, "tensorflow", root=str(flowers))[0]
    assert found["replicas"] == 2 and found["mirrored"]["steps"] == [2, 2]
    each_once([found["mirrored"]["epochs"]], files, short=True)
    each_once([[found["mirrored"]["validation"]]], val_files)
    full, plain = found["mirrored_full"], found["plain_full"]
    np.testing.assert_allclose(full["weights"], plain["weights"], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("distribution", ["data", "model"])
def test_keras_distributions(distribution, flowers, tmp_path, each_once, split_files):
    files, val_files = split_files(flowers)
    found = run_ranks(
        "jax_devices",
        1,
        tmp_path,
        "jax",
        {"XLA_FLAGS": "--xla_force_host_platform_device_count=4"},
        root=str(flowers),
        distribution=distribution,
    )[0]
    divided, plain = found["divided"], found["plain"]
    each_once([divided["epochs"]], files)
    each_once([[divided["validation"]]], val_files)
    assert sum(weight == 0 for batch in divided["epochs"][0] for *_, weight in batch) == 6
    np.testing.assert_allclose(divided["weights"], plain["weights"], rtol=1e-4, atol=1e-6)
    # Keras' mean of the losses of an epoch counts the rows of a batch, whatever their weights.
    assert set(plain["history"]) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    for name in ("accuracy", "val_loss", "val_accuracy"):
        value = plain["history"][name]
        assert divided["history"][name] == pytest.approx(value, rel=1e-4)
