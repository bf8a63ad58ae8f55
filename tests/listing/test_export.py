"""A list as a file: exactly the rows of its pages, in their order, each once; recorded before it leaves (21 CFR 11.10(b), (e))."""

import csv
import hashlib
import io
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from models.kernel import spreadsheet
from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, reading
from models.listing import store
from models.listing.acts.export import Wanted, export
from models.listing.rules import Asked, canonical, cells, heads
from models.process.queries.subjects import LIST
from tests.support.house.proves import proves
from tests.support.often import often
from tests.support.plant.cast import SEEDER, add_person
from tests.support.servers.database import StatementCounter

ZONE = "Asia/Shanghai"
DAY = date(2026, 3, 1)
PIECES = ("A", "a", "%", "_", "=1+1", "-", "1", '"', "批", "\n")
MADE = text("""
insert into subject (kind, number, title, title_en, opened_at)
select 'capa', n.number, n.title, n.title, n.at from unnest(cast(:numbers as text[]), cast(:titles as text[]), cast(:ats as timestamptz[]))
       as n (number, title, at)
""")
MANY = text("""
insert into subject (kind, number, title, title_en, opened_at)
select 'change', 'C-' || n, 'T' || n % 7, 'T' || n % 7, timestamptz '2026-03-01' + n % 1000 * interval '1 hour' from generate_series(1, :n) n
""")
numbers = st.lists(st.sampled_from(PIECES), min_size=1, max_size=2).map("".join)


@pytest.fixture
def capas(engine: Engine, people: dict[str, int]) -> dict[str, int]:
    """Sixty of one kind, with what a spreadsheet would run or a reader of CSV would trip over in their names."""
    rows = [
        (
            f"{PIECES[n % 10]}{PIECES[n // 10]}{n % 3}",
            f"{PIECES[n % 9]}{n % 4}",
            datetime(2026, 3, 1 + n % 5, 17, tzinfo=UTC),
        )
        for n in range(60)
    ]
    with act(engine, SEEDER) as session:
        session.connection().execute(
            MADE,
            {"numbers": [one[0] for one in rows], "titles": [one[1] for one in rows], "ats": [one[2] for one in rows]},
        )
    return people


def by(engine: Engine, login: str) -> tuple[Actor, int]:
    """The person as an actor, and the key."""
    with reading(engine) as session:
        row = (
            session.connection()
            .execute(
                text(
                    "select p.id, p.public_id, p.name from account a join person p on p.id = a.person_id where a.login = :l"
                ),
                {"l": login},
            )
            .one()
        )
    return Actor(str(row.public_id), row.name, "test"), row.id


def wanted(asked: Asked, kind: str = "capa", language: str = "en") -> Wanted:
    return Wanted(listed=LIST, asked=asked, zone=ZONE, language=language, given={"kind": kind})


def table(content: bytes) -> list[list[str]]:
    said = content.decode()
    assert said.startswith("\ufeff")
    return list(csv.reader(io.StringIO(said[1:], newline="")))


@proves("11.10(b)")
def test_the_file_has_the_rows_of_the_pages_in_their_order_each_once(engine: Engine, capas: dict[str, int]) -> None:
    actor, person = by(engine, "lin.jian")
    assert capas

    @settings(max_examples=often(8, 400), deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        sort=st.sampled_from(["number", "title", "opened", "", "no such order"]),
        down=st.booleans(),
        limit=st.integers(1, 70),
        number=st.one_of(st.just(""), numbers),
        state=st.sampled_from(["", "none", "late", "no such state"]),
        days=st.tuples(st.integers(-1, 6), st.integers(-1, 6)),
        bounded=st.tuples(st.booleans(), st.booleans()),
    )
    def holds(
        *, sort: str, down: bool, limit: int, number: str, state: str, days: tuple[int, int], bounded: tuple[bool, bool]
    ) -> None:
        first, last = (DAY + timedelta(days=one) for one in days)
        filters = {"number": number, "state": state}
        filters |= {"opened_from": first.isoformat()} if bounded[0] else {}
        filters |= {"opened_until": last.isoformat()} if bounded[1] else {}
        asked = Asked(filters, sort, down)
        paged: list[Any] = []
        after = None
        with reading(engine) as session:
            while True:
                rows, after = store.page(session, LIST, {"kind": "capa"}, asked, ZONE, limit=limit, after=after)
                paged += rows
                if after is None:
                    break
        taken = export(engine, actor, person, "lin.jian", wanted(asked))
        content = b"".join(taken.pieces())
        expected = spreadsheet.lines(heads(LIST, "en"), (cells(LIST, row, ZONE, "en") for row in paged))
        assert content.decode() == "".join(expected)
        assert (taken.rows, taken.size) == (len(paged), len(content))
        assert taken.digest == hashlib.sha256(content).hexdigest()
        assert len(table(content)) == 1 + len(paged)

    holds()


