"""What is measured of a lot, with the limits and samples of its plan."""

from models.inspection.rules import inspection as rules
from models.inspection.tables import Characteristic
from models.lot.tables import Lot


def limits(row: Characteristic, lot: Lot) -> rules.Limits:
    """A characteristic as the rules see it, of this lot."""
    return rules.Limits(
        seq=row.seq,
        zh=row.name_zh,
        en=row.name_en,
        kind=row.kind,
        lower=row.lower,
        upper=row.upper,
        sample_size=rules.samples(row.sample_size, lot.quantity, lot.uom, lot.pack_size),
        accept=row.accept,
    )
