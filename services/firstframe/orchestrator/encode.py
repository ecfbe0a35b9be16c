"""From the domain to the contract: plans, findings and recipes as messages."""

from __future__ import annotations

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.recipes import Recipe
from firstframe.orchestrator.plan import Plan, Stage
from firstframe.orchestrator.recipe_book import RecipeUse
from firstframe.runtime.finding_messages import finding_message
from firstframe.runtime.messages import message_digest, stamp
from firstframe.runtime.motion_messages import motion_message

STAGES = {
    Stage.IMAGEGEN: campaigns_pb2.STAGE_IMAGEGEN,
    Stage.ANIMATION: campaigns_pb2.STAGE_ANIMATION,
    Stage.UPSCALING: campaigns_pb2.STAGE_UPSCALING,
    Stage.STITCHING: campaigns_pb2.STAGE_STITCHING,
}


def use_message(use: RecipeUse) -> campaigns_pb2.RecipeUse:
    """A use of a recipe as the contract has it."""
    return campaigns_pb2.RecipeUse(
        recipe=use.name,
        version=use.version,
        content_digest=use.digest,
        campaign=use.campaign,
        use_time=stamp(use.time),
    )


def plan_message(plan: Plan) -> campaigns_pb2.Plan:
    """A plan as the contract has it."""
    message = campaigns_pb2.Plan(digest=plan.digest, findings=[finding_message(item) for item in plan.findings])
    for step in plan.steps:
        message.steps.add(
            step=step.id, stage=STAGES[step.stage], needs=step.needs, summary=step.summary, reasons=step.reasons
        )
    for lane in plan.lanes:
        message.lanes.add(lane=lane.id, steps=lane.steps)
    return message


def content_digest(recipe: Recipe) -> str:
    """SHA-256 of what a recipe does: its motion and its seed. Of the message, so that new kinds of motion leave it as it is."""
    return message_digest(campaigns_pb2.MotionRecipe(motion=motion_message(recipe.motion), seed=recipe.seed))


def recipe_message(recipe: Recipe) -> campaigns_pb2.MotionRecipe:
    """A recipe as the contract has it."""
    return campaigns_pb2.MotionRecipe(
        name=recipe.name,
        version=recipe.version,
        motion=motion_message(recipe.motion),
        seed=recipe.seed,
        words=recipe.words,
    )
