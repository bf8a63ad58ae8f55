"""What the engine is asked to do by itself: whoever reaches Temporal can ask in any name, so the record is asked again.

A fault is done again and settled for an operator who seals it, a step escalates as its definition says, and a mail is tried again
where an operator asked for that (21 CFR 11.10(d), (g); DESIGN 2.8, 6a).
"""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, col, select
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.upkeep import Upkeep
from models.fault import store as faults
from models.fault.messages import RetryFault, SettleFault
from models.kernel.fault import Trouble
from models.kernel.store import outbox
from models.kernel.store.act import act, now
from models.kernel.tables import Outbox
from models.person.messages import sealed
from models.process.acts import clock as keeping
from models.process.messages.process import Escalate
from tests.support.plant.aging import aged
from tests.support.plant.plant import SECRET, SETUP, Plant

OPERATOR, OTHER = "admin", "wu.jingli"
GIVEN: dict[str, Any] = {"shipment_no": "SH-1"}


def fault_of(desk: Plant) -> UUID:
    """An act that couldn't be done, and that waits for an operator."""
    key = str(uuid4())
    matter = faults.Matter(
        key=key,
        act="ship",
        workflow_id=f"shipment/{key}",
        command='{"shipment_no": "SH-1"}',
        facts={},
        person_id=0,
        build="b",
    )
    number = faults.write(desk.engine, matter, Trouble.BUG, 1, "KeyError", "at the line")
    return UUID(str(desk.scalar("select public_id from act_fault where id = :id", id=number)))


def retry(desk: Plant, fault: UUID, login: str = OPERATOR, **more: Any) -> RetryFault:
    given = {"act": "ship", "command": GIVEN, **more}
    return RetryFault(command_id=str(uuid4()), by=desk.by(login), fault=fault, **given)


def code(doing: Any, command: Any) -> str:
    """The code of the refusal of an activity."""
    with pytest.raises(ApplicationError) as info:
        ActivityEnvironment().run(doing, command)
    return str(info.value.details[0]["code"])


def status(desk: Plant, fault: UUID) -> str:
    return str(desk.scalar("select status from act_fault where public_id = :id", id=fault))


def test_a_fault_is_done_again_for_an_operator_who_seals_it(desk: Plant) -> None:
    fault, upkeep = fault_of(desk), Upkeep(desk.engine, "b", SECRET)
    assert code(upkeep.permit_retry, retry(desk, fault)) == "AUTH-025", "in an operator's name, without the seal"
    assert code(upkeep.permit_retry, sealed(retry(desk, fault, OTHER))) == "AUTH-005"
    assert code(upkeep.permit_retry, sealed(retry(desk, fault, command={"shipment_no": "SH-2"}))) == "FLT-001"
    assert code(upkeep.permit_retry, sealed(retry(desk, uuid4()))) == "FLT-001"
    assert ActivityEnvironment().run(upkeep.permit_retry, sealed(retry(desk, fault))).act == "permit_retry"


def test_a_fault_is_settled_for_the_operator_who_had_it_done_again(desk: Plant) -> None:
    fault, upkeep = fault_of(desk), Upkeep(desk.engine, "b", SECRET)
    bare, asked = retry(desk, fault), sealed(retry(desk, fault))
    for forged in (
        SettleFault(fault=fault, by=bare.by),
        SettleFault(fault=fault, by=bare.by, retry=bare),
        SettleFault(fault=fault_of(desk), by=asked.by, retry=asked),
        SettleFault(fault=fault, by=desk.by(OTHER), retry=asked),
    ):
        assert code(upkeep.settle_fault, forged) == "AUTH-025"
    assert status(desk, fault) == "open"
    ActivityEnvironment().run(upkeep.settle_fault, SettleFault(fault=fault, by=asked.by, retry=asked))
    assert status(desk, fault) == "done"


async def test_a_step_escalates_as_its_definition_says_and_to_nobody_else(desk: Plant) -> None:
    await desk.receive("R-ESC", 10)
    task = desk.task("R-ESC", "inspect")

    def raised(level: int, to_role: str) -> bool:
        command = Escalate(run_id=task.run_id, stage="inspect", level=level, to_role=to_role)
        with act(desk.engine, SETUP) as session:
            return bool(keeping.escalate(session, command, now(session)).data["raised"])

    assert not raised(9, "quality_manager")
    assert not raised(1, "operator")
    assert not raised(1, "quality_manager"), "two days are not over"
    aged(desk.engine, "inspection/R-ESC/1", timedelta(days=2) - timedelta(minutes=1))
    assert not raised(1, "quality_manager"), "not yet"
    assert desk.task("R-ESC", "inspect").escalation_level == 0
    aged(desk.engine, "inspection/R-ESC/1", timedelta(minutes=1))
    assert not raised(2, "quality_manager"), "the second level comes later"
    assert raised(1, "quality_manager")
    assert desk.task("R-ESC", "inspect").escalated_to == "quality_manager"


def test_a_mail_is_tried_again_where_an_operator_asked_for_that(desk: Plant) -> None:
    fact, mine = f"test.{uuid4()}", {"mail": "1"}

    def row(session: Session) -> Outbox:
        return session.exec(select(Outbox).where(col(Outbox.fact) == fact)).one()

    with act(desk.engine, SETUP) as session:
        outbox.give_up(session, fact, mine, 5, "no")
        key = row(session).id
        assert not outbox.asked_again(session, key, fact, mine), "nobody has asked yet"
        outbox.again(session, row(session).public_id, now(session))
        assert outbox.asked_again(session, key, fact, mine)
        assert not outbox.asked_again(session, key, fact, {"mail": "2"}), "asked for another"
        assert not outbox.asked_again(session, key, "recall.notice", mine)
        assert not outbox.asked_again(session, key + 1, fact, mine)
        assert not outbox.asked_again(session, 0, fact, mine)
