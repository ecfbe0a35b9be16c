"""The contract is enough: a stage is called by code generated from proto/ alone, and by grpcurl."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.protobuf import json_format

from firstframe.adapters.video import PyavVideo
from firstframe.api.media.v1 import artifact_pb2, clip_pb2, picture_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2
from firstframe.core.media import PixelSize
from support.stage_process import StageProcess
from support.tools import require_tool

ROOT = Path(__file__).resolve().parents[3]
PROTO = ROOT / "proto"
UPSCALING = "firstframe/api/upscaling/v1/upscaling.proto"
CLIENT = Path(__file__).with_name("client.py")
METHOD = "firstframe.api.upscaling.v1.UpscalingService/UpscaleClip"
SECONDS = 60


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with StageProcess("upscaling", tmp_path_factory.mktemp("upscaling")) as process:
        yield process


def _request(service: StageProcess, folder: Path, brightness: int) -> str:
    """A request for a clip of four frames that is in the store, as JSON."""
    path, size = folder / "clip.mp4", PixelSize(160, 90)
    frames = (np.full((90, 160, 3), brightness + 20 * index, np.uint8) for index in range(4))
    PyavVideo().write_clip(path, frames, size=size, frame_rate=Fraction(24))
    stored = service.store.put_file(path, "video/mp4")
    clip = clip_pb2.Clip(
        video=artifact_pb2.ArtifactRef(digest=stored.digest, media_type="video/mp4", size_bytes=stored.size_bytes),
        size=picture_pb2.PixelSize(width_px=160, height_px=90),
        frame_rate=clip_pb2.FrameRate(numerator=24, denominator=1),
        frame_count=4,
    )
    wanted = picture_pb2.PixelSize(width_px=320, height_px=180)
    return json_format.MessageToJson(upscaling_pb2.UpscaleClipRequest(clip=clip, size=wanted), indent=None)


def _check(service: StageProcess, result: dict[str, Any], folder: Path) -> None:
    # Field names as JSON has them or as the contract has them: by reflection grpcurl writes the latter.
    made, answer = folder / "made.mp4", json_format.ParseDict(result, upscaling_pb2.UpscaleClipResult())
    service.store.fetch(answer.clip.video.digest, made)
    facts = PyavVideo().probe(made)
    assert (facts.clip.size, facts.clip.frame_count) == (PixelSize(320, 180), 4)
    assert answer.clip.size == picture_pb2.PixelSize(width_px=320, height_px=180)
    assert answer.provenance.engine == "previz"


def _generated(folder: Path) -> Path:
    """Python code of the contract, made by protoc from proto/ and nothing else."""
    files = [
        UPSCALING,
        *sorted(str(path.relative_to(PROTO)) for path in (PROTO / "firstframe/api/media").rglob("*.proto")),
    ]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}", f"--python_out={folder}"]
    subprocess.run([*command, f"--grpc_python_out={folder}", *files], check=True, timeout=SECONDS)
    # An installed firstframe must not be found beside it.
    (folder / "firstframe" / "__init__.py").touch()
    (folder / "firstframe" / "api" / "__init__.py").touch()
    return folder


def test_a_client_written_from_the_contract_alone(service: StageProcess, tmp_path: Path) -> None:
    generated = tmp_path / "generated"
    generated.mkdir()
    request = _request(service, tmp_path, brightness=40)
    arguments = [str(_generated(generated)), sysconfig.get_paths()["purelib"], service.address, request]
    # -I: no PYTHONPATH, no script folder, no user site; -S: no .pth files, through which an editable install is found.
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(CLIENT), *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["kinds"][-1] == "result"
    assert set(answer["kinds"][:-1]) == {"progress"}
    _check(service, answer["result"], tmp_path)


@pytest.mark.parametrize(
    ("brightness", "schema"),
    [(80, []), (90, ["-import-path", str(PROTO), "-proto", UPSCALING])],
    ids=["reflection", "proto"],
)
def test_grpcurl_calls_a_stage(service: StageProcess, tmp_path: Path, brightness: int, schema: list[str]) -> None:
    request = _request(service, tmp_path, brightness)
    command = [str(require_tool("grpcurl")), "-plaintext", *schema, "-d", request, service.address, METHOD]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    _check(service, _messages(done.stdout)[-1]["result"], tmp_path)


def _messages(text: str) -> list[dict[str, Any]]:
    """JSON objects written one after the other."""
    decoder, found, position = json.JSONDecoder(), [], 0
    while position < len(text.rstrip()):
        item, position = decoder.raw_decode(text, position)
        found.append(item)
        position += len(text[position:]) - len(text[position:].lstrip())
    return found
