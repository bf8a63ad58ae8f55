"""On any plant, the check of all lots in a few sweeps finds what a trace of all lots finds, word by word (REQ 26)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from models.drill.messages import CheckTrace
from models.health import acts as trace_health
from models.health.rules import sentence
from models.process.messages.process import By
from models.trace.rules.findings import SEVERITY
from models.trace.rules.trace import Direction
from models.trace.store import trace
from tests.support.graph import T0, Plant, day
from tests.support.house.proves import proves
from tests.support.often import often

MakePlant = Callable[[], AbstractContextManager[Plant]]
LOTS = 6
KINDS = ("consume", "split", "merge", "rework", "repack", "processed-in-load")
CLOCK = By(person_id=0, name="Batchwright", actor_id="service:schedule", source="worker")
OPEN = text("""
select l.lot_no, t.code, t.facts from trace_finding t join lot l on l.id = t.lot_id where t.cleared_run_id is null
""")

_lots = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["raw", "component", "finished"]),
            "supplier": st.booleans(),
            "theirs": st.booleans(),
            "migrated": st.booleans(),
            "made": st.none() | st.integers(0, 4),
            "family": st.sampled_from([None, " ", "hips"]),
            "uom": st.sampled_from(["pcs", "pcs", "kg"]),
        }
    ),
    min_size=LOTS,
    max_size=LOTS,
)
_number = st.integers(0, LOTS - 1)
_links = st.lists(
    st.tuples(_number, _number, st.sampled_from(KINDS), st.none() | st.integers(1, 9), st.integers(0, 6), st.booleans())
    .filter(lambda link: link[0] != link[1]),
    max_size=12,
)  # fmt: skip
_moves = st.lists(
    st.tuples(
        _number,
        st.sampled_from(
            ["receive", "produce", "consume", "scrap", "sample", "adjust", "return", "reshape-in", "reshape-out"]
        ),
        st.integers(1, 9),
    ),
    max_size=10,
)
_shipped = st.lists(
    st.tuples(_number, st.integers(1, 9), st.sampled_from(["shipped", "arrived", "planned"]), st.integers(0, 6)),
    max_size=4,
)


def check(plant: Plant) -> dict[str, Any]:
    """Run the check as the schedule does."""
    command = CheckTrace(command_id="c", by=CLOCK)
    return trace_health.check(plant.session, command, T0 + timedelta(days=30)).data


def found(plant: Plant) -> set[tuple[str, str, str, str]]:
    """The findings that stand, in the words of a trace."""
    rows = plant.session.connection().execute(OPEN)
    said = [(code, lot, *sentence(code, lot, facts)) for lot, code, facts in rows]
    assert len(said) == len(set(said)), "none stands twice"
    return set(said)


def expected(plant: Plant, keys: list[int]) -> set[tuple[str, str, str, str]]:
    """The findings of the trace of every lot both ways."""
    answer = trace.trace(plant.session, keys, Direction.BOTH)
    assert all(one.severity == SEVERITY[one.code] for one in answer.findings)
    return {(one.code, one.lot_no, one.zh, one.en) for one in answer.findings}


@proves("R26")
@settings(
    max_examples=often(6, 600),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lots=_lots, links=_links, moves=_moves, shipped=_shipped)
def test_the_sweeps_find_what_a_trace_of_everything_finds(
    new_plant: MakePlant, lots: list[dict[str, Any]], links: list[Any], moves: list[Any], shipped: list[Any]
) -> None:
    with new_plant() as plant:
        rows = []
        for number, said in enumerate(lots):
            plant.item(f"I-{said['family']}-{said['kind']}", said["kind"], category=said["family"])
            rows.append(
                plant.lot(
                    f"L{number}", said["kind"], 20, item=f"I-{said['family']}-{said['kind']}", uom=said["uom"],
                    supplier_id=plant.supplier().id if said["supplier"] else None,
                    supplier_lot_no="S" if said["theirs"] else None,
                    origin="migrated" if said["migrated"] else "native",
                    manufactured_on=None if said["made"] is None else date(2026, 1, 1) + timedelta(days=said["made"]),
                )
            )  # fmt: skip
        for parent, child, kind, quantity, at, corrected in links:
            row = plant.edge(rows[parent], rows[child], quantity, kind, at=day(at))
            if corrected:
                plant.edge(rows[parent], rows[child], 7, kind, at=day(at), supersedes_id=row.id)
        leaving = {lot for lot, kind, _ in moves if kind not in {"receive", "produce", "return", "reshape-in"}}
        for lot in sorted(leaving | {lot for lot, _, _, _ in shipped}):
            plant.move(rows[lot], "receive", 99)  # stock is never below nothing
        for lot, kind, quantity in moves:
            plant.move(rows[lot], kind, quantity)
        for number, (lot, quantity, status, at) in enumerate(shipped):
            plant.ship(rows[lot], quantity, shipment_no=f"SH-{number}", status=status, at=day(at))
        plant.session.connection().execute(text("set local timezone = 'UTC'"))
        keys = [row.id for row in rows]
        said = check(plant)
        assert found(plant) == expected(plant, keys)
        assert said["findings"] == len(expected(plant, keys))
        assert said["lots"] == LOTS
        assert (said["score"] == 100) == (not said["findings"])
        again = check(plant)
        assert (again["appeared"], again["cleared"]) == (0, 0), "nothing changed, nothing comes or goes"
