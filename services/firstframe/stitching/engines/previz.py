"""The `previz` engine: clips joined by cuts, encoded with x264, checked against the platform's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from firstframe.core.errors import InvalidInput
from firstframe.core.media import ClipInfo
from firstframe.ports.video import DeliveryWriter, Planes8, VideoFacts, VideoIO
from firstframe.stitching.conformance import file_violations, plan_violations, require
from firstframe.stitching.dither import to_delivery
from firstframe.stitching.rules import QUALITIES, Rules, encoding_of, joined

NAME = "previz"
VERSION = "1"
"""Changes whenever the bytes of a deliverable may change."""
ENCODED = 0.98
"""Share of the work that is done when the last frame is encoded."""


@dataclass(frozen=True, slots=True)
class ClipFile:
    """A clip on disk with what it is said to be."""

    path: Path
    info: ClipInfo


class PrevizStitcher:
    """Makes deliverables; holds no state, so that one serves all slots."""

    def __init__(self, reader: VideoIO, writer: DeliveryWriter) -> None:
        self._reader = reader
        self._writer = writer

    def stitch(
        self, clips: Sequence[ClipFile], rules: Rules, target: Path, progress: Callable[[str, float], None]
    ) -> VideoFacts:
        """Joins the clips and writes one file.

        Args:
            clips: In order, all of one size and rate.
            rules: Of the platform.
            target: File to write; not there when an error is raised.
            progress: Called after each frame with what is done and the share of the whole work; may raise to stop.

        Raises:
            PreconditionFailed: `NOT_CONFORMANT`: the clips or the finished file break rules of the platform.
            InvalidInput: A clip is not what it is said to be.
        """
        infos = [clip.info for clip in clips]
        require(rules, plan_violations(rules, joined(infos)), "change the clips or leave the platform out")
        self._check_clips(clips)
        for attempt, crf in enumerate(QUALITIES):
            report = _Progress(progress, attempt, joined(infos).frame_count)
            self._writer.write_delivery(
                target, self._frames(clips), encoding_of(rules, infos, crf), on_frame=report.frame_done
            )
            facts = self._reader.probe(target)
            if facts.bit_rate >= rules.platform.min_bit_rate:
                break
        self._check_file(rules, facts, target)
        return facts

    def _check_clips(self, clips: Sequence[ClipFile]) -> None:
        for index, clip in enumerate(clips):
            found = self._reader.probe(clip.path).clip
            if found != clip.info:
                problem = f"holds {found}, said to be {clip.info}"
                raise InvalidInput.at(f"clips[{index}]", problem, "send the clip as the stage gave it")

    def _frames(self, clips: Sequence[ClipFile]) -> Iterator[Planes8]:
        for clip in clips:
            for planes in self._reader.read_planes(clip.path):
                yield to_delivery(planes)

    def _check_file(self, rules: Rules, facts: VideoFacts, target: Path) -> None:
        try:
            require(rules, file_violations(rules, facts), "the encoder cannot meet the rule with these clips")
        except Exception:
            target.unlink(missing_ok=True)
            raise


class _Progress:
    """Shares of one attempt. Each further attempt fills half of what the one before left, so that shares never fall."""

    def __init__(self, report: Callable[[str, float], None], attempt: int, frames: int) -> None:
        self._report = report
        self._done = 1 - (1 - ENCODED) * 0.5 ** (attempt - 1) if attempt else 0.0
        self._rest = (1 - ENCODED) * 0.5**attempt if attempt else ENCODED
        self._frames = frames

    def frame_done(self, count: int) -> None:
        self._report("encoding", self._done + self._rest * count / self._frames)
