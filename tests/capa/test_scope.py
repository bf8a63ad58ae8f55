"""Which batches a CAPA is about: saved queries, whose answers are a recount of the graph at any moment (REQUIREMENTS 34, 41, 44)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from models.capa import queries
from models.capa.messages import AddToScope, ConfirmSimilar, EndScope, OpenCapa
from models.capa.store import scope, similar
from models.item.tables import Item
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now, reading
from models.lot.store import lots
from models.nonconformance.messages import RaiseNonconformance
from models.release.rules import evidence
from models.release.store import batch_record
from tests.support.often import often
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.servers.database import past_walls

LOT = "insert into lot (lot_no, item_id, quantity, uom, kind, status) select %s, min(i.id), 1, 'pcs', 'component', 'in_process' from item i returning id"
SUBJECTS = "insert into subject (id, kind, number, title, opened_at) select subject_id, 'lot', lot_no, lot_no, now() from lot where lot_no like %s"
EDGE = "insert into genealogy_edge (parent_lot_id, child_lot_id, quantity, uom, kind, at) values (%s, %s, 1, 'pcs', 'consume', now()) on conflict do nothing"
CORRECTED = "update genealogy_edge set superseded_at = clock_timestamp() where parent_lot_id = %s and child_lot_id = %s"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    return desk


def opened(plant: Plant, *findings: str, **more: Any) -> str:
    command = OpenCapa(
        command_id=str(uuid4()), by=plant.by("zhou.shen"), title="直径超差", nonconformances=findings, **more
    )
    return str(do(plant.engine, "open_capa", command).data["number"])


def added(plant: Plant, number: str, lot_no: str, direction: str = "forward", **more: Any) -> Any:
    said: dict[str, Any] = {"reason": "同一批棒料", **more}
    command = AddToScope(
        command_id=str(uuid4()), by=plant.by("zhou.shen"), number=number, lot_no=lot_no, direction=direction, **said
    )
    return do(plant.engine, "add_to_capa_scope", command)


def ended(plant: Plant, number: str, lot_no: str, reason: str = "与此无关") -> Any:
    command = EndScope(command_id=str(uuid4()), by=plant.by("zhou.shen"), number=number, lot_no=lot_no, reason=reason)
    return do(plant.engine, "end_capa_scope", command)


def reached(plant: Plant, number: str) -> dict[str, tuple[bool, bool]]:
    """The batches that the case is about, each with whether it lies below and above."""
    with reading(plant.engine) as session:
        head = queries.of_number(session, number).head
        found = scope.of(session, head.id, head.opened_at, head.closed_at)
        rows = scope.relatives(session, found, head.opened_at, limit=1000)
        assert found.total == len(rows)
        return {one.lot_no: (one.down, one.up) for one in rows}


def graph(plant: Plant, count: int) -> tuple[str, list[int]]:
    """So many batches without links; their prefix and keys."""
    name = f"SC-{uuid4().hex[:8]}"
    with past_walls(plant.engine) as connection:
        keys = [int(connection.exec_driver_sql(LOT, (f"{name}-{n}",)).scalar_one()) for n in range(count)]
        connection.exec_driver_sql(SUBJECTS, (f"{name}-%",))
    return name, keys


def linked(plant: Plant, keys: list[int], parent: int, child: int, statement: str = EDGE) -> None:
    with past_walls(plant.engine) as connection:
        connection.exec_driver_sql(statement, (keys[parent], keys[child]))


def closure(start: set[int], edges: set[tuple[int, int]], *, down: bool) -> set[int]:
    """The recount: step by step, by sets."""
    found, front = set(start), set(start)
    while front:
        front = {(b if down else a) for a, b in edges if (a if down else b) in front} - found
        found |= front
    return found


STEPS = st.lists(
    st.tuples(st.sampled_from(["link", "link", "link", "correct", "forward", "backward", "both", "end"]), st.integers(0, 6), st.integers(0, 6)),
    min_size=4,
    max_size=14,
)  # fmt: skip


@settings(max_examples=often(5, 80), deadline=None)
@given(STEPS)
def test_whatever_is_linked_corrected_added_or_ended_it_is_what_a_recount_finds(
    shop: Plant, steps: list[tuple[str, int, int]]
) -> None:
    name, keys = graph(shop, 7)
    number = opened(shop)
    edges: set[tuple[int, int]] = set()
    roots: dict[int, str] = {}
    for what, one, other in steps:
        low, high = min(one, other), max(one, other)
        if what == "link" and low != high and (low, high) not in edges:
            linked(shop, keys, low, high)
            edges.add((low, high))
        elif what == "correct" and (low, high) in edges:
            linked(shop, keys, low, high, CORRECTED)
            edges.discard((low, high))
        elif what in {"forward", "backward", "both"} and one not in roots:
            added(shop, number, f"{name}-{one}", what)
            roots[one] = what
        elif what == "end" and one in roots:
            ended(shop, number, f"{name}-{one}")
            del roots[one]
        down = closure({one for one, way in roots.items() if way != "backward"}, edges, down=True)
        up = closure({one for one, way in roots.items() if way != "forward"}, edges, down=False)
        assert reached(shop, number) == {f"{name}-{n}": (n in down, n in up) for n in down | up}


async def test_what_is_made_later_joins_by_itself_and_is_told_apart(shop: Plant) -> None:
    name, keys = graph(shop, 4)
    linked(shop, keys, 0, 1)
    finding = str(
        do(
            shop.engine,
            "raise_nonconformance",
            RaiseNonconformance(command_id=str(uuid4()), by=shop.by("li.cang"), title="毛刺", lot_no=f"{name}-0"),
        ).data["number"]
    )
    number = opened(shop, finding)
    assert set(reached(shop, number)) == {f"{name}-0", f"{name}-1"}
    linked(shop, keys, 1, 2)
    linked(shop, keys, 3, 1)  # what else went into it isn't below
    with reading(shop.engine) as session:
        head = queries.of_number(session, number).head
        found = scope.of(session, head.id, head.opened_at, head.closed_at)
        rows = {one.lot_no: one.later for one in scope.relatives(session, found, head.opened_at)}
    assert rows == {f"{name}-0": False, f"{name}-1": False, f"{name}-2": True}
    assert (found.total, found.later) == (3, 1)
    [root] = found.roots
    assert (root.lot_no, root.direction, root.reason, root.added_by) == (f"{name}-0", "forward", finding, None)


def exceptions(plant: Plant, lot_no: str) -> list[tuple[str, str]]:
    with reading(plant.engine) as session:
        record = batch_record.build(session, lots.get(session, lot_no))
        judged = evidence.assess(record, now(session))
    return [(one.code, one.en) for one in judged.exceptions if one.code in {"EV-LOT-11", "EV-MATERIAL-16"}]


async def test_the_release_of_a_batch_knows_what_is_open_on_it_and_on_every_ancestor(shop: Plant) -> None:
    name, keys = graph(shop, 5)
    for one in range(3):
        linked(shop, keys, one, one + 1)
    assert exceptions(shop, f"{name}-3") == []
    number = opened(shop)
    added(shop, number, f"{name}-0")
    assert exceptions(shop, f"{name}-0") == [("EV-LOT-11", f"this batch has an open CAPA {number}")]
    assert exceptions(shop, f"{name}-3") == [
        ("EV-MATERIAL-16", f"upstream batch {name}-0 (level 3) has an open CAPA {number}")
    ]
    assert exceptions(shop, f"{name}-4") == []
    # what went into a batch is meant: whatever else is made of that is too
    other = opened(shop)
    added(shop, other, f"{name}-2", "backward")
    linked(shop, keys, 1, 4)
    assert [one for one in exceptions(shop, f"{name}-4") if other in one[1]] == [
        ("EV-MATERIAL-16", f"upstream batch {name}-1 (level 1) has an open CAPA {other}"),
        ("EV-MATERIAL-16", f"upstream batch {name}-0 (level 2) has an open CAPA {other}"),
    ]
    ended(shop, other, f"{name}-2")
    with past_walls(shop.engine) as connection:
        connection.exec_driver_sql(
            "update capa set status = 'withdrawn', closed_at = now() where capa_no = %s", (number,)
        )
    assert exceptions(shop, f"{name}-3") == []


async def test_what_says_nothing_or_comes_twice_is_refused(shop: Plant) -> None:
    name, _ = graph(shop, 2)
    number = opened(shop)
    with pytest.raises(Refusal, match="CAP-017"):
        added(shop, number, f"{name}-0", reason=" ")
    added(shop, number, f"{name}-0")
    refusals: list[tuple[str, Callable[[], Any]]] = [
        ("CAP-018", lambda: added(shop, number, f"{name}-0", "both")),
        ("CAP-019", lambda: ended(shop, number, f"{name}-1")),
        ("LOT-001", lambda: added(shop, number, "NONE")),
        ("CAP-404", lambda: added(shop, "CAPA-NONE", f"{name}-1")),
    ]
    for code, refused in refusals:
        with pytest.raises(Refusal, match=code):
            refused()
    with past_walls(shop.engine) as connection:
        connection.exec_driver_sql(
            "update capa set status = 'withdrawn', closed_at = now() where capa_no = %s", (number,)
        )
    with pytest.raises(Refusal, match="CAP-016"):
        added(shop, number, f"{name}-1")
    with pytest.raises(Refusal, match="CAP-016"):
        ended(shop, number, f"{name}-0")
    # of an ended case what is made later is none of its any more
    assert set(reached(shop, number)) == {f"{name}-0"}


def raised(plant: Plant, **given: Any) -> str:
    command = RaiseNonconformance(command_id=str(uuid4()), by=plant.by("li.cang"), **{"title": "毛刺", **given})
    return str(do(plant.engine, "raise_nonconformance", command).data["number"])


def proposals(plant: Plant, number: str) -> dict[str, tuple[set[str], bool]]:
    key = plant.scalar("select id from subject where number = :n", n=number)
    with reading(plant.engine) as session:
        found = similar.proposed(session, key, datetime.now(UTC))
    return {one.number: ({name for name, _ in one.reasons}, one.confirmed) for one in found}


def confirmed(plant: Plant, number: str, like: str, login: str = "zhou.shen") -> Any:
    command = ConfirmSimilar(
        command_id=str(uuid4()), by=plant.by(login), number=number, like=like, because="同一台车床"
    )
    return do(plant.engine, "confirm_similar", command)


async def test_cases_that_have_something_in_common_are_proposed_and_confirmed_by_people(shop: Plant) -> None:
    name, keys = graph(shop, 3)
    for item in (f"I-{name}", f"J-{name}"):
        with act(shop.engine, SETUP) as session:
            session.add(Item(item_no=item, name=item, kind="raw"))
    one, same_lot, other_lot = (raised(shop, lot_no=f"{name}-{n}") for n in (0, 0, 1))
    alone, same_item = raised(shop, item_no=f"I-{name}"), raised(shop, item_no=f"J-{name}")
    with past_walls(shop.engine) as connection:  # one of the same machine, on the same day by the same person
        runs = [
            connection.exec_driver_sql(
                "insert into operation_run (work_order_id, lot_id, seq, code, started_at, finished_at, recorded_by_id, run_no)"
                " select coalesce(min(w.id), 1), %s, 900, 'OP', now(), now(), %s, %s from work_order w returning id",
                (keys[n], shop.by("wang.cao").person_id, keys[n]),
            ).scalar_one()
            for n in (0, 1)
        ]
        for run in runs:
            connection.exec_driver_sql(
                "insert into operation_equipment (operation_run_id, equipment_id) select %s, min(id) from equipment",
                (run,),
            )
            connection.exec_driver_sql(
                "insert into operation_person (operation_run_id, person_id) values (%s, %s)",
                (run, shop.by("wang.cao").person_id),
            )
        connection.exec_driver_sql(
            "update nonconformance set cause_class = 'tool' where nonconformance_no = any(%s)", ([one, alone],)
        )
    found = proposals(shop, one)
    assert found[same_lot][0] >= {"lot", "machine", "shift"}
    assert found[other_lot][0] >= {"machine", "shift"}
    assert "lot" not in found[other_lot][0]
    assert found[alone][0] == {"cause"}
    assert same_item not in found
    # a CAPA is like it by its findings, and it is none of what is tied to it as a cause
    number = opened(shop, other_lot, same_lot)
    assert {"machine", "shift", "lot"} <= proposals(shop, one)[number][0]
    assert number not in proposals(shop, same_lot)
    assert one in proposals(shop, number)
    confirmed(shop, number, one)
    assert proposals(shop, number)[one][1]
    assert proposals(shop, one)[number][1]
    assert (
        shop.scalar(
            "select count(*) from run_link k join subject s on s.id = k.subject_id where k.role = 'similar' and s.number = :n",
            n=one,
        )
        == 1
    )
    said = "select values ->> 'like' || ' ' || (values ->> 'because') from fact where name = 'case.similar' order by id desc limit 1"
    assert shop.scalar(said) == f"{one} 同一台车床"
    again: list[tuple[str, Callable[[], Any]]] = [
        ("CAP-022", lambda: confirmed(shop, one, number)),
        ("CAP-021", lambda: confirmed(shop, one, one)),
        ("CAP-020", lambda: confirmed(shop, one, "NC-NONE")),
        ("AUTH-005", lambda: confirmed(shop, number, same_lot, "wang.cao")),
    ]
    for code, refused in again:
        with pytest.raises(Refusal, match=code):
            refused()
