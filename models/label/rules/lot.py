"""What the label of a batch says beside what the record knows of it, at every act that names a batch by a scan (ISO 13485 7.5.8).

A label of another item, or one whose serial number belongs to another batch, can't be right: the act is refused.  Another expiry,
day of manufacture, batch number or an identifier that nobody registered may be right all the same: somebody says why, and
whoever releases the batch, or what it went into, reads it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from models.identifier.rules.identifiers import Scan
from models.identifier.rules.identity import folds_alike
from models.item.rules.registered import Registered
from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.kernel.time.moments import PrintedDate
from models.label.rules.receipt import NOTHING, Difference, meet, say

DIFFERS = Kind(
    "LOT-028",
    "ISO 13485 7.5.8",
    "批次 {lot} 的标签与记录不一致：{what_zh}。请核对实物；确认无误须写明理由。",
    "The label of batch {lot} doesn't agree with the record: {what_en}. Check the goods; if it is right all the same, say why.",
    422,
)
READS = Kind(
    "LOT-031",
    "ISO 13485 7.5.8",
    "扫到的标签与批次 {lot} 的记录不一致：{what_zh}。请核对实物。",
    "The label that was scanned doesn't agree with the record of batch {lot}: {what_en}. Check the goods.",
    409,
)
OTHER_ITEM = Kind(
    "LOT-029",
    "ISO 13485 7.5.8",
    "扫到的标签是物料 {other} 的（{code}），批次 {lot} 是物料 {item}。",
    "The label that was scanned is of item {other} ({code}), and batch {lot} is of item {item}.",
    422,
)
OTHER_SERIAL = Kind(
    "LOT-030",
    "ISO 13485 7.5.8",
    "标签上的序列号 {serial} 不属于批次 {lot}{other_zh}。",
    "Serial number {serial} on the label is none of batch {lot}{other_en}.",
    422,
)


@dataclass(frozen=True)
class Known:
    """What the record knows of the batch; `numbers` are its own, its supplier's, and those of what it was made of by reshaping."""

    lot_no: str
    item_no: str
    numbers: frozenset[str]
    expiry: PrintedDate | None = None
    made: PrintedDate | None = None
    numbered: bool = False


@dataclass(frozen=True)
class Serials:
    """Which batches the serial numbers on the labels belong to, by number; `fresh` while new ones are given."""

    owners: dict[str, frozenset[str]]
    fresh: bool = False


def compare(known: Known, labels: Sequence[Scan], register: Registered, serials: Serials) -> tuple[Difference, ...]:
    """What the labels say otherwise; LOT-029 and LOT-030 for what can't be right."""
    found: list[Difference] = []
    for label in labels:
        found += _product(known, label, register)
        _serial(known, label, serials)
        found += _number(known, label)
        found += _dates(known, label)
    return tuple(dict.fromkeys(found))


def check(known: Known, differences: tuple[Difference, ...], reason: str | None) -> None:
    """LOT-028 for a label that says something else, unless somebody says why that is right."""
    if differences and not (reason or "").strip():
        zh, en = say(differences)
        raise DIFFERS(lot=known.lot_no, what_zh=zh, what_en=en)


def check_looked_at(known: Known, differences: tuple[Difference, ...]) -> None:
    """LOT-031 for a label that says something else, where nothing is done but looking."""
    if differences:
        zh, en = say(differences)
        raise READS(lot=known.lot_no, what_zh=zh, what_en=en)


def _product(known: Known, label: Scan, register: Registered) -> list[Difference]:
    """The item that the label's identifier is registered for; one that nobody registered says nothing about an item without any."""
    if label.di is None:
        return []
    owner = next((register.owners[code] for code in label.di_candidates if code in register.owners), None)
    if owner is not None and owner != known.item_no:
        raise OTHER_ITEM(other=owner, code=label.di, lot=known.lot_no, item=known.item_no)
    if owner is not None or label.agency not in register.agencies:
        return []
    return [Difference("product", label.di, known.item_no)]


def _serial(known: Known, label: Scan, serials: Serials) -> None:
    if label.serial is None:
        return
    owners = serials.owners.get(label.serial, frozenset())
    if known.lot_no in owners or (not owners and (serials.fresh or not known.numbered)):
        return
    others = "、".join(sorted(owners))
    zh, en = Text(f"（它属于 {others}）", f" (it belongs to {', '.join(sorted(owners))})") if owners else ("", "")
    raise OTHER_SERIAL(serial=label.serial, lot=known.lot_no, other_zh=zh, other_en=en)


def _number(known: Known, label: Scan) -> list[Difference]:
    if label.lot is None or any(folds_alike(label.lot, one) for one in known.numbers):
        return []
    return [Difference("number", label.lot, known.lot_no)]


def _dates(known: Known, label: Scan) -> list[Difference]:
    """An expiry that nobody recorded is a contradiction too: nobody looked at it when the goods came."""
    found = []
    if label.expiry is not None and not (known.expiry and meet(known.expiry, label.expiry)):
        found.append(Difference("expiry", str(label.expiry), str(known.expiry or NOTHING)))
    if label.production is not None and known.made is not None and not meet(known.made, label.production):
        found.append(Difference("made", str(label.production), str(known.made)))
    return found
