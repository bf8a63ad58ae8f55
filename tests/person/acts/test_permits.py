"""Who reaches Temporal past the API acts in nobody's name: the activity asks the record again (21 CFR 11.10(d), (g))."""

import inspect
import typing
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from activities import checks
from models.drill.messages import CheckTrace, PlanDrill
from models.fault.messages import RetryFault
from models.hold.messages import PlaceHold
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now
from models.notice.rules import links as notice_links
from models.permit import acts as permits
from models.person.messages import key_of_service, sealed
from models.person.rules.roles import Role
from models.person.rules.shipped_roles import PERMISSIONS
from models.process.messages.command import NOBODY
from models.process.messages.commands import ACTS
from models.process.messages.process import By, Receipt
from models.recall.messages.begin import Acknowledge, OpenRecall
from models.recall.messages.follow_up import NameReceivers
from models.shipment.messages import Ship, ShipLine
from tests.support.plant import people
from tests.support.plant.direct import do
from tests.support.plant.plant import SECRET, SETUP, Plant
from tests.support.servers.stack import wait_for
from tests.support.servers.together import WAITING

HOLDER, OTHER = "wu.jingli", "zhao.liu"


def ask(plant: Plant, command: Any) -> None:
    """As the activity asks it, with the command as it came through Temporal."""
    came = type(command).model_validate_json(command.model_dump_json())
    with act(plant.engine, SETUP) as session:
        permits.permitted(session, came, lambda _s, _c, moment: Receipt(act="-", at=moment), now(session), SECRET)


def refused(plant: Plant, command: Any) -> str:
    with pytest.raises(Refusal) as info:
        ask(plant, command)
    return info.value.code


def hold(by: By, **more: Any) -> PlaceHold:
    return PlaceHold(**{"command_id": str(uuid4()), "by": by, "lot_nos": ("L-1",), "reason": "客户投诉", **more})


def taken(kind: type) -> list[type]:
    """The commands that the activities of a class take."""
    found = []
    for name, method in inspect.getmembers(kind, inspect.isfunction):
        if name.startswith("_"):
            continue
        hints = typing.get_type_hints(method)
        if "command" in hints:
            found.append(hints["command"])
    return found


def test_every_act_says_who_may_do_it() -> None:
    commands = {row.command for row in ACTS.values()} | {*taken(checks.Checks)} | {RetryFault}
    assert len(commands) > 20
    assert commands == set(permits.PERMITS)
    assert [row.word for row in ACTS.values() if row.permit is NOBODY] == []


def test_a_sealed_command_of_somebody_who_may_is_done(desk: Plant) -> None:
    ask(desk, sealed(hold(desk.by(HOLDER))))


def test_a_command_in_anothers_name_is_not_done(desk: Plant) -> None:
    """Whoever reaches Temporal knows names and ids, and perhaps the number of a session."""
    mine, theirs = desk.by(OTHER), desk.by(HOLDER)
    bare = theirs.model_copy(update={"session_id": None})
    assert refused(desk, hold(bare)) == "AUTH-025"
    assert refused(desk, hold(theirs)) == "AUTH-025", "named, with the right session, without its seal"
    through_mine = theirs.through(mine.session_id or 0, mine.key)
    assert refused(desk, sealed(hold(through_mine))) == "AUTH-025", "sealed through somebody else's session"


@pytest.mark.parametrize("change", [{"reason": "另一个理由"}, {"lot_nos": ("L-2",)}, {"command_id": "again"}])
def test_a_command_that_was_changed_on_its_way_is_not_done(desk: Plant, change: dict[str, Any]) -> None:
    command = sealed(hold(desk.by(HOLDER)))
    assert refused(desk, command.model_copy(update=change)) == "AUTH-025"


def test_a_seal_is_no_good_for_another_command(desk: Plant) -> None:
    seal = sealed(hold(desk.by(HOLDER))).by.seal
    other = desk.by(HOLDER).model_copy(update={"seal": seal})
    assert refused(desk, hold(other)) == "AUTH-025"


