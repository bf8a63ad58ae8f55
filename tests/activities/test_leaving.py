"""Who leaves or loses a role keeps no task from the others (REQ 89, 112; 21 CFR 11.10(g))."""

from datetime import UTC, datetime
from typing import Any

import pytest

from models.rules.roles import Role
from models.store import people as store
from models.store.act import Actor, act
from tests.support import people
from tests.support.plant import Plant


def claimed(plant: Plant, lot: str) -> tuple[Any, Any]:
    """Whose the open inspection of a lot is, and since when."""
    task = plant.task(lot, "inspect")
    return task.assignee_id, task.claimed_at


def administrator(plant: Plant) -> Actor:
    admin = plant.by("admin")
    return Actor(admin.actor_id, admin.name, "web", reason="离职")


@pytest.mark.parametrize("how", ["leaves", "loses the role"])
async def test_what_was_claimed_goes_back_to_the_queue_at_once(desk: Plant, how: str) -> None:
    lot, login = f"L-{how[:5]}", f"jian.{how[:4]}"
    people.colleague(desk, login, "临时检验员", Role.INSPECTOR, Role.QA_REVIEWER)
    await desk.receive(lot, 10)
    people.claim(desk, desk.task(lot, "inspect").id, login)
    assert claimed(desk, lot)[0] == desk.by(login).person_id
    with act(desk.engine, administrator(desk)) as session:
        if how == "leaves":
            store.set_active(session, store.get(session, login), active=False)
        else:
            store.revoke(session, login, Role.INSPECTOR)
    assert claimed(desk, lot) == (None, None)
    event = "select actor_name || reason from audit_event where table_name = 'human_task' order by id desc limit 1"
    assert desk.scalar(event) == "管理员离职"


async def test_what_is_claimed_in_another_role_stays(desk: Plant) -> None:
    people.colleague(desk, "liang.zhi", "两职", Role.INSPECTOR, Role.QA_REVIEWER)
    await desk.receive("L-STAY", 10)
    people.claim(desk, desk.task("L-STAY", "inspect").id, "liang.zhi")
    with act(desk.engine, administrator(desk)) as session:
        store.revoke(session, "liang.zhi", Role.QA_REVIEWER)
    assert claimed(desk, "L-STAY")[0] == desk.by("liang.zhi").person_id


def test_who_held_which_role_when_stays_known(desk: Plant) -> None:
    people.colleague(desk, "yi.qian", "以前", Role.WAREHOUSE)
    before = datetime.now(UTC)
    with act(desk.engine, administrator(desk)) as session:
        store.revoke(session, "yi.qian", Role.WAREHOUSE)
        assert store.roles(session, store.get(session, "yi.qian").id) == frozenset()
    with act(desk.engine, administrator(desk)) as session:
        store.grant(session, "yi.qian", Role.WAREHOUSE)
    held = "select held_role(:person, 'warehouse', :at)"
    who = desk.by("yi.qian").person_id
    assert desk.scalar(held, person=who, at=before) is True
    rows = "select count(*) from role_grant where person_id = :person and role = 'warehouse'"
    assert desk.scalar(rows, person=who) == 2
