"""Picture files of strangers: looked at by their header, decoded within bounds, rid of everything but their pixels."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageCms, ImageOps

from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelSize, Rgb8

FIELD = "photograph.image"
MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 80_000_000
MAX_SIDE = 30_000
MIN_SIDE = 64
