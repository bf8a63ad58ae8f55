"""A lot is released because its parents are: exactly that, and nothing more, whoever asks and by whatever way.

Attacked with a plain connection of the application's role, past all of our code (DESIGN 2.4; REQUIREMENTS 6, 7).  Each
attack is a true split of B-OK with one thing wrong; the control shows that without it the database takes it.
"""

from typing import Any, LiteralString

import pytest

from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal

LOT = (
    "insert into lot (lot_no, item_id, kind, status, quantity, uom, pack_size, expires_on, expiry_precision, created_at)"
    " select %(child)s, {item}, l.kind, 'finished', 5, l.uom, {pack}, {expires}, l.expiry_precision, {created} from lot l"
    " where l.lot_no = %(parent)s"
)
EDGE = (
    "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, child_quantity, child_uom, source, at)"
    " select p.id, c.id, {kind}, {gone}, 'pcs', {came}, 'pcs', {source}, {at} from lot p, lot c"
    " where p.lot_no = %(parent)s and c.lot_no = %(child)s"
)
OUT = (
    "insert into stock_movement (lot_id, kind, from_location_id, quantity, edge_id) select s.lot_id, 'reshape-out',"
    " s.location_id, {out}, (select max(id) from genealogy_edge) from stock s join lot l on l.id = s.lot_id"
    " where l.lot_no = %(parent)s and s.quantity >= 5 limit 1"
)
INTO = (
    "insert into stock_movement (lot_id, kind, to_location_id, quantity, edge_id) select l.id, 'reshape-in', p.id, {into},"
    " (select max(id) from genealogy_edge) from lot l, location p where l.lot_no = %(child)s order by p.id limit 1"
)
RELEASE = "update lot set status = %(status)s where lot_no = %(child)s"
HELD = (
    "insert into hold (lot_id, reason, placed_by_id) select l.id, 'x', (select min(id) from person) from lot l"
    " where l.lot_no = {lot}"
)
RIGHT = {
    "item": "l.item_id",
    "pack": "l.pack_size",
    "expires": "l.expires_on",
    "created": "now()",
    "kind": "'split'",
    "gone": "5",
    "came": "5",
    "source": "'batchwright'",
    "at": "now()",
    "out": "5",
    "into": "5",
}


def split(
    psql: Psql,
    *,
    parent: str = "B-OK",
    status: str = "released",
    role: str = APPLICATION,
    before: LiteralString = "select 1",
    between: LiteralString = "select 1",
    leave: frozenset[str] = frozenset(),
    **wrong: str,
) -> None:
    """The steps of a split by hand, one of them perhaps wrong or left out, up to what a commit would look at."""
    words = {**RIGHT, **wrong}
    given: dict[str, Any] = {"parent": parent, "child": "FORGED", "status": status}
    steps = {"before": before, "lot": LOT, "edge": EDGE, "out": OUT, "in": INTO, "between": between, "release": RELEASE}
    with psql.transaction(role) as connection:
        for name, step in steps.items():
            if name not in leave:
                connection.execute(step.format(**words).encode(), given)
        connection.execute("set constraints all immediate")


def test_a_part_of_a_released_batch_is_released(psql: Psql) -> None:
    """The control."""
    split(psql)
    split(psql, status="finished", leave=frozenset({"release"}))


@pytest.mark.parametrize("parent", ["B-NEW", "B-SEEN"])
@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_a_part_of_what_is_not_released_is_not(psql: Psql, parent: str, role: str) -> None:
    with refusal("BW012"):
        split(psql, parent=parent, role=role)


def test_a_part_stands_where_the_whole_stands(psql: Psql) -> None:
    split(psql, parent="B-NEW", status="packed")
    for status in ("released", "closed"):
        with refusal("BW012"):
            split(psql, parent="B-NEW", status=status)
    # this is one step from finished for any batch, by somebody who signs
    with refusal("BW291"):
        split(psql, status="rejected")
    with refusal("BW177"):
        split(psql, status="inspected")


@pytest.mark.parametrize(
    "wrong",
    [
        {"leave": frozenset({"edge", "out", "in"})},
        {"leave": frozenset({"out"})},
        {"leave": frozenset({"in"})},
        {"out": "4"},
        {"into": "4"},
        {"gone": "4"},
        {"gone": "null"},
        {"came": "4", "into": "4"},
        {"gone": "6", "out": "6"},
        {"kind": "'merge'", "pack": "2"},
        {"kind": "'repack'", "pack": "2"},
        {"source": "'inventree'"},
        {"item": "(select i.id from item i where i.id <> l.item_id limit 1)"},
        {"expires": "l.expires_on + 40"},
        {"expires": "null"},
        # something besides came in, or a second time
        {"between": "insert into stock_movement (lot_id, kind, to_location_id, quantity) select l.id, 'produce', p.id, 1"
         " from lot l, location p where l.lot_no = %(child)s order by p.id limit 1"},
        {"between": INTO.replace("{into}", "1")},
        {"between": "update lot set quantity = 6 where lot_no = %(child)s"},
        # another parent, unreleased, goes in without quantities
        {"between": "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity) select p.id, c.id, 'consume', 1"
         " from lot p, lot c where p.lot_no = 'B-NEW' and c.lot_no = %(child)s"},
        {"between": "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, child_quantity, child_uom)"
         " select p.id, c.id, 'merge', 1, 1, 'pcs' from lot p, lot c where p.lot_no = 'B-NEW' and c.lot_no = %(child)s"},
        # the parent is held and the part is not
        {"before": HELD.format(lot="%(parent)s")},
    ],
    ids=lambda wrong: " ".join(f"{key}={sorted(value) if isinstance(value, frozenset) else value}" for key, value in wrong.items()),
)  # fmt: skip
def test_a_forged_part_is_not_released(psql: Psql, wrong: dict[str, Any]) -> None:
    # whoever calls its link imported, or changes its quantity, meets the wall of that before
    first = {"source": "BW174", "between": "BW178" if "set quantity" in wrong.get("between", "") else "BW012"}
    with refusal(first.get(next(iter(wrong)), "BW012")):
        split(psql, **wrong)


