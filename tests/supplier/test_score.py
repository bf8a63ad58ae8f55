"""The score of a supplier counts what the record has, each figure opens as many records as it counts, and a failed inspection is in it at once.

The records are written past the walls, a case of each kind over several years and two suppliers; what is expected is counted from the same cases.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from sqlalchemy import Engine, text

from models.kernel.store.act import Actor, act, now, reading
from models.kernel.time.moments import plant_day
from models.listing.rules import Asked
from models.permit import acts as permits
from models.person.messages import sealed
from models.supplier.queries import records, scores
from models.supplier.queries.scores import ScoreRow
from models.supplier.rules.score import Figure, Period, score
from tests.supplier.asking import goods
from tests.supplier.scored import SUPPLIERS, cases, written
from tests.support.house.proves import proves
from tests.support.plant.direct import ACTS
from tests.support.plant.plant import SECRET, Plant
from tests.support.processes.drifting import arrived, verdict
from tests.support.servers import database as databases
from ui.frame.i18n import Words
from ui.supplier.scored import Counted, page, row

ZONE = "Asia/Shanghai"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    written(desk)
    return desk


def when(days: int = 365, until: int = 0) -> Period:
    today = plant_day(datetime.now(UTC), ZONE)
    return Period(since=today - timedelta(days=until + days - 1), until=today - timedelta(days=until))


def expected(supplier: str, over: Period, item: str | None = None) -> Counter[str]:
    today = plant_day(datetime.now(UTC), ZONE)
    return Counter(
        figure
        for whose, thing, days, figure in cases()[1]
        if whose == supplier and item in {None, thing} and over.since <= today - timedelta(days=days) <= over.until
    )


def read(shop: Plant, supplier: str, over: Period) -> tuple[ScoreRow, tuple[ScoreRow, ...]]:
    with reading(shop.engine) as session:
        total = scores.of_supplier(session, supplier, over, ZONE)
        assert total is not None
        return total, scores.of_items(session, supplier, over, ZONE)


def behind(shop: Plant, href: str) -> int:
    address = urlsplit(href)
    assert address.path == records.LIST.page
    asked = Asked({key: said for key, [said] in parse_qs(address.query).items()})
    with reading(shop.engine) as session:
        return len(records.page(session, asked, ZONE, limit=500).items)


@proves("R51")
@pytest.mark.parametrize("over", [when(), when(40), when(2000), when(300, until=100)])
async def test_figures_are_what_the_record_has_and_each_opens_as_many_records(shop: Plant, over: Period) -> None:
    seen = 0
    for supplier in SUPPLIERS:
        total, items = read(shop, supplier, over)
        assert {one.value: n for one, n in total.counts.items() if n} == dict(expected(supplier, over))
        assert total.score == score(total.counts).text
        for figure in Figure:  # by item nothing is lost and nothing counted twice
            assert sum(one.counts[figure] for one in items) == total.counts[figure]
        for one in items:
            if one.item_no:
                assert {f.value: n for f, n in one.counts.items() if n} == dict(expected(supplier, over, one.item_no))
        shown = page(Words("zh"), supplier, supplier, over, total, items, None)
        figures: list[Counted] = [n for area in shown.areas for n in area.figures] + [
            n for one in shown.items for n in one.figures
        ]
        for counted in figures:
            assert bool(counted.href) == bool(counted.n)
            if counted.href:
                assert behind(shop, counted.href) == counted.n, counted
                seen += 1
    assert seen > 3


async def test_the_list_has_each_supplier_once_in_the_order_of_any_column_in_one_statement(
    shop: Plant, count_statements: Callable[[Engine], databases.StatementCounter]
) -> None:
    for by, columns in (("supplier", ("score", "supplier", "lot_rejected")), ("item", ("score", "nc_critical"))):
        for column in columns:
            with reading(shop.engine) as session:
                asked, _ = scores.filled(Asked({"by": by, "q": "sc-"}, column, True), now(session), ZONE)
                with count_statements(shop.engine) as sent:
                    found = scores.page(session, asked, ZONE, limit=500).items
                assert len(sent) == 1
                small = scores.page(session, asked, ZONE, limit=1)
                after = scores.page(session, asked, ZONE, limit=500, after=small.next)
                assert [*small.items, *after.items] == [*found]
            values = [_value(one, column) for one in found]
            assert values == sorted(values, reverse=True)
            assert len({(one.supplier_no, one.item_no) for one in found}) == len(found) > 1
            cells = row(Words("en"), asked.filters, found[0])
            for figure, cell in zip(scores.SHOWN, cells[3:], strict=True):
                n = found[0].counts[figure]
                assert (cell.text, behind(shop, cell.href) if cell.href else 0) == (str(n), n)


def _value(one: ScoreRow, column: str) -> Any:
    if column == "score":
        return float(one.score or "100.1")
    return one.supplier_no if column == "supplier" else getattr(one, column)


def test_the_database_orders_by_the_score_that_the_rule_gives(shop: Plant) -> None:
    chance = random.Random(7)  # noqa: S311 - which numbers, always the same
    rows = [{one: chance.choice((0, 0, 1, chance.randrange(60))) for one in Figure} for _ in range(300)]
    values = ", ".join(f"({n}, {', '.join(str(one[f]) for f in Figure)})" for n, one in enumerate(rows))
    names = ", ".join(one.value for one in Figure)
    query = f"select {scores.TENTHS} from (values {values}) g (n, {names}) order by g.n"  # noqa: S608 - numbers of ours
    with reading(shop.engine) as session:
        found = session.connection().execute(text(query)).scalars().all()
    for counts, tenths in zip(rows, found, strict=True):
        said = score(counts).text
        assert tenths == (int(said.replace(".", "")) if said else scores.UNJUDGED)


async def test_a_failed_inspection_is_in_the_score_within_its_own_transaction(shop: Plant) -> None:
    item = goods(shop, "SC-NOW", "SC-9")
    shop.rely(item, "SC-9")
    await arrived(shop, "SC-NOW-1", item, "SC-9", (12.0, 12.0, 12.0))
    await verdict(shop, "SC-NOW-1")
    await arrived(shop, "SC-NOW-2", item, "SC-9", (13.0, 13.0, 13.0))
    assert read(shop, "SC-9", when())[0].score == "100.0"
    command = shop.completion(shop.task("SC-NOW-2", "inspect"), shop.by("lin.jian"), "failed")
    by = command.by
    actor = Actor(by.actor_id, by.name, by.source, person_id=by.person_id, session_id=by.session_id)
    with act(shop.engine, actor) as session:
        permits.permitted(session, sealed(command), ACTS[command.act], now(session), SECRET)
        within = scores.of_supplier(session, "SC-9", when(), ZONE)
        assert within is not None
        assert (within.nc_major, within.lot_failed) == (1, 1)
        assert read(shop, "SC-9", when())[0].score == "100.0"  # nobody else sees it before
    after = read(shop, "SC-9", when())[0]
    assert after == within
    assert after.score == "70.0"  # 50 × 1 ÷ 2, and 20 × ½ ÷ 2
    await shop.complete("SC-NOW-2", "disposition", "chen.pi", "reject", reason="超差")
    settled = read(shop, "SC-9", when())[0]
    assert (settled.score, settled.lot_failed, settled.lot_rejected) == ("70.0", 0, 1)
