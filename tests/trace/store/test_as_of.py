"""What was known at a moment stays what was known, whatever is learnt later (REQUIREMENTS 21)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, desc, select

from models.genealogy.tables import GenealogyEdge
from models.hold.tables import Hold
from models.lot.tables import Lot
from models.shipment.tables import Shipment, ShipmentLine
from models.trace.rules.trace import Direction
from models.trace.store import trace
from tests.support.graph import Plant, day
from tests.support.house.proves import proves
from tests.support.often import often

MakePlant = Callable[[], AbstractContextManager[Plant]]
LOTS, THEN = 6, 5.0

# what happens: (kind, lot, other lot, number)
_fact = st.tuples(
    st.sampled_from(["link", "correct", "use", "ship", "arrive", "return", "scrap", "hold", "lift"]),
    st.integers(0, LOTS - 1),
    st.integers(0, LOTS - 1),
    st.integers(1, 9),
)
_facts = st.lists(_fact, max_size=14)


class History:
    """Facts in the order in which they became known."""

    def __init__(self, plant: Plant, first: float) -> None:
        self.plant, self.at, self.happened = plant, first, first
        self.lots: list[Lot] = [plant.raw(f"L{number}", 1000) for number in range(LOTS)]
        self.links: list[GenealogyEdge] = []
        self.lines: list[tuple[ShipmentLine, Shipment, Lot]] = []
        self.holds: list[Hold | None] = []

    def tell(self, fact: tuple[str, int, int, int], at: float, happened: float | None = None) -> None:
        """It becomes known now; it may have happened long before."""
        kind, one, other, number = fact
        self.at, self.happened = at, at if happened is None else happened
        lot, child = self.lots[one], self.lots[other]
        getattr(self, f"_{kind}")(lot, child, number)

    def _when(self) -> dict[str, Any]:
        return {"at": day(self.happened), "recorded_at": day(self.at)}

    def _link(self, lot: Lot, child: Lot, number: int) -> None:
        if lot is not child:
            self.links.append(self.plant.edge(lot, child, number, **self._when()))

    def _use(self, lot: Lot, child: Lot, number: int) -> None:
        if lot is not child:
            self.links.append(self.plant.use(lot, child, number, day(self.happened), day(self.at)))

    def _correct(self, lot: Lot, child: Lot, number: int) -> None:
        """One of the links was wrong."""
        if self.links and lot is not child:
            wrong = self.links.pop(number % len(self.links))
            self.links.append(self.plant.edge(lot, child, number, supersedes_id=wrong.id, **self._when()))

    def _ship(self, lot: Lot, _: Lot, number: int) -> None:
        line = self.plant.ship(lot, number, f"C-{number}", at=day(self.happened), recorded=day(self.at))
        shipment = self.plant.session.get(Shipment, line.shipment_id)
        assert shipment is not None
        self.lines.append((line, shipment, lot))

    def _arrive(self, _lot: Lot, _child: Lot, number: int) -> None:
        for _line, shipment, _sold in self.lines[number % LOTS :][:1]:
            if shipment.status == "shipped":
                shipment.status, shipment.arrived_at = "arrived", day(self.at)
                self.plant.add(shipment)

    def _return(self, _lot: Lot, _child: Lot, number: int) -> None:
        for line, _shipment, lot in self.lines[number % LOTS :][:1]:
            if line.returned < line.quantity:
                self.plant.give_back(line, lot, 1, day(self.happened), day(self.at))

    def _scrap(self, lot: Lot, _: Lot, number: int) -> None:
        self.plant.move(lot, "scrap", number, day(self.happened), recorded=day(self.at))

    def _hold(self, lot: Lot, *_: object) -> None:
        self.plant.hold(lot, day(self.at))
        self.holds.append(self.plant.session.exec(select(Hold).order_by(desc(col(Hold.id)))).first())

    def _lift(self, _lot: Lot, _child: Lot, number: int) -> None:
        for hold in self.holds[number % LOTS :][:1]:
            if hold is not None and hold.lifted_at is None:
                hold.lifted_at, hold.lifted_by_id = day(self.at), hold.placed_by_id
                self.plant.add(hold)


@proves("R21")
@settings(max_examples=often(6, 600), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=_facts,
    after=_facts,
    late=st.booleans(),
    start=st.integers(0, LOTS - 1),
    direction=st.sampled_from(Direction),
)
def test_later_facts_never_change_what_was_known(
    new_plant: MakePlant,
    before: list[tuple[str, int, int, int]],
    after: list[tuple[str, int, int, int]],
    late: bool,
    start: int,
    direction: Direction,
) -> None:
    with new_plant() as plant:
        history = History(plant, 1)
        for number in range(LOTS):  # something to correct, to return and to lift
            history.tell(("link", number, (number + 1) % LOTS, 1), 1)
            history.tell(("ship", number, 0, 5), 1)
            history.tell(("hold", number, 0, 1), 1)
        for place, fact in enumerate(before):
            history.tell(fact, 1 + place / 10)
        lot = [history.lots[start].id]
        then = day(THEN)
        known = trace.trace(plant.session, lot, direction, then)
        today = trace.trace(plant.session, lot, direction)
        same = ("nodes", "edges", "customers", "stock", "findings")
        for name in same:
            ours, theirs = getattr(known, name), getattr(today, name)
            if name == "nodes":  # the status of then is read from the audit trail, which this plant doesn't write
                theirs = tuple(node._replace(status=None) for node in theirs)
            assert ours == theirs, f"{name}: with nothing later, then is now"
        for place, fact in enumerate(after):
            # half of the time it is told late: an import, a paper that turns up
            history.tell(fact, THEN + 0.001 + place, 0.5 + place / 10 if late else None)
        plant.session.flush()
        assert trace.trace(plant.session, lot, direction, then).digest == known.digest
