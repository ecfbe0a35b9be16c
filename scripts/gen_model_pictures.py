"""Makes the pictures of docs/models.md with the installed packs, for eyes to judge, and prints what can be measured of them.

Usage: python scripts/gen_model_pictures.py [--out docs/pictures] [--triton HOST:PORT] [--video FILE]...

It needs `isnet-matting`, `rife-hdv3`, `realesrgan-x4plus` and `realesr-video` installed. Photographs: three of scikit-image
(NASA's portrait of Eileen Collins, public domain; a cup by Rachel Michetti and a cat by Stéfan van der Walt, CC0) and that
of the examples (`make inputs`). With `--video`, frames of each clip are held out and RIFE's middle is held against them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from firstframe.adapters.embedded import EmbeddedInference
from firstframe.adapters.triton import TritonInference
from firstframe.imaging.learned_matte import matte_of, matting_input
from firstframe.packs.shelf import find_shelf
from firstframe.ports.inference import Inference

ROOT = Path(__file__).resolve().parents[1]
PACKS = ("isnet-matting", "rife-hdv3", "realesrgan-x4plus", "realesr-video")
WIDTH = 1200
"""Of three pictures in a row of the mattes, in pixels."""
CROP = 256
"""Side of a detail of the enlargements, in pixels."""
DEADLINE_S = 600.0
GREEN = (0.16, 0.55, 0.42)
TRIPLES = 24
"""Held-out frames of a clip, spread over it."""
QUALITY = 88

Picture = NDArray[np.float32]
"""RGB, 0 to 1, shape (height, width, 3)."""


class Models:
    """The packs' graphs, called with pictures."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    async def run(self, model: str, **inputs: NDArray[Any]) -> NDArray[Any]:
        """The one output of a graph."""
        outputs = await self._inference.infer(model, inputs, deadline_s=DEADLINE_S)
        return next(iter(outputs.values()))

    async def matte(self, picture: Picture) -> Picture:
        """The subject's matte, 0 to 1, shape (height, width)."""
        rgb = np.rint(picture * 255).astype(np.uint8)
        square = matte_of(await self.run("isnet-matting", input=matting_input(rgb)))
        return np.asarray(cv2.resize(square, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)

    async def between(self, first: Picture, second: Picture) -> Picture:
        """The frame in the middle of two."""
        height, width = first.shape[:2]
        frames = (_planes(_padded(frame)) for frame in (first, second))
        one, other = frames
        half = np.array([0.5], np.float32)
        return _picture(await self.run("rife-hdv3", first=one, second=other, timestep=half))[:height, :width]

    async def enlarged(self, model: str, picture: Picture) -> Picture:
        """A picture enlarged by a graph's factor."""
        return _picture(await self.run(model, image=_planes(picture)))


def tell(text: object) -> None:
    """Writes a line."""
    sys.stdout.write(f"{text}\n")


def _planes(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32)


def _picture(planes: NDArray[Any]) -> Picture:
    return np.asarray(planes[0].transpose(1, 2, 0).clip(0, 1), np.float32)


def _padded(frame: Picture) -> Picture:
    below, right = (-length % 32 for length in frame.shape[:2])
    return np.asarray(np.pad(frame, ((0, below), (0, right), (0, 0)), mode="edge"))


def psnr(one: Picture, other: Picture) -> float:
    """Peak signal to noise, in dB."""
    return float(-10 * np.log10(np.mean((one.astype(np.float64) - other) ** 2)))


def photographs() -> dict[str, Picture]:
    """Four photographs, by name."""
    dandelion = cv2.imread(str(ROOT / "examples" / "inputs" / "dandelion.jpg"))
    pictures = {
        "portrait": data.astronaut(),
        "cup": data.coffee(),
        "cat": data.chelsea(),
        "dandelion": cv2.cvtColor(_of_width(dandelion, 1920), cv2.COLOR_BGR2RGB),
    }
    return {name: picture.astype(np.float32) / 255 for name, picture in pictures.items()}


def _of_width(picture: NDArray[Any], width: int) -> NDArray[Any]:
    return cv2.resize(
        picture, (width, round(picture.shape[0] * width / picture.shape[1])), interpolation=cv2.INTER_AREA
    )


async def mattes(models: Models) -> Picture:
    """Photograph, matte and subject on one colour, a row for each photograph."""
    strips = []
    for name, photograph in photographs().items():
        matte = await models.matte(photograph)
        decided = np.mean((matte < 0.05) | (matte > 0.95))
        tell(f"matte of {name}: {matte.mean():.1%} of the picture, {decided:.1%} of it decided")
        cut = photograph * matte[..., None] + np.array(GREEN, np.float32) * (1 - matte[..., None])
        strips.append(_of_width(np.hstack([photograph, np.dstack([matte] * 3), cut]), WIDTH))
    return np.vstack(strips)


def _moved(picture: Picture, shift: tuple[float, float], zoom: float, turn: float) -> Picture:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, zoom)
    matrix[:, 2] += shift
    way = {"flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REFLECT}
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), **way))


