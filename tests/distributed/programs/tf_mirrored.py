"""`fit` in one process whose model tf.distribute.MirroredStrategy copies to two devices."""

import keras
import tensorflow as tf
from recording import OPTIONS, classifier, trained

import mixfolder as mf
from support.ranks import arguments, report

_, _, _, options = arguments()
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def train(strategy, **other):
    train, val = mf.from_directory(options["root"], **OPTIONS | other)
    with strategy.scope(), train, val:
        model = classifier()
        # The other reduction divides the loss by the weights of each device.
        model.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy", metrics=["accuracy"])
        return trained(model, train, val)


report(
    replicas=mirrored.num_replicas_in_sync,
    mirrored=train(mirrored),
    # Each device divides its sum by its own number of rows, which is the same in full batches.
    mirrored_full=train(mirrored, batch_size=6),
    plain_full=train(tf.distribute.get_strategy(), batch_size=6),
)
