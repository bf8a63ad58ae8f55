"""Limits are frozen by somebody else, lots are judged with their verdict, and an alarm is an alert with its evidence (REQUIREMENTS 50, 118; STANDARDS Q 90, Q 91)."""

from functools import partial

import pytest

from models.kernel.refusal import Refusal
from tests.drift.conftest import watched
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.processes.drifting import (
    STABLE,
    alert,
    arrived,
    asked,
    asking,
    assessed,
    before,
    came,
    closed,
    form,
    frozen,
    sampling,
    verdict,
)
from tests.support.processes.matter import complete, stages
from tests.support.servers.together import split, together

POINTS = """
select coalesce(jsonb_agg(jsonb_build_array(p.seq, l.lot_no) order by p.seq), '[]') from drift_point p join lot l on l.id = p.lot_id
  join drift_chart c on c.id = p.chart_id where c.chart_no = :number
"""
TOLD = "select count(*) from fact f join subject s on s.id = f.subject_id where s.number = :number and f.name = :fact"
CAUSED = """
select coalesce(jsonb_agg(c.code order by c.id), '[]') from cause c join fact f on f.id = c.fact_id join subject s on s.id = f.subject_id
 where s.number = :number and f.name = 'supplier.drift'
"""


async def test_limits_come_from_chosen_lots_and_are_frozen_by_somebody_else(desk: Plant) -> None:
    item = await watched(desk, "LIM", freeze=False)
    number = await asked(desk, "W-LIM", item)
    with pytest.raises(Refusal, match="DRF-004"):
        await asked(desk, "W-LIM", item)
    for code, more in (("DRF-005", {"lots": 8, "leave_out": "LIM-0012"}), ("DRF-010", {"leave_out": "LIM-9999"})):
        with pytest.raises(Refusal, match=code):
            await complete(desk, number, "propose", "zhou.shen", form=form(**more))
    await complete(desk, number, "propose", "zhou.shen", form=form(leave_out="LIM-0001，LIM-0002"))
    with pytest.raises(Refusal, match="TASK-005"):
        await complete(desk, number, "freeze", "zhou.shen", "approve")
    await complete(desk, number, "freeze", "chen.pi", "back", reason="请说明剔除理由")
    await complete(desk, number, "propose", "zhou.shen", form=form())
    before(desk, "LIM-LATE", item, "W-LIM", [13.0] * 3)  # what comes meanwhile doesn't move what is to be signed
    await complete(desk, number, "freeze", "chen.pi", "approve")
    kept = desk.scalar(
        "select jsonb_agg(jsonb_build_array(status, version, jsonb_array_length(base), round(centre::numeric, 4), round(sigma::numeric, 4)) order by id)"
        " from drift_limits"
    )
    assert [one[:3] for one in kept] == [["replaced", None, 10], ["approved", 1, 12]]
    assert kept[1][3] == pytest.approx(sum(STABLE) / 12, abs=1e-4)
    for code, given in (
        ("DRF-001", {"reason": " "}),
        ("DRF-002", {"supplier": "S-NONE"}),
        ("DRF-003", {"characteristic": "硬度"}),
    ):
        said = {"supplier": "W-LIM", "item": item, **given}
        with pytest.raises(Refusal, match=code):
            do(desk.engine, "watch_lots", asking(desk, **said))
    # other limits are another version, and what was judged by the first stays so
    await came(desk, "LIM-A", item, "W-LIM", 12.0)
    assert await asked(desk, "W-LIM", item) == number
    await frozen(desk, number)
    await came(desk, "LIM-B", item, "W-LIM", 12.0)
    versions = "select jsonb_agg(l.version order by p.seq) from drift_point p join drift_limits l on l.id = p.limits_id join drift_chart c on c.id = p.chart_id where c.chart_no = :n"
    assert desk.scalar(versions, n=number) == [1, 2]


