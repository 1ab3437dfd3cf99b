"""`fit` in one JAX process on four devices, with a distribution of Keras and without."""

import keras
from recording import OPTIONS, classifier, trained

import mixfolder as mf
from support.ranks import arguments, report

_, _, _, options = arguments()


def distribution():
    """Two devices with copies of the model, or a model on two by two."""
    devices = keras.distribution.list_devices()
    if options["distribution"] == "data":
        return keras.distribution.DataParallel(devices=devices[:2])
    mesh = keras.distribution.DeviceMesh((2, 2), ("batch", "model"), devices)
    layout = keras.distribution.LayoutMap(mesh)
    layout[".*kernel"] = ("model", None)
    return keras.distribution.ModelParallel(layout_map=layout, batch_dim_name="batch")


def train():
    train, val = mf.from_directory(options["root"], **OPTIONS)
    with train, val:
        return trained(classifier(), train, val)


plain = train()
keras.distribution.set_distribution(distribution())
report(plain=plain, divided=train())
