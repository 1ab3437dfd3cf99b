"""Trainings that are killed at 20 random steps; minutes, so only `make test-resume` runs them."""

import pytest

from support.kills import check_killed, killed, random_kills


@pytest.mark.parametrize(("world", "batch_size"), [(1, 2), (2, 4)])
def test_a_training_that_is_killed_often_ends_as_if_it_was_not(
    flowers, tmp_path, world, batch_size
):
    epochs, steps = 5, -(-21 // batch_size) * 5
    kills = random_kills(20, steps)
    ranks = killed(flowers, tmp_path, kills, world, batch_size=batch_size, epochs=epochs)
    check_killed(ranks, kills, flowers, epochs)
