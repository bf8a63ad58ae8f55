"""Who leaves or loses a role keeps no task from the others (REQ 89, 112; 21 CFR 11.10(g))."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, now
from models.person.rules.roles import Role
from models.person.store import people as store
from tests.support.plant import people
from tests.support.plant.plant import SETUP, Plant


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


async def test_a_leavers_first_signature_stands_and_the_second_they_had_claimed_waits_for_others(desk: Plant) -> None:
    people.colleague(desk, "zou.ren", "走人", Role.QA_REVIEWER)
    people.colleague(desk, "dai.pi", "待批", Role.QA_APPROVER)
    await desk.material("L-MAT", 50)
    await desk.make("L-SIGN", "L-MAT", 10)
    await desk.complete("L-SIGN", "review", "zou.ren", "release")
    task = desk.task("L-SIGN", "approve")
    people.claim(desk, task.id, "dai.pi")
    for login in ("zou.ren", "dai.pi"):
        with act(desk.engine, administrator(desk)) as session:
            store.set_active(session, store.get(session, login), active=False)
    assert desk.task("L-SIGN", "approve").assignee_id is None
    with pytest.raises(Refusal):
        await desk.complete("L-SIGN", "approve", "dai.pi", "release")
    await desk.complete("L-SIGN", "approve", "chen.pi", "release")
    signed = "select string_agg(printed_name, ' ' order by id) from signature where run_id = :run"
    assert desk.scalar(signed, run=task.run_id) == "走人 陈批"
    assert desk.scalar("select status from lot where lot_no = 'L-SIGN'") == "released"


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


def _taken(plant: Plant, who: str, whose: str, how: str) -> Refusal | None:
    """What an administrator is told who takes another's administration away."""
    by = plant.by(who)
    try:
        with act(plant.engine, Actor(by.actor_id, by.name, "web", reason="换人")) as session:
            if how == "role":
                store.revoke(session, whose, Role.ADMINISTRATOR)
            elif how == "until yesterday":
                store.grant(session, whose, Role.ADMINISTRATOR, now(session) - timedelta(days=1))
            else:
                store.set_active(session, store.get(session, whose), active=False)
    except Refusal as refusal:
        return refusal
    return None


@pytest.mark.parametrize("how", ["role", "until yesterday", "leaves"])
def test_of_two_administrators_who_dismiss_each_other_at_the_same_instant_one_stays(desk: Plant, how: str) -> None:
    first, second = f"jia.{how[:4]}".strip(), f"yi.{how[:4]}".strip()
    for login in (first, second):
        people.colleague(desk, login, login, Role.ADMINISTRATOR)
    assert _taken(desk, first, "admin", "role") is None
    try:
        with ThreadPoolExecutor(2) as both:
            tried = [both.submit(_taken, desk, *pair, how) for pair in ((first, second), (second, first))]
            told = [one.result() for one in tried]
        # of somebody who has left meanwhile the record takes nothing at all
        assert [one.code for one in told if one] in (["AUTH-045"], *([["API-900"]] if how == "leaves" else ()))
        stays = first if told[1] else second
        last = _taken(desk, "admin", stays, how)
        assert last is not None
        assert last.code == "AUTH-045"
    finally:
        with act(desk.engine, SETUP) as session:
            store.grant(session, "admin", Role.ADMINISTRATOR)
    assert _taken(desk, "admin", stays, "role") is None
