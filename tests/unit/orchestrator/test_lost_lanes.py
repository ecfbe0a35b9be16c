"""Lanes that are open and run nowhere are taken up."""

from __future__ import annotations

from firstframe.orchestrator.lost_lanes import LaneName, LostLanes

ONE, OTHER = ("campaigns/a", "bottle.1.9x16", 1), ("campaigns/a", "bottle.1.1x1", 1)


class World:
    def __init__(self, *lanes: LaneName) -> None:
        self.open = set(lanes)
        self.running: set[LaneName] = set()
        self.resumed: list[LaneName] = []
        self.away = False
        self.lost = LostLanes(lambda: self.open, lambda: self.running, self.resume)

    async def resume(self, campaign: str, lane: str, run: int) -> None:
        if self.away:
            raise ConnectionError("the database is away")
        self.resumed.append((campaign, lane, run))


async def test_a_lane_that_is_missed_twice_is_resumed_once() -> None:
    world = World(ONE, OTHER)
    world.running.add(OTHER)

    await world.lost.look()
    assert world.resumed == []
    await world.lost.look()
    assert world.resumed == [ONE]

    world.running.add(ONE)
    for _ in range(3):
        await world.lost.look()
    assert world.resumed == [ONE]


async def test_a_lane_that_begins_between_two_looks_is_left_alone() -> None:
    world = World(ONE)
    await world.lost.look()
    world.running.add(ONE)
    await world.lost.look()
    world.running.clear()
    await world.lost.look()

    assert world.resumed == []


async def test_a_resumed_lane_gets_the_time_to_begin() -> None:
    world = World(ONE)
    for _ in range(3):
        await world.lost.look()
    assert world.resumed == [ONE]
    await world.lost.look()
    assert world.resumed == [ONE, ONE]


async def test_while_the_database_is_away_looking_goes_on() -> None:
    world = World(ONE)
    world.away = True
    for _ in range(2):
        await world.lost.look()
    world.away = False
    for _ in range(2):
        await world.lost.look()

    assert world.resumed == [ONE]
