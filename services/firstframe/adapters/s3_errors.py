"""What an S3 server or the way to it says, as errors that a person can act on. Keys and secrets are never in them."""

from __future__ import annotations

from dataclasses import dataclass

import urllib3
from minio.error import InvalidResponseError, MinioException, S3Error
from minio.helpers import check_bucket_name

from firstframe.core.errors import (
    FirstframeError,
    InvalidInput,
    NotFound,
    PermissionDenied,
    PreconditionFailed,
    Unavailable,
)

ERRORS = (urllib3.exceptions.HTTPError, MinioException)
"""What the client raises."""
_RETRY_AFTER_S = 1.0
_MISSING = ("NoSuchKey", "NoSuchObject", "NotFound")
_FULL = ("QuotaExceeded", "XMinioAdminBucketQuotaExceeded", "XMinioStorageFull", "InsufficientStorage")
_REGION = ("AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException")
_REFUSED_CODES = ("ExpiredToken", "InvalidToken", "XAdminUserNotFound")
"""Those that come with another status than `_REFUSED_STATUS`; the last is VersityGW's for an unknown key."""
_REFUSED_STATUS = (401, 403)


@dataclass(frozen=True, slots=True)
class S3Place:
    """A bucket of a server, as it is named in messages."""

    endpoint: str
    """`host:port`."""
    bucket: str

    def check(self) -> None:
        """Raises InvalidInput: the name of the bucket is malformed."""
        try:
            check_bucket_name(self.bucket, strict=True)
        except ValueError as error:
            fix = "use 3 to 63 lower-case letters, digits, dots and hyphens"
            raise InvalidInput.at("store.s3_bucket", str(error), fix) from error

    def translate(self, error: Exception, what: str) -> FirstframeError:
        """The error to raise instead of the client's.

        Args:
            error: One of `ERRORS`.
            what: What was asked for: a digest or a key.
        """
        if isinstance(error, S3Error):
            return self._answer(error, what)
        if isinstance(getattr(error, "reason", None), urllib3.exceptions.SSLError):
            text = (
                f"no TLS connection to the S3 server {self.endpoint}: look at STORE__S3_SECURE and at its certificate"
            )
            return PreconditionFailed(text, reason="STORE_TLS")
        if isinstance(error, InvalidResponseError):
            return self._unavailable("does not answer as S3 does; look at STORE__S3_ENDPOINT")
        return self._unavailable(f"cannot be reached ({_cause(error)}); look at its state and at STORE__S3_ENDPOINT")

    def no_bucket(self) -> PreconditionFailed:
        """The bucket is missing."""
        text = f"{self.endpoint} has no bucket {self.bucket!r}; make it, or set STORE__S3_BUCKET to one that exists"
        return PreconditionFailed(text, reason="STORE_NO_BUCKET")

    def _answer(self, error: S3Error, what: str) -> FirstframeError:
        code = error.code or "an error without a code"
        if code in _MISSING:
            text = f"{what} is not in the bucket {self.bucket}"
            return NotFound(text, reason="ARTIFACT_NOT_FOUND", metadata={"digest": what})
        if code == "NoSuchBucket":
            return self.no_bucket()
        return self._refusal(code, error.response.status) or self._unavailable(f"answered {code}; look at its logs")

    def _refusal(self, code: str, status: int) -> FirstframeError | None:
        if code in _FULL:
            text = f"the bucket {self.bucket} of {self.endpoint} is full ({code}); make room or raise its quota, then retry"
            return PreconditionFailed(text, reason="STORE_FULL")
        if code in _REGION:
            text = (
                f"the bucket {self.bucket} of {self.endpoint} is in another region ({code}); look at STORE__S3_REGION"
            )
            return PreconditionFailed(text, reason="STORE_WRONG_REGION")
        if code == "RequestTimeTooSkewed":
            text = f"the clock of this machine and that of {self.endpoint} differ too much; set them"
            return PreconditionFailed(text, reason="STORE_CLOCK")
        if code in _REFUSED_CODES or status in _REFUSED_STATUS:
            fix = "look at STORE__S3_ACCESS_KEY and STORE__S3_SECRET_KEY, and at the rights of that key"
            text = f"{self.endpoint} refuses the bucket {self.bucket} to this key ({code}); {fix}"
            return PermissionDenied(text, reason="STORE_REFUSED")
        return None

    def _unavailable(self, what: str) -> Unavailable:
        text = f"the S3 server {self.endpoint} {what}, then retry"
        return Unavailable(text, reason="STORE_UNAVAILABLE", retry_after_s=_RETRY_AFTER_S)


def _cause(error: Exception) -> str:
    """Name of the innermost reason: `NewConnectionError` rather than `MaxRetryError`."""
    return type(getattr(error, "reason", None) or error).__name__
