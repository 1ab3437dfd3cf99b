"""`mixfolder.compat` against Keras' own classes."""

import inspect

import numpy as np
import pytest
from keras.src.legacy.preprocessing import image as legacy
from PIL import Image

from mixfolder.compat import DirectoryIterator, ImageDataGenerator
from support.images import write_images
from support.parity import both, same_batches, same_listing

INTERPOLATIONS = ["nearest", "bilinear", "bicubic", "hamming", "box", "lanczos"]


@pytest.fixture(scope="module")
def messy(tmp_path_factory):
    """A folder with all cases that Keras' rules distinguish."""
    root = tmp_path_factory.mktemp("messy")
    write_images(
        root, {"b": 7, "A": 3, ".hidden": 2, "class10": 4, "class2": 5, "b/sub/deep": 2, "b-sub": 1}
    )
    write_images(root, {"b": 3, "class2/Z": 2}, suffix=".JPG")
    write_images(root, {"elsewhere/one": 2, "elsewhere/two": 1})
    (root / "empty").mkdir()
    (root / "A" / "linked").symlink_to(root / "elsewhere" / "one")
    (root / "top").symlink_to(root / "elsewhere" / "two")
    (root / "loose.png").write_bytes((root / "b" / "000.png").read_bytes())
    for name in ("namepng", ".hidden.png", "x.JPEG", "y.tif"):
        (root / "A" / name).write_bytes((root / "b" / "000.png").read_bytes())
    for name in ("notes.txt", "x.gif", "y.webp", "jpg.z"):
        (root / "A" / name).write_bytes(b"no image")
    return root


@pytest.mark.parametrize(
    "ours, theirs, more",
    [
        (ImageDataGenerator, legacy.ImageDataGenerator, {"legacy_axes": False}),
        (ImageDataGenerator.flow_from_directory, legacy.ImageDataGenerator.flow_from_directory, {}),
        (ImageDataGenerator.fit, legacy.ImageDataGenerator.fit, {}),
        (DirectoryIterator, legacy.DirectoryIterator, {}),
    ],
)
def test_the_same_arguments(ours, theirs, more):
    names = [
        {name: p.default for name, p in inspect.signature(f).parameters.items()}
        for f in (ours, theirs)
    ]
    assert names[0] == names[1] | more and list(names[0]) == [*names[1], *more]


def test_the_same_attributes(flowers):
    ours, theirs = both(flowers, target_size=(6, 7))
    own = {"lock", "index_array", "index_generator"}  # of Keras' way to draw the order
    missing = [
        name
        for name in vars(theirs)
        if not name.startswith("_") and name not in own and not hasattr(ours, name)
    ]
    assert missing == []
    ours, theirs = ours.image_data_generator, theirs.image_data_generator
    own = {"zca_whitening_matrix"}
    for name in vars(theirs).keys() - own:
        assert getattr(ours, name) == getattr(theirs, name), name


@pytest.mark.parametrize("follow_links", [False, True])
@pytest.mark.parametrize("classes", [None, ["class2", "A"], ["b", "nowhere", ".hidden"]])
@pytest.mark.parametrize(
    "subset, split", [(None, 0.0), ("training", 0.3), ("validation", 0.3), ("training", 0.0)]
)
def test_the_same_files(messy, subset, split, classes, follow_links):
    share = dict(validation_split=split)
    ours, theirs = both(
        messy, share, share, subset=subset, classes=classes, follow_links=follow_links, batch_size=4
    )
    same_listing(ours, theirs)
    assert (ours.split, ours.subset, ours.target_size) == (
        theirs.split,
        theirs.subset,
        theirs.target_size,
    )


def test_ppm_files_are_ignored(folder):
    root = folder(a=5, b=2)
    for name in ("a/000", "a/0015"):
        Image.open(root / "a" / "001.png").save(root / f"{name}.ppm")
    for subset in ("training", "validation"):
        theirs = legacy.ImageDataGenerator(validation_split=0.5).flow_from_directory(
            root, subset=subset
        )
        with pytest.warns(UserWarning, match=r"\d .ppm file.s. are ignored"):
            ours = ImageDataGenerator(validation_split=0.5).flow_from_directory(root, subset=subset)
        assert ours.filenames == [name for name in theirs.filenames if not name.endswith("ppm")]


