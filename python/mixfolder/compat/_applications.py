"""The `preprocess_input` functions of `keras.applications`, as far as the core computes them."""

from collections.abc import Callable
from functools import cache
from typing import Any

import keras

#: Modules by the mode of their function, as `preprocess=` of `from_directory` knows it;
#: "" changes nothing, as the model itself normalizes. The modes are those of
#: keras.applications.imagenet_utils.
MODULES: dict[str, tuple[str, ...]] = {
    "tf": (
        "inception_resnet_v2",
        "inception_v3",
        "mobilenet",
        "mobilenet_v2",
        "nasnet",
        "resnet_v2",
        "xception",
    ),
    "torch": ("densenet",),
    "caffe": ("imagenet_utils", "resnet", "resnet50", "vgg16", "vgg19"),
    "": ("convnext", "efficientnet", "efficientnet_v2", "mobilenet_v3"),
}


@cache
def _modes() -> dict[Callable[..., Any], str]:
    found = (
        (getattr(keras.applications, module, None), mode)
        for mode, modules in MODULES.items()
        for module in modules
    )
    return {module.preprocess_input: mode for module, mode in found if module is not None}


def mode_of(function: Callable[..., Any] | None, data_format: str, color_mode: str) -> str | None:
    """The mode that does what a function does to each image; None for one that only the function
    itself can do.

    The functions go by Keras' own data format, whatever a generator's is, and "torch" and "caffe"
    are for three channels.
    """
    if function is None:
        return ""
    try:
        mode = _modes().get(function)
    except TypeError:  # a callable without a hash
        return None
    if mode and (data_format != keras.config.image_data_format() or color_mode != "rgb"):
        return None
    return mode
