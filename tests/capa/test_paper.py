"""A CAPA and a finding on paper: everything that the record says, in both languages, and the same as JSON attached (REQUIREMENTS 40)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest_asyncio

from models.capa.messages import OpenCapa
from models.capa.paper import case
from models.kernel.store.act import now, reading
from models.nonconformance.messages import RaiseNonconformance
from models.nonconformance.paper import finding, paper
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.processes.matter import complete, open_task

INVESTIGATED = {
    "problem": "直径偏大", "method": "five_why", "steps": [{"asked": "为什么偏大", "found": "刀具磨损", "evidence": "R-P-1"}],
    "cause": "换刀周期过长 #set page(width: 1pt) $x$", "cause_class": "tool",
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    return desk


def words(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, dict):
        for one in value.values():
            yield from words(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from words(one)
    else:
        yield str(value)


async def test_all_of_a_case_and_of_its_finding_is_on_paper(shop: Plant) -> None:
    await shop.receive("R-P-1", 10)
    raised = RaiseNonconformance(
        command_id=str(uuid4()), by=shop.by("li.cang"), title="毛刺 *粗*", lot_no="R-P-1", said="目视"
    )
    nc = str(do(shop.engine, "raise_nonconformance", raised).data["number"])
    opened = OpenCapa(command_id=str(uuid4()), by=shop.by("zhou.shen"), title="毛刺反复", nonconformances=(nc,))
    number = str(do(shop.engine, "open_capa", opened).data["number"])
    await complete(shop, number, "contain", "zhou.shen", form={"containment": "已隔离"})
    await complete(shop, number, "investigate", "zhou.shen", form=INVESTIGATED)
    await complete(shop, number, "judge", "zhou.shen", "needed", signed=False)
    due = (date.today() + timedelta(days=10)).isoformat()  # noqa: DTZ011 - the plant's day, give or take one
    later = (date.today() + timedelta(days=90)).isoformat()  # noqa: DTZ011
    plan = {
        "actions": [{"title": "换刀", "kind": "corrective", "area": "production", "owner": "wang.cao", "due": due}],
        "measure": "findings", "direction": "at_most", "limit": "0", "measure_on": later,
    }  # fmt: skip
    await complete(shop, number, "plan", "zhou.shen", form=plan)
    await complete(shop, number, "approve", "chen.pi", "approve")
    task = open_task(shop, nc, "decide")
    form = {"cause": "刀具磨损", "cause_class": "tool"}
    command = shop.completion(task, shop.by("chen.pi"), "return", reason="退回", form=form)
    do(shop.engine, "complete_task", command)
    with reading(shop.engine) as session:
        at = now(session)
        made, of_finding = case(session, number, at), finding(session, nc, at)
    said = "\n".join(words(made))
    for one in (
        nc,
        "R-P-1",
        "直径偏大",
        "五个为什么 Five whys",
        "工装或刀具 Fixture or tool",
        "为什么偏大 · 刀具磨损 · R-P-1",
        "换刀",
        due,
        later,
        "周审",
        "陈批",
    ):
        assert one in said, one
    assert [one["stage"] for one in made["signatures"]] == ["批准计划和有效性标准 Approve plan and criterion"]
    said = "\n".join(words(of_finding))
    for one in ("毛刺 *粗*", "R-P-1", "退回供应商 Back to the supplier", "退回", "刀具磨损"):
        assert one in said, one
    # nothing that was typed is read as markup, and the same record gives the same bytes
    for document in (made, of_finding):
        sheet = paper(document, at, "Asia/Shanghai", test=False)
        assert sheet.startswith(b"%PDF-")
        assert sheet == paper(document, at, "Asia/Shanghai", test=False)
