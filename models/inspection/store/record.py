"""What an inspector signs: the plan with its limits and the newest results, as one canonical record (21 CFR 11.70)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.genealogy.store.earlier_numbers import HERITAGE
from models.inspection.rules.inspection import samples
from models.inspection.tables import Characteristic, Inspection
from models.kernel.units.quantity import plain as in_words
from models.lot.tables import Lot
from models.release.store.batch_record import RESULTS


def inspection_record(
    session: Session, lot: Lot, row: Inspection | None, measures: Sequence[Characteristic]
) -> dict[str, Any]:
    """What an inspector signs: the plan, the limits and the newest results of the open (or last) inspection."""
    if row is None:
        return {"record": "inspection", "lot_no": lot.lot_no}
    results = session.connection().execute(text(HERITAGE + RESULTS), {"lot": lot.id}).all()
    return {
        "record": "inspection",
        "lot_no": lot.lot_no,
        "inspection_no": row.inspection_no,
        "plan": [
            {
                "seq": str(one.seq),
                "zh": one.name_zh,
                "en": one.name_en,
                "lower": None if one.lower is None else in_words(one.lower),
                "upper": None if one.upper is None else in_words(one.upper),
                "samples": str(samples(one.sample_size, lot.quantity, lot.uom, lot.pack_size)),
                "accept": str(one.accept),
            }
            for one in measures
        ],
        "results": [
            {
                "seq": str(one.seq),
                "sample": str(one.sample_no),
                "value": one.text_value if one.text_value or one.value is None else in_words(one.value),
                **({"gauge": one.equipment_no} if one.equipment_no else {}),
                "passed": "yes" if one.passed else "no",
                "by": one.recorded_by or "",
            }
            for one in results
            if one.inspection_id == row.id
        ],
    }
