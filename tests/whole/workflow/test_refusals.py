"""Signatures, decisions and tasks that must be refused, through the workflows: code, clause, both languages, and nothing is changed.

Issue "the main job", must show 5.  Each test is one sentence; `refused` compares every row of every table.
"""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from activities.delivery import Delivery
from models.person.rules.roles import Role
from models.production.messages import Consumed
from tests.support.house.proves import proves
from tests.support.plant import people
from tests.support.plant.plant import Plant
from tests.support.record import refused
from tests.support.servers.busy import attempt_then_refused, hold, lift

# Who signs --------------------------------------------------------------------------------------------------------


async def test_the_person_who_inspected_cannot_release(busy: Plant) -> None:
    await attempt_then_refused(busy, "PRC-005", "B-NEW", "review", busy.by("lin.jian"))


async def test_the_person_who_made_it_cannot_release(busy: Plant) -> None:
    await attempt_then_refused(busy, "PRC-005", "B-NEW", "review", busy.by("wang.cao"))


@proves("R35")
async def test_one_person_cannot_sign_twice(busy: Plant) -> None:
    await attempt_then_refused(busy, "PRC-005", "B-SEEN", "approve", busy.by("zhou.shen"))


@proves("R35")
async def test_one_person_cannot_sign_twice_through_two_accounts(busy: Plant) -> None:
    await attempt_then_refused(busy, "PRC-005", "B-SEEN", "approve", busy.by("zhou.shen.2"))


async def test_a_deputy_of_the_first_signer_cannot_sign_second(busy: Plant) -> None:
    people.grant(busy, "sun.zhao", Role.QA_REVIEWER, Role.QA_APPROVER)
    people.absent(busy, "zhou.shen", "sun.zhao")
    deputy = busy.by("sun.zhao", on_behalf_of="zhou.shen")
    await attempt_then_refused(busy, "SIG-006", "B-SEEN", "approve", deputy)


async def test_a_deputy_of_the_inspector_cannot_release(busy: Plant) -> None:
    people.qualify(busy, "sun.zhao", "inspection")
    people.absent(busy, "lin.jian", "sun.zhao")
    deputy = busy.by("sun.zhao", on_behalf_of="lin.jian")
    await attempt_then_refused(busy, "SIG-006", "B-NEW", "review", deputy)


async def test_the_inspector_cannot_release_in_somebody_elses_stead(busy: Plant) -> None:
    people.grant(busy, "lin.jian", Role.QA_APPROVER)
    people.absent(busy, "chen.pi", "lin.jian")
    deputy = busy.by("lin.jian", on_behalf_of="chen.pi")
    await attempt_then_refused(busy, "PRC-005", "B-SEEN", "approve", deputy)


async def test_a_delegation_that_is_over_gives_no_role(busy: Plant) -> None:
    people.absent(busy, "chen.pi", "wu.jingli", over=True)
    deputy = busy.by("wu.jingli", on_behalf_of="chen.pi")
    await attempt_then_refused(busy, "TASK-006", "B-SEEN", "approve", deputy)


async def test_without_the_role_nobody_decides(busy: Plant) -> None:
    await attempt_then_refused(busy, "TASK-005", "B-SEEN", "approve", busy.by("li.cang"))


# What is signed ---------------------------------------------------------------------------------------------------


@proves("R37", "11.70")
async def test_the_record_changed_after_it_was_shown(busy: Plant) -> None:
    task = busy.task("B-NEW", "review")
    command = busy.completion(task, busy.by("zhou.shen"), "release")
    await lift(busy, await hold(busy, "B-NEW"))
    with refused(busy.engine, "SIG-004"):
        await busy.door.complete_task(busy.client, busy.workflow_of(task), command)


async def test_the_digest_must_be_the_one_of_the_attempt(busy: Plant) -> None:
    task = busy.task("B-NEW", "review")
    command = busy.completion(task, busy.by("zhou.shen"), "release").model_copy(update={"digest": "0" * 64})
    with refused(busy.engine, "SIG-004"):
        await busy.door.complete_task(busy.client, busy.workflow_of(task), command)


