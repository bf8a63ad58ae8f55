"""What begins a CAPA by itself: a critical finding, three of one cause, a cost; once, whatever the order (STANDARDS P 52; REQ 39, 44)."""

from datetime import timedelta
from functools import partial
from itertools import accumulate, permutations
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from models.capa.messages import OpenCapa
from models.item.tables import Item
from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from models.nonconformance.messages import RaiseNonconformance
from models.nonconformance.rules import Severity
from models.process.messages.process import Receipt
from tests.support.often import DEEP, often
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes.matter import complete, open_task, stages
from tests.support.servers.database import past_walls
from tests.support.servers.together import together

OF = """
select coalesce(array_agg(s.number order by s.number), '{}') from run_link k join process_run r on r.id = k.run_id
  join capa c on c.subject_id = r.subject_id join subject s on s.id = k.subject_id
 where k.role = 'cause' and c.id = :capa
"""
CAPAS_OF = """
select coalesce(array_agg(distinct c.id), '{}') from run_link k join process_run r on r.id = k.run_id
  join capa c on c.subject_id = r.subject_id join subject s on s.id = k.subject_id
 where k.role = 'cause' and s.number = any(cast(:numbers as text[]))
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    return desk


def _item(plant: Plant, number: str) -> None:
    """Goods of their own: what others found of theirs counts for nothing here."""
    with act(plant.engine, SETUP) as session:
        session.add(Item(item_no=number, name=number, kind="raw"))


def raised(plant: Plant, **given: Any) -> str:
    """A finding that somebody raised; its number."""
    said = {"title": "毛刺", "item_no": "PEEK-20", **given}
    command = RaiseNonconformance(command_id=str(uuid4()), by=plant.by("li.cang"), **said)
    return str(do(plant.engine, "raise_nonconformance", command).data["number"])


def decision(plant: Plant, number: str, cause: str | None, outcome: str = "return", **form: Any) -> Any:
    said = {"cause": "刀具磨损", **({"cause_class": cause} if cause else {}), **form}
    return plant.completion(
        open_task(plant, number, "decide"), plant.by("chen.pi"), outcome, reason="已评审", form=said
    )


def decided(plant: Plant, number: str, cause: str | None, outcome: str = "return", **form: Any) -> Receipt:
    return do(plant.engine, "complete_task", decision(plant, number, cause, outcome, **form))


def capas(plant: Plant, *numbers: str) -> list[int]:
    """The CAPAs that these findings are causes of."""
    found: list[int] = plant.scalar(CAPAS_OF, numbers=list(numbers))
    return found


def causes(plant: Plant, capa: int) -> list[str]:
    found: list[str] = plant.scalar(OF, capa=capa)
    return found


def because(plant: Plant, number: str) -> list[str]:
    """What each trigger made of its decision."""
    found: list[str] = plant.scalar(
        "select array_agg(c.code order by c.id) from cause c join fact f on f.id = c.fact_id"
        " where f.name = 'nonconformance.closed' and f.values ->> 'number' = :number",
        number=number,
    )
    return found


def found_before(plant: Plant, number: str, days: int) -> None:
    """It was found so many days earlier."""
    with past_walls(plant.engine) as connection:
        connection.exec_driver_sql(
            "update nonconformance set opened_at = opened_at - %s where nonconformance_no = %s",
            (timedelta(days=days), number),
        )


async def test_a_critical_finding_begins_one_with_owner_and_clock_at_once(shop: Plant) -> None:
    number = raised(shop, severity=Severity.CRITICAL)
    [capa] = capas(shop, number)
    assert causes(shop, capa) == [number]
    own = shop.scalar("select capa_no from capa where id = :id", id=capa)
    assert stages(shop, own) == ["contain", "investigate"]
    assert shop.scalar("select owner_id is not null from subject where number = :n", n=own)
    assert open_task(shop, own, "contain").due_at is not None
    assert (
        shop.scalar(
            "select count(*) from outbox where fact = 'process.begun' and payload ->> 'run' = (select id::text from process_run where workflow_id = :w)",
            w=f"capa/{own}",
        )
        == 1
    )
    assert capas(shop, raised(shop, severity=Severity.MAJOR)) == []


@pytest.mark.parametrize("order", list(permutations(range(3))) if DEEP else [(2, 0, 1)])
async def test_three_of_one_cause_are_one_with_three_links_in_any_order(shop: Plant, order: tuple[int, ...]) -> None:
    item = f"ITEM-{''.join(map(str, order))}"
    _item(shop, item)
    numbers = [raised(shop, item_no=item) for _ in range(3)]
    for place, days in enumerate((20, 10, 0)):
        found_before(shop, numbers[place], days)
    for place in order[:2]:
        decided(shop, numbers[place], "tool")
        assert capas(shop, *numbers) == []
    decided(shop, numbers[order[2]], "tool")
    [capa] = capas(shop, *numbers)
    assert causes(shop, capa) == sorted(numbers)
    # a fourth joins the one that there is, also after more than thirty days
    fourth = raised(shop, item_no=item)
    decided(shop, fourth, "tool")
    assert capas(shop, *numbers, fourth) == [capa]
    assert causes(shop, capa) == sorted([*numbers, fourth])


DAYS = st.integers(0, 30)


@settings(max_examples=often(3, 60), deadline=None)
@given(gaps=st.lists(DAYS, min_size=3, max_size=4), dear=st.integers(0, 4), data=st.data())
def test_a_cheap_one_or_one_outside_of_the_window_belongs_to_it_in_any_order(
    shop: Plant, gaps: list[int], dear: int, data: st.DataObject
) -> None:
    """Findings each within thirty days of the next, of which one is dear: one CAPA for all of them, whichever is decided on when."""
    item = f"ITEM-{uuid4().hex[:12]}"
    _item(shop, item)
    dear = min(dear, len(gaps))
    numbers = [raised(shop, item_no=item) for _ in range(len(gaps) + 1)]
    for number, days in zip(numbers, accumulate([0, *gaps]), strict=True):
        found_before(shop, number, days)
    for number in data.draw(st.permutations(numbers)):
        decided(shop, number, "tool", cost="50000" if number == numbers[dear] else "1")
    [capa] = capas(shop, *numbers)
    assert causes(shop, capa) == sorted(numbers)


async def test_an_open_one_takes_up_a_cheap_finding_of_its_cause_and_says_so(shop: Plant) -> None:
    """Also months later; no other cause, nothing that isn't confirmed, and nothing once it has ended."""
    _item(shop, "ITEM-JOINS")

    def found(cause: str = "tool", outcome: str = "return", **form: Any) -> str:
        number = raised(shop, item_no="ITEM-JOINS")
        decided(shop, number, cause, outcome, **form)
        return number

    early = found()
    found_before(shop, early, 100)
    dear = found(cost="50000")
    [capa] = capas(shop, dear)
    months = found()
    found_before(shop, months, 0)
    other, unfounded = found("work"), found(outcome="unfounded")
    assert causes(shop, capa) == sorted([dear, months])
    said = {one: because(shop, one) for one in (early, dear, months, other, unfounded)}
    assert said == {
        early: ["not_so", "none_open"],
        dear: ["begun", "taken"],
        months: ["not_so", "joined"],
        other: ["not_so", "none_open"],
        unfounded: ["not_so", "not_so"],
    }
    with past_walls(shop.engine) as connection:
        connection.exec_driver_sql(
            "update process_run set status = 'completed', ended_at = now() where subject_id = (select subject_id from capa where id = %s)",
            (capa,),
        )
    third = found()
    assert because(shop, third) == ["begun", "taken"]
    assert capas(shop, third) != [capa]


