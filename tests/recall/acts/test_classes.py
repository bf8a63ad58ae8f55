"""A recall's class in the record: by market, by whom; walls hold where no act of ours asks (21 CFR 7.41; MDR Art. 87)."""

from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from models.kernel.store.act import act, reading
from models.recall.queries import recalls as queries_recalls
from models.recall.rules.markets import MarketClass
from models.recall.store import markets as recall_markets
from models.recall.store import recalls
from models.recall.store import report as recall_report
from tests.support import stock
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import APPROVAL, Recalling, move
from tests.support.record import refused, unchanged

NUMBERS = count(1)
ACTOR = "select set_config('bw.actor_id', public_id::text, true) from person where name = :login"
ROW = """
insert into recall_market (recall_id, market, kind, level, authority, reference, classified_at, recorded_by_id)
select r.id, :market, :kind, :level, :authority, :reference, now(), p.id from recall r, person p
 where r.recall_no = :no and p.name = :login"""


@pytest.fixture(scope="module")
def desk(stocked_desk: Plant) -> Plant:
    """A plant where batches stand ready."""
    return stocked_desk


async def opened(plant: Plant, country: str | None, mode: str = "recall") -> Recalling:
    n = next(NUMBERS)
    move(plant, "C-1", country)
    lot = await stock.shipped(plant, 30)
    recall = Recalling(plant, f"{'RD' if mode == 'drill' else 'RC'}-2026-9{n:02d}", mode)
    await recall.open(lot)
    return recall


def classes(recall: Recalling) -> dict[str, MarketClass]:
    with reading(recall.plant.engine) as session:
        return {one.market: one for one in recall_markets.of(session, recalls.get(session, recall.number))}


@pytest.mark.parametrize("mode", ["recall", "drill"])
async def test_the_firm_proposes_and_the_agencys_letter_decides(desk: Plant, mode: str) -> None:
    recall = await opened(desk, "US", mode)
    with refused(desk.engine, "RCM-006"):
        await recall.classify()
    await recall.freeze(us_class="three", action="removal", measure="take_back", depth="user")
    seen = classes(recall)
    assert [(one.kind, one.level) for one in seen.values()] == [("class", "II"), ("proposal", "III")]
    for code, more in (("RCM-002", {"market": "CN"}), ("RCM-001", {"market": "EU"}), ("RCM-004", {"reference": " "})):
        with refused(desk.engine, code), unchanged(desk.engine):
            await recall.classify(**more)
    await recall.do("hold_all", "sun.zhao")
    await recall.do("notify", "sun.zhao")
    (notice,) = recall.notices()

    def letter() -> Any:
        with reading(desk.engine) as session:
            return queries_recalls.notice(session, notice.public_id)

    assert letter().recall_class is None, "a proposal is no class"
    await recall.classify("I")
    assert letter().recall_class == "I"
    assert letter().handling.as_dict() == {"action": "removal", "measure": "take_back", "depth": "user"}
    us = classes(recall)["US"]
    assert (us.kind, us.level, us.proposed, us.reference, us.by) == ("agency", "I", "III", "Z-0123-2027", "孙召")
    with reading(desk.engine) as session:
        report = recall_report.build(session, recalls.get(session, recall.number), "status")
        closing = recalls.closing_record(session, recalls.get(session, recall.number))
    for said in (report, closing):
        assert [(one["market"], one["kind"], one["level"]) for one in said["markets"]] == [
            ("CN", "class", "II"),
            ("US", "agency", "I"),
        ]
        assert said["handling"]["measure"] == "take_back"


async def test_what_is_sold_in_the_union_is_a_field_safety_corrective_action(desk: Plant) -> None:
    recall = await opened(desk, "DE")
    await recall.do("review_scope", "sun.zhao", "freeze", signed=True)
    for code, more in (
        ("RCM-003", {"us_class": "one"}),
        ("RCM-008", {"action": "correction", "measure": "take_back"}),
        ("RCM-007", {"measure": "repair"}),
    ):
        await recall.refuse(code, "approve_scope", "wu.jingli", "approve", signed=True, form={**APPROVAL, **more})
    form = {**APPROVAL, "action": "correction", "measure": "software"}
    await recall.do("approve_scope", "wu.jingli", "approve", signed=True, form=form)
    assert [(one.kind, one.level) for one in classes(recall).values()] == [("class", "II"), ("fsca", None)]
    await recall.do("hold_all", "sun.zhao")
    await recall.do("notify", "sun.zhao")
    with reading(desk.engine) as session:
        seen = queries_recalls.notice(session, recall.notices()[0].public_id)
    assert (seen.recall_class, seen.notice.country) == (None, "DE")


