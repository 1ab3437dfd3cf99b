"""Other ways to load and mix images: contenders of benchmarks/contenders.py.

All return float32 batches of 32 images of 224x224 and one-hot labels mixed by Beta(0.2, 0.2),
except `tutorial_options`, which does not mix; peers with threads use `threads` of them.
"""

import math
import random
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np

SIZE, BATCH, ALPHA = 224, 32, 0.2
MEAN, STD = (
    np.float32([123.675, 116.28, 103.53]),
    np.float32([58.395, 57.12, 57.375]),
)  # of ImageNet


def listing(data: str) -> tuple[list[str], np.ndarray]:
    """Paths and one-hot labels."""
    classes = sorted(d.name for d in Path(data).iterdir())
    found = [(str(p), k) for k, c in enumerate(classes) for p in sorted(Path(data, c).iterdir())]
    return [p for p, _ in found], np.eye(len(classes), dtype=np.float32)[[k for _, k in found]]


def tutorial(data: str, threads: int):
    """The tutorial's generator: two ImageDataGenerator iterators (nearest neighbor), mixed in
    NumPy. It has one thread."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    generator = ImageDataGenerator(rescale=1 / 255)
    first, second = (
        generator.flow_from_directory(
            data, target_size=(SIZE, SIZE), class_mode="categorical", batch_size=BATCH
        )
        for _ in range(2)
    )

    def one_pass():
        for _ in range(first.samples // BATCH):
            x1, y1 = next(first)
            x2, y2 = next(second)
            if len(x1) != len(x2) or len(x1) < BATCH:
                first.reset()
                second.reset()
                continue
            lam = np.random.beta(ALPHA, ALPHA, len(x1))
            lx, ly = lam.reshape(-1, 1, 1, 1), lam.reshape(-1, 1)
            x, _ = x1 * lx + x2 * (1 - lx), y1 * ly + y2 * (1 - ly)
            yield x

    return one_pass


#: Options of an ImageDataGenerator as in tutorials; angles in degrees, shift as a
#: fraction of the extent, brightness from 1 - 0.2 to 1 + 0.2.
OPTIONS = {"size": (150, 150), "rotation": 20, "shift": 0.1, "shear": 10, "brightness": 0.2}


def tutorial_options(data: str, threads: int):
    """One ImageDataGenerator iterator (nearest neighbor). It has one thread."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    o = OPTIONS
    generator = ImageDataGenerator(
        rotation_range=o["rotation"], width_shift_range=o["shift"], height_shift_range=o["shift"],
        shear_range=o["shear"],
        brightness_range=(1 - o["brightness"], 1 + o["brightness"]), horizontal_flip=True,
        fill_mode="nearest", rescale=1 / 255,
    )  # fmt: skip
    batches = generator.flow_from_directory(
        data, target_size=o["size"], class_mode="categorical", batch_size=BATCH
    )

    def one_pass():
        batches.reset()
        for _ in range(batches.samples // BATCH):
            yield next(batches)[0]

    return one_pass


def by_hand(data: str, threads: int, image, mixed):
    """Batches from a pool of threads: image(path, out) fills uint8, mixed(a, b, lam, out) mixes
    into float32."""
    paths, labels = listing(data)
    pool = ThreadPool(threads)

    def one_pass():
        order = np.random.permutation(len(paths))
        for i in range(0, len(paths) - BATCH + 1, BATCH):
            chosen = order[i : i + BATCH]
            raw, x = (
                np.empty((BATCH, SIZE, SIZE, 3), np.uint8),
                np.empty((BATCH, SIZE, SIZE, 3), np.float32),
            )
            pool.starmap(image, [(paths[j], raw[k]) for k, j in enumerate(chosen)], chunksize=4)
            partner, lam = (
                np.random.permutation(BATCH),
                np.random.beta(ALPHA, ALPHA, BATCH).astype(np.float32),
            )
            rows = [(raw[k], raw[partner[k]], float(lam[k]), x[k]) for k in range(BATCH)]
            pool.starmap(mixed, rows, chunksize=8)
            y = labels[chosen]
            y = lam[:, None] * y + (1 - lam[:, None]) * y[partner]
            yield x

    return one_pass


def opencv(data: str, threads: int, interpolation: str):
    """Hand-written OpenCV: decode, resize, mix by addWeighted."""
    import cv2

    cv2.setNumThreads(0)
    way = getattr(cv2, interpolation)

    def image(path, out):
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB)
        cv2.resize(image, (SIZE, SIZE), dst=out, interpolation=way)

    def mixed(a, b, lam, out):
        cv2.addWeighted(a, lam / 255, b, (1 - lam) / 255, 0, dst=out, dtype=cv2.CV_32F)

    return by_hand(data, threads, image, mixed)


def opencv_area(data: str, threads: int):
    """Hand-written OpenCV, INTER_AREA."""
    return opencv(data, threads, "INTER_AREA")


