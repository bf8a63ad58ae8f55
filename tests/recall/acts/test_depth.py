"""The depth of a recall chooses its recipients: who gets a letter, who is left out and why, at every door (21 CFR 7.42(b)(1))."""

from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from models.kernel.store.act import act, reading
from models.partner import store as partners
from models.recall.queries import recalls as queries_recalls
from models.recall.store import preview as recall_preview
from models.recall.store import recalls
from models.recall.store import report as recall_report
from models.recall.store.preview import Telling
from tests.recall.acts.test_funnel import principal
from tests.support import stock
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import APPROVAL, Recalling, add_customers
from tests.support.record import unchanged

NUMBERS = count(1)
LEVELS = ("wholesale", "retail", "user", None)
SHIPPED = {"wholesale": 10, "retail": 11, "user": 12, None: 13}
SAYING = replace(SETUP, reason="核对经营许可证")
NOTICE = """
insert into recall_notice (recall_id, customer_id, scope_version, link_expires_at, lines, shipped)
select r.id, c.id, 9, now() + interval '9 days', '[]', 1 from recall r, customer c
 where r.recall_no = :no and c.customer_no = :customer"""


def say(desk: Plant, customer: str, level: str | None) -> None:
    """Somebody says where a customer stands."""
    with act(desk.engine, SAYING) as session:
        partners.set_level(session, customer, level)


ARRIVED = """
update shipment set status = 'arrived', arrived_at = now() where status = 'shipped' and id in (
  select n.shipment_id from shipment_line n join lot l on l.id = n.lot_id where l.lot_no = :lot)"""


@pytest.fixture(scope="module")
def desk(stocked_desk: Plant) -> Plant:
    """A plant where batches stand ready."""
    return stocked_desk


class Case:
    """A batch of 50; a wholesaler, a shop, a hospital and somebody of unknown level each got some."""

    def __init__(self, desk: Plant, mode: str) -> None:
        self.desk, self.n = desk, next(NUMBERS)
        self.lot = ""
        self.customers = {level: f"C-{7000 + 10 * self.n + place}" for place, level in enumerate(LEVELS)}
        self.recall = Recalling(desk, f"{'RD' if mode == 'drill' else 'RC'}-DP-{self.n}", mode)

    async def open(self) -> "Case":
        self.lot = await stock.batch(self.desk)
        add_customers(self.desk, len(LEVELS), first=7000 + 10 * self.n)
        for level, customer in self.customers.items():
            if level:
                say(self.desk, customer, level)
            await self.desk.ship(f"DP-{customer}", self.lot, SHIPPED[level], customer=customer)
        self.arrived()
        await self.recall.open(self.lot)
        return self

    def arrived(self) -> None:
        """Everything has come to whom it was sent."""
        with act(self.desk.engine, SETUP) as session:
            session.connection().execute(text(ARRIVED), {"lot": self.lot})

    async def tell(self, depth: str | None, *levels: str | None, **form: Any) -> None:
        """Approved to that depth; who is shown is who is told, and that is these."""
        await self.recall.freeze(depth=depth, **form)
        await self.recall.do("hold_all", "sun.zhao")
        seen = self.preview()
        assert [one.customer_no for one in seen.recipients] == sorted(self.customers[one] for one in levels)
        await self.recall.do("notify", "sun.zhao", seen=seen.digest)

    def preview(self) -> Telling:
        with reading(self.desk.engine) as session:
            row = recalls.get(session, self.recall.number)
            return recall_preview.telling(session, row, recalls.newest_scope(session, row.id))

    def told(self) -> list[str]:
        """Every notice, by customer."""
        known = {
            self.desk.scalar("select id from customer where customer_no = :no", no=no): no
            for no in self.customers.values()
        }
        return [known[one.customer_id] for one in self.recall.notices()]

    def view(self) -> Any:
        with reading(self.desk.engine) as session:
            return queries_recalls.view(session, principal(self.desk), self.recall.number)

    def report(self) -> dict[str, Any]:
        with reading(self.desk.engine) as session:
            return recall_report.build(session, recalls.get(session, self.recall.number), "status")


@pytest.mark.parametrize("mode", ["recall", "drill"])
async def test_a_recall_down_to_retail_tells_no_hospital_and_says_so_at_every_door(desk: Plant, mode: str) -> None:
    case = await Case(desk, mode).open()
    await case.recall.freeze(depth="retail")
    await case.recall.do("hold_all", "sun.zhao")
    seen = case.preview()
    hospital = case.customers["user"]
    assert (seen.depth, seen.unknown) == ("retail", 1), "of unknown level, told anyway"
    assert [one.customer_no for one in seen.left_out] == [hospital]
    assert seen.left_out[0].quantities == (("pcs", "12"),)
    assert "零售" in seen.left_out[0].zh
    await case.recall.do("notify", "sun.zhao", seen=seen.digest)
    assert sorted(case.told()) == sorted(case.customers[one] for one in ("wholesale", "retail", None))
    if mode == "recall":
        case.recall.post()
    view, report = case.view(), case.report()
    places = view.funnel["places"][0]
    assert (places["left_out"], places["untold"], places["outstanding"], places["total"]) == ("12", "0", "46", "50")
    assert view.funnel["customers"] == {
        "total": 4, "answered": 0, "silent": 3, "untold": 0, "left_out": 1, "told": 3,
    }  # fmt: skip
    assert (view.silent, view.outstanding) == (3, Decimal(46)), "nobody waits for an answer of who was not asked"
    assert [one.customer_no for one in view.left_out] == [hospital]
    assert [one["customer_no"] for one in report["left_out"]["rows"]] == [hospital]
    assert report["not_notified"]["customers"] == 0
    assert {one["code"] for one in view.remaining} >= {"left_out", "silent"}


