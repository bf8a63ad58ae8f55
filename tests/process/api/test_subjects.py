"""The list of subjects: whatever narrows and sorts it, its pages give each row once, in its order; and a constant cost."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from models.kernel.refusal import Refusal
from models.kernel.store.act import act, reading
from models.listing.rules import Asked
from models.process.queries import subjects as queries
from tests.support.often import often
from tests.support.plant.cast import SEEDER, receive
from tests.support.servers.database import StatementCounter

ZONE = "Asia/Shanghai"
DAY = date(2026, 3, 1)
PIECES = ("A", "a", "%", "_", "\\", "-", "1", "10", "批", "é")
MADE = text("""
insert into subject (kind, number, title, title_en, opened_at)
select 'capa', n.number, n.title, n.title, n.at from unnest(cast(:numbers as text[]), cast(:titles as text[]), cast(:ats as timestamptz[]))
       as n (number, title, at)
""")
numbers = st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join)


@pytest.fixture
def capas(engine: Engine, people: dict[str, int]) -> list[Any]:
    """Sixty of one kind, many with the same title or moment, and some of another."""
    assert people
    receive(engine, "R-1")
    rows = [
        (f"{PIECES[n % 10]}{PIECES[n // 10]}{n % 3}", f"T{n % 4}", datetime(2026, 3, 1 + n % 5, 3, tzinfo=UTC))
        for n in range(60)
    ]
    with act(engine, SEEDER) as session:
        given_rows = {
            "numbers": [one[0] for one in rows],
            "titles": [one[1] for one in rows],
            "ats": [one[2] for one in rows],
        }
        session.connection().execute(MADE, given_rows)
        found = session.connection().execute(
            text("select id, public_id, number, title, opened_at from subject where kind = 'capa'")
        )
        return list(found.all())


def walk(engine: Engine, asked: Asked, limit: int, kind: str | None = "capa") -> list[queries.SubjectRow]:
    """Every row, a page at a time."""
    found: list[queries.SubjectRow] = []
    after = None
    with reading(engine) as session:
        while True:
            page = queries.page(session, kind, asked, ZONE, limit=limit, after=after)
            assert len(page.items) <= limit
            found += page.items
            assert len(found) <= 1_000, "it ends"
            after = page.next
            if after is None:
                return found


def test_every_order_and_filter_gives_each_row_once(engine: Engine, capas: list[Any]) -> None:
    @settings(max_examples=often(6, 600), deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        sort=st.sampled_from(["number", "title", "opened"]),
        down=st.booleans(),
        limit=st.integers(1, 70),
        number=st.one_of(st.just(""), numbers),
        days=st.tuples(st.integers(-1, 6), st.integers(-1, 6)),
        bounded=st.tuples(st.booleans(), st.booleans()),
    )
    def holds(
        *, sort: str, down: bool, limit: int, number: str, days: tuple[int, int], bounded: tuple[bool, bool]
    ) -> None:
        first, last = (DAY + timedelta(days=one) for one in days)
        filters = {"number": number}
        filters |= {"opened_from": first.isoformat()} if bounded[0] else {}
        filters |= {"opened_until": last.isoformat()} if bounded[1] else {}
        expected = [
            one
            for one in capas
            if number.lower() in one.number.lower()
            and (not bounded[0] or one.opened_at.date() >= first)
            and (not bounded[1] or one.opened_at.date() <= last)
        ]
        value = {"number": "number", "title": "title", "opened": "opened_at"}[sort]
        expected.sort(key=lambda one: (getattr(one, value), one.id), reverse=down)
        found = walk(engine, Asked(filters, sort, down), limit)
        assert [one.id for one in found] == [one.public_id for one in expected]

    holds()


def test_what_a_filter_does_not_know_finds_nothing(engine: Engine, capas: list[Any]) -> None:
    assert len(walk(engine, Asked({"state": "none"}), 50)) == len(capas)
    for filters in (
        {"state": "everything"},
        {"opened_from": "yesterday"},
        {"opened_until": "9999-12-31"},
        {"number": "\x00"},
    ):
        assert walk(engine, Asked(filters), 50) == [], filters
    assert len(walk(engine, Asked({"unknown": "x"}, "no_such_order"), 7)) == len(capas)


def test_a_cursor_of_another_order_is_refused(engine: Engine, capas: list[Any]) -> None:
    assert capas
    with reading(engine) as session:
        following = queries.page(session, "capa", Asked({}, "number"), ZONE, limit=5).next
        for asked in (Asked({}, "title"), Asked({}, "number", down=True)):
            with pytest.raises(Refusal, match="API-440"):
                queries.page(session, "capa", asked, ZONE, limit=5, after=following)


def test_a_page_is_one_statement_and_kinds_are_named_without_batches(engine: Engine, capas: list[Any]) -> None:
    assert capas
    with StatementCounter(engine) as sent, reading(engine) as session:
        queries.page(session, None, Asked({}), ZONE, limit=50)
    assert len([one for one in sent.statements if "picked" in one]) == 1
    with reading(engine) as session:
        kinds = queries.kinds_there(session)
    assert "capa" in kinds
    assert "lot" not in kinds
    assert {one.kind for one in walk(engine, Asked({}), 50, kind=None)} == set(kinds)


def test_its_state_is_what_its_runs_say(capas: list[Any], as_: Callable[..., Any]) -> None:
    assert capas
    person = as_("lin.jian")
    assert person.get("/subjects?state=everything").status_code == 422
    page = person.get("/subjects?kind=capa&limit=2&sort=-number").json()
    assert [one["state"] for one in page["items"]] == ["none", "none"]
    assert (
        page["items"] != person.get(f"/subjects?kind=capa&limit=2&sort=-number&cursor={page['next']}").json()["items"]
    )
