"""A distributor says to whom recalled goods went: each is told, asked, reminded and counted like a customer (21 CFR 7.49(d))."""

from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from models.kernel.mail.message import SendNotice
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now, reading
from models.notice.rules import links as notice_links
from models.notice.rules import mail as notice_mail
from models.notice.tables.notices import RecallNotice
from models.person.rules.auth import Principal
from models.person.rules.roles import Role
from models.person.rules.shipped_roles import PERMISSIONS
from models.process.context import Ctx
from models.process.messages.process import By
from models.process.store import runs
from models.recall.kind import effects as effects_recall
from models.recall.messages.begin import Acknowledge
from models.recall.messages.follow_up import NameReceivers
from models.recall.queries import recalls as queries_recalls
from models.recall.store import funnel as recall_funnel
from models.recall.store import recalls, sending
from models.recall.store import report as recall_report
from tests.support.plant.direct import do
from tests.support.plant.plant import SECRET, SETUP, Plant
from tests.support.plant.recalling import Recalling, add_customers, begun, receivers, told
from tests.support.record import refused, unchanged
from tests.support.servers.together import split, together


@pytest.fixture
def desk(told_desk: Plant) -> Plant:
    """A plant of the test's own, with a recall that has been told to a distributor."""
    return told_desk


CLOSE = "update recall set status = 'closed', closed_at = now() where recall_no = :no"


async def passes(
    recall: Recalling, notice: RecallNotice, received: int, passed: int, *, confirm: bool = True, **got: Any
) -> None:
    """The rest is on hand and comes back; whom they name is confirmed unless it waits."""
    left = received - passed
    await recall.acknowledge(
        notice, received, on_hand=left, will_return=left, passed_on=passed, receivers=receivers(**got), confirm=confirm
    )


def post(recall: Recalling) -> None:
    """Whatever has not gone out is printed and posted."""
    person = recall.plant.by("sun.zhao").person_id
    for notice in recall.notices():
        if notice.sent_at is None:
            with act(recall.plant.engine, SETUP) as session:
                sending.posted(session, UUID(str(notice.public_id)), person, now(session))


def under(recall: Recalling, name: str) -> RecallNotice:
    """The notice of a receiver."""
    return next(one for one in recall.notices() if one.receiver == name)


def places(recall: Recalling) -> dict[tuple[str, str], int]:
    """By whom (empty: in house) and place."""
    with reading(recall.plant.engine) as session:
        row = recalls.get(session, recall.number)
        funnel = recall_funnel.of(session, row, recalls.newest_scope(session, row.id))
    assert not funnel.gaps
    found: dict[tuple[str, str], int] = {}
    for one in funnel.rows:
        for place, quantity in one.places._asdict().items():
            if quantity:
                key = (one.customer, place)
                found[key] = found.get(key, 0) + int(quantity)
    assert sum(found.values()) == sum(int(one.total) for one in funnel.places.values())
    return {key: n for key, n in found.items() if n and key[0]}


def view(recall: Recalling) -> Any:
    by = recall.plant.by("zheng.shenji")
    who = Principal(
        by.person_id, by.actor_id, by.name, 0, "zheng.shenji", frozenset({Role.AUDITOR}), PERMISSIONS[Role.AUDITOR]
    )
    with reading(recall.plant.engine) as session:
        return queries_recalls.view(session, who, recall.number)


async def test_a_notice_is_answered_by_nobody_in_the_name_of_another_customer(desk: Plant) -> None:
    recall = told(desk)
    (top,) = recall.notices()

    def answer(who: str, link: str = notice_links.make(SECRET, UUID(str(top.public_id)))) -> Acknowledge:
        by = By(person_id=0, name="王医生", actor_id=who, source="link").holding(link)
        numbers = {name: Decimal(0) for name in ("on_hand", "will_return", "passed_on")}
        notice, thirty = UUID(str(top.public_id)), Decimal(30)
        return Acknowledge(
            command_id=str(uuid4()), by=by, notice=notice, received=thirty, used=thirty, name="王医生", **numbers
        )

    # who knows the notice and the customer, and hasn't the link
    for link in ("", "x", notice_links.make(b"another secret", UUID(str(top.public_id)))):
        with refused(desk.engine, "AUTH-025"):
            await desk.door.acknowledge(desk.client, recall.number, answer("customer:C-1", link))
    for who in ("customer:C-2", "customer:", "customer:C-1 "):
        with refused(desk.engine, "RCL-008"):
            await desk.door.acknowledge(desk.client, recall.number, answer(who))
        with refused(desk.engine, "RCL-008"):
            named = NameReceivers(
                command_id=str(uuid4()),
                by=answer(who).by,
                notice=answer(who).notice,
                name="王医生",
                receivers=receivers(市一院=10),
            )
            await desk.door.name_receivers(desk.client, recall.number, named)
    await desk.door.acknowledge(desk.client, recall.number, answer("customer:C-1"))
    assert [one.status for one in recall.notices()] == ["acknowledged"]