def test_who_may_not_is_refused_by_the_activity_too(desk: Plant) -> None:
    assert refused(desk, sealed(hold(desk.by(OTHER)))) == "AUTH-005"
    shipment = Ship(
        command_id="s",
        by=desk.by(HOLDER),
        shipment_no="SH-9",
        customer_no="C-1",
        lines=(ShipLine(lot_no="L-1", quantity=Decimal(1)),),
    )
    assert refused(desk, sealed(shipment)) == "AUTH-005"


def test_a_role_that_was_taken_away_between_page_and_act_allows_nothing(desk: Plant) -> None:
    people.colleague(desk, "yao.zou", "要走", Role.QA_REVIEWER)
    command = sealed(hold(desk.by("yao.zou")))
    ask(desk, command)
    people.run_out(desk, "yao.zou", Role.QA_REVIEWER)
    assert refused(desk, command) == "AUTH-005"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("update person set active = false where id = :person", "AUTH-026"),
        ("update account set disabled = true where person_id = :person", "AUTH-025"),
        ("update login_session set ended_at = now() - interval '40 days' where account_id = :account", "AUTH-025"),
    ],
)
def test_who_has_left_or_logged_out_long_ago_acts_no_more(desk: Plant, change: str, code: str) -> None:
    login = f"li.kai.{code[-3:]}.{len(change)}"
    people.colleague(desk, login, "离开", Role.QA_REVIEWER)
    command = sealed(hold(desk.by(login)))
    account = desk.scalar("select id from account where login = :login", login=login)
    with act(desk.engine, SETUP) as session:
        session.connection().execute(text(change), {"person": command.by.person_id, "account": account})
    assert refused(desk, command) == code


def test_a_permission_is_not_passed_on_by_a_delegation(desk: Plant) -> None:
    assert refused(desk, sealed(hold(desk.by(HOLDER, on_behalf_of="chen.pi")))) == "AUTH-028"


@pytest.mark.parametrize("actor", ["service:cli", "service:schedule", "service:forged", "customer:C-1"])
def test_a_service_does_what_is_its_own_only(desk: Plant, actor: str) -> None:
    nobody = By(person_id=0, name="Batchwright", actor_id=actor, source="cli")
    assert refused(desk, hold(nobody)) == "AUTH-027"
    given: dict[str, Any] = {"command_id": "r", "by": nobody, "identifiers": ("L-1",), "title": "t", "reason": "r"}
    assert refused(desk, OpenRecall(recall_no="RC-1", mode="recall", **given)) == "AUTH-027"
    assert refused(desk, OpenRecall(recall_no="RC-2", mode="drill", **given)) in {"AUTH-025", "AUTH-027"}
    known = {**given, "by": nobody.holding(key_of_service(SECRET, actor))}
    if actor == "service:cli":
        ask(desk, sealed(OpenRecall(recall_no="RC-2", mode="drill", **known)))
    else:
        assert refused(desk, sealed(OpenRecall(recall_no="RC-2", mode="drill", **known))) == "AUTH-027"


def test_the_command_line_is_known_by_the_servers_secret(desk: Plant) -> None:
    nobody = By(person_id=0, name="Batchwright", actor_id="service:cli", source="cli")
    given: dict[str, Any] = {"command_id": "r", "recall_no": "RC-3", "mode": "drill", "identifiers": ("L-1",)}
    drill = sealed(OpenRecall(by=nobody.holding(key_of_service(SECRET, "service:cli")), title="t", reason="r", **given))
    ask(desk, drill)
    assert refused(desk, drill.model_copy(update={"identifiers": ("L-2",)})) == "AUTH-025", "changed on its way"
    other = nobody.holding(key_of_service(b"another", "service:cli"))
    assert refused(desk, sealed(OpenRecall(by=other, title="t", reason="r", **given))) == "AUTH-025"


