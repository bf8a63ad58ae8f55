"""kill -9 of each part while batches are under way: every batch reaches its right end, nothing twice, nothing lost."""

import asyncio

import pytest

from tests.faults import ledger, workflows_after
from tests.faults.conftest import Site
from tests.faults.lives import ACTS, End, many_under_way
from tests.support.house.proves import proves

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

KILLS = ((ACTS // 9, "worker"), (ACTS // 3, "api"), (ACTS // 2, "temporal"), (ACTS * 2 // 3, "postgres"))
"""Answered acts at which a part is killed: early, where none has come to its end, up to where some have."""


def work_while_parts_are_killed(site: Site, ends: list[End]) -> None:
    begun = site.people.acts.done
    with many_under_way(site.people, "K", ends):
        for number, part in KILLS:
            site.people.acts.wait_for(begun + number)
            site.up.wait_restarted(part, site.up.kill(part))


@proves("R9")
async def test_batches_reach_their_end_while_one_part_after_another_is_killed(site: Site) -> None:
    ends: list[End] = []
    before = ledger.applied(site.engine)
    await asyncio.to_thread(work_while_parts_are_killed, site, ends)
    ledger.check_all(site.engine, ends)
    assert ledger.applied(site.engine) - before == sum(end.acts for end in ends)
    client = await workflows_after.connect(site.up.document()["temporal_address"])
    await workflows_after.check(client, ends)
