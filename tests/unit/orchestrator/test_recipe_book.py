"""What the names and versions of recipes stand for, and who uses them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from firstframe.core.errors import PreconditionFailed
from firstframe.orchestrator.recipe_book import RecipeUse
from firstframe.orchestrator.tables import CampaignRow, Tables, open_engine

USE = RecipeUse("projects/a", "reveal", 2, "1" * 64, "projects/a/campaigns/one", 5.0)


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    made = Tables(open_engine(f"sqlite:///{tmp_path}/campaigns.sqlite"))
    made.make()
    return made


def accept(tables: Tables, use: RecipeUse) -> None:
    row = CampaignRow(use.campaign, use.project, b"", "", 1, False, 0.0, 0.0, None)
    tables.put_campaign(row, [("lane", b"x")], None, use)


def uses(tables: Tables, recipe: str = "", before: int | None = None) -> list[tuple[str, int, str]]:
    found = tables.recipe_uses("projects/a", recipe, before_id=before, size=9)
    return [(item.name, item.version, item.campaign[-3:]) for item in found]


def test_another_content_under_a_used_version_is_refused_and_nothing_is_written(tables: Tables) -> None:
    accept(tables, USE)
    accept(tables, replace(USE, version=4, digest="4" * 64, campaign="projects/a/campaigns/two"))
    other = replace(USE, digest="2" * 64, campaign="projects/a/campaigns/six")
    with pytest.raises(PreconditionFailed, match=r"motion.recipe: reveal@2 .* raise the version to 5") as caught:
        accept(tables, other)
    assert caught.value.reason == "RECIPE_CHANGED"
    assert caught.value.metadata["field"] == "motion.recipe"
    assert tables.campaign(other.campaign) is None
    with pytest.raises(PreconditionFailed):
        tables.check_recipe(other)
    assert uses(tables) == [("reveal", 4, "two"), ("reveal", 2, "one")]


def test_the_same_content_another_version_and_another_project_are_free(tables: Tables) -> None:
    accept(tables, USE)
    accept(tables, replace(USE, campaign="projects/a/campaigns/two"))
    accept(tables, replace(USE, version=3, digest="2" * 64, campaign="projects/a/campaigns/six"))
    accept(tables, replace(USE, project="projects/b", digest="9" * 64, campaign="projects/b/campaigns/one"))
    assert uses(tables) == [("reveal", 3, "six"), ("reveal", 2, "two"), ("reveal", 2, "one")]
    tables.check_recipe(replace(USE, name="never-used"))


def test_a_campaign_that_runs_again_is_one_use(tables: Tables) -> None:
    accept(tables, USE)
    accept(tables, replace(USE, time=9.0))
    (found,) = tables.recipe_uses("projects/a", "reveal", before_id=None, size=9)
    assert (found.time, found.digest) == (5.0, USE.digest)


def test_uses_are_listed_by_recipe_and_page(tables: Tables) -> None:
    for number in range(3):
        accept(tables, replace(USE, name=f"r{number}", campaign=f"projects/a/campaigns/c-{number}"))
    assert uses(tables, "r1") == [("r1", 2, "c-1")]
    first = tables.recipe_uses("projects/a", "", before_id=None, size=2)
    assert [item.name for item in first] == ["r2", "r1"]
    assert uses(tables, before=first[-1].id) == [("r0", 2, "c-0")]


def test_of_two_at_the_same_time_one_is_refused(tables: Tables) -> None:
    def submit(number: int) -> bool:
        use = replace(USE, digest=str(number) * 64, campaign=f"projects/a/campaigns/c-{number}")
        try:
            accept(tables, use)
        except PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(submit, range(8)))
    assert outcomes.count(True) == 1
    assert len(uses(tables)) == 1