async def test_three_who_decide_at_the_same_instant_begin_one(shop: Plant) -> None:
    for number in range(often(1, 20)):
        item = f"ITEM-AT-ONCE-{number}"
        _item(shop, item)
        numbers = [raised(shop, item_no=item) for _ in range(3)]
        commands = [decision(shop, one, "gauge") for one in numbers]
        answers = together(*(partial(do, shop.engine, "complete_task", one) for one in commands))
        assert all(isinstance(one, Receipt) for one in answers), answers
        [capa] = capas(shop, *numbers)
        assert causes(shop, capa) == sorted(numbers)


async def test_what_is_far_apart_of_another_cause_not_confirmed_or_of_other_goods_is_no_pattern(shop: Plant) -> None:
    for item in ("ITEM-FAR", "ITEM-OTHER", "ITEM-UNFOUNDED", "ITEM-HERE", "ITEM-THERE"):
        _item(shop, item)
    far = [raised(shop, item_no="ITEM-FAR") for _ in range(3)]
    for number, days in zip(far, (31, 16, 0), strict=True):
        found_before(shop, number, days)
        decided(shop, number, "tool")
    others = [raised(shop, item_no="ITEM-OTHER") for _ in range(3)]
    for number, cause in zip(others, ("tool", "tool", "work"), strict=True):
        decided(shop, number, cause)
    unfounded = [raised(shop, item_no="ITEM-UNFOUNDED") for _ in range(3)]
    for number, outcome in zip(unfounded, ("return", "unfounded", "return"), strict=True):
        decided(shop, number, "tool", outcome, requirements_met=True)
    apart = [raised(shop, item_no=item) for item in ("ITEM-HERE", "ITEM-HERE", "ITEM-THERE")]
    for number in apart:
        decided(shop, number, "tool")
    unsaid = [raised(shop, item_no="ITEM-HERE") for _ in range(3)]
    for number in unsaid:
        decided(shop, number, None)
    assert capas(shop, *far, *others, *unfounded, *apart, *unsaid) == []


