"""`mixfolder.compat` beside Keras' own class, which it stands in for."""

import inspect
import pickle
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
from conftest import write_pictures
from keras.src.legacy.preprocessing import image as legacy
from PIL import Image

from mixfolder.compat import DirectoryIterator, ImageDataGenerator, MixupImageDataGenerator

INTERPOLATIONS = ["nearest", "bilinear", "bicubic", "hamming", "box", "lanczos"]


@pytest.fixture(scope="module")
def messy(tmp_path_factory):
    """A folder of all that Keras' rules tell apart."""
    root = tmp_path_factory.mktemp("messy")
    write_pictures(root, {"b": 7, "A": 3, ".hidden": 2, "class10": 4, "class2": 5, "b/sub/deep": 2, "b-sub": 1})
    write_pictures(root, {"b": 3, "class2/Z": 2}, suffix=".JPG")
    write_pictures(root, {"elsewhere/one": 2, "elsewhere/two": 1})
    (root / "empty").mkdir()
    (root / "A" / "linked").symlink_to(root / "elsewhere" / "one")
    (root / "top").symlink_to(root / "elsewhere" / "two")
    (root / "loose.png").write_bytes((root / "b" / "000.png").read_bytes())
    for name in ("namepng", ".hidden.png", "x.JPEG", "y.tif"):
        (root / "A" / name).write_bytes((root / "b" / "000.png").read_bytes())
    for name in ("notes.txt", "x.gif", "y.webp", "jpg.z"):
        (root / "A" / name).write_bytes(b"no picture")
    return root


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """Pictures of many kinds."""
    root = tmp_path_factory.mktemp("kinds")
    write_pictures(root, {"block": 3}, (61, 83))
    write_pictures(root, {"jpeg": 3}, (90, 47), ".jpg")
    write_pictures(root, {"bmp": 1}, (33, 64), ".bmp")
    first = Image.open(root / "jpeg" / "000.jpg")
    for turn in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = turn
        first.save(root / "jpeg" / f"turned{turn}.jpg", exif=exif)
    first.save(root / "jpeg" / "progressive.jpg", progressive=True)
    first.convert("L").save(root / "jpeg" / "grey.jpg")
    block = Image.open(root / "block" / "001.png")
    block.convert("P").save(root / "block" / "palette.png")
    block.convert("L").save(root / "block" / "grey.png")
    block.convert("1").save(root / "block" / "bilevel.png")
    block.save(root / "block" / "raw.tif")
    clear = block.convert("RGBA")
    clear.putalpha(block.convert("L"))
    clear.save(root / "block" / "alpha.png")
    return root