async def test_receivers_are_told_answer_and_pass_on_again_and_each_unit_is_in_one_place(desk: Plant) -> None:
    recall = told(desk)
    (top,) = recall.notices()
    ours = desk.scalar("select name from customer where customer_no = 'C-1'")
    await passes(recall, top, 30, 24, 市一院=10, 配送二部=9)
    assert places(recall) == {
        (ours, "answered"): 6, (ours, "unnamed"): 5, ("市一院", "untold"): 10, ("配送二部", "untold"): 9,
    }  # fmt: skip
    post(recall)
    await passes(recall, under(recall, "配送二部"), 9, 4, 市三院=4)
    await recall.acknowledge(under(recall, "市一院"), 10, on_hand=3, used=7, will_return=3)
    assert places(recall) == {
        (ours, "answered"): 6, (ours, "unnamed"): 5, ("市一院", "used"): 7, ("市一院", "answered"): 3,
        ("配送二部", "answered"): 5, ("市三院", "untold"): 4,
    }  # fmt: skip
    await recall.name_receivers(recall.notices()[0], 市四院=5)
    assert (ours, "unnamed") not in places(recall)
    people = view(recall).funnel["customers"]
    assert people == {"total": 5, "answered": 3, "silent": 0, "untold": 2, "left_out": 0, "told": 3}
    rows = {one.customer: one for one in view(recall).notices}
    assert (rows["市三院"].passed_by, rows["配送二部"].passed_by, rows[ours].passed_by) == ("配送二部", ours, None)
    assert rows["市三院"].parent == rows["配送二部"].id


async def test_what_nobody_is_named_for_is_chased_and_said_before_the_recall_closes(desk: Plant) -> None:
    recall = told(desk)
    post(recall)
    await passes(recall, recall.notices()[0], 30, 24, 市一院=10)
    post(recall)
    await recall.acknowledge(under(recall, "市一院"), 10, on_hand=0, used=10, will_return=0)
    ours = view(recall).notices[0].customer

    def left() -> dict[str, tuple[str, str]]:
        return {one["code"]: (one["owner"], one["zh"]) for one in view(recall).remaining}

    assert left()["unnamed"] == ("recall_coordinator", f"转给他人、没有写明收货单位: 14 件 ({ours})")
    assert "silent" not in left()
    # the moment at which the silent are reminded
    with act(desk.engine, SETUP) as session:
        assert effects_recall.remind(
            Ctx(session, runs.load(session, recall.task("follow_up").run_id), runs.NOBODY, now(session))
        ) == {"reminded": 1}
        took = sending.take(
            session, _send(recall.notices()[0], "reminder-1"), "qa@plant.test", "https://x.test/n/t", now(session)
        )
    assert isinstance(took, sending.Errand)
    assert "转给他人的还有 14 没有写明" in notice_mail.body(took.letter)
    await recall.decide("rework")
    await recall.do("follow_up", "sun.zhao", "done")
    await recall.refuse("RCL-007", "close", "wu.jingli", "close", signed=True)
    await recall.name_receivers(recall.notices()[0], 市二院=14)
    assert "unnamed" not in left()
    assert "silent" not in left()
    assert left()["untold"][0] == "recall_coordinator", "whoever was named has to be told"


def _send(notice: RecallNotice, kind: str) -> SendNotice:
    return SendNotice(notice=UUID(str(notice.public_id)), kind=kind)


async def test_a_receivers_letter_goes_to_them_and_says_who_passed_the_goods_on(desk: Plant) -> None:
    recall = await begun(desk, lots=2)
    ours = view(recall).notices[0].customer
    await passes(recall, recall.notices()[0], 60, 40, 市一院=35)
    with act(desk.engine, SETUP) as session:
        took = sending.take(
            session, _send(under(recall, "市一院"), "first"), "qa@plant.test", "https://x.test/n/t", now(session)
        )
    assert isinstance(took, sending.Errand)
    assert took.to == ("qa@further.test",)
    body = notice_mail.body(took.letter)
    assert f"{ours} 告知已转给贵方" in body
    assert "致：市一院" in body
    assert [one.quantity for one in took.letter.products] == ["≤ 30 件 pcs"] * 2, "which of the batches isn't known"
    assert int(under(recall, "市一院").shipped) == 35


