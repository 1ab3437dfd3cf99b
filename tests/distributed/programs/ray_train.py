"""Ray Train with two workers: an own loop with TorchTrainer, `fit` with JaxTrainer."""

import json
import os
from pathlib import Path

import ray
import ray.train

from support.ranks import arguments, report


def train_torch(config):
    import keras
    import ray.train.torch
    import torch
    from recording import OPTIONS, classifier, rows

    import mixfolder as mf

    train, _ = mf.from_directory(config["root"], **OPTIONS)  # shard="auto" asks torch.distributed
    model = classifier()
    replica = ray.train.torch.prepare_model(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(2):
        for x, y, w in train:
            losses = keras.losses.categorical_crossentropy(y, replica(x))
            (losses * w).mean().backward()
            optimizer.step()
            optimizer.zero_grad()
        ray.train.report({"loss": float(losses.mean())})
    record(config, rows(train), [p.detach() for p in model.parameters()])


def train_jax(config):
    import keras
    from recording import OPTIONS, classifier, rows

    import mixfolder as mf

    keras.distribution.set_distribution(keras.distribution.DataParallel())
    train, val = mf.from_directory(config["root"], **OPTIONS)  # shard="auto" asks it
    model = classifier()
    history = model.fit(train, validation_data=val, epochs=2, verbose=0).history
    ray.train.report({name: values[-1] for name, values in history.items()})
    record(config, rows(train), model.get_weights())


def record(config, rows, weights):
    """Note for the test what a worker has trained on."""
    from recording import digest

    rank = ray.train.get_context().get_world_rank()
    found = dict(rows=rows, digest=digest(weights))
    Path(config["out"], f"{rank}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    _, _, _, options = arguments()
    names = ("KERAS_BACKEND", "JAX_PLATFORMS", "OMP_NUM_THREADS", "XLA_FLAGS", "GLOO_SOCKET_IFNAME")
    path = os.pathsep.join([os.path.dirname(__file__), os.environ["PYTHONPATH"]])
    variables = {name: os.environ[name] for name in names} | {"PYTHONPATH": path}
    ray.init(num_cpus=2, include_dashboard=False, runtime_env={"env_vars": variables})
    if os.environ["KERAS_BACKEND"] == "jax":
        from ray.train.v2.jax import JaxTrainer as Trainer
        from ray.train.v2.jax.config import JaxConfig

        # Otherwise Ray does not connect workers without a GPU or TPU; JAX_PLATFORMS is "cpu".
        train, connected = train_jax, dict(jax_config=JaxConfig(use_gpu=True))
    else:
        from ray.train.torch import TorchTrainer as Trainer

        train, connected = train_torch, {}
    Trainer(
        train,
        train_loop_config=options,
        scaling_config=ray.train.ScalingConfig(num_workers=2),
        run_config=ray.train.RunConfig(storage_path=options["out"]),
        **connected,
    ).fit()
    ray.shutdown()
    report(ranks=[json.loads(Path(options["out"], f"{n}.json").read_text()) for n in range(2)])