def both(directory, ours=None, theirs=None, **options):
    """The two iterators, for the same generator (ours, theirs: arguments of one alone) and the same options of the flow."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of empty folders, and of TIFF
        theirs = legacy.ImageDataGenerator(**(theirs or {})).flow_from_directory(directory, **options)
        ours = ImageDataGenerator(**(ours or {})).flow_from_directory(directory, **options)
    return ours, theirs


def same_listing(ours, theirs):
    for name in ("filenames", "filepaths", "class_indices", "num_classes", "samples", "n", "batch_size", "image_shape"):
        assert getattr(ours, name) == getattr(theirs, name), name
    for name in ("classes", "labels"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
        assert getattr(ours, name).dtype == getattr(theirs, name).dtype
    assert len(ours) == len(theirs)


def same_batches(ours, theirs, tolerance=0.0):
    for i in range(len(theirs)):
        got, want = ours[i], theirs[i]
        for a, b in zip(got, want, strict=True) if isinstance(want, tuple) else [(got, want)]:
            assert isinstance(a, np.ndarray) and (a.shape, a.dtype) == (b.shape, b.dtype)
            np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


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
    names = [{name: p.default for name, p in inspect.signature(f).parameters.items()} for f in (ours, theirs)]
    assert names[0] == names[1] | more and list(names[0]) == [*names[1], *more]


def test_the_same_attributes(flowers):
    ours, theirs = both(flowers, target_size=(6, 7))
    own = {"lock", "index_array", "index_generator"}  # of Keras' way to draw the order
    missing = [name for name in vars(theirs) if not name.startswith("_") and name not in own and not hasattr(ours, name)]
    assert missing == []
    ours, theirs = ours.image_data_generator, theirs.image_data_generator
    own = {"zca_whitening_matrix"}
    for name in vars(theirs).keys() - own:
        assert getattr(ours, name) == getattr(theirs, name), name


@pytest.mark.parametrize("follow_links", [False, True])
@pytest.mark.parametrize("classes", [None, ["class2", "A"], ["b", "nowhere", ".hidden"]])
@pytest.mark.parametrize("subset, split", [(None, 0.0), ("training", 0.3), ("validation", 0.3), ("training", 0.0)])
def test_the_same_files(messy, subset, split, classes, follow_links):
    share = dict(validation_split=split)
    ours, theirs = both(messy, share, share, subset=subset, classes=classes, follow_links=follow_links, batch_size=4)
    same_listing(ours, theirs)
    assert (ours.split, ours.subset, ours.target_size) == (theirs.split, theirs.subset, theirs.target_size)


def test_ppm_files_are_left_out(folder):
    root = folder(a=5, b=2)
    for name in ("a/000", "a/0015"):
        Image.open(root / "a" / "001.png").save(root / f"{name}.ppm")
    for subset in ("training", "validation"):
        theirs = legacy.ImageDataGenerator(validation_split=0.5).flow_from_directory(root, subset=subset)
        with pytest.warns(UserWarning, match=r"\d .ppm file.s. are left out"):
            ours = ImageDataGenerator(validation_split=0.5).flow_from_directory(root, subset=subset)
        assert ours.filenames == [name for name in theirs.filenames if not name.endswith("ppm")]


def test_what_is_said_of_a_folder(folder, capsys):
    root = folder(rose=2, tulip=1)
    (root / ".empty").mkdir()
    with pytest.warns(UserWarning, match="without a picture count as classes, as Keras has it: '.empty'") as caught:
        ImageDataGenerator().flow_from_directory(root)
    assert caught[0].filename == __file__
    assert capsys.readouterr().out == "Found 3 images belonging to 3 classes.\n"
    for options, words in [
        (dict(classes=["a/b"]), "must be names of folders"),
        (dict(classes=["rose", "rose"]), "'rose' twice"),
        (dict(classes=["tulip"], subset="validation"), "no pictures were found"),
    ]:
        with pytest.raises(ValueError, match=words):
            ImageDataGenerator(validation_split=0.1).flow_from_directory(root, **options)
    with pytest.raises(FileNotFoundError):
        ImageDataGenerator().flow_from_directory(root / "nowhere")


@pytest.mark.parametrize("color_mode", ["rgb", "grayscale", "rgba"])
@pytest.mark.parametrize("size", [(31, 45), (90, 47), (100, 140), (7, 60)])
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_the_same_pixels(kinds, interpolation, size, color_mode):
    ours, theirs = both(kinds, target_size=size, interpolation=interpolation, color_mode=color_mode, shuffle=False, batch_size=8)
    same_listing(ours, theirs)
    same_batches(ours, theirs, 1)


@pytest.mark.parametrize("size", [(40, 40), (30, 90), (90, 47), (150, 100)])
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_the_same_pixels_in_their_own_shape(kinds, interpolation, size):
    """Pixels around what is shown count, as they do with Keras, where the filter reaches over its edge."""
    ours, theirs = both(kinds, target_size=size, interpolation=interpolation, keep_aspect_ratio=True, shuffle=False)
    same_batches(ours, theirs, 1)


def test_nearest_is_the_default_and_exact(kinds):
    ours, theirs = both(kinds, target_size=(31, 45), shuffle=False)
    same_batches(ours, theirs)


@pytest.mark.parametrize("class_mode", ["categorical", "binary", "sparse", "input", None])
@pytest.mark.parametrize("dtype", [None, "float32", "float16", "float64", "uint8"])
def test_labels_and_types(kinds, class_mode, dtype):
    ours, theirs = both(kinds, dict(dtype=dtype), dict(dtype=dtype), class_mode=class_mode, target_size=(9, 8), shuffle=False, batch_size=7)
    same_batches(ours, theirs)


@pytest.mark.parametrize(
    "arguments",
    [
        dict(rescale=1 / 255),
        dict(rescale=1 / 255, dtype="float16"),
        dict(samplewise_center=True),
        dict(samplewise_center=True, samplewise_std_normalization=True, rescale=1 / 127),
        dict(preprocessing_function=lambda x: np.sqrt(x) - x.mean()),
        dict(preprocessing_function=lambda x: x[::-1] + 1, rescale=0.5, samplewise_center=True, dtype="float64"),
        dict(preprocessing_function=keras.applications.vgg16.preprocess_input, rescale=0.25),
        dict(data_format="channels_first", rescale=2),
    ],
)
def test_what_is_done_to_values(kinds, arguments):
    ours, theirs = both(kinds, arguments, arguments, target_size=(20, 30), shuffle=False, batch_size=8)
    same_batches(ours, theirs, 2e-4 if np.dtype(arguments.get("dtype", "float32")) != np.float16 else 1e-3)


APPLICATIONS = [name for name in dir(keras.applications) if hasattr(getattr(keras.applications, name), "preprocess_input")]


@pytest.mark.parametrize("name", APPLICATIONS)
def test_the_core_does_what_applications_do(kinds, name):
    function = getattr(keras.applications, name).preprocess_input
    arguments = dict(preprocessing_function=function)
    ours, theirs = both(kinds, arguments, arguments, target_size=(20, 30), shuffle=False, batch_size=8)
    assert ours._left == set(), "the core does it"
    same_batches(ours, theirs, 2e-5)


@pytest.mark.parametrize(
    "arguments, options",
    [
        (dict(preprocessing_function=keras.applications.xception.preprocess_input), dict(color_mode="grayscale")),
        (dict(preprocessing_function=keras.applications.mobilenet.preprocess_input, data_format="channels_first"), {}),
    ],
)
def test_applications_that_the_core_cannot_do(kinds, arguments, options):
    ours, theirs = both(kinds, arguments, arguments, target_size=(20, 30), shuffle=False, **options)
    assert ours._left == {"preprocessing_function"}
    same_batches(ours, theirs, 1e-6)


def fitted(generator, x):
    generator.fit(x)
    return generator


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("rescale", [None, 1 / 255])
@pytest.mark.parametrize("more", [{}, dict(featurewise_std_normalization=True), dict(samplewise_center=True)])
def test_featurewise_statistics(kinds, data_format, rescale, more):
    arguments = dict(featurewise_center=True, rescale=rescale, data_format=data_format, **more)
    options = dict(target_size=(20, 30), shuffle=False, batch_size=8)
    x = np.concatenate(
        list(both(kinds, dict(data_format=data_format), dict(data_format=data_format), class_mode=None, **options)[1][i] for i in range(3))
    )
    theirs = fitted(legacy.ImageDataGenerator(**arguments), x)
    ours = fitted(ImageDataGenerator(**arguments), x)
    streamed = ImageDataGenerator(**arguments)
    streamed.fit_directory(kinds, target_size=(20, 30), batch_size=7)
    for name in ("mean", "std"):
        want = getattr(theirs, name)
        for generator in (ours, streamed) if "samplewise_center" not in more else (ours,):
            got = getattr(generator, name)
            if want is None:
                assert got is None
            else:
                assert (got.shape, got.dtype) == (want.shape, want.dtype)
                np.testing.assert_allclose(got, want, rtol=2e-4)
    flow, expected = (g.flow_from_directory(kinds, **options) for g in (ours, theirs))
    assert bool(flow._left) == ("samplewise_center" in more), "the core does it"
    same_batches(flow, expected, 2e-4 if rescale else 2e-2)


def test_fit_directory_sees_what_the_featurewise_steps_see(kinds):
    datagen = ImageDataGenerator(
        featurewise_std_normalization=True, featurewise_center=True, samplewise_center=True, preprocessing_function=np.sqrt, rescale=3
    )
    datagen.fit_directory(kinds, target_size=(20, 30))
    flow = datagen.flow_from_directory(kinds, target_size=(20, 30), class_mode=None, batch_size=100)
    x = flow[0]
    np.testing.assert_allclose(x.mean((0, 1, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(x.std((0, 1, 2)), 1, atol=1e-4)


def test_statistics_set_by_hand_and_later(kinds):
    options = dict(target_size=(8, 9), shuffle=False, class_mode=None, batch_size=100)
    plain = ImageDataGenerator().flow_from_directory(kinds, **options)[0]
    datagen = ImageDataGenerator(featurewise_center=True)
    flow = datagen.flow_from_directory(kinds, **options)
    with pytest.warns(UserWarning, match="hasn't been fit on any training data"):
        np.testing.assert_array_equal(flow[0], plain)
    datagen.mean = np.arange(8 * 9 * 3, dtype=np.float32).reshape(8, 9, 3)
    np.testing.assert_array_equal(flow[0], plain - datagen.mean)
    np.testing.assert_array_equal(datagen.flow_from_directory(kinds, **options)[0], plain - datagen.mean)
    datagen.mean = np.float32([0.5, 0.25, 0])  # looks like shares of 1, which the core refuses
    np.testing.assert_array_equal(datagen.flow_from_directory(kinds, **options)[0], plain - datagen.mean)


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
def test_a_deviation_wants_a_mean(step):
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


def test_what_is_refused():
    datagen = ImageDataGenerator()
    with pytest.raises(ValueError, match="arrays already need no loader"):
        datagen.flow(np.zeros((2, 8, 8, 3)), batch_size=2)
    with pytest.raises(ValueError, match="Make a folder a class"):
        datagen.flow_from_dataframe(None, x_col="file")
    with pytest.raises(ValueError, match="rank 4"):
        datagen.fit(np.zeros((2, 8, 8)))
    with pytest.raises(ValueError, match="augment=True"):
        datagen.fit(np.zeros((2, 8, 8, 3)), augment=True)
    with pytest.warns(UserWarning, match="expected either 1, 3 or 4 channels"):
        datagen.fit(np.zeros((2, 8, 8, 2)))


def test_next_goes_on_for_ever(flowers):
    ours, theirs = both(flowers, target_size=(6, 7), batch_size=8, shuffle=False)
    for _ in range(7):
        for got, want in zip(next(ours), next(theirs), strict=True):
            np.testing.assert_array_equal(got, want)
        assert ours.batch_index == theirs.batch_index
    ours.reset()
    theirs.reset()
    for got, want in zip(ours.next(), next(theirs), strict=True):
        np.testing.assert_array_equal(got, want)
    assert iter(ours) is ours and ours.total_batches_seen == theirs.total_batches_seen


def files_of(flow, batches):
    """Names of the files in the batches that `next` gives."""
    whole = ImageDataGenerator().flow_from_directory(flow.directory, flow.target_size, batch_size=100, shuffle=False)
    names = {x.tobytes(): name for x, name in zip(whole[0][0], whole.filenames, strict=True)}
    return [names[x.tobytes()] for _ in range(batches) for x in next(flow)[0]]


def test_each_pass_has_each_file_once_in_another_order(flowers):
    flow = ImageDataGenerator().flow_from_directory(flowers, target_size=(6, 7), batch_size=8, seed=3)
    passes = [files_of(flow, 3) for _ in range(3)]
    assert all(sorted(p) == sorted(flow.filenames) for p in passes)
    assert passes[0] != passes[1] != passes[2] != passes[0]
    begun = files_of(flow, 1)
    flow.reset()
    assert files_of(flow, 1) != begun, "a new pass, as with Keras"
    assert flow.seed == 3
    again = ImageDataGenerator().flow_from_directory(flowers, target_size=(6, 7), batch_size=8, seed=3)
    assert [files_of(again, 3) for _ in range(3)] == passes


def test_threads_share_the_passes(flowers):
    flow = ImageDataGenerator().flow_from_directory(flowers, target_size=(6, 7), batch_size=4)
    with ThreadPoolExecutor(4) as pool:
        got = [names for names in pool.map(lambda _: files_of(flow, 1), range(3 * len(flow)))]
    assert Counter(name for names in got for name in names) == dict.fromkeys(flow.filenames, 3)


def test_set_random_seed_decides_the_seed(flowers):
    seeds = []
    for _ in range(2):
        keras.utils.set_random_seed(5)
        seeds.append([ImageDataGenerator().flow_from_directory(flowers).seed for _ in range(2)])
    assert seeds[0] == seeds[1] and seeds[0][0] != seeds[0][1]


def test_flips(flowers):
    plain = ImageDataGenerator().flow_from_directory(flowers, (6, 7), shuffle=False, batch_size=21)[0][0]
    turns = {
        (False, True): lambda x: [x, x[::-1]],
        (True, False): lambda x: [x, x[:, ::-1]],
        (True, True): lambda x: [x, x[::-1], x[:, ::-1], x[::-1, ::-1]],
    }
    for (horizontal, vertical), possible in turns.items():
        datagen = ImageDataGenerator(horizontal_flip=horizontal, vertical_flip=vertical, validation_split=0.5)
        flow = datagen.flow_from_directory(flowers, (6, 7), shuffle=False, batch_size=21, seed=1)
        seen = {next(i for i, p in enumerate(possible(a)) if np.array_equal(p, b)) for a, b in zip(plain, flow[0][0], strict=True)}
        assert len(seen) == len(possible(plain[0]))
        val = datagen.flow_from_directory(flowers, (6, 7), shuffle=False, subset="validation", seed=1)
        first = ImageDataGenerator(validation_split=0.5).flow_from_directory(flowers, (6, 7), shuffle=False, subset="validation")
        assert not np.array_equal(val[0][0], first[0][0]), "Keras augments validation, too"


def test_batches_are_saved(flowers, tmp_path):
    options = dict(target_size=(6, 7), batch_size=8, save_format="png", save_prefix="p")
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    arguments = dict(rescale=1 / 255)
    ours, _ = both(flowers, arguments, arguments, save_to_dir=tmp_path / "ours", shuffle=True, seed=2, **options)
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
        np.testing.assert_array_equal(np.asarray(Image.open(path)), np.asarray(Image.open(named[index])))
        assert any(np.array_equal(y[row], np.eye(3)[ours.classes[int(index)]]) for row in range(8))


def test_a_bad_file_is_named(folder):
    root = folder(a=3, b=2)
    (root / "b" / "000.png").write_bytes(b"no picture")
    flow = ImageDataGenerator().flow_from_directory(root, shuffle=False)
    with pytest.raises(ValueError, match="b/000.png"):
        flow[0]


def test_a_pickled_iterator_goes_on(flowers):
    for flow in (
        ImageDataGenerator(rescale=0.5).flow_from_directory(flowers, (6, 7), batch_size=8, seed=4),
        MixupImageDataGenerator(ImageDataGenerator(preprocessing_function=np.sqrt), flowers, 8, 6, 7),
    ):
        again = pickle.loads(pickle.dumps(flow))
        assert isinstance(again, DirectoryIterator) and again.filenames == flow.filenames
        for a, b in zip(next(flow), next(again), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["workers", "use_multiprocessing"])
def test_workers_are_refused(flowers, name):
    flow = ImageDataGenerator().flow_from_directory(flowers)
    with pytest.raises(ValueError, match="core's own threads"):
        setattr(flow, name, 4)


def test_keras_trains_on_it(flowers):
    arguments = dict(rescale=1 / 255, validation_split=0.4)
    train, val = (
        ImageDataGenerator(**arguments).flow_from_directory(flowers, (8, 8), batch_size=4, subset=s) for s in ("training", "validation")
    )
    net = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")])
    net.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    history = net.fit(train, validation_data=val, epochs=3, verbose=0).history
    assert len(history["val_accuracy"]) == 3 and train.sequence.stats()["pass"] >= 2
    assert net.predict(val, verbose=0).shape == (val.n, 3)


def mixup(root, batch_size=8, size=(6, 7), seed=7, subset=None, alpha=0.4, **arguments):
    keras.utils.set_random_seed(seed)
    return MixupImageDataGenerator(ImageDataGenerator(**arguments), root, batch_size, *size, alpha=alpha, subset=subset)


def expected(flow, rows, **arguments):
    """A mixed batch by Keras' pictures and the plan."""
    options = dict(target_size=flow.target_size, batch_size=100, shuffle=False)
    theirs = legacy.ImageDataGenerator(**arguments).flow_from_directory(flow.directory, **options)
    x, y = theirs[0]
    at = {path: i for i, path in enumerate(theirs.filepaths)}
    own, partner = ([at[row[key]] for row in rows] for key in ("path", "partner"))
    lam = np.array([row["lam"] for row in rows])
    lx, ly = lam[:, None, None, None], lam[:, None]
    return x[own] * lx + x[partner] * (1 - lx), y[own] * ly + y[partner] * (1 - ly)