def test_warnings_about_a_folder(folder, capsys):
    root = folder(rose=2, tulip=1)
    (root / ".empty").mkdir()
    with pytest.warns(
        UserWarning, match="without images are classes nevertheless, as in Keras: '.empty'"
    ) as caught:
        ImageDataGenerator().flow_from_directory(root)
    assert caught[0].filename == __file__
    assert capsys.readouterr().out == "Found 3 images belonging to 3 classes.\n"
    for options, words in [
        (dict(classes=["a/b"]), "must be names of folders"),
        (dict(classes=["rose", "rose"]), "'rose' twice"),
        (dict(classes=["tulip"], subset="validation"), "no images were found"),
    ]:
        with pytest.raises(ValueError, match=words):
            ImageDataGenerator(validation_split=0.1).flow_from_directory(root, **options)
    with pytest.raises(FileNotFoundError):
        ImageDataGenerator().flow_from_directory(root / "nowhere")


@pytest.mark.parametrize("color_mode", ["rgb", "grayscale", "rgba"])
@pytest.mark.parametrize("size", [(31, 45), (90, 47), (100, 140), (7, 60)])
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_the_same_pixels(kinds, interpolation, size, color_mode):
    ours, theirs = both(
        kinds,
        target_size=size,
        interpolation=interpolation,
        color_mode=color_mode,
        shuffle=False,
        batch_size=8,
    )
    same_listing(ours, theirs)
    same_batches(ours, theirs, 1)


@pytest.mark.parametrize("size", [(40, 40), (30, 90), (90, 47), (150, 100)])
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_the_same_pixels_with_keep_aspect_ratio(kinds, interpolation, size):
    """As in Keras, the filter includes pixels beyond the edge of the crop."""
    ours, theirs = both(
        kinds, target_size=size, interpolation=interpolation, keep_aspect_ratio=True, shuffle=False
    )
    same_batches(ours, theirs, 1)


def test_nearest_is_the_default_and_exact(kinds):
    ours, theirs = both(kinds, target_size=(31, 45), shuffle=False)
    same_batches(ours, theirs)


@pytest.mark.parametrize("class_mode", ["categorical", "binary", "sparse", "input", None])
@pytest.mark.parametrize("dtype", [None, "float32", "float16", "float64", "uint8"])
def test_labels_and_types(kinds, class_mode, dtype):
    ours, theirs = both(
        kinds,
        dict(dtype=dtype),
        dict(dtype=dtype),
        class_mode=class_mode,
        target_size=(9, 8),
        shuffle=False,
        batch_size=7,
    )
    same_batches(ours, theirs)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (dict(data_format="last"), "`data_format` should be"),
        (dict(validation_split=1.5), "`validation_split` must be strictly between 0 and 1"),
        (dict(zoom_range=[1, 2, 3]), "`zoom_range` should be a float"),
        (dict(brightness_range=1), "`brightness_range should be tuple or list"),
        (dict(zca_whitening=True), "zca_whitening=True is not supported"),
    ],
)
def test_arguments_of_the_generator_are_checked(arguments, words):
    with pytest.raises(ValueError, match=words):
        ImageDataGenerator(**arguments)


@pytest.mark.parametrize("step", ["featurewise", "samplewise"])
def test_std_normalization_implies_centering(step):
    with pytest.warns(UserWarning, match=f"overrides setting of `{step}_center`") as caught:
        datagen = ImageDataGenerator(**{f"{step}_std_normalization": True})
    assert getattr(datagen, f"{step}_center") and caught[0].filename == __file__


