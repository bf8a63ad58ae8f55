"""Every lot of a trace shows man, machine, material, method, environment, and what is open on it (REQUIREMENTS 15)."""

from decimal import Decimal

from models.equipment.tables import Calibration, EnvironmentReading, Equipment
from models.inspection.tables import Inspection
from models.lot.tables import Lot
from models.nonconformance.tables import Nonconformance
from models.order.tables import RoutingStep, WorkOrder
from models.person.tables import Person
from models.production.tables import (
    OperationEnvironment,
    OperationEquipment,
    OperationParameter,
    OperationPerson,
    OperationRun,
)
from models.trace.rules.trace import Answer, Direction
from models.trace.store import trace
from tests.support.graph import Plant, day
from tests.support.house.proves import proves
from tests.support.servers.database import StatementCounter


def ask(plant: Plant, lot: Lot, at: float | None = None) -> Answer:
    """Both ways from the lot."""
    return trace.trace(plant.session, [lot.id], Direction.BOTH, None if at is None else day(at))


def shown(answer: Answer, lot: Lot) -> list[tuple[str, str | None]]:
    """The five proofs of a lot."""
    return [
        (proof.mark, proof.what) for proof in next(node for node in answer.nodes if node.lot_no == lot.lot_no).evidence
    ]


def made(plant: Plant, steel: Lot, lot_no: str = "N-1", at: float = 2) -> tuple[Lot, OperationRun]:
    """A lot made of steel in one operation by 林检 on a calibrated press in a measured room."""
    lot = plant.product(lot_no)
    plant.use(steel, lot, 10, day(at))
    order = plant.add(
        WorkOrder(work_order_no=f"WO-{lot_no}", item_id=lot.item_id, lot_id=lot.id, quantity=Decimal(100))
    )
    plant.add(
        RoutingStep(work_order_id=order.id, seq=10, code="PRESS", title_zh="压", title_en="Press", environment=True)
    )
    person = plant.once("林检", Person(name="林检"))
    run = plant.add(
        OperationRun(
            work_order_id=order.id, lot_id=lot.id, seq=10, code="PRESS", started_at=day(at), finished_at=day(at),
            recorded_at=day(at), recorded_by_id=person.id, document="WI-7", document_version="B",
        )
    )  # fmt: skip
    press = plant.once("press", Equipment(equipment_no="G-17", name="Press", kind="press"))
    calibration = plant.once(
        "calibration", Calibration(equipment_id=press.id, performed_at=day(0), due_at=day(5), result="passed")
    )
    plant.add(OperationPerson(operation_run_id=run.id, person_id=person.id))
    plant.add(OperationEquipment(operation_run_id=run.id, equipment_id=press.id, calibration_id=calibration.id))
    return lot, run


def read(plant: Plant, run: OperationRun, value: int) -> None:
    """The humidity of the room, at most 60."""
    row = EnvironmentReading(
        location_id=plant.location().id,
        measured_at=day(2),
        quantity="humidity",
        value=Decimal(value),
        unit="%",
        upper=Decimal(60),
    )
    plant.add(OperationEnvironment(operation_run_id=run.id, environment_reading_id=plant.add(row).id))


@proves("R59")
def test_a_lot_names_who_and_what_made_it(graph_plant: Plant) -> None:
    steel = graph_plant.raw("STEEL-1")
    lot, run = made(graph_plant, steel)
    read(graph_plant, run, 55)
    answer = ask(graph_plant, lot)
    assert shown(answer, lot) == [
        ("passed", "林检"), ("passed", "G-17"), ("passed", "1"), ("passed", "WI-7 B"), ("passed", "1"),
    ]  # fmt: skip
    assert shown(answer, steel)[2] == ("passed", "SUP-STEEL-1")
    assert answer.evidence_gaps == ()
    assert answer.counts["evidence_gaps"] == 0


