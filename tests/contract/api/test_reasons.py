"""The comments of the contract and the code name the same reasons, each with the same status."""

from __future__ import annotations

import ast
import errno
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from firstframe.adapters.files import write_errors
from firstframe.core import errors
from firstframe.preflight.verdict import Check, Verdict
from firstframe.runtime.status import CODES
from firstframe.stitching.conformance import NOT_CONFORMANT

ROOT = Path(__file__).parents[3]
SERVED = (
    "adapters",
    "runtime",
    "mounting",
    "learned",
    "imagegen",
    "animation",
    "upscaling",
    "stitching",
    "orchestrator",
)
"""Packages whose errors may reach a caller."""
BEFORE_SERVING = {"ADDRESS_IN_USE", "NO_KEY", "MODEL_CLASS", "MODEL_NOT_EXPORTED", "TRITON_NOT_FOUND"}
OPERATED = {"MODEL_IN_USE"}
"""Of a method that no RPC reaches."""
BETWEEN_SERVICES = {"NO_RESULT"}
"""A stage that breaks the contract; the lane's own error tells it."""


def reason_of_writing(number: int, prefix: str) -> str:
    with pytest.raises(errors.PreconditionFailed) as caught, write_errors("the folder", Path("/"), prefix):
        raise OSError(number, "why")
    return caught.value.reason


OPERATORS = ("fetch", "repository.py")
"""Folders and files whose errors reach who installs packs and writes repositories, and no caller."""
COMPOSED = {
    ("FAILED_PRECONDITION", reason_of_writing(number, prefix))
    for number in (errno.ENOSPC, errno.EACCES)
    for prefix in ("STORE", "TARGET")
} | {("FAILED_PRECONDITION", NOT_CONFORMANT)}
"""Reasons that are not literals where they are raised."""
ITEM = re.compile(r"([A-Z_]{5,}) ((?:`[A-Z_]+`(?:, | or |\n *//  *)*)+)")

Reasons = set[tuple[str, str]]


def statuses() -> dict[str, str]:
    return {kind.__name__: code.name for kind, code in CODES.items()}


def raised() -> Reasons:
    """Status and reason of every error of ours that is made with a reason of its own."""
    paths = (path for part in SERVED for path in (ROOT / "services" / "firstframe" / part).rglob("*.py"))
    paths = (path for path in paths if not set(OPERATORS) & set(path.parts))
    return {found for path in paths for found in reasons_in(ast.parse(path.read_text("utf-8")))}


def reasons_in(tree: ast.Module) -> Iterator[tuple[str, str]]:
    known = statuses()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        for keyword in call.keywords:
            if keyword.arg == "reason" and name in known and isinstance(keyword.value, ast.Constant):
                yield known[name], str(keyword.value.value)


def documented(text: str) -> Reasons:
    joined = re.sub(r"\n *// +", " ", text)
    return {(item[1], reason) for item in ITEM.finditer(joined) for reason in re.findall(r"`([A-Z_]+)`", item[2])}


def all_documented() -> Reasons:
    return {found for path in (ROOT / "proto").rglob("*.proto") for found in documented(path.read_text("utf-8"))}


def test_every_reason_that_may_reach_a_caller_is_in_the_contract() -> None:
    reaching = {one for one in raised() if one[1] not in BEFORE_SERVING | BETWEEN_SERVICES | OPERATED}
    assert (reaching | COMPOSED) - all_documented() == set()


def test_every_reason_of_the_contract_comes_from_the_code() -> None:
    defaults = {(code.name, kind.default_reason) for kind, code in CODES.items()}
    assert all_documented() - raised() - defaults - COMPOSED == set()


@pytest.mark.parametrize("reason", ["INVALID_FIELD", "ARTIFACT_CORRUPT", "NO_FREE_SLOT"])
def test_reasons_are_read_out_of_comments(reason: str) -> None:
    assert reason in {found for _, found in all_documented()}
    assert reason in {kind.default_reason for kind in (errors.InvalidInput, errors.DataCorrupted, errors.Exhausted)}


FOUND_IN = (*SERVED, "preflight", "sets")
"""Packages that make findings."""


def calls_in(part: str, *names: str) -> Iterator[ast.Call]:
    for path in (ROOT / "services" / "firstframe" / part).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield node


def texts(nodes: Iterable[ast.expr]) -> set[str]:
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def findings_of_stages() -> set[str]:
    """The second of `Finding(severity, reason, message)`."""
    return {text for part in FOUND_IN for call in calls_in(part, "Finding") for text in texts(call.args[1:2])}


def findings_of_checks() -> set[str]:
    """Of the names that checks have in the code, as `Check.finding` makes them."""
    named = {text for call in calls_in("preflight", "Check", "not_made") for text in texts(names_of(call))}
    for path in (ROOT / "services" / "firstframe" / "preflight").rglob("*.py"):
        named |= set(re.findall(r'^    name, title = "([a-z-]+)"', path.read_text("utf-8"), re.MULTILINE))
    found = (Check(name, "", Verdict.WARN, "").finding() for name in named)
    return {finding.reason for finding in found if finding is not None}


def names_of(call: ast.Call) -> list[ast.expr]:
    return [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "name")]


def documented_findings() -> set[str]:
    text = (ROOT / "proto/firstframe/api/media/v1/picture.proto").read_text("utf-8")
    comment = text.split("message Finding {", 1)[1].split("string reason", 1)[0]
    return set(re.findall(r"// \* `([A-Z_]+)`: \w", comment))


def test_every_finding_is_in_the_contract_and_none_besides() -> None:
    assert documented_findings() == findings_of_stages() | findings_of_checks()


def test_findings_are_read_out_of_the_code() -> None:
    assert {"REFRAMED", "LAYERS_INFERRED", "PROMPT_NOT_USED"} <= findings_of_stages()
    assert {"PREFLIGHT_LIGHT", "PREFLIGHT_EDGE_ROOM", "PREFLIGHT_CAMERA_MOVE"} <= findings_of_checks()