IMPOSSIBLE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("RCL-025", {"passed_on": 25}),
    ("RCS-001", {"receivers": receivers(市一院=20, 市二院=5)}),
    ("RCS-003", {"receivers": receivers(市一院=0)}),
    ("RCS-004", {"receivers": (*receivers(市一院=2), *receivers(**{"市一院 ": 2}))}),
    ("RCS-006", {"receivers": receivers(**{"{ours}": 2})}),
    ("RCS-002", {"on_hand": 24, "used": 6, "passed_on": 0, "receivers": receivers(市一院=2)}),
)


async def test_an_answer_that_cant_be_is_refused_whole(desk: Plant) -> None:
    recall = told(desk)
    (notice,) = recall.notices()
    ours = desk.scalar("select name from customer where customer_no = 'C-1'")
    for code, more in IMPOSSIBLE:
        given = {"on_hand": 6, "will_return": 6, "passed_on": 24, **more}
        given["receivers"] = tuple(
            one.model_copy(update={"name": one.name.format(ours=ours)}) for one in given.get("receivers", ())
        )
        with refused(desk.engine, code):
            await recall.acknowledge(notice, 30, **given)
    assert len(recall.notices()) == 1


async def test_a_receiver_answers_for_no_more_than_was_passed_on_and_an_answer_stays(desk: Plant) -> None:
    recall = told(desk)
    await passes(recall, recall.notices()[0], 30, 24, 市一院=10)
    with refused(desk.engine, "RCL-011"):
        await recall.acknowledge(under(recall, "市一院"), 11)
    await passes(recall, under(recall, "市一院"), 10, 4, 诊所=4)
    # the distributor says later that it was less: what was answered stays
    with refused(desk.engine, "RCL-010"):
        await passes(recall, recall.notices()[0], 30, 3)
    with refused(desk.engine, "RCS-005"):
        await recall.name_receivers(recall.notices()[0], **{"市一院　": 1})
    with refused(desk.engine, "RCS-001"):
        await recall.name_receivers(recall.notices()[0], 市二院=15)
    with refused(desk.engine, "RCS-002"):
        await recall.name_receivers(under(recall, "诊所"), 市二院=1)
    ours = view(recall).notices[0].customer
    for back in ("市一院", ours):  # goods don't go round
        await_refused = under(recall, "诊所")
        with refused(desk.engine, "RCS-006"):
            await passes(recall, await_refused, 4, 2, confirm=True, **{back: 2})


async def test_goods_don_t_change_hands_without_end(desk: Plant) -> None:
    recall = told(desk)
    notice = recall.notices()[0]
    for level in range(8):
        await passes(recall, notice, 30, 30, confirm=True, **{f"第{level}级": 30})
        notice = under(recall, f"第{level}级")
    with refused(desk.engine, "RCS-007"):
        await passes(recall, notice, 30, 30, 末级=30)
    assert places(recall) == {("第7级", "untold"): 30}


async def test_receivers_are_drawn_for_effectiveness_checks_by_the_share_that_was_decided(desk: Plant) -> None:
    recall = await begun(desk, level="a")
    post(recall)
    await passes(recall, recall.notices()[0], 30, 24, 市一院=10, 市二院=4)
    await recall.name_receivers(recall.notices()[0], 市三院=4)
    checks = recall.checks()
    assert [(one.wave, one.population, one.size) for one in checks.samples] == [(0, 1, 1), (1, 2, 2), (2, 1, 1)]
    assert {one.customer for one in checks.rows if one.further} == {"市一院", "市二院", "市三院"}
    post(recall)
    row = next(one for one in recall.checks().rows if one.customer == "市二院")
    await recall.check(row)
    assert recall.checks().progress.done == 1


async def test_who_draws_only_later_draws_receivers_too(desk: Plant) -> None:
    recall = told(desk)
    await passes(recall, recall.notices()[0], 30, 24, 市一院=10, 市二院=4)
    assert recall.checks().samples == ()
    await recall.draw("A")
    assert [(one.wave, one.population, one.size) for one in recall.checks().samples] == [(0, 3, 3)]


async def test_a_drill_asks_receivers_by_the_same_code_and_nothing_leaves(desk: Plant) -> None:
    recall = await begun(desk, "drill")
    await passes(recall, recall.notices()[0], 30, 24, 市一院=10, 市二院=14)
    assert {one.status for one in recall.notices() if one.receiver} == {"sent"}
    assert desk.scalar("select count(*) from notice_delivery") == desk.scalar(
        "select count(*) from notice_delivery d join recall_notice n on n.id = d.notice_id"
        " join recall r on r.id = n.recall_id where r.mode = 'recall'"
    )
    await recall.acknowledge(under(recall, "市一院"), 10)
    assert places(recall)["市二院", "silent"] == 14