@pytest.mark.parametrize(
    "options, words",
    [
        (dict(color_mode="cmyk"), "Invalid color mode: cmyk"),
        (dict(subset="both"), "Invalid subset name: both"),
        (dict(class_mode="other"), "Invalid class_mode: other"),
        (dict(interpolation="spline"), "Invalid interpolation method spline"),
    ],
)
def test_arguments_of_the_flow_are_checked(flowers, options, words):
    with pytest.raises(ValueError, match=words):
        ImageDataGenerator().flow_from_directory(flowers, **options)


def test_unsupported_features_are_rejected():
    datagen = ImageDataGenerator()
    with pytest.raises(ValueError, match="that are already arrays need no loader"):
        datagen.flow(np.zeros((2, 8, 8, 3)), batch_size=2)
    with pytest.raises(ValueError, match="use mixfolder.from_dataframe"):
        datagen.flow_from_dataframe(None, x_col="file")
    with pytest.raises(ValueError, match="rank 4"):
        datagen.fit(np.zeros((2, 8, 8)))
    with pytest.raises(ValueError, match="augment=True"):
        datagen.fit(np.zeros((2, 8, 8, 3)), augment=True)
    with pytest.warns(UserWarning, match="expected either 1, 3 or 4 channels"):
        datagen.fit(np.zeros((2, 8, 8, 2)))


def test_flips(flowers):
    plain = ImageDataGenerator().flow_from_directory(flowers, (6, 7), shuffle=False, batch_size=21)[
        0
    ][0]
    turns = {
        (False, True): lambda x: [x, x[::-1]],
        (True, False): lambda x: [x, x[:, ::-1]],
        (True, True): lambda x: [x, x[::-1], x[:, ::-1], x[::-1, ::-1]],
    }
    for (horizontal, vertical), possible in turns.items():
        datagen = ImageDataGenerator(
            horizontal_flip=horizontal, vertical_flip=vertical, validation_split=0.5
        )
        flow = datagen.flow_from_directory(flowers, (6, 7), shuffle=False, batch_size=21, seed=1)
        seen = {
            next(i for i, p in enumerate(possible(a)) if np.array_equal(p, b))
            for a, b in zip(plain, flow[0][0], strict=True)
        }
        assert len(seen) == len(possible(plain[0]))
        val = datagen.flow_from_directory(
            flowers, (6, 7), shuffle=False, subset="validation", seed=1
        )
        first = ImageDataGenerator(validation_split=0.5).flow_from_directory(
            flowers, (6, 7), shuffle=False, subset="validation"
        )
        assert not np.array_equal(val[0][0], first[0][0]), "Keras augments validation, too"


def test_batches_are_saved(flowers, tmp_path):
    options = dict(target_size=(6, 7), batch_size=8, save_format="png", save_prefix="p")
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    arguments = dict(rescale=1 / 255)
    ours, _ = both(
        flowers,
        arguments,
        arguments,
        save_to_dir=tmp_path / "ours",
        shuffle=True,
        seed=2,
        **options,
    )
    x, y = ours[1]
    theirs, _ = both(flowers, arguments, arguments, shuffle=True, seed=2, **options)
    legacy_flow = legacy.ImageDataGenerator(**arguments).flow_from_directory(
        flowers, save_to_dir=tmp_path / "theirs", shuffle=False, **options
    )
    for i in range(3):
        legacy_flow[i]
    named = {p.name.split("_")[1]: p for p in (tmp_path / "theirs").iterdir()}
    saved = sorted((tmp_path / "ours").iterdir())
    assert len(saved) == 8
    for path in saved:
        prefix, index, number = path.stem.split("_")
        assert prefix == "p" and int(number) < 10**7
        np.testing.assert_array_equal(
            np.asarray(Image.open(path)), np.asarray(Image.open(named[index]))
        )
        assert any(np.array_equal(y[row], np.eye(3)[ours.classes[int(index)]]) for row in range(8))


def test_a_bad_file_is_named(folder):
    root = folder(a=3, b=2)
    (root / "b" / "000.png").write_bytes(b"no image")
    flow = ImageDataGenerator().flow_from_directory(root, shuffle=False)
    with pytest.raises(ValueError, match="b/000.png"):
        flow[0]
