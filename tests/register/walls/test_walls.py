"""What the registers never hold, whoever writes: a bill of material that leads back, two effective plans for the same."""

from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

from tests.support.fixtures.walls import Psql, refusal
from tests.support.servers.stack import wait_for

LINE: LiteralString = (
    "insert into bom_line (item_id, component_id, quantity) select p.id, c.id, 1 from item p, item c"
    " where p.item_no = %(product)s and c.item_no = %(component)s"
)
ITEM: LiteralString = "insert into item (item_no, name, kind) values ('KIT-1', 'x', 'packaged')"
PLAN: LiteralString = (
    "insert into inspection_plan (code, title, stage, item_kind, status)"
    " values (%(code)s, 'x', 'incoming', 'raw', %(status)s)"
)
WAITING: LiteralString = (
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'advisory'"
)


def test_nothing_is_made_of_itself_at_any_depth(psql: Psql) -> None:
    psql.refused("BW163", LINE, product="HIP-12", component="HIP-12")
    psql.refused("BW163", LINE, product="PEEK-20", component="HIP-12")
    with psql.transaction() as connection:
        connection.execute(ITEM)
        connection.execute(LINE, {"product": "KIT-1", "component": "HIP-12"})
        with refusal("BW163"):
            connection.execute(LINE, {"product": "PEEK-20", "component": "KIT-1"})


def test_two_who_would_close_a_circle_together_come_one_after_the_other(psql: Psql) -> None:
    with ThreadPoolExecutor(1) as other:
        with psql.transaction() as first:
            first.execute(LINE, {"product": "HIP-12", "component": "PEEK-20"})
            second = other.submit(psql.refused, "BW163", LINE, product="PEEK-20", component="HIP-12")
            wait_for(lambda: psql.run(WAITING)[0][0] == 1)
            assert not second.done()
        second.result()


def test_a_kind_of_items_has_one_effective_plan_at_a_stage(psql: Psql) -> None:
    psql.refused("BW164", PLAN, code="IQC-OTHER", status="effective")
    with psql.transaction() as connection:
        connection.execute(PLAN, {"code": "IQC-OTHER", "status": "superseded"})
        with refusal("BW164"):
            connection.execute("update inspection_plan set status = 'effective' where code = 'IQC-OTHER'")
