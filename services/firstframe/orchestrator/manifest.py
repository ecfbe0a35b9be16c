"""Manifests: for each deliverable, all that is needed to make it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import artifact_pb2
from firstframe.api.stitching.v1 import stitching_pb2
from firstframe.core.canonical import canonical_json
from firstframe.core.errors import Internal
from firstframe.orchestrator.plan import DeliverablePlan, LanePlan, PlanStep
from firstframe.ports.blobstore import BlobStore, StoredArtifact
from firstframe.runtime.messages import artifact_digests

FORMAT = "firstframe.manifest/1"
"""Name and version of the manifest's layout; readers refuse others."""


@dataclass(frozen=True, slots=True)
class Record:
    """A finished step: what was asked and what came of it."""

    step: PlanStep
    request: Message
    result: Any
    drifted: tuple[campaigns_pb2.DriftedTry, ...] = ()
    """Tries that were thrown away before, for a clip."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a manifest says of the campaign."""

    campaign: str
    brief: campaigns_pb2.Brief
    brief_digest: str
    plan_digest: str
    approval: campaigns_pb2.Approval
    """Of the lane's hero."""
    preflight: campaigns_pb2.Preflight
    """The checks of it."""


class Publisher:
    """Writes manifests to the store and names the deliverables."""

    def __init__(self, store: BlobStore, version: str) -> None:
        self._store = store
        self._version = version

    def publish(self, subject: Subject, lane: LanePlan, records: Sequence[Record]) -> list[campaigns_pb2.Deliverable]:
        """One deliverable for each platform of the lane. Blocks.

        Raises:
            Unavailable: The store is away.
        """
        by_step = {record.step.id: record for record in records}
        return [self._deliverable(subject, lane, item, by_step) for item in lane.deliverables]

    def _deliverable(
        self,
        subject: Subject,
        lane: LanePlan,
        item: DeliverablePlan,
        records: dict[str, Record],
    ) -> campaigns_pb2.Deliverable:
        chain = [records[step] for step in lane.steps if step in (*lane.shared, item.step)]
        video = _video(records[item.step])
        body = canonical_json(manifest(subject, lane, item, chain, self._version))
        stored = self._store.put_bytes(body, "application/json")
        return campaigns_pb2.Deliverable(
            file_name=item.file_name,
            platform=item.platform,
            video=video.file,
            manifest=_ref(stored),
            size=video.size,
            frame_rate=video.frame_rate,
            frame_count=video.frame_count,
        )


def manifest(
    subject: Subject,
    lane: LanePlan,
    item: DeliverablePlan,
    chain: Sequence[Record],
    version: str,
) -> dict[str, Any]:
    """The manifest of one deliverable as JSON types. Same work, same manifest: it does not tell whether work was cached."""
    return {
        "format": FORMAT,
        "firstframe_version": version,
        "campaign": subject.campaign,
        "brief_sha256": subject.brief_digest,
        "brief": json_format.MessageToDict(subject.brief, preserving_proto_field_name=True),
        "plan_sha256": subject.plan_digest,
        "lane": lane.id,
        "approval": _approval(subject.approval),
        "preflight": _preflight(subject.preflight),
        "deliverable": {
            "file_name": item.file_name,
            "platform": item.platform,
            "video": json_format.MessageToDict(_video(chain[-1]), preserving_proto_field_name=True),
        },
        "steps": [_step(record) for record in chain],
    }


def _approval(approval: campaigns_pb2.Approval) -> dict[str, Any]:
    """The decision without the person who took it and their words: a manifest travels with the file."""
    message = json_format.MessageToDict(approval, preserving_proto_field_name=True)
    return {name: value for name, value in message.items() if name not in ("decided_by", "note", "request_id")}


def _preflight(preflight: campaigns_pb2.Preflight) -> dict[str, Any]:
    """What the checks found, with which version of them."""
    message = json_format.MessageToDict(preflight, preserving_proto_field_name=True)
    provenance = message.get("provenance", {})
    return {
        "key": provenance.get("key", ""),
        "version": provenance.get("engine_version", ""),
        "checks": message.get("checks", []),
    }


def _step(record: Record) -> dict[str, Any]:
    provenance = json_format.MessageToDict(record.result.provenance, preserving_proto_field_name=True)
    provenance.pop("cached", None)
    return _measured(record) | {
        "step": record.step.id,
        "stage": record.step.stage.value,
        "needs": list(record.step.needs),
        "request": json_format.MessageToDict(record.request, preserving_proto_field_name=True),
        "inputs": sorted(artifact_digests(record.request)),
        "outputs": sorted(artifact_digests(record.result)),
        "provenance": provenance,
    }


def _measured(record: Record) -> dict[str, Any]:
    """What was measured on a clip, and which tries were thrown away; nothing for other steps."""
    if not isinstance(record.result, animation_pb2.AnimateClipResult):
        return {}
    checks = [json_format.MessageToDict(check, preserving_proto_field_name=True) for check in record.result.measures]
    tries = [json_format.MessageToDict(item, preserving_proto_field_name=True) for item in record.drifted]
    return {"measures": checks, "drifted": tries}


def _video(record: Record) -> stitching_pb2.Video:
    if not isinstance(record.result, stitching_pb2.StitchDeliverableResult):
        raise Internal(f"{record.step.id} made no video")
    return record.result.video


def _ref(stored: StoredArtifact) -> artifact_pb2.ArtifactRef:
    return artifact_pb2.ArtifactRef(digest=stored.digest, media_type=stored.media_type, size_bytes=stored.size_bytes)
