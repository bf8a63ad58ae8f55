"""Receipts are covered by the list of approved suppliers, or kept apart with the reason, in one transaction (STANDARDS Q 87; REQ 49)."""

from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from models.process.messages.process import Receipt
from models.receipt.messages import ReceiveLot
from models.supplier.store import approvals
from tests.supplier.asking import approved, asked, asking, go_on, goods, in_days, proposed, signed
from tests.support.often import often
from tests.support.plant.bringing import bringing
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes.matter import complete, open_task, stages
from tests.support.servers.together import split, together

STANDS = """
select coalesce(jsonb_build_object('finding', r.finding, 'approval', a.approval_no, 'held', exists (
         select from hold h where h.lot_id = l.id and h.id = r.hold_id and h.cause = 'supplier' and h.lifted_at is null),
       'facts', (select count(*) from fact f where f.subject_id = l.subject_id and f.name = 'supplier.quarantined')), '{}')
  from lot l join supplier_receipt r on r.lot_id = l.id left join supplier_approval a on a.id = r.approval_id where l.lot_no = :lot
"""


def receipt(plant: Plant, lot: str, item: str, supplier: str | None = "N-1", **more: Any) -> ReceiveLot:
    given = {"quantity": Decimal(5), "supplier_lot_no": f"P-{lot}", "location": "RCV-01", **more}
    return ReceiveLot(
        command_id=str(uuid4()), by=plant.by("li.cang"), lot_no=lot, item_no=item, supplier_no=supplier, **given
    )


def receive(plant: Plant, lot: str, item: str, supplier: str | None = "N-1", **more: Any) -> Receipt:
    return do(plant.engine, "receive_lot", receipt(plant, lot, item, supplier, **more))


def found(plant: Plant, lot: str) -> tuple[str, str | None, bool]:
    """What the list said of it, by which entry, and whether that holds it; what is told of it is told once."""
    said = plant.scalar(STANDS, lot=lot)
    assert said["facts"] == said["held"]
    return said["finding"], said["approval"], said["held"]


async def test_who_is_not_on_the_list_is_kept_apart_until_two_people_have_signed(desk: Plant) -> None:
    item = goods(desk, "ROD-1", "N-1", "N-2")
    done = receive(desk, "Q-1", item)
    why = done.data["quarantine"]
    assert why["found"] == "unlisted"
    assert "供方 N-1 N-1 未获准供应物料 ROD-1" in why["zh"]
    assert "Supplier N-1 N-1 isn't approved for item ROD-1" in why["en"]
    assert found(desk, "Q-1") == ("unlisted", None, True)
    assert "未获准供应" in desk.scalar("select reason from hold where cause = 'supplier' order by id desc limit 1")
    number = await asked(desk, "N-1", item)
    receive(desk, "Q-2", item)
    await proposed(desk, number)
    await complete(desk, number, "review", "chen.pi", "agree")
    receive(desk, "Q-3", item)
    assert {found(desk, lot) for lot in ("Q-2", "Q-3")} == {("undecided", number, True)}
    await complete(desk, number, "approve", "wu.jingli", "approve")
    assert "quarantine" not in receive(desk, "Q-4", item).data
    assert found(desk, "Q-4") == ("approved", number, False)
    receive(desk, "Q-5", item, "N-2")  # another supplier of the same item
    receive(desk, "Q-6", item, None)  # and nobody gets round the list by saying nothing
    assert (found(desk, "Q-5"), found(desk, "Q-6")) == (("unlisted", None, True), ("unnamed", None, True))


async def test_an_item_without_a_list_comes_from_nobody_in_particular(desk: Plant) -> None:
    receive(desk, "U-1", goods(desk, "ROD-U"), None)
    assert found(desk, "U-1") == ("uncontrolled", None, False)


