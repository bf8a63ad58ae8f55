"""What waits and what came back lies apart, whoever moves it (DESIGN 2.4; ISO 13485 7.5.11, 8.3.1)."""

from typing import LiteralString

from models.place import rules as places
from tests.support.fixtures.walls import Psql

GO: LiteralString = (
    "insert into stock_movement (lot_id, kind, from_location_id, to_location_id, quantity)"
    " select l.id, %(kind)s, s.location_id, (select id from location where code = %(to)s), 1"
    " from lot l join stock s on s.lot_id = l.id where l.lot_no = %(lot)s and s.quantity > 0 limit 1"
)
COME: LiteralString = (
    "insert into stock_movement (lot_id, kind, to_location_id, quantity)"
    " select l.id, %(kind)s, (select id from location where code = %(to)s), 1 from lot l where l.lot_no = %(lot)s"
)
REJECTS: LiteralString = "update location set kind = 'rejected' where code = 'FG-A1'"


def test_goods_go_only_where_such_goods_lie(psql: Psql) -> None:
    psql.refused("BW150", GO, kind="move", to="FG-A1", lot="R-WAIT")
    psql.refused("BW150", GO, kind="move", to="RET-01", lot="B-OK")
    psql.refused("BW150", COME, kind="receive", to="RM-A1", lot="R-WAIT")
    psql.refused("BW150", COME, kind="return", to="FG-A1", lot="B-OK")
    psql.run(GO, kind="move", to="QA-01", lot="B-OK")


def test_nothing_leaves_returns_or_rejects_for_use(psql: Psql) -> None:
    with psql.transaction() as connection:
        connection.execute(REJECTS)
        from tests.support.fixtures.walls import refusal

        with refusal("BW151"):
            connection.execute(GO, {"kind": "ship", "to": None, "lot": "B-OK"})


def test_the_database_and_the_rule_have_the_same_table(psql: Psql) -> None:
    for goods in places.Goods:
        rows = psql.run(
            "select k from unnest(%(kinds)s::text[]) k where place_fits(%(goods)s, place_kind(k))",
            kinds=[one.value for one in places.PlaceKind],
            goods=goods.value,
        )
        assert {row[0] for row in rows} == {one.value for one in places.FITS[goods]}, goods
    assert psql.run("select place_kind('shelf of my own')") == [("undecided",)]
