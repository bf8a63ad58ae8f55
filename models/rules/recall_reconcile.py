"""Do the figures of a recall add up?  Per customer and batch: shipped = returned + used + outstanding (STANDARDS C 70).

What customers answer and what is booked are two sources.  Where they differ, the difference has a name; no figure is
bent to fit.  A customer answers for a whole notice: where the notice has several batches and something of them was used,
the part of each batch is unknown, and stands as a line of its own without a batch, so that every sum still holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import add
from typing import Any, NamedTuple

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Shipped:
    """What one customer got of one batch, and what is booked as come back.

    `returned_before` came back by another way than this recall; `disposed` is what became of `returned`, by kind.
    """

    customer_no: str
    customer: str
    lot_no: str
    item_no: str
    uom: str
    shipped: Decimal
    returned_before: Decimal = ZERO
    returned: Decimal = ZERO
    disposed: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """A notice, and what its customer answered; None everywhere while they are silent."""

    customer_no: str
    customer: str
    lots: tuple[str, ...]
    told: Decimal
    received: Decimal | None = None
    on_hand: Decimal | None = None
    used: Decimal | None = None
    will_return: Decimal | None = None


class Figures(NamedTuple):
    """The quantities of a line, or of a sum of lines.  A tuple, because a recall has tens of thousands of them."""

    shipped: Decimal = ZERO
    returned_before: Decimal = ZERO
    returned: Decimal = ZERO
    used: Decimal = ZERO
    outstanding: Decimal = ZERO
    scrapped: Decimal = ZERO
    reworked: Decimal = ZERO
    restocked: Decimal = ZERO
    undecided: Decimal = ZERO

    def plus(self, other: "Figures") -> "Figures":
        """The sum."""
        return Figures(*map(add, self, other))

    def as_dict(self) -> dict[str, str]:
        """The wire form."""
        return {name: plain(figure) for name, figure in zip(self._fields, self, strict=True)}


@dataclass(frozen=True, slots=True)
class Line:
    """One customer and batch; `lot_no` is empty for what was used of batches that the answer doesn't tell apart."""

    customer_no: str
    customer: str
    lot_no: str
    item_no: str
    uom: str
    figures: Figures
    answered: bool

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "customer_no": self.customer_no,
            "customer": self.customer,
            "lot_no": self.lot_no,
            "item_no": self.item_no,
            "uom": self.uom,
            "answered": self.answered,
            **self.figures.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an answer and the books say different things, and by how much."""

    code: str
    customer_no: str
    customer: str
    lots: tuple[str, ...]
    quantity: Decimal
    zh: str
    en: str

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "code": self.code,
            "customer_no": self.customer_no,
            "customer": self.customer,
            "lots": list(self.lots),
            "quantity": plain(self.quantity),
            "zh": self.zh,
            "en": self.en,
        }


WORDS = {
    "short": ("回执收到的比发出的少 {n}", "received {n} fewer than were shipped"),
    "kept": ("客户留下 {n} 不退回", "keeps {n} and does not return them"),
    "to_come": ("答应退回的还差 {n} 未到", "{n} of what was promised have not come back yet"),
    "more_back": ("退回的比答应的多 {n}", "{n} more came back than were promised"),
    "too_many": ("已用与退回之和比发出的多 {n}", "used and returned are {n} more than were shipped"),
    "no_answer": ("没有回执却退回了 {n}", "{n} came back without an answer"),
    "undecided": ("已退回的 {n} 尚未处置", "{n} came back and nobody has decided about them"),
}


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Every line, the sum of each unit of measure (pieces and metres are never added up), and the differences."""

    lines: tuple[Line, ...]
    totals: Mapping[str, Figures]
    differences: tuple[Difference, ...]

    @property
    def settled(self) -> bool:
        """Nothing outstanding and no difference."""
        return not self.differences and all(one.outstanding == 0 for one in self.totals.values())

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "lines": [one.as_dict() for one in self.lines],
            "totals": [{"uom": uom, **one.as_dict()} for uom, one in sorted(self.totals.items())],
            "differences": [one.as_dict() for one in self.differences],
            "settled": self.settled,
        }


