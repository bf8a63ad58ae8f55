"""What the label of a case or pallet says is in it, beside what the record says (ISO 13485 7.5.8, 7.5.11; GS1 General Specifications 3.2.2).

A logistic label names the goods inside by their GTIN (02), how many (37), their batch (10) and expiry (17).  Where it says something
else than the record, the act is refused until somebody says why that is right; the difference and the reason stay with the batches.
While a unit is being packed its label may say more than is in it yet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.identifier.rules.identifiers import Scan
from models.identifier.rules.identity import folds_alike
from models.kernel.refusal import Kind
from models.kernel.time.moments import PrintedDate
from models.kernel.units.units import counted
from models.label.rules.receipt import NOTHING, Difference, meet, say

DIFFERS = Kind(
    "PCK-023",
    "ISO 13485 7.5.8",
    "包装单元 {unit} 的标签与记录不一致：{what_zh}。请核对实物；确认无误须写明理由。",
    "The label of logistic unit {unit} doesn't agree with the record: {what_en}. Check the goods; if it is right all the same, say"
    " why.",
    422,
)
READS = Kind(
    "PCK-024",
    "ISO 13485 7.5.8",
    "扫到的标签与包装单元 {unit} 的记录不一致：{what_zh}。请核对实物。",
    "The label that was scanned doesn't agree with the record of logistic unit {unit}: {what_en}. Check the goods.",
    409,
)


@dataclass(frozen=True)
class Goods:
    """How much of a batch is in the unit, at all levels; `numbers` are its own, its supplier's, and those of what it was made of."""

    lot_no: str
    item_no: str
    quantity: Decimal
    uom: str
    numbers: frozenset[str]
    expiry: PrintedDate | None = None


@dataclass(frozen=True)
class Product:
    """What a product identifier is registered for, and how many pieces a package of it holds, where that is known."""

    item_no: str
    pieces: int | None = None


def compare(
    goods: Sequence[Goods], labels: Sequence[Scan], products: Mapping[str, Product], *, growing: bool = False
) -> tuple[Difference, ...]:
    """What the labels say otherwise; `growing` while goods are being put in."""
    found: list[Difference] = []
    for label in labels:
        product = next((products[code] for code in label.di_candidates if code in products), None)
        inside = [one for one in goods if product is None or one.item_no == product.item_no]
        if label.di is not None and (product is None or not inside):
            found.append(Difference("product", label.di, _list(one.item_no for one in goods)))
        meant = inside or goods
        found += _batch(meant, label)
        found += _count(meant, label, product, growing=growing)
    return tuple(dict.fromkeys(found))


def check(unit_no: str, differences: tuple[Difference, ...], reason: str | None) -> None:
    """PCK-023 for a label that says something else, unless somebody says why that is right."""
    if differences and not (reason or "").strip():
        zh, en = say(differences)
        raise DIFFERS(unit=unit_no[:80], what_zh=zh, what_en=en)


def check_looked_at(unit_no: str, differences: tuple[Difference, ...]) -> None:
    """PCK-024 for a label that says something else, where nothing is done but looking."""
    if differences:
        zh, en = say(differences)
        raise READS(unit=unit_no[:80], what_zh=zh, what_en=en)


def _batch(goods: Sequence[Goods], label: Scan) -> list[Difference]:
    """Every batch inside is the one that the label names, and expires when it says."""
    found = []
    if label.lot is not None:
        others = [one for one in goods if not any(folds_alike(label.lot, number) for number in one.numbers)]
        if others or not goods:
            found.append(Difference("number", label.lot, _list(one.lot_no for one in others)))
    if label.expiry is not None:
        other = [one for one in goods if not (one.expiry and meet(one.expiry, label.expiry))]
        if other:
            found.append(Difference("expiry", str(label.expiry), _list(str(one.expiry or NOTHING) for one in other)))
    return found


def _count(goods: Sequence[Goods], label: Scan, product: Product | None, *, growing: bool) -> list[Difference]:
    """The number of packages times what one holds; nothing where that is unknown, or where the goods aren't counted in pieces."""
    if (
        label.quantity is None
        or product is None
        or product.pieces is None
        or not all(counted(one.uom) for one in goods)
    ):
        return []
    told, there = label.quantity * product.pieces, sum((one.quantity for one in goods), Decimal(0))
    if told == there or (growing and there < told):
        return []
    return [Difference("count", str(told), f"{there.normalize():f}")]


def _list(said: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(said)) or NOTHING
