"""What is counted is counted whole, whoever writes it (DESIGN 2.4; REQUIREMENTS 25)."""

from fractions import Fraction
from typing import LiteralString

import pytest

from models.kernel.units import units
from tests.support.fixtures.walls import Psql

HALF: LiteralString = (
    "insert into stock_movement (lot_id, kind, from_location_id, quantity) select l.id, 'scrap', s.location_id, 0.5"
    " from lot l join stock s on s.lot_id = l.id where l.lot_no = 'B-OK' and s.quantity > 0 limit 1"
)
ORDER: LiteralString = (
    "insert into work_order (work_order_no, item_id, quantity, uom) select 'WO-HALF', min(id), 1.5, %(uom)s from item"
)
RUN: LiteralString = (
    "insert into operation_run (work_order_id, lot_id, seq, run_no, code, started_at, finished_at, recorded_by_id, scrapped)"
    " select w.id, w.lot_id, 99, 1, '99', now(), now(), (select min(id) from person), 0.5 from work_order w limit 1"
)


def test_a_part_of_a_piece_is_written_nowhere(psql: Psql) -> None:
    psql.refused("BW140", HALF)
    psql.refused("BW140", ORDER, uom="pcs")
    psql.refused("BW140", RUN)
    psql.run(ORDER, uom="kg")


@pytest.mark.parametrize(
    ("uom", "quantity", "whole"),
    [("dozen", "0.5", True), ("dozen", "0.3", False), ("打", "1.1", False), ("CEN", "0.01", True), ("CEN", "0.001", False),
     ("MIL", "0.001", True), ("mil", "0.0001", True), ("枚", "2.5", False), ("片", "0.1", False), ("PR", "0.5", False), ("kg", "0.1", True)],
)  # fmt: skip
def test_a_part_of_a_dozen_may_be_whole_pieces(psql: Psql, uom: str, quantity: str, whole: bool) -> None:
    """As the rule has it: `counted` and how many pieces one is."""
    known = units.unit(uom)
    pieces = Fraction(quantity) * (known.factor if known else 1)
    assert (not units.counted(uom) or pieces.denominator == 1) is whole
    order = ORDER.replace("1.5", quantity)
    if whole:
        psql.run(order, uom=uom)
    else:
        psql.refused("BW140", order, uom=uom)


def test_the_database_and_the_rule_count_the_same_units(psql: Psql) -> None:
    every = {*units.SPELLINGS, *units.CODES, *units.PACKS, "kg", "rod", "瓶"}
    ones = {one for one in every if units.counted(one) and ((known := units.unit(one)) is None or known.factor == 1)}
    rows = psql.run("select u from unnest(%(words)s::text[]) u where unit_is_whole(u)", words=sorted(every))
    assert {row[0] for row in rows} == ones