def test_a_customer_answers_with_the_link_of_that_very_notice(desk: Plant) -> None:
    """The numbers of notice and customer stand in many places, and in Temporal's history."""
    notice, nobody = uuid4(), By(person_id=0, name="王医生", actor_id="customer:C-1", source="link")
    link = notice_links.make(SECRET, notice)

    def answer(by: By, **more: Any) -> Acknowledge:
        numbers = dict.fromkeys(("received", "on_hand", "used", "will_return"), Decimal(0))
        given: dict[str, Any] = {"command_id": "a", "by": by, "notice": notice, "name": "王医生", **numbers, **more}
        return sealed(Acknowledge(**given))  # type: ignore[no-any-return]

    proven = answer(nobody.holding(link))
    ask(desk, proven)
    assert link not in proven.model_dump_json(), "the link itself travels nowhere"
    assert refused(desk, answer(nobody)) == "AUTH-025"
    assert refused(desk, answer(nobody.holding(notice_links.make(SECRET, uuid4())))) == "AUTH-025"
    assert refused(desk, answer(nobody.holding(link), notice=uuid4())) == "AUTH-025"
    assert refused(desk, proven.model_copy(update={"received": Decimal(9)})) == "AUTH-025", "changed on its way"
    named = NameReceivers(command_id="n", by=nobody, notice=notice, name="王医生", receivers=())
    assert refused(desk, named) == "AUTH-025"
    ask(desk, sealed(named.model_copy(update={"by": nobody.holding(link)})))


def test_a_check_in_a_persons_name_carries_the_persons_seal(desk: Plant) -> None:
    theirs = desk.by("sun.zhao")
    assert refused(desk, CheckTrace(command_id="c", by=theirs, cause="manual")) == "AUTH-025"
    ask(desk, CheckTrace(command_id="c", by=By(person_id=0, name="B", actor_id="service:schedule", source="worker")))


@pytest.mark.parametrize("command", [CheckTrace, PlanDrill])
def test_who_asks_without_a_seal_is_the_schedule_and_does_nothing_else(command: type) -> None:
    assert {"service:schedule"} == permits.UNSEALED
    asked = [one.__name__ for one, may in permits.PERMITS.items() if may.services & permits.UNSEALED]
    assert sorted(asked) == ["CheckTrace", "PlanDrill"]
    assert permits.PERMITS[command].services == {"service:schedule"}


def test_a_name_that_isn_t_the_persons_own_is_not_believed(desk: Plant) -> None:
    mine, theirs = desk.by(OTHER), desk.by(HOLDER)
    wrong = theirs.model_copy(update={"actor_id": mine.actor_id}).through(theirs.session_id or 0, theirs.key)
    assert refused(desk, sealed(hold(wrong))) == "AUTH-016"


def test_every_permission_of_an_act_is_some_roles() -> None:
    held = frozenset().union(*PERMISSIONS.values())
    assert {one.permission for one in permits.PERMITS.values()} - {None} <= held


REVOKED = "update role_grant set revoked_at = now() where person_id = :person and revoked_at is null"
DISABLED = "update account set disabled = true where person_id = :person"
LEFT = "update person set active = false where id = :person"
LOCK = text("select from lot where lot_no = :lot for no key update")


@pytest.mark.parametrize(
    ("meanwhile", "code"), [(REVOKED, "AUTH-005"), (DISABLED, "AUTH-025"), (LEFT, "API-900"), (None, None)]
)
async def test_what_somebody_loses_while_their_act_waits_is_lost_for_that_act(
    desk: Plant, meanwhile: str | None, code: str | None
) -> None:
    """Who asks is read before the act waits for its lots, and judged once more after it has them; a wall is first with who left."""
    lot = f"R-WAITS-{code}"
    await desk.receive(lot)
    login = f"waits-{code}".lower()
    people.colleague(desk, login, f"等{code}", Role.QUALITY_MANAGER)
    by = desk.by(login)
    command = hold(by, lot_nos=(lot,))
    watching = desk.engine.execution_options(isolation_level="AUTOCOMMIT")
    with ThreadPoolExecutor(1) as pool, watching.connect() as watch, desk.engine.begin() as ahead:
        ahead.execute(LOCK, {"lot": lot})
        answer = pool.submit(do, desk.engine, "place_hold", command)
        wait_for(lambda: watch.execute(WAITING).scalar_one() == 1, what="the act waits for its lot")
        if meanwhile is not None:
            with act(desk.engine, SETUP) as session:
                session.connection().execute(text(meanwhile), {"person": by.person_id})
    refusal = answer.exception()
    assert (refusal.code if isinstance(refusal, Refusal) else refusal) == code
    held = desk.scalar("select count(*) from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot", lot=lot)
    assert held == (1 if code is None else 0)