def test_a_file_says_it_in_the_readers_language_and_the_plants_zone(engine: Engine, capas: dict[str, int]) -> None:
    actor, person = by(engine, "lin.jian")
    assert capas
    asked = Asked({"number": "AA0"}, "number")
    for language, head, row in (
        (
            "zh",
            ["类型", "编号", "名称", "状态", "负责人", "待办数", "期限", "建立时间"],
            ["纠正预防措施", "AA0", "A0", "无流程", "", "0", "", "2026-03-02T01:00:00+08:00"],
        ),
        (
            "en",
            ["Kind", "Number", "Name", "State", "Owner", "Open tasks", "Due", "Since"],
            ["CAPA", "AA0", "A0", "no process", "", "0", "", "2026-03-02T01:00:00+08:00"],
        ),
    ):
        found = table(b"".join(export(engine, actor, person, "lin.jian", wanted(asked, language=language)).pieces()))
        assert found[0] == head
        assert row[:4] + row[5:] in [one[:4] + one[5:] for one in found[1:]], found


def test_nothing_runs_as_a_formula_and_numbers_stay_numbers(engine: Engine, capas: dict[str, int]) -> None:
    actor, person = by(engine, "lin.jian")
    assert capas
    found = table(b"".join(export(engine, actor, person, "lin.jian", wanted(Asked({}))).pieces()))
    assert any(row[1].startswith("'=1+1") for row in found), "some are called so"
    assert [cell for row in found for cell in row if cell.startswith(("=", "+", "-", "@"))] == []
    assert [*spreadsheet.lines(["n"], [[-5]])] == ["\ufeffn\r\n", "-5\r\n"]


@proves("11.10(e)")
def test_it_is_recorded_who_took_what_out_before_anybody_has_it(engine: Engine, capas: dict[str, int]) -> None:
    actor, person = by(engine, "lin.jian")
    assert capas
    asked = Asked({"number": "A", "opened_from": "2026-03-02", "unknown": "x"}, "title", down=True)
    taken = export(engine, actor, person, "lin.jian", wanted(asked))
    taken.close()
    with reading(engine) as session:
        row = session.connection().execute(text("select * from list_export order by id desc limit 1")).one()
        event = (
            session.connection()
            .execute(text("select * from audit_event where table_name = 'list_export' order by id desc limit 1"))
            .one()
        )
    assert (row.person_id, row.list_key, row.language, row.rows) == (person, "subjects", "en", taken.rows)
    assert row.query == canonical(LIST, {"kind": "capa"}, asked)
    assert row.query == "kind=capa&number=A&opened_from=2026-03-02&sort=-title"
    assert (row.digest, row.size) == (taken.digest, taken.size)
    assert (event.actor_name, event.row_id, event.after["digest"]) == (actor.name, row.id, taken.digest)
    assert taken.digest[:12] in taken.name
    assert "lin.jian" in taken.name
    assert "Number=A" in taken.name


def test_an_export_that_breaks_off_leaves_no_record(engine: Engine, capas: dict[str, int]) -> None:
    """Nor a file: one that nobody closes is a warning, and a warning an error here."""
    _, person = by(engine, "lin.jian")
    other, _ = by(engine, "chen.pi")
    assert capas
    with pytest.raises(Refusal, match="taken out by whoever acts"):
        export(engine, other, person, "lin.jian", wanted(Asked({})))
    with reading(engine) as session:
        assert session.connection().execute(text("select count(*) from list_export")).scalar_one() == 0


def test_twenty_thousand_rows_are_one_statement_and_little_memory(engine: Engine, people: dict[str, int]) -> None:
    assert people
    actor, person = by(engine, "lin.jian")
    with act(engine, SEEDER) as session:
        session.connection().execute(MANY, {"n": 20_000})
    peaks, rows = [], 0
    for most in ("C-1999", ""):
        tracemalloc.start()
        with StatementCounter(engine) as sent:
            taken = export(engine, actor, person, "lin.jian", wanted(Asked({"number": most}, "number"), "change"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len([one for one in sent.statements if "picked" in one]) == 1
        assert sum(len(piece) for piece in taken.pieces()) == taken.size
        rows = taken.rows
    assert rows == 20_000
    assert peaks[1] < peaks[0] + 4_000_000, peaks


def test_the_api_hands_out_the_whole_list_however_it_is_asked(capas: dict[str, int], as_: Callable[..., Any]) -> None:
    assert capas
    person = as_("lin.jian")
    address = "/api/v1/subjects?kind=capa&sort=-number&limit=3&state=none"
    by_format = person.client.get(f"{address}&format=csv", headers={"Accept-Language": "en"})
    by_header = person.client.get(address, headers={"Accept": "text/csv", "Accept-Language": "en"})
    by_default = person.client.get(address, headers={"Accept": "application/json, text/csv"})
    assert by_format.status_code == by_header.status_code == 200, by_format.text
    assert by_format.content == by_header.content
    assert len(table(by_format.content)) == 61
    assert by_format.headers["content-type"] == "text/csv; charset=utf-8"
    assert by_format.headers["cache-control"] == "no-store"
    assert by_format.headers["etag"] == f'"{hashlib.sha256(by_format.content).hexdigest()}"'
    assert "CAPA State=no process" in unquote(by_format.headers["content-disposition"])
    assert len(by_default.json()["items"]) == 3
    assert person.client.get(f"{address}&format=xml").status_code == 422


def test_who_may_not_read_the_list_takes_nothing_out(
    engine: Engine, capas: dict[str, int], as_: Callable[..., Any]
) -> None:
    assert capas
    with act(engine, SEEDER) as session:
        add_person(session, "new.one", "新人")
    person = as_("new.one")
    assert person.client.get("/api/v1/subjects?format=csv").status_code == 403
    with reading(engine) as session:
        assert session.connection().execute(text("select count(*) from list_export")).scalar_one() == 0
