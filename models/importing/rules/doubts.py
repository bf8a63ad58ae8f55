"""What is doubtful about the records of a whole file: taken over, and told to whoever reads the report."""

from models.importing.rules.codes import MADE_OF_ITSELF, TIME_UNKNOWN, UNIT_UNKNOWN
from models.importing.rules.inventree.dump import UNKNOWN_TIME
from models.importing.rules.reading import Intake, Record, RowKey
from models.kernel.circles import in_circles
from models.register.rules import known_unit


def flag(intake: Intake) -> None:
    """Flag the rows whose record has no known time or unit, or says that lots are made of each other."""
    timeless: dict[RowKey, None] = {}
    for record in intake.records.values():
        if UNKNOWN_TIME in record.values.values():
            timeless[record.row] = None
        if record.table == "item" and not known_unit(record.values["uom"]):
            intake.flag(intake.rows[record.row], UNIT_UNKNOWN(unit=record.values["uom"]))
    for row in timeless:
        intake.flag(intake.rows[row], TIME_UNKNOWN())
    _loops(intake)


def _loops(intake: Intake) -> None:
    links = [one for one in intake.records.values() if one.table == "genealogy_edge"]
    loops = in_circles(_ends(one) for one in links)
    for link in links:
        if _ends(link) in loops:
            parent, child = (intake.records[str(ref)].values["lot_no"] for ref in _ends(link))
            intake.flag(intake.rows[link.row], MADE_OF_ITSELF(parent=parent, child=child))


def _ends(link: Record) -> tuple[str | None, str | None]:
    return link.refs["parent_lot_id"], link.refs["child_lot_id"]