def test_what_was_not_right_stands_out_by_factor(graph_plant: Plant) -> None:
    steel = graph_plant.raw("STEEL-1")
    late, run = made(graph_plant, steel, "N-LATE", at=6)  # after the calibration had run out
    read(graph_plant, run, 61)
    graph_plant.add(OperationParameter(operation_run_id=run.id, name="force", value=Decimal(9), upper=Decimal(5)))
    unread, _ = made(graph_plant, steel, "N-UNREAD")
    answer = ask(graph_plant, steel)
    assert [mark for mark, _ in shown(answer, late)] == ["passed", "exception", "passed", "exception", "exception"]
    assert shown(answer, late)[4] == ("exception", "1 / 1")
    assert shown(answer, unread)[4] == ("not_checked", None)
    assert [tuple(gap) for gap in answer.evidence_gaps] == [
        ("machine", "exception", 1, ("N-LATE",)),
        ("method", "exception", 1, ("N-LATE",)),
        ("environment", "exception", 1, ("N-LATE",)),
        ("environment", "not_checked", 1, ("N-UNREAD",)),
    ]
    assert answer.complete, "the chain of lots is known all the same"


@proves("L 25")
def test_a_machine_whose_calibration_nobody_looked_at_is_not_shown_as_passed(graph_plant: Plant) -> None:
    lot, run = made(graph_plant, graph_plant.raw("STEEL-1"))
    gauge = graph_plant.add(Equipment(equipment_no="G-18", name="Gauge", kind="gauge"))
    graph_plant.add(OperationEquipment(operation_run_id=run.id, equipment_id=gauge.id))
    assert shown(ask(graph_plant, lot), lot)[1] == ("not_checked", "G-17, G-18")


def test_open_issues_stand_on_their_lots(graph_plant: Plant) -> None:
    steel = graph_plant.raw("STEEL-1")
    lot = graph_plant.product("N-1")
    graph_plant.use(steel, lot)
    graph_plant.hold(steel, day(3))
    graph_plant.add(
        Nonconformance(
            nonconformance_no="NC-7", lot_id=lot.id, title="毛刺", opened_at=day(3), closed_at=day(6), status="closed"
        )
    )
    graph_plant.add(Inspection(inspection_no="FQC-1", lot_id=lot.id, stage="final", opened_at=day(2), status="open"))
    issues = {node.lot_no: [(one.kind, one.number) for one in node.issues] for node in ask(graph_plant, lot).nodes}
    assert issues == {"STEEL-1": [("hold", "2026-01-08")], "N-1": [("inspection", "FQC-1")]}
    then = {node.lot_no: [(one.kind, one.title) for one in node.issues] for node in ask(graph_plant, lot, 4).nodes}
    assert then == {"STEEL-1": [("hold", "?")], "N-1": [("inspection", "final"), ("nonconformance", "毛刺")]}


def test_as_of_a_moment_only_the_work_recorded_by_then_counts(graph_plant: Plant) -> None:
    steel = graph_plant.raw("STEEL-1")
    lot, run = made(graph_plant, steel, at=2)
    run.recorded_at = day(8)  # a paper that turned up
    graph_plant.add(run)
    assert [mark for mark, _ in shown(ask(graph_plant, lot, 5), lot)][:2] == ["not_checked", "not_checked"]
    assert [mark for mark, _ in shown(ask(graph_plant, lot, 9), lot)][:2] == ["passed", "passed"]


def test_the_number_of_statements_does_not_grow(graph_plant: Plant) -> None:
    steel = graph_plant.raw("STEEL-1", 1000)
    engine = graph_plant.session.get_bind().engine
    counts = []
    for number in range(2):
        for lot in range(1 + 4 * number):
            made(graph_plant, steel, f"N-{number}-{lot}")
        with StatementCounter(engine) as counter:
            ask(graph_plant, steel)
        counts.append(len(counter.statements))
    assert counts[0] == counts[1] <= 12
