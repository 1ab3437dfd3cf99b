"""Recognizes the `preprocess_input` functions of `keras.applications` that the core implements."""

from collections.abc import Callable
from functools import cache
from typing import Any

import keras

#: Modules by the mode of their function, as for `preprocess=` of `from_directory`; ""
#: is for functions that do nothing, as the model normalizes. The modes are those of
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
    """The mode that is equivalent to a function, or None if there is none.

    The functions use Keras' default data format, not the generator's, and "torch" and "caffe"
    need three channels.
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
