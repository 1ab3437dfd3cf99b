"""The same seed gives the same bytes, and random draws have the documented distributions."""

import hashlib
import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.stats import beta, kstest

import mixfolder as mf
from support.batches import arrays
from support.internals import batch

OPTIONS = dict(image_size=(13, 14), batch_size=4, seed=11, flip="both", verbose=False)

#: Digests of batches with seed 11 of the PNG files of the fixture `flowers`. A change
#: of these bytes changes every user's runs and belongs in the changelog.
KNOWN = "48e2ff7c"


def digest(seq, epochs=(0, 1), order=None):
    """A digest of the batches of some epochs; `order` permutes the requests of (epoch, batch)
    pairs."""
    sums = {}
    for epoch, n in order or [(p, n) for p in epochs for n in range(len(seq))]:
        x, y = batch(seq, epoch, n)
        sums[epoch, n] = hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest()
    return hashlib.sha256(json.dumps(sorted(sums.items())).encode()).hexdigest()[:8]


def iterated(root, **options):
    """A digest of two epochs as an iteration returns them."""
    h = hashlib.sha256()
    with mf.from_directory(root, **{**OPTIONS, **options}) as seq:
        for _ in range(2):
            for x, y in seq:
                h.update(np.asarray(x).tobytes() + np.asarray(y).tobytes())
    return h.hexdigest()[:8]


@pytest.mark.parametrize("pairing", ["batch", "dataset"])
def test_threads_prefetch_and_order_do_not_matter(flowers, pairing):
    sums = {
        iterated(flowers, pairing=pairing, threads=threads, prefetch=prefetch)
        for threads in (1, 2, 8)
        for prefetch in (0, 4)
    }
    assert len(sums) == 1
    with mf.from_directory(flowers, pairing=pairing, **OPTIONS) as seq:
        straight = digest(seq)
        pairs = [(p, n) for p in (0, 1) for n in range(len(seq))]
        random.Random(1).shuffle(pairs)
        assert digest(seq, order=pairs) == straight


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"crop": mf.RandomResizedCrop()},
        {"crop": mf.RandomResizedCrop(), "pairing": "dataset"},
        {"mix": None},
    ],
)
@pytest.mark.parametrize("size", [(13, 14), (20, 24)])
def test_a_cache_changes_nothing(flowers, options, size):
    plain = iterated(flowers, image_size=size, **options)
    assert iterated(flowers, image_size=size, cache="memory", threads=8, **options) == plain
    assert (
        iterated(flowers, image_size=size, cache="memory", cache_bytes=6000, **options) == plain
    ), "a part is cached"


def test_the_cache_holds_resized_or_full_images(flowers):
    train, val = mf.from_directory(
        flowers,
        cache="memory",
        cache_bytes=20 * 13 * 14 * 3,
        validation_split=0.3,
        subset="both",
        **{**OPTIONS, "prefetch": 0},
    )
    with train, val:
        for part, held in ((train, 16), (val, 4)):  # 16 and 5 images, space for 20
            for _ in range(3):
                for _ in part:
                    pass
            stats = part.stats()
            assert stats["cache_bytes"] == held * 13 * 14 * 3
            assert (stats["cache_hits"], stats["cache_misses"]) == (
                2 * held,
                part.samples + 2 * (part.samples - held),
            )


def test_in_a_new_process_without_avx2(flowers):
    """The same on every backend, as CI runs this on each, with one known digest."""
    code = (
        "import sys; sys.path.insert(0, 'tests'); import warnings; "
        "warnings.simplefilter('ignore')\n"
        "from test_determinism import iterated; import mixfolder as mf\n"
        "print(iterated(sys.argv[1]), mf.build_info()['cpu_features'])"
    )
    environment = {**os.environ, "GODEBUG": "cpu.avx2=off,cpu.fma=off"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(flowers)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == iterated(flowers) == KNOWN
    assert "avx2" not in done.stdout


def test_seeds_and_epochs_differ(flowers):
    with (
        mf.from_directory(flowers, **OPTIONS) as a,
        mf.from_directory(flowers, **{**OPTIONS, "seed": 12}) as b,
        mf.from_directory(flowers, **{**OPTIONS, "seed": None}) as c,
        mf.from_directory(flowers, **{**OPTIONS, "seed": None}) as d,
    ):
        sums = [digest(s, epochs=[p]) for s in (a, b) for p in (0, 1)]
        assert len(set(sums)) == 4
        assert c.seed != d.seed and digest(c) != digest(d)
        with mf.from_directory(flowers, **{**OPTIONS, "seed": c.seed}) as again:
            assert digest(again) == digest(c)


def test_global_random_states_are_left_alone(flowers):
    random.seed(1)
    np.random.seed(1)
    before = random.getstate(), np.random.get_state()[1].tolist(), np.random.get_state()[2]
    iterated(flowers)  # with a seed; without one, it is drawn from NumPy's state
    assert (
        random.getstate(),
        np.random.get_state()[1].tolist(),
        np.random.get_state()[2],
    ) == before


def test_many_threads_request_batches(flowers):
    with mf.from_directory(flowers, **OPTIONS) as seq, ThreadPoolExecutor(8) as pool:
        want = [sorted(arrays(x)[0].tobytes() for x in seq) for _ in range(6)]
        seq.set_epoch(0)
        for batches in want:
            assert (
                sorted(pool.map(lambda i: arrays(seq[i])[0].tobytes(), range(len(seq)))) == batches
            )


@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.4, 1.0])
def test_lambda_is_beta(flowers, alpha):
    with mf.from_directory(
        flowers, mix=mf.MixUp(alpha), seed=2, batch_size=21, verbose=False
    ) as seq:
        draws = []
        for n in range(150):
            seq.set_epoch(n)
            draws += [row["lam"] for row in seq.explain(0)]
    assert kstest(draws, beta(alpha, alpha).cdf).pvalue > 0.01


def test_flips_are_fair(flowers):
    with mf.from_directory(flowers, flip="both", seed=2, batch_size=21, verbose=False) as seq:
        count = {None: 0, "horizontal": 0, "vertical": 0, "both": 0}
        for n in range(100):
            seq.set_epoch(n)
            for row in seq.explain(0):
                count[row["flip"]] += 1
    assert all(420 < c < 630 for c in count.values()), count
