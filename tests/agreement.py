"""How far each loader's unmixed pictures are from Pillow's antialiased bilinear ones, for tests/bench.py."""

import importlib.util
from collections.abc import Callable

import numpy as np
import peers
from peers import SIZE

PICTURES = 100  # an even choice of the folder's: enough for a mean, and quick


def agreement(data: str) -> dict[str, tuple[float, float]]:
    """Mean and largest difference in 1/255, by program of tests/bench.py; of those whose modules are installed."""
    from PIL import Image

    paths = peers.listing(data)[0]
    chosen = range(0, len(paths), max(1, len(paths) // PICTURES))
    want = []
    for i in chosen:
        with Image.open(paths[i]) as image:
            want.append(np.asarray(image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR), np.float32))
    ours = mixfolder_pictures(data)
    found = {"mixfolder": difference([ours[paths[i]] for i in chosen], want)}
    for name, module, make in PEERS:
        if importlib.util.find_spec(module):
            picture = make()
            found[name] = difference([picture(paths[i]) for i in chosen], want)
    return found


def difference(got: list[np.ndarray], want: list[np.ndarray]) -> tuple[float, float]:
    """Mean and largest absolute difference."""
    apart = [np.abs(np.asarray(g, np.float32) - w) for g, w in zip(got, want, strict=True)]
    return float(np.mean(apart)), float(np.max(apart))


def mixfolder_pictures(data: str) -> dict[str, np.ndarray]:
    """Every picture of the folder by its path."""
    import mixfolder as mf

    with mf.from_directory(data, image_size=(SIZE, SIZE), mix=None, shuffle=False, verbose=False) as seq:
        return dict(zip(seq.file_paths, np.concatenate([np.asarray(x) for x, _ in seq]), strict=True))


def tutorial() -> Callable[[str], np.ndarray]:
    """What ImageDataGenerator.flow_from_directory does with a file."""
    from keras.utils import img_to_array, load_img

    return lambda path: img_to_array(load_img(path, target_size=(SIZE, SIZE), interpolation="nearest"))


def opencv(interpolation: str) -> Callable[[str], np.ndarray]:
    """As peers.opencv."""
    import cv2

    def picture(path: str) -> np.ndarray:
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB)
        return cv2.resize(image, (SIZE, SIZE), interpolation=getattr(cv2, interpolation))

    return picture


def tf_data(antialias: bool) -> Callable[[str], np.ndarray]:
    """As peers.whole."""
    import tensorflow as tf

    decode = peers.whole(antialias)
    return lambda path: decode(tf, path).numpy() * 255


PEERS: list[tuple[str, str, Callable[[], Callable[[str], np.ndarray]]]] = [
    ("tutorial", "keras", tutorial),
    ("opencv_area", "cv2", lambda: opencv("INTER_AREA")),
    ("opencv_linear", "cv2", lambda: opencv("INTER_LINEAR")),
    ("tf_data_antialiased", "tensorflow", lambda: tf_data(True)),
    ("tf_data_aliased", "tensorflow", lambda: tf_data(False)),
]