async def test_a_wider_depth_tells_who_was_not_told_and_nobody_twice(desk: Plant) -> None:
    case = await Case(desk, "recall").open()
    await case.tell("wholesale", "wholesale", None)
    assert len(case.view().left_out) == 2
    await case.recall.do(
        "follow_up", "sun.zhao", "expand", form={"identifiers": case.lot}, reason="主管部门要求通知到使用单位"
    )
    assert case.view().versions[-1].identifiers == (case.lot,), "the same scope, approved again"
    await case.tell("user", "retail", "user")
    assert sorted(case.told()) == sorted(case.customers.values())
    assert case.view().left_out == ()
    await case.recall.do("follow_up", "sun.zhao", "expand", form={"identifiers": case.lot}, reason="重新评估")
    await case.tell("wholesale")
    assert (len(case.told()), case.view().left_out) == (4, ()), "a narrower depth takes back no letter"
    await case.recall.do("follow_up", "sun.zhao", "done")


async def test_without_a_depth_everybody_is_told(desk: Plant) -> None:
    case = await Case(desk, "recall").open()
    await case.tell(None, *LEVELS)
    assert case.view().left_out == ()


async def test_who_comes_within_the_depth_while_the_recall_runs_is_told_before_the_follow_up_ends(desk: Plant) -> None:
    case = await Case(desk, "recall").open()
    await case.tell("wholesale", "wholesale", None)
    # who turns out to be a hospital was told already and stays told
    say(desk, case.customers[None] or "", "user")
    assert len(case.view().left_out) == 2
    say(desk, case.customers["retail"], "wholesale")
    view = case.view()
    assert ([one.customer_no for one in view.left_out], view.funnel["customers"]["untold"]) == (
        [case.customers["user"]],
        3,
    )
    await case.recall.refuse("RCM-012", "follow_up", "sun.zhao", "done")
    await case.recall.do("follow_up", "sun.zhao", "expand", form={"identifiers": case.lot}, reason="级别更正")
    await case.tell("wholesale", "retail")
    await case.recall.do("follow_up", "sun.zhao", "done")
    assert len(case.told()) == 3


async def test_a_level_that_changes_after_the_look_refuses_the_notices_that_were_looked_at(desk: Plant) -> None:
    case = await Case(desk, "recall").open()
    await case.recall.freeze(depth="retail")
    await case.recall.do("hold_all", "sun.zhao")
    seen = case.preview()
    say(desk, case.customers["retail"], "user")
    await case.recall.refuse("RCL-022", "notify", "sun.zhao", seen=seen.digest)
    assert case.told() == []


async def test_what_shipped_between_opening_and_notices_joins_by_the_same_depth(desk: Plant) -> None:
    case = await Case(desk, "drill").open()  # a drill holds nothing, so goods go on leaving
    await case.recall.freeze(depth="retail")
    await case.recall.do("hold_all", "sun.zhao")
    await desk.ship(f"DP-L-{case.n}", case.lot, 4, customer=case.customers["user"])
    case.arrived()
    seen = case.preview()
    assert [one.quantities for one in seen.left_out] == [(("pcs", "16"),)]
    await case.recall.do("notify", "sun.zhao", seen=seen.digest)
    assert case.view().funnel["places"][0]["left_out"] == "16"
    await case.recall.do("follow_up", "sun.zhao", "done")


async def test_a_class_one_goes_down_to_the_user_in_a_drill_too(desk: Plant) -> None:
    case = await Case(desk, "drill").open()
    await case.recall.do("review_scope", "sun.zhao", "freeze", signed=True)
    form = {**APPROVAL, "recall_class": "one", "depth": "retail"}
    await case.recall.refuse("RCM-010", "approve_scope", "wu.jingli", "approve", signed=True, form=form)
    await case.recall.do("approve_scope", "wu.jingli", "approve", signed=True, form={**form, "depth": "user"})


async def test_a_class_one_of_an_agency_wants_the_users_told(desk: Plant) -> None:
    case = await Case(desk, "recall").open()
    with act(desk.engine, SETUP) as session:
        session.connection().execute(
            text("update customer set country = 'US' where customer_no = :no"), {"no": case.customers["user"]}
        )
    await case.tell("wholesale", "wholesale", None)
    await case.recall.classify("I")
    await case.recall.refuse("RCM-011", "follow_up", "sun.zhao", "done")
    await case.recall.do("follow_up", "sun.zhao", "expand", form={"identifiers": case.lot}, reason="FDA 定为一级")
    await case.tell("user", "retail", "user")
    await case.recall.do("follow_up", "sun.zhao", "done")


async def test_no_sql_tells_who_is_left_out_or_makes_a_class_one_shallow(desk: Plant) -> None:
    case = await Case(desk, "recall").open()
    await case.tell("retail", "wholesale", "retail", None)
    for statement, why in (
        (NOTICE, "does not go down to this customer"),
        ("update recall set recall_class = 'I' where recall_no = :no", "goes down to the user"),
        ("update customer set level = 'pharmacy' where customer_no = :customer", "ck_customer_level"),
    ):
        given = {"no": case.recall.number, "customer": case.customers["user"]}
        with unchanged(desk.engine), pytest.raises(Exception, match=why), act(desk.engine, SAYING) as session:
            session.connection().execute(text(statement), given)