def reconcile(shipped: Iterable[Shipped], answers: Iterable[Answered]) -> Reconciliation:
    """Hold the answers against the books, customer by customer and batch by batch."""
    here = {(one.customer_no, one.lot_no): one for one in shipped}
    spoken: dict[tuple[str, str], Answered] = {}
    unsplit: list[Line] = []
    differences: list[Difference] = []
    used: dict[tuple[str, str], Decimal] = {}
    for answer in answers:
        its = [here[answer.customer_no, lot] for lot in answer.lots if (answer.customer_no, lot) in here]
        spoken |= {(answer.customer_no, lot): answer for lot in answer.lots}
        if answer.used:
            if len(its) == 1:
                used[answer.customer_no, its[0].lot_no] = answer.used
            elif its:
                unsplit.append(_unsplit(answer, its))
        differences += _compare(answer, its)
    lines = [_line(one, used.get(key, ZERO), spoken.get(key)) for key, one in here.items()]
    for one in here.values():
        left = one.returned - sum(one.disposed.values(), ZERO)
        if left > 0:
            differences.append(_named("undecided", one.customer_no, one.customer, (one.lot_no,), left))
    ordered = sorted([*lines, *unsplit], key=lambda one: (one.customer_no, one.lot_no == "", one.lot_no))
    totals: dict[str, Figures] = {}
    for line in ordered:
        totals[line.uom] = totals.get(line.uom, Figures()).plus(line.figures)
    differences.sort(key=lambda one: (one.customer_no, one.code, one.lots))
    return Reconciliation(tuple(ordered), totals, tuple(differences))


def _line(one: Shipped, used: Decimal, answer: Answered | None) -> Line:
    disposed = {kind: one.disposed.get(kind, ZERO) for kind in ("scrap", "rework", "restock")}
    figures = Figures(
        shipped=one.shipped,
        returned_before=one.returned_before,
        returned=one.returned,
        used=used,
        outstanding=one.shipped - one.returned_before - one.returned - used,
        scrapped=disposed["scrap"],
        reworked=disposed["rework"],
        restocked=disposed["restock"],
        undecided=one.returned - sum(disposed.values(), ZERO),
    )
    said = answer is not None and answer.received is not None
    return Line(one.customer_no, one.customer, one.lot_no, one.item_no, one.uom, figures, said)


def _unsplit(answer: Answered, its: Sequence[Shipped]) -> Line:
    """What was used of several batches: it belongs to no one of them, and is no longer outstanding."""
    spent = answer.used or ZERO
    units = {one.uom for one in its}
    unit = units.pop() if len(units) == 1 else "?"
    return Line(
        answer.customer_no, answer.customer, "", "", unit, Figures(used=spent, outstanding=-spent), answered=True
    )


def _compare(answer: Answered, its: Sequence[Shipped]) -> list[Difference]:
    """What one answer says, against what is booked for its notice."""
    lots = tuple(one.lot_no for one in its)
    came = sum((one.returned for one in its), ZERO)
    found: dict[str, Decimal] = {}
    if answer.received is None or answer.used is None or answer.on_hand is None or answer.will_return is None:
        found["no_answer"] = came
    else:
        found["short"] = answer.told - answer.received
        found["kept"] = answer.on_hand - answer.will_return
        found["to_come"] = answer.will_return - came
        found["more_back"] = came - answer.will_return
        found["too_many"] = answer.used + came - answer.told
    return [
        _named(code, answer.customer_no, answer.customer, lots, quantity)
        for code, quantity in found.items()
        if quantity > 0
    ]


def _named(code: str, customer_no: str, customer: str, lots: tuple[str, ...], quantity: Decimal) -> Difference:
    zh, en = (words.format(n=plain(quantity)) for words in WORDS[code])
    return Difference(code, customer_no, customer, lots, quantity, zh, en)


def plain(quantity: Decimal) -> str:
    """Without exponent and without zeros that say nothing."""
    return f"{quantity.normalize():f}" if quantity else "0"