@proves("R37")
async def test_the_first_signature_is_void_when_the_record_changes_and_it_is_reviewed_again(busy: Plant) -> None:
    await busy.make("B-VOID", "R-1", 50)
    await busy.complete("B-VOID", "review", "zhou.shen", "release")
    await lift(busy, await hold(busy, "B-VOID"))
    await attempt_then_refused(busy, "SIG-005", "B-VOID", "approve", busy.by("chen.pi"))
    await busy.complete("B-VOID", "approve", "chen.pi", "review_again", reason="第一签失效")
    await busy.complete("B-VOID", "review", "zhou.shen", "release")
    await busy.complete("B-VOID", "approve", "chen.pi", "release")
    assert busy.status("B-VOID") == "released"


async def test_a_reviewer_may_sign_the_same_record_again_when_it_was_sent_back(busy: Plant) -> None:
    await busy.make("B-AGAIN", "R-1", 50)
    await busy.complete("B-AGAIN", "review", "zhou.shen", "release")
    await busy.complete("B-AGAIN", "approve", "chen.pi", "review_again", reason="请再核对标签")
    await busy.complete("B-AGAIN", "review", "zhou.shen", "release")
    await attempt_then_refused(busy, "PRC-005", "B-AGAIN", "approve", busy.by("zhou.shen"))
    await busy.complete("B-AGAIN", "approve", "chen.pi", "release")
    assert busy.status("B-AGAIN") == "released"


async def test_a_signature_needs_an_attempt(busy: Plant) -> None:
    task = busy.task("B-NEW", "review")
    for login, update in (
        ("zhou.shen", {"attempt_id": None}),
        ("zhou.shen", {"attempt_id": 10**9}),
        ("zhou.shen", {"attempt_id": busy.attempt(task, busy.by("chen.pi"))[0]}),
        ("zhou.shen", {"attempt_id": busy.attempt(task, busy.by("zhou.shen"), result="wrong_password")[0]}),
        ("zhou.shen", {"attempt_id": busy.attempt(busy.task("B-SEEN", "approve"), busy.by("zhou.shen"))[0]}),
    ):
        command = busy.completion(task, busy.by(login), "release").model_copy(update=update)
        with refused(busy.engine, "SIG-001", 422):
            await busy.door.complete_task(busy.client, busy.workflow_of(task), command)


async def test_an_attempt_signs_once(busy: Plant) -> None:
    used = busy.scalar(
        "select s.attempt_id from signature s join lot l on l.id = s.lot_id join person p on p.id = s.person_id"
        " where l.lot_no = 'B-SEEN' and p.name = '周审'"
    )
    task = busy.task("B-NEW", "review")
    command = busy.completion(task, busy.by("zhou.shen"), "release").model_copy(update={"attempt_id": used})
    with refused(busy.engine, "SIG-009"):
        await busy.door.complete_task(busy.client, busy.workflow_of(task), command)


async def test_the_meaning_of_a_signature_is_the_steps(busy: Plant) -> None:
    task = busy.task("B-NEW", "review")
    by = busy.by("zhou.shen")
    for attempt_meaning, said in (("approved", "reviewed"), ("reviewed", "approved")):
        attempt, _, sha = busy.attempt(task, by, meaning=attempt_meaning)
        command = busy.completion(task, by, "release", signed=False, attempt_id=attempt, digest=sha, meaning=said)
        with refused(busy.engine, "SIG-008", 422):
            await busy.door.complete_task(busy.client, busy.workflow_of(task), command)


async def test_a_step_without_signature_takes_none(busy: Plant) -> None:
    task = busy.task("B-OK", "putaway") if busy.tasks("B-OK") else None
    assert task is None
    await busy.make("B-SIGNED", "R-1", 50)
    await busy.complete("B-SIGNED", "review", "zhou.shen", "release")
    await busy.complete("B-SIGNED", "approve", "chen.pi", "release")
    task = busy.task("B-SIGNED", "putaway")
    command = busy.completion(task, busy.by("li.cang"), form={"location": "FG-A1"})
    with refused(busy.engine, "SIG-011", 422):
        await busy.door.complete_task(busy.client, busy.workflow_of(task), command)


# What is decided --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "more", "code"),
    [
        ("ship", {}, "PRC-002"),
        (None, {}, "PRC-002"),
        ("reject", {}, "PRC-003"),
        ("hold", {"reason": " \n "}, "PRC-003"),
        ("release", {"form": {"colour": "red"}}, "PRC-004"),
    ],
)
async def test_a_decision_is_one_that_the_step_knows(busy: Plant, outcome: str, more: Any, code: str) -> None:
    await attempt_then_refused(busy, code, "B-NEW", "review", busy.by("zhou.shen"), outcome, **more)


