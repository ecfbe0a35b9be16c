"""firstframe: an engine for image-first video campaigns."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("firstframe")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
