"""An approval that is signed later lets go of what was held only for want of it, and of nothing else (ISO 13485 7.4.1; STANDARDS Q 87)."""

import json
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from models.hold.messages import PlaceHold
from models.kernel.refusal import Refusal
from models.kernel.store.act import now, reading
from models.process.acts.preview import decision
from models.process.messages.process import Receipt
from tests.supplier.asking import approved, asked, go_on, goods, proposed, signed
from tests.supplier.test_receipts import found, receipt, receive
from tests.support.often import often
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import new, splitting
from tests.support.processes.matter import complete, open_task
from tests.support.servers.together import split, together

HELD = "select array_agg(h.cause order by h.id) from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot and h.lifted_at is null"
LIFTED = """
select jsonb_build_array(p.login, s.meaning, t.stage, h.lift_reason) from hold h join lot l on l.id = h.lot_id join signature s on s.id = h.lift_signature_id
  join human_task t on t.id = s.task_id and t.run_id = h.lift_run_id join account p on p.person_id = h.lifted_by_id where l.lot_no = :lot
"""
TOLD_FREE = """
select array_agg(s.number order by s.number) from fact f join subject s on s.id = f.subject_id where f.name = 'lot.hold_lifted' and s.number like 'MG-%%'
"""
TOLD = """
select string_agg(e.actor_name || e.after::text, '|') from audit_event e join hold h on h.id = e.row_id join lot l on l.id = h.lot_id
 where e.table_name = 'hold' and lower(e.operation) = 'update' and l.lot_no = :lot
"""
HOLD = (
    "select h.public_id::text from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot and h.lifted_at is null"
)


def held(plant: Plant, lot: str) -> list[str]:
    """Why a lot is held, by cause."""
    return plant.scalar(HELD, lot=lot) or []


def approving(plant: Plant, number: str) -> Receipt:
    task = open_task(plant, number, "approve")
    return do(plant.engine, "complete_task", plant.completion(task, plant.by("wu.jingli"), "approve", signed=True))


async def test_the_signature_lets_go_of_what_waited_for_it_and_says_so(desk: Plant) -> None:
    item = goods(desk, "MADE-1", "M-1", "M-2")
    receive(desk, "MG-1", item, "M-1")
    do(desk.engine, "split_lot", splitting(desk, "MG-1", new("MG-1-A", 2)))
    receive(desk, "MG-2", item, "M-1")
    hold = PlaceHold(command_id=str(uuid4()), by=desk.by("wu.jingli"), lot_nos=("MG-2",), reason="外箱破损")
    do(desk.engine, "place_hold", hold)
    receive(desk, "MG-3", item, "M-2")  # another supplier of the same item
    number = await asked(desk, "M-1", item)
    await proposed(desk, number)
    receive(desk, "MG-4", item, "M-1", item_revision="C")
    await complete(desk, number, "review", "chen.pi", "agree")
    await desk.measure("MG-1")
    with pytest.raises(Refusal, match="LOT-003") as refused:  # measured, and goes no further
        await desk.complete("MG-1", "inspect", "lin.jian", "accepted")
    assert "isn't approved for item" in refused.value.en
    assert "未获准" not in refused.value.en
    # who signs sees beforehand what the signature lets go of
    with reading(desk.engine) as session:
        task = open_task(desk, number, "approve")
        shown = decision(session, task.public_id, desk.by("wu.jingli"), now(session)).canonical
    assert json.loads(shown)["lets_go_of"] == ["MG-1", "MG-2", "MG-4"]
    done = approving(desk, number).data
    assert (done["let_go"], done["free"]) == (4, 3)
    assert [held(desk, lot) for lot in ("MG-1", "MG-1-A", "MG-2", "MG-3", "MG-4")] == [
        [],
        [],
        ["manual"],
        ["supplier"],
        [],
    ]
    assert desk.scalar(TOLD_FREE) == ["MG-1", "MG-1-A", "MG-4"]
    who, meaning, stage, why = desk.scalar(LIFTED, lot="MG-1")
    assert (who, meaning, stage) == ("wu.jingli", "approved", "approve")
    assert f"供应商批准 {number}" in why
    assert f"the approval {number}" in why
    told = desk.scalar(TOLD, lot="MG-4")
    assert number in told
    assert "吴经理" in told
    await desk.complete("MG-1", "inspect", "lin.jian", "accepted")


async def test_a_trial_lets_go_of_as_many_lots_as_it_is_for_and_a_second_one_of_as_many_again(desk: Plant) -> None:
    item = goods(desk, "MADE-2", "M-3")
    for n in range(3):
        receive(desk, f"TR-{n}", item, "M-3")
    number = await approved(desk, "M-3", item, condition="lots", most_lots=2)
    assert [held(desk, f"TR-{n}") for n in range(3)] == [[], [], ["supplier"]]
    receive(desk, "TR-3", item, "M-3")
    assert found(desk, "TR-3") == ("used_up", number, True)
    await asked(desk, "M-3", item, reason="试用合格")
    go_on(desk, number)
    await signed(desk, number, condition="lots", most_lots=3)
    assert [held(desk, f"TR-{n}") for n in (2, 3)] == [[], []]
    for lot, says in (("TR-4", "approved"), ("TR-5", "used_up")):
        receive(desk, lot, item, "M-3")
        assert found(desk, lot)[0] == says


async def test_who_is_received_or_lifted_beside_the_signature_is_free_once(desk: Plant) -> None:
    for n in range(often(2, 20)):
        item = goods(desk, f"MADE-3-{n}", f"M-4-{n}")
        receive(desk, f"RA-{n}", item, f"M-4-{n}")
        number = await asked(desk, f"M-4-{n}", item)
        await proposed(desk, number)
        await complete(desk, number, "review", "chen.pi", "agree")
        acts: list[Any] = [
            partial(approving, desk, number),
            partial(do, desk.engine, "receive_lot", receipt(desk, f"RB-{n}", item, f"M-4-{n}")),
            partial(do, desk.engine, "lift_hold", desk.lifting(desk.scalar(HOLD, lot=f"RA-{n}"))),
        ]
        done, refused = split(together(*(acts if n % 2 else acts[::-1])))
        codes = {getattr(why, "code", repr(why)) for why in refused}
        # the second of two who let go finds it free; who signed over a lot that came meanwhile looks again
        assert codes <= {"HLD-004", "SIG-004"}
        if "SIG-004" in codes:
            approving(desk, number)
        assert (held(desk, f"RA-{n}"), held(desk, f"RB-{n}")) == ([], [])
        assert len(done) >= 2
