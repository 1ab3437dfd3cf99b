"""What type checkers see of the package."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import mixfolder as mf
from support.internals import Options

PACKAGES = Path(mf.__file__).parent.parent

PROGRAM = """
from pathlib import Path
from typing import assert_type

import keras
import mixfolder as mf

model = keras.Sequential()
train, val = mf.from_directory(
    "flowers/", image_size=(224, 224), batch_size=32, mix=mf.MixUp(alpha=0.2),
    validation_split=0.2, subset="both", seed=42,
)
assert_type(train, mf.ImageSequence)
assert_type(val, mf.ImageSequence)
model.fit(train, validation_data=val, epochs=10)
png: bytes = train.preview("mixed.png")

alone = mf.from_directory(Path("data/train"), image_size=[224, 224], seed=42)
assert_type(alone, mf.ImageSequence)
after = mf.from_directory(
    "data/val", image_size=224, subset="validation", class_names=alone.class_names
)
model.fit(alone, validation_data=after, epochs=10)
test = mf.from_directory("data/test", image_size=(224, 224), label_mode=None)
for path, scores in zip(test.file_paths, model.predict(test)):
    print(path.upper(), alone.class_names[scores.argmax()])
with mf.from_directory(
    "flowers", crop=mf.RandomCrop(4), augment=[mf.ColorJitter(0.4), mf.RandAugment()]
) as images:
    print(len(images), images.explain(0)[0]["lam"], images.image_shape[0] + 1)


def opened(subset: str) -> mf.ImageSequence:
    found = mf.from_directory("flowers", subset=subset, validation_split=0.2, seed=1)
    return found if isinstance(found, mf.ImageSequence) else found[0]


report = mf.verify("flowers")
mean, std = mf.mean_std("flowers", image_size=224)
moments = mf.from_directory("flowers", preprocess=(mean, std))
listed, held_out = mf.from_files(
    ["a.png", Path("b.png")], [["red"], []], validation_split=0.5, subset="both", seed=1
)
assert_type(held_out, mf.ImageSequence)
table = {"file": ["a.png"], "age": [3.5]}
assert_type(mf.from_dataframe(table, "file", "age", directory=Path("x")), mf.ImageSequence)
assert_type(mf.from_files(["a.png"], [2.5], mix=mf.MixUp(0.2)), mf.ImageSequence)

data = mf.from_directories(train="data/train", test=Path("data/test"), image_size=224)
model.fit(data.train, validation_data=data.test)
first, second, third = mf.from_directories(train="a", val="b", test="c")
assert_type(third, mf.ImageSequence)
for one, other in mf.folds("flowers", k=3, groups=lambda path: path[:3], seed=1):
    assert_type(other, mf.ImageSequence)
    print(mf.evaluate_tta(model, other.tta("five"))["accuracy"] + 1)
held_out = mf.folds(table, "file", "age", k=2, group_col="id")[0][1]
numbers = mf.folds([Path("a.png"), Path("b.png")], [1.5, 2.5], k=2)

# Strict mode reports an ignore that is not needed: these two must be errors.
mf.from_directory("flowers", batchsize=32)  # type: ignore[call-overload]
mf.from_directory("flowers", subset="all of it").close()  # type: ignore[union-attr]
"""


def test_a_strictly_typed_program_needs_no_casts(tmp_path):
    pytest.importorskip("mypy", reason="mypy is not installed: `make types` brings it")
    file, config = tmp_path / "program.py", tmp_path / "mypy.ini"
    file.write_text(PROGRAM)
    # Keras declares no types, and following its sources takes long. The package's own
    # errors are silent, as they are for a user who has it installed.
    config.write_text(
        "[mypy]\nstrict = true\n"
        "[mypy-keras.*]\nignore_missing_imports = true\nfollow_imports = skip\n"
        "[mypy-mixfolder.*]\nfollow_imports = silent\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", config, file],
        env=os.environ | {"MYPYPATH": str(PACKAGES)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "Success: no issues found in 1 source file\n", done.stdout + done.stderr


def test_the_overloads_have_the_arguments_of_from_directory():
    parameters = inspect.signature(mf.from_directory).parameters.values()
    assert Options.__annotations__ == {
        p.name: p.annotation for p in parameters if p.kind is p.KEYWORD_ONLY and p.name != "subset"
    }
