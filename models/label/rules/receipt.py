"""What the labels of a receipt say beside what is typed and what the register knows (ISO 13485 7.4.3, 7.5.8; REQ 19, 27).

A label gives what isn't typed: the supplier's lot, expiry, day of manufacture.  Where it says something else than what is
typed, or its product is not the item's, the receipt is refused until somebody says why it is right; the difference and the reason
stay with the batch and are shown at its release and at the release of what it goes into.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from models.identifier.rules.identifiers import Scan
from models.identifier.rules.identity import folds_alike
from models.item.rules.registered import Registered
from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.kernel.time.moments import PrintedDate

DIFFERS = Kind(
    "LOT-025",
    "ISO 13485 7.4.3",
    "标签与填写或登记的不一致：{what_zh}。请核对实物；确认无误须写明理由。",
    "The label doesn't agree with what is entered or registered: {what_en}. Check the goods; if it is right all the same, say why.",
    422,
)


@dataclass(frozen=True)
class Difference:
    """One thing that the label says otherwise; `what` is a key of `WORDS`."""

    what: str
    label: str
    told: str

    def as_dict(self) -> dict[str, str]:
        """As it is kept with the batch."""
        return {"what": self.what, "label": self.label, "told": self.told}


NOTHING = "–"
"""What is told where nobody recorded anything."""
WORDS: dict[str, Text] = {
    "lot": Text("供方批号", "supplier's lot"),
    "expiry": Text("有效期", "expiry"),
    "made": Text("生产日期", "day of manufacture"),
    "product": Text("产品标识", "product identifier"),
    "number": Text("批号", "lot number"),
    "count": Text("件数", "number of pieces"),
}


@dataclass(frozen=True)
class Told:
    """What a receipt says, completed by its labels; `made` is None where neither knows it."""

    lot_no: str
    item_no: str
    supplier_lot_no: str | None = None
    expiry: PrintedDate | None = None
    made: PrintedDate | None = None
    differences: tuple[Difference, ...] = ()


def complete(told: Told, labels: Iterable[Scan], register: Registered) -> Told:
    """What is told with what the labels add, and where they differ from it."""
    for label in labels:
        told = _product(_dates(_lot(told, label), label), label, register)
    return replace(told, differences=tuple(dict.fromkeys(told.differences)))


def check(told: Told, reason: str | None) -> None:
    """LOT-025 for a label that says something else, unless somebody says why that is right."""
    if told.differences and not (reason or "").strip():
        zh, en = say(told.differences)
        raise DIFFERS(what_zh=zh, what_en=en)


def say(differences: Iterable[Difference]) -> Text:
    """The differences in both languages."""
    pairs = [(WORDS[one.what], one) for one in differences]
    zh = "；".join(f"{words[0]}，标签为 {one.label}，{_told(one)[0]}" for words, one in pairs)
    en = "; ".join(f"{words[1]}: the label says {one.label}, {_told(one)[1]}" for words, one in pairs)
    return Text(zh, en)


def _told(one: Difference) -> Text:
    if one.told == NOTHING:
        return Text("此处没有记录", "and nothing is recorded here")
    return Text(f"此处为 {one.told}", f"not {one.told}")


def _other(told: Told, what: str, label: str, there: str) -> Told:
    return replace(told, differences=(*told.differences, Difference(what, label, there)))


def _lot(told: Told, label: Scan) -> Told:
    """The supplier's lot; a label of our own says our own number."""
    if label.lot is None or folds_alike(label.lot, told.supplier_lot_no) or folds_alike(label.lot, told.lot_no):
        return told
    if told.supplier_lot_no is None:
        return replace(told, supplier_lot_no=label.lot)
    return _other(told, "lot", label.lot, told.supplier_lot_no)


def _dates(told: Told, label: Scan) -> Told:
    if label.expiry is not None:
        if told.expiry is None:
            told = replace(told, expiry=label.expiry)
        elif not meet(told.expiry, label.expiry):
            told = _other(told, "expiry", str(label.expiry), str(told.expiry))
    if label.production is not None:
        if told.made is None:
            told = replace(told, made=label.production)
        elif not meet(told.made, label.production):
            told = _other(told, "made", str(label.production), str(told.made))
    return told


def meet(one: PrintedDate, other: PrintedDate) -> bool:
    """Whether both can mean the same day: a month and a day within it do."""
    return one.first <= other.last and other.first <= one.last


def _product(told: Told, label: Scan, register: Registered) -> Told:
    """The item that the label's identifier is registered for; one that nobody registered says nothing about an item without any."""
    if label.di is None:
        return told
    owner = next((register.owners[code] for code in label.di_candidates if code in register.owners), None)
    if owner == told.item_no or (owner is None and label.agency not in register.agencies):
        return told
    there = f"{label.di} ({owner})" if owner is not None else label.di
    return _other(told, "product", there, told.item_no)