async def test_a_shift_raises_one_alert_with_its_lots_and_tightens_sampling_until_it_is_signed(desk: Plant) -> None:
    item = await watched(desk, "SHIFT")
    number = await asked(desk, "W-SHIFT", item, "")
    await frozen(desk, number)  # the rejects of the same lots, beside the chart of their means
    number = desk.scalar("select chart_no from drift_chart where charted = 'mean' order by id desc limit 1")
    await came(desk, "SH-1", item, "W-SHIFT", 12.0)
    assert (alert(desk, number), sampling(desk, number)) == ({}, "normal")
    await came(desk, "SH-2", item, "W-SHIFT", 12.024)  # nearly two and a half sigmas
    await came(desk, "SH-3", item, "W-SHIFT", 12.024)
    raised = alert(desk, number)
    assert (raised["status"], raised["rules"], sampling(desk, number)) == (
        "open",
        [["WE-2", ["SH-2", "SH-3"]]],
        "tightened",
    )
    assert stages(desk, raised["number"]) == ["assess"]
    # another alarm joins it; a lot that fails is judged too, and is a point of both charts
    await arrived(desk, "SH-4", item, "W-SHIFT", (12.3, 12.3, 12.3))
    await verdict(desk, "SH-4", "failed")
    joined = alert(desk, number)
    assert joined["number"] == raised["number"]
    assert [one[0] for one in joined["rules"]] == ["WE-2", "WE-1", "WE-2"]
    assert desk.scalar(CAUSED, number=raised["number"]) == ["begun", "joined"]
    # inspected again, it isn't counted again
    await desk.complete("SH-4", "disposition", "chen.pi", "reinspect", reason="量具读错")
    await desk.measure("SH-4", value="12.2")
    await verdict(desk, "SH-4", "failed")
    assert [one[1] for one in desk.scalar(POINTS, number=number)] == ["SH-1", "SH-2", "SH-3", "SH-4"]
    # what comes after the assessment is assessed before it is signed
    await assessed(desk, raised["number"])
    await came(desk, "SH-5", item, "W-SHIFT", 12.04)
    with pytest.raises(Refusal, match="DRF-014"):
        await complete(desk, raised["number"], "conclude", "chen.pi", "close")
    await complete(desk, raised["number"], "conclude", "chen.pi", "back", reason="又来一批")
    assert await asked(desk, "W-SHIFT", item) == number
    await complete(desk, number, "propose", "zhou.shen", form=form())
    with pytest.raises(Refusal, match="DRF-007"):  # no other limits while an alert is open
        await complete(desk, number, "freeze", "chen.pi", "approve")
    done = await closed(desk, raised["number"], "capa")
    assert sampling(desk, number) == "normal"
    assert (
        desk.scalar(
            "select count(*) from capa c join subject s on s.id = c.subject_id where c.supplier_id = (select id from supplier where supplier_no = 'W-SHIFT')"
        )
        == 1
    )
    assert done is not None
    # the series begins anew: one beyond two sigmas says nothing now, two do
    await came(desk, "SH-6", item, "W-SHIFT", 12.024)
    assert alert(desk, number)["status"] == "closed"
    await came(desk, "SH-7", item, "W-SHIFT", 12.024)
    again = alert(desk, number)
    assert (again["number"] != raised["number"], again["rules"]) == (True, [["WE-2", ["SH-6", "SH-7"]]])


async def test_lots_of_one_supplier_at_the_same_instant_are_judged_one_after_the_other(desk: Plant) -> None:
    item = await watched(desk, "RACE", rules="calm")
    number = desk.scalar("select chart_no from drift_chart order by id desc limit 1")
    lots = [f"RA-{n}" for n in range(4)]
    for lot in lots:
        await arrived(desk, lot, item, "W-RACE", (12.2, 12.2, 12.2))
    commands = [desk.completion(desk.task(lot, "inspect"), desk.by("lin.jian"), "failed") for lot in lots]
    done, refused = split(together(*(partial(do, desk.engine, "complete_task", one) for one in commands)))
    assert (len(done), refused) == (4, [])
    points = desk.scalar(POINTS, number=number)
    assert ([one[0] for one in points], {one[1] for one in points}) == ([1, 2, 3, 4], set(lots))
    found = alert(desk, number)
    rules = [one[0] for one in found["rules"]]
    assert (rules.count("WE-1"), rules.count("CUSUM")) == (4, 4)
    assert (
        desk.scalar(
            "select count(*) from drift_alert a join drift_chart c on c.id = a.chart_id where c.chart_no = :n", n=number
        )
        == 1
    )
    assert desk.scalar(TOLD, number=found["number"], fact="supplier.drift") == 4


async def test_rejects_are_summed_by_pieces_and_lots_of_nobody_watched_are_left_alone(desk: Plant) -> None:
    item = await watched(desk, "REJ", freeze=False)
    number = await asked(desk, "W-REJ", item, "")
    with pytest.raises(Refusal, match="DRF-011"):
        await complete(desk, number, "propose", "zhou.shen", form=form(worse_percent="0.1"))
    await frozen(desk, number, worse_percent="20")
    await arrived(desk, "RE-1", item, "W-REJ", (12.0, 12.0, 12.0), bad=2)
    await verdict(desk, "RE-1", "failed")
    found = alert(desk, number)
    assert found["rules"] == [["R-CUSUM", ["RE-1"]]]
    assert sampling(desk, number) == "tightened"
    await closed(desk, found["number"], "ask_supplier")
    assert sampling(desk, number) == "normal"
    await came(desk, "RE-2", await watched(desk, "NONE", freeze=None), "W-NONE", 12.04)
    assert desk.scalar("select count(*) from drift_point p join lot l on l.id = p.lot_id where l.lot_no = 'RE-2'") == 0
