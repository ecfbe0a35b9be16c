"""The one tree of errors.

Domain code raises these and nothing else on purpose. `firstframe.runtime.status` maps each to a gRPC status and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class FirstframeError(Exception):
    """An error that a caller is meant to see.

    Args:
        message: What happened and what to do about it, for a person.
        reason: Stable identifier in UPPER_SNAKE_CASE, for programs. Defaults to the class's own.
        metadata: Details for programs: field, digest, platform, …
        retry_after_s: When a retry is worth while, in seconds. None means that repeating the same call will not help.
    """

    default_reason: ClassVar[str] = "INTERNAL"
    default_retry_after_s: ClassVar[float | None] = None

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        metadata: Mapping[str, str] | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or self.default_reason
        self.metadata = dict(metadata or {})
        self.retry_after_s = self.default_retry_after_s if retry_after_s is None else retry_after_s


class InvalidInput(FirstframeError):
    """The request can never work as it stands. `metadata["field"]` names the field."""

    default_reason = "INVALID_FIELD"

    @classmethod
    def at(cls, field: str, problem: str, fix: str = "") -> InvalidInput:
        """Error for one field: `problem` says what is wrong, `fix` what to do."""
        text = f"{field}: {problem}" + (f"; {fix}" if fix else "")
        return cls(text, metadata={"field": field})


class NotFound(FirstframeError):
    """Something that the request names does not exist."""

    default_reason = "NOT_FOUND"


class AlreadyExists(FirstframeError):
    """Something of that name exists and differs."""

    default_reason = "ALREADY_EXISTS"


class PreconditionFailed(FirstframeError):
    """The system is not in the state that the request needs."""

    default_reason = "FAILED_PRECONDITION"


class PermissionDenied(FirstframeError):
    """The caller may not do this."""

    default_reason = "PERMISSION_DENIED"


class Unauthenticated(FirstframeError):
    """The caller did not say who it is."""

    default_reason = "UNAUTHENTICATED"


class Exhausted(FirstframeError):
    """No capacity now; another place or a later time will do."""

    default_reason = "NO_FREE_SLOT"
    default_retry_after_s = 0.5


class Unavailable(FirstframeError):
    """The other side cannot be reached or is about to stop; retry."""

    default_reason = "UNAVAILABLE"
    default_retry_after_s = 0.2


class DeadlineExceeded(FirstframeError):
    """The time that the caller gave is over."""

    default_reason = "DEADLINE_EXCEEDED"
    default_retry_after_s = 1.0


class Cancelled(FirstframeError):
    """The caller no longer wants the result."""

    default_reason = "CANCELLED"


class Conflict(FirstframeError):
    """Somebody else changed the same thing at the same time; read it again, then retry."""

    default_reason = "CONFLICT"
    default_retry_after_s = 0.1


class DataCorrupted(FirstframeError):
    """Stored bytes are not what their digest says."""

    default_reason = "ARTIFACT_CORRUPT"


class Unsupported(FirstframeError):
    """This server does not do that."""

    default_reason = "UNIMPLEMENTED"


class OutOfRange(FirstframeError):
    """The request reads past an end."""

    default_reason = "OUT_OF_RANGE"


class Internal(FirstframeError):
    """A fault of ours. The message carries no secrets; the log has the details."""