async def test_a_held_batch_is_not_released_and_goes_on_when_the_hold_is_lifted(busy: Plant) -> None:
    await busy.make("B-HELD", "R-1", 50)
    placed = await hold(busy, "B-HELD")
    await attempt_then_refused(busy, "REL-001", "B-HELD", "review", busy.by("zhou.shen"))
    await lift(busy, placed)
    await busy.complete("B-HELD", "review", "zhou.shen", "release")
    await busy.complete("B-HELD", "approve", "chen.pi", "release")
    assert busy.status("B-HELD") == "released"


async def test_a_batch_whose_material_is_held_is_not_released(busy: Plant) -> None:
    await busy.material("R-BAD", 100)
    await busy.make("B-FROM-BAD", "R-BAD", 50)
    await hold(busy, "R-BAD")
    await attempt_then_refused(busy, "REL-001", "B-FROM-BAD", "review", busy.by("zhou.shen"))


async def test_a_release_with_exceptions_needs_a_reason(busy: Plant) -> None:
    await busy.order("B-WET", 50)
    consumes = (Consumed(lot_no="R-1", quantity=Decimal(50)),)
    operation = busy.operation("B-WET", 10, equipment=("M-07",), consumes=consumes)
    await busy.door.record_operation(busy.client, "B-WET", operation)
    wet = ({"quantity": "humidity", "value": 75, "unit": "%", "lower": 30, "upper": 60},)
    finish = busy.operation("B-WET", 20, environment=wet, produced=50, equipment=("W-03",))
    await busy.door.record_operation(busy.client, "B-WET", finish)
    await busy.measure("B-WET")
    await busy.complete("B-WET", "inspect", "lin.jian", "accepted")
    await busy.pack("B-WET", 50)
    await attempt_then_refused(busy, "REL-001", "B-WET", "review", busy.by("zhou.shen"), reason="偏差 D-7 已评估")
    while await Delivery(busy.engine, busy.client).deliver_once():  # the deviation's own process begins
        pass
    cause = {"cause": "加湿器失灵", "requirements_met": True}
    await busy.complete("B-WET", "decide", "chen.pi", "accept", reason="对产品无影响", form=cause)
    await attempt_then_refused(busy, "REL-002", "B-WET", "review", busy.by("zhou.shen"))
    await busy.complete("B-WET", "review", "zhou.shen", "release", reason="偏差 D-7 已评估")
    await attempt_then_refused(busy, "REL-002", "B-WET", "approve", busy.by("chen.pi"))
    await busy.complete("B-WET", "approve", "chen.pi", "release", reason="偏差 D-7 已评估")
    assert busy.status("B-WET") == "released"


# Whose task -------------------------------------------------------------------------------------------------------


async def test_a_task_that_somebody_else_has_claimed(busy: Plant) -> None:
    task = busy.task("B-SEEN", "approve")
    people.claim(busy, task.id, "wu.jingli")
    command = busy.completion(task, busy.by("chen.pi"), "release")
    with refused(busy.engine, "TASK-004", zh="吴经理", en="Wu Jing"):
        await busy.door.complete_task(busy.client, busy.workflow_of(task), command)
    people.claim(busy, task.id, None)


async def test_a_task_that_is_done_says_by_whom(busy: Plant) -> None:
    done = busy.done_task("B-SEEN", "review")
    command = busy.completion(done, busy.by("zhou.shen"), "release", signed=False)
    with refused(busy.engine, "TASK-002", zh="周审", en="Zhou Shen"):
        await busy.door.complete_task(busy.client, busy.workflow_of(done), command)


async def test_a_task_of_a_process_that_has_ended(busy: Plant) -> None:
    done = busy.done_task("B-OK", "approve")
    command = busy.completion(done, busy.by("wu.jingli"), "release", signed=False)
    with refused(busy.engine, "PRC-410"):
        await busy.door.complete_task(busy.client, busy.workflow_of(done), command)


async def test_a_task_that_does_not_exist(busy: Plant) -> None:
    task = busy.task("B-NEW", "review")
    command = busy.completion(task, busy.by("zhou.shen"), "release").model_copy(update={"task_id": uuid4()})
    with refused(busy.engine, "TASK-001", 404):
        await busy.door.complete_task(busy.client, busy.workflow_of(task), command)