async def test_a_revision_a_certificate_and_a_number_of_lots(desk: Plant) -> None:
    item = goods(desk, "ROD-2", "C-1", "C-2", "C-3", "C-4")
    of_b = await approved(desk, "C-1", item, revision="B")
    for n, (revision, expected) in enumerate((("b", "approved"), ("A", "revision"), (None, "revision"))):
        receive(desk, f"REV-{n}", item, "C-1", item_revision=revision)
        assert found(desk, f"REV-{n}")[0] == expected
    with_it = await approved(desk, "C-2", item, condition="certificate")
    receive(desk, "CER-1", item, "C-2")
    receive(desk, "CER-2", item, "C-2", certificate_no="COA-77")
    assert (found(desk, "CER-1"), found(desk, "CER-2")) == (
        ("certificate", with_it, True),
        ("approved", with_it, False),
    )
    on_trial = await approved(desk, "C-3", item, condition="lots", most_lots=2)
    arriving = [partial(do, desk.engine, "receive_lot", receipt(desk, f"TRY-{n}", item, "C-3")) for n in range(4)]
    done, refused = split(together(*arriving))  # four trucks at once: two lots are covered, whoever is first
    assert (len(done), refused) == (4, [])
    assert (
        sorted(found(desk, f"TRY-{n}") for n in range(4))
        == [("approved", on_trial, False)] * 2 + [("used_up", on_trial, True)] * 2
    )
    other = await approved(desk, "C-4", item, condition="other", condition_text="每批复验")
    assert "每批复验" in receive(desk, "OTH-1", item, "C-4").data["quarantine"]["en"]
    assert found(desk, "OTH-1") == ("condition", other, True)
    # a second entry for all revisions covers what the first doesn't
    of_all = await approved(desk, "C-1", item)
    receive(desk, "REV-9", item, "C-1", item_revision="A")
    assert (found(desk, "REV-9"), of_b != of_all) == (("approved", of_all, False), True)


async def test_terms_that_make_no_sense_and_the_wrong_people_are_refused(desk: Plant) -> None:
    item = goods(desk, "ROD-3", "W-1")
    number = await asked(desk, "W-1", item, login="wu.jingli")
    for code, more in (
        ("SUP-006", {"valid_until": in_days(-2), "reassess_on": in_days(-3)}),
        ("SUP-007", {"reassess_on": in_days(400)}),
        ("SUP-008", {"condition": "lots"}),
        ("SUP-008", {"most_lots": 3}),
        ("SUP-009", {"condition": "other", "condition_text": "  "}),
    ):
        with pytest.raises(Refusal, match=code):
            await proposed(desk, number, **more) if stages(desk, number) == ["assess"] else await complete(
                desk,
                number,
                "terms",
                "zhou.shen",
                form={"valid_until": in_days(400), "reassess_on": in_days(340), "condition": "none", **more},
            )
    with pytest.raises(Refusal, match="SUP-004"):  # somebody is at it
        await asked(desk, "W-1", item)
    await complete(
        desk,
        number,
        "terms",
        "zhou.shen",
        form={"valid_until": in_days(400), "reassess_on": in_days(340), "condition": "none"},
    )
    await complete(desk, number, "review", "chen.pi", "agree")
    with pytest.raises(Refusal, match="SUP-005"):  # whoever asked for it
        await complete(desk, number, "approve", "wu.jingli", "approve")
    for code, given in (
        ("SUP-002", {"reason": " "}),
        ("SUP-003", {"supplier_no": "S-NONE"}),
        ("SUP-010", {"item_no": "HIP-12"}),
    ):
        with pytest.raises(Refusal, match=code):
            do(desk.engine, "assess_supplier", asking(desk, **{"supplier_no": "W-1", "item_no": item, **given}))