@pytest.mark.parametrize(
    "arguments",
    [
        dict(rescale=1 / 255),
        dict(data_format="channels_first"),
        dict(preprocessing_function=keras.applications.vgg16.preprocess_input, rescale=0.5),
        dict(preprocessing_function=np.sqrt),
        dict(
            preprocessing_function=np.sqrt,
            rescale=2,
            samplewise_std_normalization=True,
            samplewise_center=True,
            data_format="channels_first",
        ),
    ],
)
def test_pictures_are_mixed_after_all_else(flowers, arguments):
    flow = mixup(flowers, **arguments)
    assert flow._apart == (arguments.get("preprocessing_function") is np.sqrt)
    for n in range(3):
        rows = flow.sequence.explain(n)
        assert any(0.01 < row["lam"] < 0.99 for row in rows)
        x, y = next(flow)
        want_x, want_y = expected(flow, rows, **arguments)
        assert (x.dtype, y.dtype) == (np.float32, np.float32) and x.shape[1:] == flow.image_shape
        np.testing.assert_allclose(x, want_x, rtol=0, atol=1e-4)
        np.testing.assert_allclose(y, want_y, rtol=0, atol=1e-6)


def test_both_ways_of_mixing_draw_the_same(flowers):
    core, numpy = mixup(flowers), mixup(flowers, preprocessing_function=lambda x: x + 0)
    assert numpy._apart and not core._apart and core.seed == numpy.seed
    for _ in range(7):
        for a, b in zip(next(core), next(numpy), strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-4)


