"""Names of the parts of a picture that its owner draws."""

from __future__ import annotations

import pytest

from firstframe.core.errors import InvalidInput
from firstframe.core.motion import Atmosphere
from firstframe.core.regions import MAX_REGIONS, SUITING, check_regions, own_region


def test_every_atmosphere_has_a_region_of_its_own_name() -> None:
    assert own_region(Atmosphere.LIGHT_SWEEP) == "light-sweep"
    assert {own_region(kind) for kind in Atmosphere} | {"sky"} == set(SUITING)
    check_regions(SUITING, field="regions")
    check_regions(["left-tree", "right-tree"], field="regions")


@pytest.mark.parametrize(
    ("names", "field", "words"),
    [
        (["water", "Sky"], "regions[1].name", "'Sky' is not a name"),
        ([""], "regions[0].name", "'' is not a name"),
        (["subject"], "regions[0].name", "known from the layers"),
        (["water", "sky", "water"], "regions[2].name", "comes twice"),
        ([f"a{index}" for index in range(MAX_REGIONS + 1)], "regions", "give at most 16"),
    ],
)
def test_what_is_no_name_is_refused_where_it_stands(names: list[str], field: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        check_regions(names, field="regions")
    assert caught.value.metadata["field"] == field