def opencv_linear(data: str, threads: int):
    """Hand-written OpenCV, INTER_LINEAR (aliased)."""
    return opencv(data, threads, "INTER_LINEAR")


def opencv_crop(data: str, threads: int):
    """Hand-written OpenCV: decode, crop, resize by INTER_LINEAR (aliased), flip, mix, normalize."""
    import cv2

    cv2.setNumThreads(0)

    def region(height, width):
        for _ in range(10):
            area, shape = (
                height * width * random.uniform(0.08, 1),
                math.exp(random.uniform(-1, 1) * math.log(4 / 3)),
            )
            w, h = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
            if w <= width and h <= height:
                y, x = random.randint(0, height - h), random.randint(0, width - w)
                return slice(y, y + h), slice(x, x + w)
        return slice(None), slice(None)

    def image(path, out):
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB)
        image = cv2.resize(
            image[region(*image.shape[:2])], (SIZE, SIZE), interpolation=cv2.INTER_LINEAR
        )
        out[:] = image[:, ::-1] if random.random() < 0.5 else image

    def mixed(a, b, lam, out):
        cv2.addWeighted(a, lam, b, 1 - lam, 0, dst=out, dtype=cv2.CV_32F)
        out -= MEAN
        out /= STD

    return by_hand(data, threads, image, mixed)


def pillow(data: str, threads: int):
    """Hand-written Pillow, bilinear (antialiased)."""
    from PIL import Image

    def image(path, out):
        with Image.open(path) as image:
            out[:] = np.asarray(
                image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR)
            )

    def mixed(a, b, lam, out):
        np.add(a * np.float32(lam / 255), b * np.float32((1 - lam) / 255), out=out)

    return by_hand(data, threads, image, mixed)


def tf_data(data: str, threads: int, decode, cached: bool = False):
    """Hand-written tf.data: decode(path) in parallel, batches, mixing, prefetching."""
    import tensorflow as tf

    paths, labels = listing(data)

    def one(path, label):
        return tf.ensure_shape(decode(tf, path), (SIZE, SIZE, 3)), label

    def mixed(x, y):
        x = tf.cast(x, tf.float32) / 255 if cached else x
        n = tf.shape(x)[0]
        a, b = tf.random.gamma([n], ALPHA), tf.random.gamma([n], ALPHA)
        lam, partner = a / (a + b), tf.random.shuffle(tf.range(n))
        lx, ly = lam[:, None, None, None], lam[:, None]
        return lx * x + (1 - lx) * tf.gather(x, partner), ly * y + (1 - ly) * tf.gather(y, partner)

    ds = tf.data.Dataset.from_tensor_slices((paths, labels))
    if cached:
        ds = ds.map(one, num_parallel_calls=threads).cache().shuffle(len(paths))
    else:
        ds = ds.shuffle(len(paths)).map(one, num_parallel_calls=threads, deterministic=False)
    ds = (
        ds.batch(BATCH, drop_remainder=True)
        .map(mixed, num_parallel_calls=threads if cached else 1)
        .prefetch(2)
    )
    options = tf.data.Options()
    options.threading.private_threadpool_size = threads
    ds = ds.with_options(options)
    return lambda: (x for x, _ in ds)


def full_image(antialias: bool):
    """A full image decoded and resized by tf.image, in 0..1."""

    def decode(tf, path):
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        return tf.image.resize(image, (SIZE, SIZE), antialias=antialias) / 255

    return decode


def tf_data_antialiased(data: str, threads: int):
    """Hand-written tf.data, bilinear, antialiased."""
    return tf_data(data, threads, full_image(True))


def tf_data_aliased(data: str, threads: int):
    """Hand-written tf.data, bilinear (aliased)."""
    return tf_data(data, threads, full_image(False))


def tf_data_crop(data: str, threads: int):
    """Hand-written tf.data: decode_and_crop_jpeg, antialiased, flip, normalize."""

    def decode(tf, path):
        file = tf.io.read_file(path)
        begin, size, _ = tf.image.sample_distorted_bounding_box(
            tf.io.extract_jpeg_shape(file), tf.zeros([1, 0, 4]), min_object_covered=0.0,
            aspect_ratio_range=(3 / 4, 4 / 3), area_range=(0.08, 1.0), max_attempts=10,
            use_image_if_no_bounding_boxes=True,
        )  # fmt: skip
        image = tf.io.decode_and_crop_jpeg(file, tf.concat([begin[:2], size[:2]], 0), channels=3)
        image = tf.image.random_flip_left_right(
            tf.image.resize(image, (SIZE, SIZE), antialias=True)
        )
        return (image - MEAN) / STD

    return tf_data(data, threads, decode)


def tf_data_cached(data: str, threads: int):
    """Hand-written tf.data, uint8 images from `.cache()`."""

    def decode(tf, path):
        return tf.cast(full_image(True)(tf, path) * 255 + 0.5, tf.uint8)

    return tf_data(data, threads, decode, cached=True)
