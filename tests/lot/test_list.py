"""The list of batches: whatever narrows and sorts it, its pages and its file give each row once, in one order (REQUIREMENTS 54)."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from models.kernel.store.act import act, reading
from models.listing import store
from models.listing.rules import Asked
from models.lot.queries.list import LIST, listed
from tests.support.often import often
from tests.support.plant.cast import SEEDER, receive

ZONE = "Asia/Shanghai"
MORE = text("""
insert into lot (lot_no, item_id, kind, status, quantity, uom, supplier_id, supplier_lot_no)
select 'Z' || n % 7 || '-' || n, l.item_id, case when n % 3 = 0 then 'component' else l.kind end, l.status,
       n, l.uom, l.supplier_id, case when n % 2 = 0 then 'R-' || n % 5 end
  from lot l cross join generate_series(1, 40) n where l.lot_no = 'R-1'
""")
ALL = text("""
select l.id, l.lot_no, l.lot_key, l.supplier_lot_key, l.kind, l.status,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held from lot l
""")
HELD = text("""
insert into hold (lot_id, reason, placed_by_id, placed_at)
select l.id, 'r', (select min(id) from person), now() from lot l where l.id % 4 = 0
""")


@pytest.fixture
def lots(engine: Engine, people: dict[str, int]) -> list[Any]:
    """Some forty, a quarter of them held, many with the beginnings of their numbers alike."""
    assert people
    receive(engine, "R-1", "r-2", "R%3")
    with act(engine, SEEDER) as session:
        session.connection().execute(MORE)
        session.connection().execute(HELD)
        return list(session.connection().execute(ALL).all())


def expected(lots: list[Any], filters: dict[str, str], sort: str, *, down: bool) -> list[str]:
    """Worked out without the list."""
    key = "".join(one for one in filters.get("q", "").upper() if one.isalnum())
    found = [
        one
        for one in lots
        if filters.get("kind", one.kind) == one.kind
        and filters.get("status", one.status) == one.status
        and filters.get("held", str(one.held).lower()) == str(one.held).lower()
        and (one.lot_key.startswith(key) or (one.supplier_lot_key or "").startswith(key))
    ]
    if sort == "lot":
        found.sort(key=lambda one: (one.lot_no.encode(), one.id), reverse=down)
    elif key and not sort:
        found.sort(key=lambda one: (one.lot_key if one.lot_key.startswith(key) else one.supplier_lot_key, one.id))
    else:
        found.sort(key=lambda one: one.id, reverse=down or not sort)
    return [one.lot_no for one in found]


def test_every_order_filter_and_search_gives_each_row_once_on_pages_and_in_the_file(
    engine: Engine, lots: list[Any]
) -> None:
    @settings(max_examples=often(6, 600), deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        filters=st.fixed_dictionaries(
            {},
            optional={
                "kind": st.sampled_from(["raw", "component", "finished"]),
                "status": st.sampled_from(["received", "released"]),
                "held": st.sampled_from(["true", "false"]),
                "q": st.sampled_from(["", "z", "Z1", "r", "R-", "-", "z3-3", "nothing"]),
            },
        ),
        sort=st.sampled_from(["", "lot", "newest"]),
        down=st.booleans(),
        limit=st.integers(1, 60),
    )
    def holds(filters: dict[str, str], sort: str, limit: int, *, down: bool) -> None:
        asked = Asked(filters, sort, down)
        paged: list[str] = []
        after = None
        with reading(engine) as session:
            while True:
                page = listed(session, asked, limit=limit, after=after)
                paged += [one.lot_no for one in page.items]
                assert len(paged) <= 100, "it ends"
                after = page.next
                if after is None:
                    break
            whole = [row.lot_no for row in store.every(session, LIST, {}, asked, ZONE)]
        assert whole == paged
        assert paged == expected(lots, filters, sort, down=down)

    holds()


def test_the_file_has_the_columns_of_people(lots: list[Any], as_: Callable[..., Any]) -> None:
    person = as_("lin.jian")
    answer = person.client.get("/api/v1/lots?format=csv&held=true&limit=1", headers={"Accept-Language": "zh"})
    assert answer.status_code == 200, answer.text
    head, *rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert head[:6] == ["批号", "状态", "冻结", "已过有效期", "物料编号", "物料"]
    assert len(rows) == len([one for one in lots if one.held])
    assert {row[2] for row in rows} == {"是"}
    assert all("." not in row[head.index("数量")] for row in rows)
    assert person.get("/lots?sort=-lot&limit=1").json()["items"][0]["lot_no"] == max(one.lot_no for one in lots)
    assert person.get("/lots?sort=colour").status_code == 422


def test_a_cursor_of_another_order_is_refused(lots: list[Any], as_: Callable[..., Any]) -> None:
    assert lots
    person = as_("lin.jian")
    following = person.get("/lots?limit=2").json()["next"]
    assert person.get(f"/lots?limit=2&cursor={following}").status_code == 200
    for other in ("&sort=lot", "&q=r", "&sort=newest"):
        assert person.get(f"/lots?limit=2&cursor={following}{other}").json()["code"] == "API-440", other
