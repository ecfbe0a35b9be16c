"""`firstframe plan`: what a brief would do, without doing it."""

from __future__ import annotations

from firstframe.cli.commands.options import BriefArgument, JsonOption
from firstframe.cli.output import Output


def plan(brief: BriefArgument, as_json: JsonOption = False) -> None:
    """Says what a brief would do: every step with its sizes and the reasons for them. Starts nothing."""
    from google.protobuf.json_format import MessageToDict

    from firstframe.cli.briefs import load_brief
    from firstframe.cli.tables import tell_plan, tell_takes, tell_unread
    from firstframe.orchestrator.encode import plan_message

    output = Output(as_json=as_json)
    loaded = load_brief(brief)
    if as_json:
        output.document(MessageToDict(plan_message(loaded.plan), preserving_proto_field_name=True))
    else:
        tell_plan(loaded.plan, output)
        tell_takes(loaded, output)
        tell_unread(loaded, output)
