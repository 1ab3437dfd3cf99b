"""The examples in the docstrings of the public API run."""

import doctest
import inspect
import os
import re

import keras
import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from mixfolder import compat
from support.images import write_images

INLINE = re.compile(r"Example: `(.+?)`", re.DOTALL)


def documented():
    """Public objects and their methods, by name."""
    for module in (mf, compat, mf.callbacks, mf.metrics):
        for name in module.__all__:
            thing = getattr(module, name)
            yield f"{module.__name__}.{name}", thing
            for base in getattr(thing, "__mro__", ()):
                if base.__module__.startswith("mixfolder."):
                    for member, value in vars(base).items():
                        if not member.startswith("_"):
                            yield f"{module.__name__}.{name}.{member}", value


def examples(text):
    """The code of the examples in a docstring."""
    code = "".join(example.source for example in doctest.DocTestParser().get_examples(text))
    inline = [" ".join(found.split()) for found in INLINE.findall(text)]
    return [part for part in (code, *inline) if part]


EXAMPLES = {
    name: code for name, thing in documented() if (code := examples(inspect.getdoc(thing) or ""))
}


def test_every_public_function_and_component_has_an_example():
    plain = {name for name, thing in documented() if inspect.isclass(thing)} - EXAMPLES.keys()
    errors = {f"mixfolder.{e}Error" for e in ("Closed", "Fork", "Image", "Internal", "Refused")}
    assert plain == errors | {"mixfolder.Report", "mixfolder.compat.DirectoryIterator"}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs(name, tmp_path, monkeypatch):
    for folder in ("flowers", "cifar", "data/train", "data/val"):
        write_images(tmp_path / folder, {"rose": 6, "tulip": 6})
    for path in (tmp_path / "flowers").glob("*/*"):
        (mask := tmp_path / "masks" / path.parent.name).mkdir(parents=True, exist_ok=True)
        Image.new("L", (24, 20), 2).save(mask / path.name)
    monkeypatch.chdir(tmp_path)
    datagen = compat.ImageDataGenerator(featurewise_center=True, validation_split=0.5)
    flat = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, "softmax")]
    model = keras.Sequential(flat)
    model.compile("sgd", "categorical_crossentropy")
    names = {
        "mf": mf,
        "mixfolder": mf,
        "os": os,
        "keras": keras,
        "model": model,
        "datagen": datagen,
        "image": np.zeros((32, 32, 3)),
        "ImageDataGenerator": compat.ImageDataGenerator,
        "MixupImageDataGenerator": compat.MixupImageDataGenerator,
    }
    with mf.from_directory("flowers", image_size=8, verbose=False) as train:
        for code in EXAMPLES[name]:
            exec(code, names | {"train": train})