def write(plant: Plant, given: dict[str, str | None]) -> None:
    """A row by SQL, in the name of whom it says."""
    with act(plant.engine, SETUP) as session:
        session.connection().execute(text(ACTOR), {"login": given["login"]})
        session.connection().execute(text(ROW), given)


@pytest.mark.parametrize(
    ("market", "kind", "level", "letter", "login", "why"),
    [
        ("EU", "class", "I", None, "吴经理", "ck_recall_market"),
        ("EU", "fsca", "I", None, "吴经理", "ck_recall_market_level"),
        ("US", "class", "I", None, "吴经理", "ck_recall_market_kind"),
        ("CN", "agency", "I", "Z-1", "孙召", "ck_recall_market_kind"),
        ("CN", "class", None, None, "吴经理", "ck_recall_market_level"),
        ("US", "agency", "I", None, "孙召", "ck_recall_market_agency"),
        ("CN", "class", "I", None, "孙召", "by the signature that approves"),
    ],
)
async def test_no_sql_gives_a_market_a_class_that_it_does_not_know(
    desk: Plant, market: str, kind: str, level: str | None, letter: str | None, login: str, why: str
) -> None:
    recall = await approved(desk)
    given = {"market": market, "kind": kind, "level": level, "authority": letter and "FDA", "reference": letter}
    given |= {"no": recall.number, "login": login}
    with unchanged(desk.engine), pytest.raises(Exception, match=why):
        write(desk, given)


APPROVED: dict[int, Recalling] = {}


async def approved(plant: Plant) -> Recalling:
    """One recall for all that try the walls."""
    if id(plant.engine) not in APPROVED:
        recall = await opened(plant, "US")
        await recall.freeze()
        APPROVED[id(plant.engine)] = recall
    return APPROVED[id(plant.engine)]


@pytest.mark.parametrize("change", ["update recall_market set level = 'III'", "delete from recall_market"])
async def test_what_was_classified_stays(desk: Plant, change: str) -> None:
    await approved(desk)
    with (
        unchanged(desk.engine),
        pytest.raises(Exception, match="permission denied"),
        act(desk.engine, SETUP) as session,
    ):
        session.connection().execute(text(change))


async def test_customers_who_were_told_a_correction_are_not_left_with_that_letter_when_it_becomes_a_removal(
    desk: Plant,
) -> None:
    recall = await opened(desk, "CN")
    stays = {"action": "correction", "measure": "inspection"}
    goes = {"action": "removal", "measure": "take_back"}
    await recall.do("review_scope", "sun.zhao", "freeze", signed=True)
    await recall.do("approve_scope", "wu.jingli", "back", signed=True, reason="再想")  # nobody is told yet
    await recall.freeze(**stays)
    await recall.do("hold_all", "sun.zhao")
    await recall.do("notify", "sun.zhao")
    lot = next(iter(recall.in_scope()))
    await recall.do("follow_up", "sun.zhao", "expand", reason="更严重", form={"identifiers": lot})
    await recall.do("review_scope", "sun.zhao", "freeze", signed=True)
    for other in (goes, {"action": None, "measure": None}, {"action": "correction", "measure": "repair"}):
        await recall.refuse("RCM-013", "approve_scope", "wu.jingli", "approve", signed=True, form={**APPROVAL, **other})
    await recall.do("approve_scope", "wu.jingli", "approve", signed=True, form={**APPROVAL, **stays})
    again = Recalling(desk, f"{recall.number}-2")
    await again.open(lot)
    await again.freeze(**goes)
    await again.do("hold_all", "sun.zhao")
    await again.do("notify", "sun.zhao")
    assert len(again.notices()) == len(recall.notices()) == 1
