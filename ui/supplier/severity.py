"""How strictly lots are inspected by the switching rules, to whoever inspects one and on the pages of its supplier (GB/T 2828.1 9.3)."""

from sqlmodel import Session

from models.kernel.time.moments import minute
from models.lot.store import lots
from models.lot.tables import Lot
from models.supplier.queries import severities
from models.supplier.queries.severities import Sampled, Switch
from models.supplier.rules.switching import Severity
from ui.frame.i18n import Words
from ui.frame.parts import Fact


def sampled(words: Words, session: Session, lot: Lot) -> list[Fact]:
    """Nothing while it is normal; else that it is tightened, since when, by which lots, and until when."""
    found = severities.of_goods(session, lot.supplier_id, lot.item_id)
    return [] if found is None or found.severity is Severity.NORMAL else _tightened(words, found)


def _tightened(words: Words, found: Sampled) -> list[Fact]:
    return [
        Fact(label=words("supplier.severity"), text=standing(words, found)),
        Fact(label=words("supplier.severity_since"), moment=found.since),
    ]


def standing(words: Words, found: Sampled) -> str:
    """How it is inspected now; while it is tightened, by which lots, and how many are still to be accepted."""
    if found.severity is Severity.NORMAL:
        return words("supplier.severity_normal")
    by = next((one for one in found.switches if one.then is Severity.TIGHTENED), None)
    failed = words("list.comma").join(by.failed) if by is not None else ""
    return words("supplier.tightened_by", lots=failed, n=found.left)


def kept(words: Words, session: Session, supplier: int, item: int) -> list[Fact]:
    """How it stands, and how it was switched so far; nothing where no lot was decided on."""
    found = severities.of_goods(session, supplier, item)
    if found is None:
        return []
    zone = lots.site_zone(session)
    state = (
        _tightened(words, found)
        if found.severity is Severity.TIGHTENED
        else [Fact(label=words("supplier.severity"), text=standing(words, found))]
    )
    return [*state, *_history(words, found, zone)]


def _history(words: Words, found: Sampled, zone: str) -> list[Fact]:
    if not found.switches:
        return []
    heads = (words("supplier.switched_at"), words("supplier.switched_to"), words("lot.lot"), words("supplier.because"))
    rows = tuple(
        (minute(one.at, zone), words(f"status.sampling_{one.then.value}"), one.lot, because(words, one))
        for one in found.switches
    )
    return [Fact(label=words("supplier.switches"), heads=heads, rows=rows)]


def because(words: Words, one: Switch) -> str:
    """By which rule it was switched."""
    if one.then is Severity.NORMAL:
        return words("supplier.because_normal")
    return words("supplier.because_tightened", lots=words("list.comma").join(one.failed))
