"""Nothing escapes a change: neither goods that got another number before its approval, nor a batch that is made while it ends (ISO 13485 7.3.9; REQ 45, 46)."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random

import pytest
import pytest_asyncio
from sqlalchemy import text

from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.process.messages.process import CompleteTask
from tests.change.asking import agreed, approval, approved, decide, item, locks, opened, receipt
from tests.change.test_emergency import ASSESSED, done
from tests.support.often import often
from tests.support.plant.direct import at_once, do, meet, under_way
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import merging, new, repacking, reshape, splitting
from tests.support.processes.matter import complete, open_task, stages
from tests.support.servers.database import past_walls
from tests.support.servers.stack import wait_for
from tests.support.servers.together import WAITING, orders

SEED = 20261202
CHANGE = text("select from change where change_no = :lot for no key update")
STATUS = "select status from change where change_no = :n"
EDGE = """
insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, at)
select p.id, c.id, %s, 1, 'pcs', now() from lot p, lot c where p.lot_no = %s and c.lot_no = %s
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    return desk


async def test_what_a_named_batch_became_before_the_approval_is_paused_by_it(shop: Plant) -> None:
    for lot in ("N-1", "N-2", "N-3", "N-4", "N-4R", "N-9"):
        await shop.material(lot, 100)
    number = await opened(shop, lot_nos=("N-1", "N-2", "N-3", "N-4"))
    await agreed(shop, number)
    await reshape(shop, merging(shop, "N-ALL", "N-1", "N-9"))
    await reshape(shop, splitting(shop, "N-2", new("N-2A", 30)))
    await reshape(shop, splitting(shop, "N-2A", new("N-2AA", 10)))
    await reshape(shop, repacking(shop, "N-3", 100, "N-3R", 5))
    with past_walls(shop.engine) as connection:
        connection.exec_driver_sql(EDGE, ("rework", "N-4", "N-4R"))
    done_ = await complete(shop, number, "approve", "wu.jingli", "approve")
    caught = ("N-2", "N-2A", "N-2AA", "N-3R", "N-4", "N-4R", "N-ALL")
    assert locks(shop, number) == dict.fromkeys(caught, "leave")
    assert done_.data["joined"] == 5  # beside what was signed
    with pytest.raises(Refusal, match="CHG-001"):
        await reshape(shop, merging(shop, "N-TWICE", "N-ALL", "N-3R"))


async def test_what_ran_so_under_an_earlier_number_is_locked_when_it_is_recorded(shop: Plant) -> None:
    for lot in ("M-1", "M-2"):
        await shop.material(lot, 100)
    await reshape(shop, splitting(shop, "M-1", new("M-1OLD", 10)))
    since = shop.scalar("select now()")
    await reshape(shop, merging(shop, "M-ALL", "M-1", "M-2"))
    number = await opened(shop, lot_nos=("M-1",), already=done().model_copy(update={"happened_at": since}))
    assert locks(shop, number) == {"M-ALL": "leave"}  # what was split off before it was done didn't run so
    await complete(shop, number, "assess_done", "zhou.shen", form=ASSESSED)
    await complete(shop, number, "approve_done", "wu.jingli", "turn_down", reason="未验证")
    await decide(shop, number, "batches_refused", rest="new_way")


async def test_merging_and_the_approval_meet_and_the_goods_wait_either_way(shop: Plant) -> None:
    told: set[bool] = set()
    for n, first in enumerate(orders(often(3, 50))):
        mine, other, into = (f"MEET-{n}{end}" for end in ("A", "B", "C"))
        for lot in (mine, other):
            await shop.material(lot, 10)
        number = await opened(shop, lot_nos=(mine,))
        await agreed(shop, number)
        both = ("reshape", merging(shop, into, mine, other)), ("complete_task", approval(shop, number))
        _, refused = meet(shop, mine, first, *both)
        assert [one.code for one in refused] in ([], ["CHG-001"])
        assert locks(shop, number) == {mine if refused else into: "leave"}
        told.add(not refused)
    assert told == {True, False}


def _goods(shop: Plant, goods: str, other: str) -> tuple[dict[int, set[int]], dict[int, bool]]:
    """Batches of which some became others, in every way and over many numbers; answers what each became, and whether it is of the item."""
    draw = Random(SEED)  # noqa: S311 - a test's
    became: dict[int, set[int]] = {}
    mine: dict[int, bool] = {}
    with past_walls(shop.engine) as connection:
        run = connection.exec_driver_sql
        for n in range(often(120, 3000)):
            of = draw.random() < 0.2
            key = run(
                "insert into lot (lot_no, item_id, kind, status, quantity) select %s, id, 'raw', 'received', 5 from item where item_no = %s returning id",
                (f"GOODS-{n}", goods if of else other),
            ).scalar_one()
            for parent in draw.sample(sorted(mine), min(len(mine), draw.choice((0, 1, 1, 2)))):
                kind = draw.choice(("split", "merge", "repack", "rework", "consume"))
                gone = draw.random() < 0.1  # a link that was corrected counts no more
                run(
                    "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, superseded_at)"
                    " values (%s, %s, %s, 1, 'pcs', case when %s then now() end)",
                    (parent, key, kind, gone),
                )
                if kind != "consume" and not gone:
                    became.setdefault(parent, set()).add(key)
            mine[key] = of
    return became, mine


