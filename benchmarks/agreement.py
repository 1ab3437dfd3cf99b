"""How far each loader's unmixed images are from Pillow's antialiased bilinear ones, for
benchmarks/bench.py."""

from collections.abc import Callable

import numpy as np

import peers
from peers import SIZE

COUNT = 100  # images spread evenly over the folder: enough for a mean, and quick


def agreement(name: str, data: str) -> dict[str, float]:
    """Mean and maximum difference of a contender, in 1/255."""
    from PIL import Image

    paths = peers.listing(data)[0]
    differences = []
    read = READERS[name](data)
    for path in paths[:: max(1, len(paths) // COUNT)]:
        with Image.open(path) as image:
            want = np.asarray(
                image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR), np.float32
            )
        differences.append(np.abs(read(path) - want))
    return {"mean": float(np.mean(differences)), "largest": float(np.max(differences))}


def mixfolder(data: str) -> Callable[[str], np.ndarray]:
    """Unmixed batches."""
    import mixfolder as mf

    with mf.from_directory(
        data, image_size=(SIZE, SIZE), mix=None, shuffle=False, verbose=False
    ) as seq:
        return dict(
            zip(seq.file_paths, np.concatenate([np.asarray(x) for x, _ in seq]), strict=True)
        ).__getitem__


def tutorial(data: str) -> Callable[[str], np.ndarray]:
    """What ImageDataGenerator.flow_from_directory does with a file."""
    from keras.utils import img_to_array, load_img

    return lambda path: img_to_array(
        load_img(path, target_size=(SIZE, SIZE), interpolation="nearest")
    )


def opencv(data: str, interpolation: str) -> Callable[[str], np.ndarray]:
    """As peers.opencv."""
    import cv2

    def image(path: str) -> np.ndarray:
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB)
        return cv2.resize(image, (SIZE, SIZE), interpolation=getattr(cv2, interpolation))

    return image


def tf_data(data: str, antialias: bool) -> Callable[[str], np.ndarray]:
    """As peers.full_image."""
    import tensorflow as tf

    decode = peers.full_image(antialias)
    return lambda path: decode(tf, path).numpy() * 255


def torchvision(data: str) -> Callable[[str], np.ndarray]:
    """As peers_torch.torchvision."""
    from torchvision.io import ImageReadMode, decode_jpeg, read_file
    from torchvision.transforms import v2

    resize = v2.Resize((SIZE, SIZE), antialias=True)
    return lambda path: (
        resize(decode_jpeg(read_file(path), ImageReadMode.RGB)).permute(1, 2, 0).numpy()
    )


def dali(data: str) -> Callable[[str], np.ndarray]:
    """As peers_torch.dali."""
    from nvidia.dali import fn, pipeline_def, types

    @pipeline_def(
        batch_size=1, num_threads=1, device_id=None, prefetch_queue_depth=1, exec_dynamic=True
    )
    def pipeline():
        image = fn.decoders.image(fn.external_source(name="file", dtype=types.UINT8, ndim=1))
        return fn.resize(image, size=[SIZE, SIZE], interp_type=types.INTERP_LINEAR, antialias=True)

    pipe = pipeline()
    pipe.build()
    return lambda path: np.asarray(pipe.run(file=[np.fromfile(path, np.uint8)])[0].as_tensor())[0]


#: By contender: a function of the folder that returns a function from a path to
#: pixels.
READERS: dict[str, Callable[[str], Callable[[str], np.ndarray]]] = {
    "mixfolder": mixfolder,
    "tutorial": tutorial,
    "opencv_area": lambda data: opencv(data, "INTER_AREA"),
    "opencv_linear": lambda data: opencv(data, "INTER_LINEAR"),
    "tf_data_antialiased": lambda data: tf_data(data, True),
    "tf_data_aliased": lambda data: tf_data(data, False),
    "torchvision_whole": torchvision,
    "dali_whole": dali,
}