def test_partners_are_a_second_permutation(flowers):
    flow = mixup(flowers)
    passes = []
    for _ in range(2):
        rows = [row for n in range(3) for row in flow.sequence.explain(n)]
        own, partners = ([row[key] for row in rows] for key in ("path", "partner"))
        assert sorted(own) == sorted(partners) == sorted(flow.filepaths) and own != partners
        passes.append((own, partners))
        for _ in range(3):
            next(flow)
        flow.on_epoch_end()
    assert passes[0][0] != passes[1][0] and passes[0][1] != passes[1][1]


def test_the_last_short_batch_works(flowers):
    """It breaks the tutorial's class: its shares are always a whole batch."""
    flow = mixup(flowers)
    assert flow.n == 21 and len(flow) == flow.get_steps_per_epoch() == 3
    assert [len(next(flow)[0]) for _ in range(6)] == [8, 8, 5, 8, 8, 5]


def test_the_tutorials_methods(flowers):
    flow = mixup(flowers, validation_split=0.4, subset="training")
    assert (flow.n, flow.batch_size, flow.alpha, flow.batch_index) == (14, 8, 0.4, 0)
    assert flow.class_indices == {"rose": 0, "tulip": 1, "violet": 2}
    first = next(flow)
    assert flow.batch_index == 1
    flow.reset()
    assert flow.batch_index == 0
    flow.reset_index()
    assert flow.sequence.stats()["pass"] == 1
    again = next(flow)
    assert not np.array_equal(first[0], again[0])
    for x, y in flow:
        assert x.shape == (6, 6, 7, 3) and y.shape == (6, 3)
        break


def test_mixup_needs_a_generator_of_ours(flowers):
    with pytest.raises(TypeError, match="change its import, too"):
        MixupImageDataGenerator(legacy.ImageDataGenerator(), flowers, 8, 6, 7)


def test_mixup_needs_an_alpha(flowers):
    with pytest.raises(ValueError, match="alpha of MixUp must be above 0"):
        mixup(flowers, alpha=0)