async def parallax(models: Models, step: float) -> list[Picture]:
    """Three frames: the portrait, cut out by its matte, before the cup; both shift, zoom and turn."""
    size = (640, 416)
    back = cv2.resize(data.coffee(), size, interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    front = data.astronaut()[:416].astype(np.float32) / 255
    matte = await models.matte(front)
    beside = size[0] - front.shape[1]
    front, matte = (np.pad(one, ((0, 0), (0, beside), (0, 0))[: one.ndim]) for one in (front, matte))
    frames = []
    for k in range(3):
        way = ((step * k, -0.6 * k), 1 + 0.006 * k, -0.4 * k)
        cover = _moved(matte, *way).clip(0, 1)[..., None]
        behind = _moved(back, (-step * k / 2, 0.4 * k), 1 + 0.004 * k, 0.25 * k)
        frames.append((behind * (1 - cover) + _moved(front, *way) * cover).clip(0, 1).astype(np.float32))
    return frames


async def middles(models: Models) -> Picture:
    """Blend, RIFE's middle and the frame that was held out, for a slow and a quick move."""
    rows = []
    for step in (4.0, 12.0):
        first, truth, second = await parallax(models, step)
        blend, found = (first + second) / 2, await models.between(first, second)
        tell(f"moves by {step:g} px: blend {psnr(blend, truth):.1f} dB, RIFE {psnr(found, truth):.1f} dB")
        rows.append(np.hstack([one[40:360, 100:500] for one in (blend, found, truth)]))
    return np.vstack(rows)


async def enlargements(models: Models) -> Picture:
    """Details, reduced four times and enlarged again: bicubic, realesr-video, realesrgan-x4plus, and the original."""
    pictures = photographs()
    places = {"portrait": (20, 130), "cat": (40, 100), "dandelion": (110, 620)}
    rows = []
    for name, (top, left) in places.items():
        whole = pictures[name][top : top + CROP, left : left + CROP]
        small = np.asarray(cv2.resize(whole, (CROP // 4, CROP // 4), interpolation=cv2.INTER_AREA))
        bicubic = np.asarray(cv2.resize(small, (CROP, CROP), interpolation=cv2.INTER_CUBIC)).clip(0, 1)
        made = [await models.enlarged(model, small) for model in ("realesr-video-x4", "realesrgan-x4plus")]
        told = ", ".join(f"{psnr(one, whole):.1f}" for one in (bicubic, *made))
        tell(f"{name}, four times: bicubic, video, x4plus {told} dB")
        rows.append(np.hstack([bicubic, *made, whole]))
    return np.vstack(rows)


async def held_out(models: Models, video: Path) -> None:
    """Tells how near RIFE's middle and the blend are to frames of a clip that were held out."""
    blends, found = [], []
    for first, truth, second in _triples(video):
        blends.append(psnr((first + second) / 2, truth))
        found.append(psnr(await models.between(first, second), truth))
    wins = sum(one > other for one, other in zip(found, blends, strict=True))
    tell(
        f"{video.name}, {len(found)} frames: blend {np.median(blends):.1f} dB, RIFE {np.median(found):.1f} dB (medians), "
        f"nearer in {wins}"
    )


def _triples(video: Path) -> Iterator[Sequence[Picture]]:
    with av.open(str(video)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    starts = np.linspace(0, len(frames) - 3, TRIPLES).astype(int)
    for start in starts:
        triple = [frame.astype(np.float32) / 255 for frame in frames[start : start + 3]]
        if psnr(triple[0], triple[2]) < 60:  # a frame that was repeated has no middle
            yield triple


def _save(picture: Picture, path: Path) -> None:
    bgr = cv2.cvtColor(np.rint(picture.clip(0, 1) * 255).astype(np.uint8), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(path), bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    tell(path)


async def make(out: Path, triton: str, videos: Sequence[Path]) -> None:
    """Makes all pictures."""
    packs = find_shelf(None, None).installed(PACKS)
    served = [model for pack in packs for model in pack.served()]
    inference: Inference = TritonInference(triton, models=served) if triton else EmbeddedInference(served)
    models = Models(inference)
    try:
        for name, picture in (("mattes", mattes), ("middles", middles), ("enlargements", enlargements)):
            _save(await picture(models), out / f"models-{name}.jpg")
        for video in videos:
            await held_out(models, video)
    finally:
        await inference.close()


def main() -> None:
    """Parses arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures")
    parser.add_argument("--triton", default="", help="host:port of a Triton server; else in this process")
    parser.add_argument("--video", type=Path, action="append", default=[])
    chosen = parser.parse_args()
    asyncio.run(make(chosen.out, chosen.triton, chosen.video))


if __name__ == "__main__":
    main()