@pytest.mark.parametrize("kind", ["consume", "rework", "install", "processed-in-load"])
def test_other_links_pass_nothing_on(psql: Psql, kind: str) -> None:
    with refusal("BW012"):
        split(psql, kind=f"'{kind}'", leave=frozenset({"out", "in"}))
    with refusal("BW050"):
        split(psql, kind=f"'{kind}'")


def test_a_part_inherits_at_its_birth_only(psql: Psql) -> None:
    """A part that was split off before the release waits for its own, whatever becomes of the whole."""
    for created in ("now() - interval '1 second'", "now() + interval '1 second'"):
        with refusal("BW010" if "+" in created else "BW051"):
            split(psql, created=created)
    with refusal("BW012"):
        split(psql, created="now() - interval '1 second'", leave=frozenset({"in"}))
    with refusal("BW011"):
        split(psql, between="update lot set created_at = now() - interval '1 day' where lot_no = %(child)s")
    with refusal("BW050"):
        split(psql, at="now() - interval '1 second'")


def test_nothing_is_turned_into_a_batch_that_exists(psql: Psql) -> None:
    """Or unreleased goods would come into a released batch."""
    with psql.transaction() as connection, refusal("BW051"):
        given = {"parent": "B-NEW", "child": "B-OK"}
        connection.execute(EDGE.format(**RIGHT).encode(), given)
        connection.execute(OUT.format(**RIGHT).encode(), given)
        connection.execute(INTO.format(**RIGHT).encode(), given)


def test_nothing_leaves_one_batch_without_arriving_in_another(psql: Psql) -> None:
    for wrong in ({"leave": frozenset({"in", "release"})}, {"into": "6", "leave": frozenset({"release"})}):
        with refusal("BW052"):
            split(psql, **wrong)
    with refusal("BW052"):
        split(psql, leave=frozenset({"lot_", "out", "in", "release"}))
    # a movement without its link, and a link's movement of another lot
    for kind in ("out", "in"):
        statement = (
            (OUT if kind == "out" else INTO).format(**RIGHT).replace("(select max(id) from genealogy_edge)", "null")
        )
        with psql.transaction() as connection, refusal("BW050"):
            connection.execute(statement.encode(), {"parent": "B-OK", "child": "B-NEW"})


def test_what_is_added_to_a_link_later_is_refused(psql: Psql) -> None:
    with refusal("BW052"):
        split(psql, between=OUT.replace("{out}", "1"), leave=frozenset({"release"}))


def test_a_hold_does_not_end_where_its_batch_is_split(psql: Psql) -> None:
    """Not even of a part that nobody claims to be released; what holds everything made of held goods speaks first."""
    with refusal("BW390"):
        split(psql, before=HELD.format(lot="%(parent)s"), leave=frozenset({"release"}))
    alone = "set constraints reshape_conserves immediate"
    with refusal("BW053"):
        split(psql, before=HELD.format(lot="%(parent)s"), between=alone, leave=frozenset({"release"}))
    # with its hold the part is released and held, as the whole
    split(psql, before=HELD.format(lot="%(parent)s"), between=HELD.format(lot="%(child)s"))
    with refusal("BW012"):
        split(
            psql,
            before=HELD.format(lot="%(parent)s"),
            between=HELD.format(lot="%(child)s").replace("'x'", "'something else'"),
        )


def test_a_part_stays_linked_to_its_whole(psql: Psql) -> None:
    with refusal("BW054"):
        split(
            psql,
            between="insert into genealogy_edge (parent_lot_id, child_lot_id, kind, supersedes_id) select p.id, c.id,"
            " 'consume', (select max(id) from genealogy_edge) from lot p, lot c where p.lot_no = 'R-1' and c.lot_no = %(child)s",
        )


@pytest.mark.parametrize("change", ["uom = 'box'", "pack_size = 20", "created_at = now()"])
def test_unit_pack_and_birth_of_a_batch_are_fixed(psql: Psql, change: LiteralString) -> None:
    psql.refused("BW011", f"update lot set {change} where lot_no = 'B-NEW'")  # noqa: S608 - our own words