async def test_the_report_names_receivers_and_counts_nothing_twice(desk: Plant) -> None:
    recall = told(desk)
    post(recall)
    await passes(recall, recall.notices()[0], 30, 24, 市一院=10)
    post(recall)
    await passes(recall, under(recall, "市一院"), 10, 3)
    with reading(desk.engine) as session:
        row = recalls.get(session, recall.number)
        report = recall_report.build(session, row, "status")
        closing = recalls.closing_record(session, row)
    said = report["responded"]
    assert (said["received"], said["passed_on"], said["on_hand"]) == ("30", "24", "13")
    assert said["customers"] + report["not_responded"]["customers"] == report["notified"]["customers"] == 2
    assert [(one["receiver"], one["quantity"], one["unnamed"]) for one in report["receivers"]] == [
        ("市一院", "10", "3")
    ]
    (places_,) = report["funnel"]["places"]
    assert (places_["unnamed"], places_["answered"]) == ("17", "13")
    assert {one.get("receiver"): one.get("passed_on") for one in closing["notices"]} == {None: "24", "市一院": "3"}
    assert closing["funnel"] == report["funnel"]
    (total,) = report["reconciliation"]["totals"]
    assert (total["outstanding"], total["passed_on"]) == ("30", "0")


async def test_a_recall_without_goods_passed_on_says_nothing_new(desk: Plant) -> None:
    recall = told(desk)
    await recall.acknowledge(recall.notices()[0], 30)
    with reading(desk.engine) as session:
        row = recalls.get(session, recall.number)
        report = recall_report.build(session, row, "status")
        closing = recalls.closing_record(session, row)
    assert report["receivers"] == []
    assert {"passed_on", "receiver"} & set(closing["notices"][0]) == set()
    assert desk.scalar("select passed_on is null from recall_notice where id = :id", id=recall.notices()[0].id)


async def test_two_people_name_receivers_at_the_same_instant_and_never_more_than_went_on(desk: Plant) -> None:
    recall = told(desk)
    (notice,) = recall.notices()
    await passes(recall, notice, 30, 24)

    def naming(**got: int) -> NameReceivers:
        return NameReceivers(
            command_id=str(uuid4()), by=desk.by("sun.zhao"), notice=UUID(str(notice.public_id)), name="王",
            receivers=receivers(**got),
        )  # fmt: skip

    done, denied = split(
        together(*(partial(do, desk.engine, "name_receivers", naming(**{f"医院{n}": 10})) for n in range(4)))
    )
    assert ([len(done), len(denied)], {one.code for one in denied}) == ([2, 2], {"RCS-001"})
    assert [n for (_, place), n in places(recall).items() if place == "unnamed"] == [24], "nobody has confirmed them"
    await recall.confirm()
    assert [n for (_, place), n in places(recall).items() if place == "unnamed"] == [4]


async def test_five_hundred_names_in_one_answer(desk: Plant) -> None:
    n = 500
    await desk.material(f"RP-{n}", 2000)
    await desk.make(f"HP-{n}", f"RP-{n}", 1000)
    await desk.release(f"HP-{n}")
    await desk.ship(f"SP-{n}", f"HP-{n}", 600)
    recall = Recalling(desk, f"RC-2026-6{n:03d}")
    await recall.open(f"HP-{n}")
    await recall.to_customers()
    await passes(recall, recall.notices()[0], 600, 550, confirm=True, **{f"第{one}医院": 1 for one in range(500)})
    found = view(recall).funnel
    assert found["customers"]["untold"] == 500
    assert found["places"][0]["unnamed"] == "50"


# ---- walls


ROW = """
insert into recall_notice (recall_id, customer_id, parent_id, receiver, scope_version, link_expires_at, lines, shipped, status)
select {recall}, {customer}, {parent}, {receiver}, {version}, now() + interval '1 day', {lines}, {shipped}, 'open'
  from recall_notice n where n.id = :id"""
AS_IT_IS = {
    "recall": "n.recall_id", "customer": "n.customer_id", "parent": "n.id", "receiver": "'市九院'",
    "version": "n.scope_version", "lines": "jsonb_set(n.lines, '{0,quantity}', '\"2\"')", "shipped": "2",
}  # fmt: skip


def by_sql(plant: Plant, statement: str, **values: Any) -> None:
    with act(plant.engine, SETUP) as session:
        session.connection().execute(text(statement), values)