async def test_who_is_refused_is_kept_apart_and_may_be_assessed_again(desk: Plant) -> None:
    item = goods(desk, "ROD-4", "R-1")
    number = await asked(desk, "R-1", item)
    form = {"basis": "audit", "risk": "high", "findings": "无检验能力"}
    await complete(desk, number, "assess", "zhou.shen", "unsuitable", signed=False, form=form, reason="无检验能力")
    await complete(desk, number, "refuse", "wu.jingli", "refuse", reason="无检验能力")
    receive(desk, "REF-1", item, "R-1")
    assert found(desk, "REF-1") == ("refused", number, True)
    assert await asked(desk, "R-1", item, reason="已整改") == number  # the same entry, another round
    await signed(desk, number)
    receive(desk, "REF-2", item, "R-1")
    assert found(desk, "REF-2") == ("approved", number, False)
    assert found(desk, "REF-1") == ("refused", number, True)  # what came from somebody refused is let go of lot by lot
    # asked for before its day it is assessed at once, and stays in force meanwhile
    await asked(desk, "R-1", item, reason="来货波动")
    go_on(desk, number)
    assert stages(desk, number) == ["assess"]
    assert desk.scalar("select round from supplier_approval where approval_no = :n", n=number) == 3
    receive(desk, "REF-3", item, "R-1")
    assert found(desk, "REF-3") == ("approved", number, False)


async def test_two_who_ask_at_once_make_one_entry(desk: Plant) -> None:
    for n in range(often(2, 20)):
        item = goods(desk, f"ROD-5-{n}", f"T-{n}")
        both = [partial(do, desk.engine, "assess_supplier", asking(desk, f"T-{n}", item)) for _ in range(2)]
        done, refused = split(together(*both))
        assert (len(done), len(refused)) == (1, 1)
        assert "SUP-004" in str(refused[0])
        assert (
            desk.scalar(
                "select count(*) from supplier_approval a join item i on i.id = a.item_id where i.item_no = :i", i=item
            )
            == 1
        )


async def test_a_receipt_beside_a_refusal_comes_before_or_after_it(desk: Plant) -> None:
    for n in range(often(2, 20)):
        item = goods(desk, f"ROD-6-{n}", f"B-{n}")
        number = await approved(desk, f"B-{n}", item)
        await asked(desk, f"B-{n}", item)
        go_on(desk, number)
        form = {"basis": "audit", "risk": "high", "findings": "x"}
        await complete(desk, number, "assess", "zhou.shen", "unsuitable", signed=False, form=form, reason="x")
        refuse = partial(complete_refusal, desk, number)
        done, refused = split(
            together(refuse, partial(do, desk.engine, "receive_lot", receipt(desk, f"BES-{n}", item, f"B-{n}")))
        )
        assert (len(done), refused) == (2, [])
        later = desk.scalar(
            "select r.judged_at > a.refused_at from supplier_receipt r join supplier_approval a on a.id = r.approval_id"
            " join lot l on l.id = r.lot_id where l.lot_no = :lot", lot=f"BES-{n}"
        )  # fmt: skip
        assert found(desk, f"BES-{n}") in (
            [("refused", number, True)] if later else [("approved", number, False), ("refused", number, True)]
        )


def complete_refusal(plant: Plant, number: str) -> Any:
    command = plant.completion(open_task(plant, number, "refuse"), plant.by("wu.jingli"), "refuse", reason="x")
    return do(plant.engine, "complete_task", command)


async def test_what_an_import_says_of_who_delivers_what_is_carried_over_once(desk: Plant) -> None:
    item = goods(desk, "ROD-7", "I-1", "I-2")
    with act(desk.engine, SETUP) as session:
        for supplier in ("I-1", "I-2"):
            session.connection().exec_driver_sql(
                "insert into supplier_item (supplier_id, item_id, supplier_item_no) select s.id, i.id, 'X' from supplier s, item i"
                " where s.supplier_no = %(s)s and i.item_no = %(i)s", {"s": supplier, "i": item}
            )  # fmt: skip
        session.connection().exec_driver_sql("select set_config('bw.reason', 'x', true)")
        session.connection().exec_driver_sql("update supplier set status = 'blocked' where supplier_no = 'I-2'")
    with bringing(desk.engine) as session:
        assert approvals.carry_over(session) >= 1
    with bringing(desk.engine) as session:
        assert approvals.carry_over(session) == 0
    receive(desk, "IMP-1", item, "I-1")
    assert found(desk, "IMP-1")[0] == "approved"
    assert (
        desk.scalar(
            "select count(*) from supplier_approval a join supplier s on s.id = a.supplier_id where s.supplier_no = 'I-2'"
        )
        == 0
    )
