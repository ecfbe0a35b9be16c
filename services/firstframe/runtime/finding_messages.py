"""Findings as the contract has them."""

from __future__ import annotations

from firstframe.api.media.v1 import picture_pb2
from firstframe.core.media import Finding, Severity

_SEVERITIES = {
    Severity.INFO: picture_pb2.SEVERITY_INFO,
    Severity.WARNING: picture_pb2.SEVERITY_WARNING,
    Severity.FAILURE: picture_pb2.SEVERITY_FAILURE,
}


def finding_message(finding: Finding) -> picture_pb2.Finding:
    """A finding as the contract has it."""
    return picture_pb2.Finding(severity=_SEVERITIES[finding.severity], reason=finding.reason, message=finding.message)
