"""Durable steps of one lane: stage calls whose progress and end are shown on it.

Steps end in an outcome (a result or an error, as JSON) instead of raising, so that what is recorded does not depend on how
exceptions are serialised.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.errors import FirstframeError, Internal
from firstframe.orchestrator.calls import Call
from firstframe.orchestrator.gates import Gates
from firstframe.orchestrator.live import LiveCampaign
from firstframe.orchestrator.manifest import Record
from firstframe.orchestrator.plan import ClipSpec, LanePlan, StillSpec, StitchSpec, UpscaleSpec
from firstframe.orchestrator.work import WorkProgress

R = TypeVar("R", bound=Message)
S = TypeVar("S", StillSpec, ClipSpec, UpscaleSpec, StitchSpec)
Shown = campaigns_pb2.Step | campaigns_pb2.Preflight
"""Where progress is shown on a lane."""
Outcome = str
"""JSON: `{"result": …}` with the result message, or `{"error": {reason, message}}`."""


class Steps(Protocol):
    """Runs durable steps: a step that has an outcome is not run again."""

    async def run(self, name: str, body: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """The recorded outcome of the step, or that of running `body` now."""


class LaneSteps:
    """The steps of one lane in one run of its campaign.

    Args:
        gates: What the steps go through.
        durable: Runs them.
        live: The campaign.
        plan: Of the lane, for the take that it is at.
    """

    def __init__(self, gates: Gates, durable: Steps, live: LiveCampaign, plan: LanePlan) -> None:
        self._gates = gates
        self._durable = durable
        self._live = live
        self._lane = live.lanes[plan.id]
        self.plan = plan
        """Of the take that the lane is at."""
        self.made: set[str] = set()
        """Durable steps that were run here, rather than remembered."""
        self._records: dict[str, Record] = {}

    @property
    def records(self) -> list[Record]:
        """What the stages gave in this take, in the order in which it was asked for first."""
        return list(self._records.values())

    def take_up(self, plan: LanePlan) -> None:
        """Goes on with another take, for which nothing is made yet."""
        self.plan = plan
        self._records.clear()

    async def run(self, name: str, body: Callable[[], Awaitable[Outcome]]) -> Any:  # noqa: ANN401  (JSON)
        """The recorded outcome of a durable step, read, or that of running `body` now."""
        return json.loads(await self._durable.run(name, body))

    async def stage(self, step: str, request: Message, kind: type[R], *, name: str = "") -> R:
        """One durable stage call of the plan; its progress and end are shown on the lane.

        Args:
            step: Step of the plan.
            request: What is asked.
            kind: Of the result.
            name: Of the durable step, where the step of the plan is tried more than once.

        Raises:
            FirstframeError: The outcome is an error; its metadata names the step.
        """
        shown = self.shown(step)
        call = Call(self._live.steps[step].stage.value, name or step, request)
        result = await self.asked(call, kind, shown, step=step)
        self._records[step] = Record(self._live.steps[step], request, result, tuple(shown.drifted))
        return result

    async def asked(self, call: Call, kind: type[R], shown: Shown, *, step: str = "") -> R:
        """One durable stage call, shown where it is said.

        Args:
            call: What is asked; the durable step has its name.
            kind: Of the result.
            shown: Where its progress and end are shown.
            step: Named in an error, where it is not the call's own.

        Raises:
            FirstframeError: The outcome is an error; its metadata names the step.
        """

        async def body() -> Outcome:
            self.made.add(call.step)
            return await self._outcome(call, shown)

        result = _result(step or call.step, await self.run(call.step, body), kind, shown)
        self._done(shown, result)
        return result

    def spec(self, step: str, kind: type[S]) -> S:
        """What a step of the plan is to do.

        Raises:
            Internal: It is another kind of step.
        """
        spec = self._live.steps[step].spec
        if not isinstance(spec, kind):
            raise Internal(f"{step} is no {kind.__name__}", metadata={"step": step})
        return spec

    def specs(self, steps: Iterable[str], kind: type[S]) -> list[S]:
        """What some steps of the plan are to do; raises as `spec`."""
        return [self.spec(step, kind) for step in steps]

    def shown(self, step: str) -> campaigns_pb2.Step:
        """Where a step of the plan is shown."""
        return next(item for item in self._lane.steps if item.step == step)

    async def _outcome(self, call: Call, shown: Shown) -> Outcome:
        try:
            result = await self._gates.call(self._live, self.plan.id, call, lambda news: self._tell(shown, news))
        except FirstframeError as error:
            return json.dumps({"error": {"reason": error.reason, "message": error.message}})
        return json.dumps({"result": json_format.MessageToDict(result)})

    def _tell(self, shown: Shown, news: WorkProgress) -> None:
        shown.state = self._lane.state = campaigns_pb2.LANE_STATE_RUNNING
        tried = isinstance(shown, campaigns_pb2.Step) and shown.drifted
        shown.progress.phase = f"{news.phase} again" if tried else news.phase
        shown.progress.fraction = news.fraction
        shown.attempts = news.tries
        self._live.touch()

    def _done(self, shown: Shown, result: Any) -> None:  # noqa: ANN401  (every result has provenance)
        shown.state = campaigns_pb2.LANE_STATE_SUCCEEDED
        shown.progress.fraction = 1.0
        shown.provenance.CopyFrom(result.provenance)
        self._live.touch()


def _result(step: str, outcome: dict[str, Any], kind: type[R], shown: Shown) -> R:
    if error := outcome.get("error"):
        shown.state = campaigns_pb2.LANE_STATE_FAILED
        raise FirstframeError(error["message"], reason=error["reason"], metadata={"step": step})
    result: Any = json_format.ParseDict(outcome["result"], kind())
    return kind.FromString(result.SerializeToString())
