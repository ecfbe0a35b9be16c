"""Names and pages in requests, checked."""

from __future__ import annotations

import re

from firstframe.core.errors import InvalidInput

DEFAULT_PAGE = 50
MAX_PAGE = 1000
MAX_PERSON = 200

_PROJECT = re.compile(r"projects/[a-z][a-z0-9-]{0,62}")
_CAMPAIGN = re.compile(r"projects/[a-z][a-z0-9-]{0,62}/campaigns/[a-z][a-z0-9-]{0,79}")
_CONSENT = re.compile(r"projects/[a-z][a-z0-9-]{0,62}/consents/[a-z][a-z0-9-]{0,62}")
CONSENT_ID = re.compile(r"[a-z][a-z0-9-]{0,62}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{0,64}")


def project_named(value: str, field: str = "parent") -> str:
    """Resource name of a project.

    Raises:
        InvalidInput: It is none.
    """
    return matched(_PROJECT, value, field, "projects/{project}")


def campaign_named(value: str, field: str = "name") -> str:
    """Resource name of a campaign.

    Raises:
        InvalidInput: It is none.
    """
    return matched(_CAMPAIGN, value, field, "projects/{project}/campaigns/{campaign}")


def consent_named(value: str, field: str = "name") -> tuple[str, str]:
    """Project and last part of the resource name of a consent.

    Raises:
        InvalidInput: It is none.
    """
    project, _, consent = matched(_CONSENT, value, field, "projects/{project}/consents/{consent}").rpartition(
        "/consents/"
    )
    return project, consent


def request_named(value: str) -> str:
    """A request id, or nothing.

    Raises:
        InvalidInput: It is none.
    """
    return matched(_REQUEST_ID, value, "request_id", "1 to 64 letters, digits, `-`, `_`, `.`")


def person_named(value: str, field: str) -> str:
    """A person, as people say it.

    Raises:
        InvalidInput: It is nobody, or a policy.
    """
    name = value.strip()
    if not name or len(name) > MAX_PERSON or any(ord(character) < 32 for character in name):
        problem = f"is empty, longer than {MAX_PERSON} characters or has control characters"
        raise InvalidInput.at(field, problem, "say who it is")
    if name.lower().startswith("policy:"):
        raise InvalidInput.at(field, f"{name!r} is a policy, which decides by itself", "say which person it is")
    return name


def page_size(value: int) -> int:
    """Items of a page.

    Raises:
        InvalidInput: It is out of range.
    """
    if not 0 <= value <= MAX_PAGE:
        raise InvalidInput.at("page_size", f"{value} is out of range", f"use 1 to {MAX_PAGE}, or 0 for {DEFAULT_PAGE}")
    return value or DEFAULT_PAGE


def page_token(value: str) -> int | None:
    """Where a page begins; None for the first.

    Raises:
        InvalidInput: It is of another list.
    """
    if not value:
        return None
    found = re.fullmatch(r"before-([1-9][0-9]{0,17})", value)
    if not found:
        raise InvalidInput.at("page_token", "is not one of ours", "use next_page_token of the page before")
    return int(found[1])


def matched(pattern: re.Pattern[str], value: str, field: str, form: str) -> str:
    """The value, when all of it has the form.

    Raises:
        InvalidInput: It has not.
    """
    if not pattern.fullmatch(value):
        raise InvalidInput.at(field, f"{value!r} is not a name", f"use the form {form}")
    return value
