"""Who loses a race against a wall is told why by the rule: what only the wall refused is asked a second time."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.transaction import once
from models.equipment.rules import BLOCKED
from models.kernel.refusal import Refusal
from models.kernel.store.walls import WALL
from models.process.messages.process import By, Notify, Receipt
from models.process.store import applied
from tests.support.plant.plant import Plant

WHOEVER = By(person_id=1, name="王操", actor_id="person:1", source="web")
AT = datetime(2026, 12, 1, tzinfo=UTC)


def asked(desk: Plant, name: str, *answers: Receipt | Refusal) -> tuple[Receipt | dict[str, Any], int]:
    """What the act came to, whose tries end like that in turn; and how many of them there were."""
    left = list(answers)

    def tried(_: Session, __: datetime) -> Receipt:
        answer = left.pop(0)
        if isinstance(answer, Refusal):
            raise answer
        return answer

    go = partial(once, desk.engine, "test", WHOEVER, tried, command=Notify(fact=name), command_id=name)
    try:
        said = ActivityEnvironment().run(go)
    except ApplicationError as error:
        return error.details[0], len(answers) - len(left)
    return said, len(answers) - len(left)


def wall() -> Refusal:
    return WALL(what="equipment G-1 was out of tolerance")


def test_the_rule_says_what_the_wall_refused(desk: Plant) -> None:
    rule = BLOCKED(equipment="G-1", since="2026-12-01")
    said, tries = asked(desk, "again-rule", wall(), rule)
    assert (said, tries) == (rule.as_dict(), 2)


def test_what_no_rule_says_is_asked_twice_and_no_more(desk: Plant) -> None:
    said, tries = asked(desk, "again-wall", wall(), wall(), wall())
    assert (said, tries) == (wall().as_dict(), 2)


def test_what_a_rule_refuses_is_asked_once(desk: Plant) -> None:
    said, tries = asked(desk, "again-once", BLOCKED(equipment="G-1", since="2026-12-01"), wall())
    assert isinstance(said, dict)
    assert (said["code"], tries) == (BLOCKED.code, 1)


def test_done_at_the_second_try_it_is_done_once(desk: Plant) -> None:
    done = Receipt(act="again", at=AT)
    assert asked(desk, "again-done", wall(), done) == (done, 2)
    with Session(desk.engine) as session:
        assert applied.earlier(session, "unknown:again-done") == done


@pytest.mark.parametrize("code", ["API-409", "API-423"])
def test_a_taken_number_and_a_busy_batch_are_said_at_once(desk: Plant, code: str) -> None:
    busy = Refusal(code, "DESIGN 2.4", "忙", "busy", 409)
    assert asked(desk, f"again-{code}", busy, wall())[1] == 1
