"""Every figure of quality counts as many records as the list has that it opens; a rate is of what its list shows (ISO 13485 8.4)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from models.inspection.queries import list as inspections
from models.kernel.store.act import reading
from models.listing.rules import Asked
from models.nonconformance.queries import figures
from models.nonconformance.queries import list as nonconformances
from models.nonconformance.queries.figures import DAYS, Figures, Rate
from tests.nonconformance.test_acts import deviation
from tests.support.plant.plant import Plant
from tests.support.servers import database as databases
from tests.support.servers.database import past_walls
from ui.frame.i18n import Words
from ui.nonconformance.figures import part
from ui.nonconformance.page import Counted

ZONE = "Asia/Shanghai"
AGED = text("""
update nonconformance set opened_at = now() - make_interval(days => :days), severity = :severity, owner_id = :owner
 where nonconformance_no = :number
""")
CLOSED = text("update nonconformance set status = 'closed', closed_at = :at where nonconformance_no = :number")
LATE = text("""
update human_task t set due_at = now() - interval '1 hour'
  from nonconformance n where n.nonconformance_no = :number and t.subject_id = n.subject_id
""")
INSPECTED = text("""
insert into inspection (inspection_no, public_id, lot_id, stage, revision, status, opened_at, decided_at, decided_by_id)
select :number, :key, l.id, 'final', :revision, :status, :at, :at, (select id from person where name = '林检')
  from lot l where l.lot_no = :lot
""")
AGES = (0, 7, 8, 30, 31, 400)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    """Findings of each age, severity and owner, some closed in time, late, or long ago; and inspections of four batches."""
    await desk.material("FIG-1", 5000)
    people: list[int | None] = [desk.by(login).person_id for login in ("chen.pi", "wu.jingli")]
    begun = datetime.now(UTC)
    for nth in range(12):
        lot = f"FIG-L{nth}"
        await desk.material(lot, 10)
        number = deviation(desk, lot)
        with past_walls(desk.engine) as connection:
            given = {
                "number": number,
                "days": AGES[nth % 6],
                "severity": ("minor", "major", "critical")[nth % 3],
                "owner": (people * 2)[nth % 4],
            }
            connection.execute(AGED, given)
            if nth % 4 == 3:
                connection.execute(LATE, {"number": number})
            if nth >= 8:
                at = begun - timedelta(days=(1, DAYS + 1, 2, 3)[nth - 8])
                connection.execute(CLOSED, {"number": number, "at": at})
    with past_walls(desk.engine) as connection:
        for nth, (first, again) in enumerate(
            [("accepted", None), ("failed", "accepted"), ("accepted", None), ("open", None)]
        ):
            for revision, status in enumerate((first, again), 1):
                if status is not None:
                    said = {"number": f"FIG-I{nth}-{revision}", "key": uuid4(), "revision": revision, "status": status}
                    at = begun - timedelta(days=nth)
                    connection.execute(INSPECTED, {**said, "lot": f"FIG-L{nth}", "at": at})
    return desk


def read(shop: Plant) -> Figures:
    with reading(shop.engine) as session:
        return figures.read(session, datetime.now(UTC), ZONE)


def behind(shop: Plant, href: str) -> int:
    """How many rows the list has that a figure opens."""
    address = urlsplit(href)
    asked = Asked({key: said for key, [said] in parse_qs(address.query).items()})
    with reading(shop.engine) as session:
        if address.path == inspections.LIST.page:
            return len(inspections.page(session, asked, ZONE, limit=500).items)
        assert address.path == nonconformances.LIST.page
        return len(nonconformances.page(session, asked, ZONE, limit=500).items)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_each_figure_opens_as_many_records_as_it_counts(shop: Plant, language: str) -> None:
    found = read(shop)
    shown = part(Words("zh" if language == "zh" else "en"), found)
    figures_: list[Counted] = [shown.open, *(one for _, group in shown.groups for one in group)]
    assert all(one.n == behind(shop, one.href) for one in figures_), figures_
    assert sum(found.ages.values()) == sum(found.severities.values()) == found.open
    assert sum(n for _, n in found.owners) == found.open
    assert {key for key, n in found.ages.items() if n} == {"week", "month", "older"}
    assert all(n > 0 for _, n in found.owners)
    for rate, said in ((found.on_time, shown.rates[0]), (found.first_pass, shown.rates[1])):
        assert behind(shop, said.href) >= rate.of >= rate.n > 0
        assert behind(shop, said.others.href) == said.others.n == rate.of - rate.n > 0


async def test_rates_are_of_the_last_days_and_of_first_inspections(shop: Plant) -> None:
    found = read(shop)
    count = "select count(*) from nonconformance where status = 'closed' and closed_at > now() - interval '89 days'"
    assert found.on_time.of == shop.scalar(count)
    assert shop.scalar("select count(*) from nonconformance where status = 'closed'") > found.on_time.of
    again = "select count(*) from inspection where revision > 1 and status <> 'open'"
    assert shop.scalar(again) > 0
    assert found.first_pass.of == shop.scalar(
        "select count(*) from inspection where revision = 1 and status <> 'open' and decided_at > now() - interval '89 days'"
    )


async def test_two_statements_whatever_there_is(
    shop: Plant, count_statements: Callable[[Engine], databases.StatementCounter]
) -> None:
    with reading(shop.engine) as session:
        session.connection()
        with count_statements(shop.engine) as sent:
            figures.read(session, datetime.now(UTC), ZONE)
    assert len(sent) == 2


@given(of=st.integers(0, 10_000), data=st.data())
def test_a_rate_is_never_more_than_it_is(of: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, of))
    said = Rate(n=n, of=of).percent
    assert (said == "") == (of == 0)
    if of:
        assert 0 <= Decimal(n) * 100 / of - Decimal(said) < Decimal("0.1")
        assert (said == "100.0") == (n == of)