async def test_a_large_cost_begins_one_and_a_small_one_does_not(shop: Plant) -> None:
    dear, cheap = raised(shop), raised(shop)
    decided(shop, cheap, "other", cost="49999.99")
    decided(shop, dear, "software", cost="50000")
    assert capas(shop, cheap) == []
    [capa] = capas(shop, dear)
    assert causes(shop, capa) == [dear]
    with pytest.raises(Refusal, match="PRC-004"):
        decided(shop, raised(shop), "other", cost="-1")


async def test_a_critical_finding_that_is_the_third_of_its_cause_keeps_the_one_it_has(shop: Plant) -> None:
    _item(shop, "ITEM-CRITICAL")
    first, second = (raised(shop, item_no="ITEM-CRITICAL") for _ in range(2))
    critical = raised(shop, item_no="ITEM-CRITICAL", severity=Severity.CRITICAL)
    [capa] = capas(shop, critical)
    for number in (first, second, critical):
        decided(shop, number, "design")
    assert capas(shop, first, second, critical) == [capa]
    assert causes(shop, capa) == sorted([first, second, critical])


async def test_quality_opens_one_by_hand_and_nobody_else(shop: Plant) -> None:
    finding = raised(shop)
    command = OpenCapa(
        command_id=str(uuid4()), by=shop.by("zhou.shen"), title="供方磨削余量不足", nonconformances=(finding, finding)
    )
    done = do(shop.engine, "open_capa", command).data
    assert done["findings"] == 1
    assert stages(shop, done["number"]) == ["contain", "investigate"]
    [capa] = capas(shop, finding)
    assert shop.scalar("select capa_no from capa where id = :id", id=capa) == done["number"]
    assert (
        shop.scalar("select i.item_no from capa c join item i on i.id = c.item_id where c.id = :id", id=capa)
        == "PEEK-20"
    )
    with pytest.raises(Refusal, match="AUTH-005"):
        do(shop.engine, "open_capa", command.model_copy(update={"by": shop.by("wang.cao"), "command_id": str(uuid4())}))


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("CAP-001", {"title": " "}),
        ("CAP-002", {"nonconformances": ("NC-NONE",)}),
        ("ITM-001", {"item_no": "NONE"}),
        ("CAP-003", {"supplier_no": "S-NONE"}),
    ],
)
async def test_what_says_nothing_or_names_what_there_is_not_is_refused(
    shop: Plant, code: str, given: dict[str, Any]
) -> None:
    count = "select count(*) from capa"
    before = shop.scalar(count)
    said = {"title": "x", **given}
    with pytest.raises(Refusal, match=code):
        do(shop.engine, "open_capa", OpenCapa(command_id=str(uuid4()), by=shop.by("zhou.shen"), **said))
    assert shop.scalar(count) == before


async def test_no_action_is_needed_by_the_word_of_two(shop: Plant) -> None:
    command = OpenCapa(command_id=str(uuid4()), by=shop.by("zhou.shen"), title="一次性")
    number = str(do(shop.engine, "open_capa", command).data["number"])
    await complete(shop, number, "contain", "zhou.shen", form={"containment": "已隔离"})
    await complete(shop, number, "investigate", "zhou.shen", form=INVESTIGATED)
    await complete(shop, number, "judge", "zhou.shen", "unneeded", signed=False, reason="偶发")
    with pytest.raises(Refusal, match=r"TASK|AUTH|PRC"):
        await complete(shop, number, "waive", "zhou.shen", "agree", reason="同意")
    await complete(shop, number, "waive", "wu.jingli", "agree", reason="同意")
    assert shop.scalar("select status from capa where capa_no = :n", n=number) == "withdrawn"


INVESTIGATED = {
    "problem": "直径偏大",
    "method": "five_why",
    "steps": [{"asked": "为什么偏大", "found": "刀具磨损"}],
    "cause": "换刀周期过长",
    "cause_class": "tool",
}
