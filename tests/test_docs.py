"""The code in README.md and docs/ runs, and the links lead somewhere."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.images import write_images
from support.pages import CODE, PAGES, ROOT

#: Their code is that of one process among several.
MANY_PROCESSES = ("docs/scale.md",)

#: What a page leaves out.
HEADS = {
    '{"species": ..., "height": ..., "traits": ...}': (
        '{"species": keras.layers.Dense(2, "softmax")(means), '
        '"height": keras.layers.Dense(1)(means), '
        '"traits": keras.layers.Dense(2, "sigmoid")(means)}'
    )
}


class Model:
    """What most pages do with a model, without the time that compiling takes."""

    def fit(self, data, validation_data=(), **_):
        self.predict(data)
        self.predict(validation_data)

    def evaluate(self, data):
        return self.predict(data).mean()

    def predict(self, data, **_):
        batches = [data[i] for i in range(len(data))]  # iterators of Keras 2 have no end
        images = [batch[0] if isinstance(batch, tuple) else batch for batch in batches]
        return np.concatenate([np.zeros((0, 2)), *map(self.predict_on_batch, images)])

    def predict_on_batch(self, x):
        assert x.ndim == 4 and x.shape[-1] == 3
        return np.full((len(x), 2), 0.5, np.float32)


def names_of(page, folder):
    """The folders and variables that the code of a page refers to."""
    folders = ["data"] if page == "docs/migrating.md" else ["data/train", "data/val"]
    for name in ("flowers", *folders):
        write_images(folder / name, {"rose": 6, "tulip": 6})
    if page != "docs/migrating.md":
        write_images(folder / "data" / "test", {"": 3} if page == "README.md" else {"rose": 2})
    write_images(folder / "photos", {"a": 6, "b": 6})
    write_images(folder / "photos" / "images", {"": 6})
    (folder / "photos" / "masks").mkdir()
    for i in range(6):
        Image.new("L", (24, 20), i % 2).save(folder / "photos" / "masks" / f"{i:03d}.png")
    for kind in ("ill", "well"):
        for i in range(12):
            write_images(folder / "scans" / kind, {f"patient{i % 6}": 2})
    paths = [folder / "photos" / kind / f"{i:03d}.png" for kind in "ab" for i in range(6)]
    kinds = ["rose"] * 6 + ["tulip"] * 6
    table = {
        "file": [str(path) for path in paths],
        "cm": [*np.linspace(1, 2, 12)],
        "red": [0, 1] * 6,
        "wild": [1] * 12,
        "patient": [i // 2 for i in range(12)],
    }
    if page == "docs/masks.md":
        paths = [folder / "photos" / "images" / f"{i:03d}.png" for i in range(6)]
        table = {"image": paths, "mask": [folder / "photos" / "masks" / p.name for p in paths]}
        for path in table["mask"]:
            Image.new("L", (24, 20), 0).save(path)
    (folder / "test.csv").write_text("file\nphotos/a/000.png\nphotos/b/000.png\n")
    means = keras.layers.GlobalAveragePooling2D()(inputs := keras.Input((None, None, 3)))
    return {
        "mf": mf,
        "keras": keras,
        "np": np,
        "Path": Path,
        "paths": paths,
        "labels": kinds,
        "names": kinds,
        "heights": table.get("cm"),
        "tags": [["red"], ["red", "wild"]] * 6,
        "weights": [1.0] * 12,
        "mask_paths": table.get("mask"),
        "df": table | dict.fromkeys(("species", "name", "label"), kinds),
        "model": Model(),
        "make_model": Model,
        "inputs": inputs,
        "outputs": keras.layers.Dense(2, "softmax")(means),
        "means": means,
    }


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "page", [name for name, blocks in CODE.items() if blocks and name not in MANY_PROCESSES]
)
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    fit = keras.Model.fit
    monkeypatch.setattr(
        keras.Model, "fit", lambda *a, **k: fit(*a, **k | {"epochs": 1, "verbose": 0})
    )
    monkeypatch.chdir(tmp_path)
    names = names_of(page, tmp_path)
    for block in CODE[page]:
        for left_out, code in HEADS.items():
            block = block.replace(left_out, code)
        block = re.sub(r"\b(150|224|512)\b", "16", block)  # which is faster
        exec(compile(block, page, "exec"), names)


def anchors(text):
    """The places in a page that links can lead to, as GitHub names them."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", PAGES[page]):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        path = ((ROOT / page).parent / file if file else ROOT / page).resolve()
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path.read_text()), target


def test_every_page_is_linked_from_the_contents():
    missing = [name for name in PAGES if name.startswith("docs/") and name != "docs/README.md"
               and f"({name.removeprefix('docs/')}" not in PAGES["docs/README.md"]]  # fmt: skip
    assert missing == []