WRONG: tuple[tuple[str, dict[str, str]], ...] = (
    ("named by the answer", {"version": "n.scope_version + 1"}),
    ("named by the answer", {"customer": "(select max(id) from customer where id <> n.customer_id)"}),
    ("named by the answer", {"recall": "(select max(id) from recall where id <> n.recall_id)"}),
    ("more than was passed on", {"shipped": "15"}),
    ("none but what was passed on", {"lines": '\'[{"lot_no": "X-1", "quantity": "1"}]\'::jsonb'}),
    ("none but what was passed on", {"lines": "n.lines"}),
    ("passed them on", {"receiver": "(select name from customer where id = n.customer_id)"}),
    ("recall_notice_receiver_identity", {"receiver": "'市一院 '"}),
    ("ck_recall_notice_receiver", {"shipped": "0", "lines": "'[]'::jsonb"}),
    ("ck_recall_notice_receiver", {"receiver": "null"}),
    ("ck_recall_notice_receiver", {"parent": "null"}),
)


async def test_a_receiver_by_sql_meets_a_wall(desk: Plant) -> None:
    recall = told(desk)
    add_customers(desk, 1, first=600)
    with pytest.raises(Refusal, match="named by the answer"):  # nobody has answered anything
        by_sql(desk, ROW.format(**AS_IT_IS), id=recall.notices()[0].id)
    await passes(recall, recall.notices()[0], 30, 24, 市一院=10)
    given = {"id": recall.notices()[0].id}
    by_sql_undone(desk, *CONFIRMED, ROW.format(**AS_IT_IS), **given)  # the control: it's the one change that is refused
    for match, wrong in WRONG:
        with unchanged(desk.engine), pytest.raises(Exception, match=f"{match}|that names them is confirmed"):
            by_sql_undone(desk, *CONFIRMED, ROW.format(**AS_IT_IS | wrong), **given)
    with unchanged(desk.engine), pytest.raises(Refusal, match="that names them is confirmed"):
        by_sql(desk, ROW.format(**AS_IT_IS), **given)


NAME_THEM = """
insert into recall_naming (recall_id, notice_id, run_id, named_by, named_at, link, quantity, receivers)
select recall_id, notice_id, run_id, '王', now(), true, 4, jsonb_build_array(
       jsonb_build_object('name', '市九院', 'quantity', '2', 'contact', null, 'email', null, 'phone', null),
       jsonb_build_object('name', '市一院 ', 'quantity', '2', 'contact', null, 'email', null, 'phone', null))
  from recall_naming where notice_id = :id limit 1"""
CONFIRM_THEM = """
update recall_naming set outcome = 'confirmed', decided_at = now(), decided_by_id = (select max(id) from person)
 where notice_id = :id and outcome is null"""
CONFIRMED = (NAME_THEM, CONFIRM_THEM)
"""A list that names them, confirmed; whether somebody's task did it is asked at the end, which never comes here."""


def by_sql_undone(plant: Plant, *statements: str, **values: Any) -> None:
    class Undone(Exception):  # noqa: N818 - only to go back
        pass

    def then() -> None:
        with act(plant.engine, SETUP) as session:
            for statement in statements:
                session.connection().execute(text(statement), values)
            raise Undone

    with pytest.raises(Undone):
        then()


CHANGES = (
    ("stays", "parent_id = null, receiver = null, email = null"),
    ("stays", "receiver = '别的医院'"),
    ("stays", "email = 'else@else.test'"),
    ("stays", "shipped = 9"),
    ("stays", "lines = '[]'::jsonb"),
    (
        "all of it",
        "acknowledged_at = now(), status = 'acknowledged', received = 11, on_hand = 11, used = 0, will_return = 0",
    ),
    (
        "all of it",
        "acknowledged_at = now(), status = 'acknowledged', received = 9, on_hand = 8, used = 0, will_return = 0",
    ),
    ("as it happens", "passed_on = 3"),
)


async def test_what_a_receiver_was_told_and_what_was_passed_on_stay_in_the_database(desk: Plant) -> None:
    recall = told(desk)
    await passes(recall, recall.notices()[0], 30, 24, 市一院=10)
    change = "update recall_notice set {} where id = :id"
    for match, wrong in CHANGES:
        with unchanged(desk.engine), pytest.raises(Exception, match=match):
            by_sql(desk, change.format(wrong), id=under(recall, "市一院").id)
    with unchanged(desk.engine), pytest.raises(Refusal, match="acknowledged stays"):
        by_sql(desk, change.format("passed_on = 5, on_hand = 25"), id=recall.notices()[0].id)