async def test_what_it_touches_is_what_a_recount_of_the_goods_finds_asked_either_way(shop: Plant) -> None:
    goods, other = item(shop, "GOODS-A"), item(shop, "GOODS-B")
    became, mine = _goods(shop, goods, other)
    number = await opened(shop, kind="item", target=goods, lot_nos=("GOODS-1",))
    named = shop.scalar("select id from lot where lot_no = 'GOODS-1'")
    expected, left = set[int](), [key for key, of in mine.items() if of or key == named]
    while left:
        one = left.pop()
        if one not in expected:
            expected.add(one)
            left += became.get(one, ())
    key = shop.scalar("select id from change where change_no = :n", n=number)
    with reading(shop.engine) as session:
        ask = session.connection().exec_driver_sql
        touched = "select coalesce(array_agg(distinct t), '{}') from change_touches(%s, %s) t"
        assert set(ask(touched, (key, None)).scalar_one()) == expected
        assert set(ask(touched, (key, list(mine))).scalar_one()) == expected
        for one in Random(SEED).sample(sorted(mine), 40):  # noqa: S311 - a test's
            assert set(ask(touched, (key, [one])).scalar_one()) == {one} & expected


async def withdrawing(shop: Plant, lot: str | None = None) -> tuple[str, CompleteTask]:
    """An approved change and the command that withdraws it, where it is verified or where its batch is decided on."""
    number, _ = await approved(shop, lot_nos=(lot,) if lot else ())
    if lot:
        task, said = open_task(shop, number, "batches"), {}
    else:
        task, said = open_task(shop, number, "verify"), {"evidence": "停产"}
    by = shop.by("chen.pi")
    return number, shop.completion(task, by, "withdraw", form=said, reason="停产")


async def test_withdrawing_and_the_last_task_meet_and_the_other_reads_why_not(shop: Plant) -> None:
    for first in orders(often(3, 50)):
        number, withdraw = await withdrawing(shop)
        work = shop.completion(
            open_task(shop, number, "carry_process_owner"),
            shop.by("zhao.liu"),
            form={"said": "已修订", "evidence": "SOP-17 v3"},
        )
        both = ("complete_task", withdraw), ("complete_task", work)
        done_, [refused] = meet(shop, number, first, *both, lock=CHANGE)
        withdrawn = shop.scalar(STATUS, n=number) == "withdrawn"
        # whoever withdraws has seen what is done: what was done meanwhile isn't what they signed
        assert (len(done_), refused.code) == (1, "TASK-003" if withdrawn else "SIG-004")
        assert stages(shop, number) == ([] if withdrawn else ["verify"])
        if first is not None:
            assert withdrawn == (first == 0)


async def test_withdrawing_and_deciding_meet_and_one_of_them_is_first(shop: Plant) -> None:
    for n, first in enumerate(orders(often(2, 50))):
        lot = f"WD-{n}"
        await shop.receive(lot)
        number, withdraw = await withdrawing(shop, lot)
        task = open_task(shop, number, "batches")
        form = {"batches": [{"batch": lot, "way": "old_way"}]}
        decision = shop.completion(task, shop.by("wu.jingli"), "decide", form=form, reason="已评估")
        both = ("complete_task", withdraw), ("complete_task", decision)
        done_, [refused] = at_once(shop, *both) if first is None else meet(shop, number, first, *both, lock=CHANGE)
        assert (len(done_), refused.code[:4]) == (1, "TASK")
        withdrawn = shop.scalar(STATUS, n=number) == "withdrawn"
        assert locks(shop, number) == {lot: "incoming freed" if withdrawn else "incoming old_way"}


async def test_no_batch_stays_paused_by_a_change_that_ended_while_it_was_made(shop: Plant) -> None:
    goods = item(shop, "ENDS-1")
    number, _ = await approved(shop, kind="item", target=goods)
    task = open_task(shop, number, "verify")
    withdraw = shop.completion(task, shop.by("chen.pi"), "withdraw", form={"evidence": "停产"}, reason="停产")
    ends = partial(do, shop.engine, "complete_task", withdraw)
    watching = shop.engine.execution_options(isolation_level="AUTOCOMMIT")
    with ThreadPoolExecutor(1) as pool, watching.connect() as watch:
        with under_way(shop.engine, receipt(shop, "ENDS-A", goods)):
            ended = pool.submit(ends)
            wait_for(lambda: watch.execute(WAITING).scalar_one() == 1, what="the withdrawal waits for the batch")
        ended.result()
    assert locks(shop, number) == {"ENDS-A": "incoming freed"}
