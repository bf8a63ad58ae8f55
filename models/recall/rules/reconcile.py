"""Do the figures of a recall add up?  Per customer and batch: shipped = returned + used + outstanding (STANDARDS C 70).

What customers answer and what is booked are two sources.  Where they differ, the difference has a name; no figure is
bent to fit.  A customer answers for a whole notice: where the notice has several batches and something of them was used,
the part of each batch is unknown, and stands as a line of its own without a batch, so that every sum still holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import add
from typing import Any, NamedTuple

from models.kernel.text import Text
from models.kernel.units.names import amount
from models.kernel.units.quantity import plain
from models.recall.rules.funnel import ZERO, Answered, Row, Shipped, out


class Figures(NamedTuple):
    """The quantities of a line, or of a sum of lines.  A tuple, because a recall has tens of thousands of them.

    `passed_on` is what named receivers have on lines of their own, where it is less than zero: shipped = returned before +
    returned + used + outstanding + passed on, on every line.
    """

    shipped: Decimal = ZERO
    returned_before: Decimal = ZERO
    returned: Decimal = ZERO
    used: Decimal = ZERO
    outstanding: Decimal = ZERO
    scrapped: Decimal = ZERO
    reworked: Decimal = ZERO
    restocked: Decimal = ZERO
    undecided: Decimal = ZERO
    passed_on: Decimal = ZERO

    def plus(self, other: "Figures") -> "Figures":
        """The sum."""
        return Figures(*map(add, self, other))

    def as_dict(self) -> dict[str, str]:
        """The wire form."""
        return {name: plain(figure) for name, figure in zip(self._fields, self, strict=True)}


@dataclass(frozen=True, slots=True)
class Line:
    """One customer and batch; `lot_no` is empty for what was used of batches that the answer doesn't tell apart.

    `receiver` is the notice of somebody whom that customer passed goods on to, `customer` then their name.
    """

    customer_no: str
    customer: str
    lot_no: str
    item_no: str
    uom: str
    figures: Figures
    answered: bool
    receiver: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "customer_no": self.customer_no,
            "customer": self.customer,
            "lot_no": self.lot_no,
            "item_no": self.item_no,
            "uom": self.uom,
            "answered": self.answered,
            **({"receiver": self.receiver} if self.receiver else {}),
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
    "short": Text("回执收到的比发出的少 {n}", "received {n} less than was shipped"),
    "short_passed": Text("收到的比转给的少 {n}", "received {n} less than was passed on"),
    "kept": Text("客户留下 {n}不退回", "keeps {n} and does not return it"),
    "to_come": Text("答应退回的还差 {n}未到", "{n} of what was promised has not come back yet"),
    "more_back": Text("退回的比答应的多 {n}", "{n} more came back than was promised"),
    "too_many": Text("已用与退回之和比发出的多 {n}", "used and returned make {n} more than was shipped"),
    "no_answer": Text("没有回执却退回了 {n}", "{n} came back without an answer"),
    "undecided": Text("已退回的 {n}尚未处置", "{n} came back and nobody has decided about it"),
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


def reconcile(
    shipped: Iterable[Shipped], answers: Iterable[Answered], rows: Iterable[Row] | None = None
) -> Reconciliation:
    """Hold the answers against the books, customer by customer and batch by batch; `rows` where they are placed already."""
    here = {(one.customer_no, one.lot_no): one for one in shipped}
    answers = list(answers)
    placed = out(here.values(), answers) if rows is None else rows
    lines = tuple(_line(row, None if row.receiver else here.get((row.customer_no, row.lot_no))) for row in placed)
    differences: list[Difference] = []
    further = _further(answers)
    for answer in answers:
        its = [here[answer.customer_no, lot] for lot in answer.lots if (answer.customer_no, lot) in here]
        differences += _compare_receiver(answer, its) if answer.parent else _compare(answer, its, further[answer.key])
    for one in here.values():
        if one.undecided > 0:
            differences.append(_named("undecided", (one.customer_no, one.customer), [one], one.undecided))
    totals: dict[str, Figures] = {}
    for line in lines:
        totals[line.uom] = totals.get(line.uom, Figures()).plus(line.figures)
    differences.sort(key=lambda one: (one.customer_no, one.code, one.lots))
    return Reconciliation(lines, totals, tuple(differences))


def _line(row: Row, one: Shipped | None) -> Line:
    """A row of the funnel with what was shipped and what became of what came back; no figure is computed twice."""
    figures = Figures(used=row.places.used, outstanding=row.places.outstanding, passed_on=row.passed_on)
    if one is not None:
        disposed = {kind: one.disposed.get(kind, ZERO) for kind in ("scrap", "rework", "restock")}
        figures = figures._replace(
            shipped=one.shipped,
            returned_before=one.returned_before,
            returned=one.returned,
            scrapped=disposed["scrap"],
            reworked=disposed["rework"],
            restocked=disposed["restock"],
            undecided=one.undecided,
        )
    return Line(row.customer_no, row.customer, row.lot_no, row.item_no, row.uom, figures, row.answered, row.receiver)


def _further(answers: Iterable[Answered]) -> Mapping[str, tuple[Decimal, Decimal]]:
    """What receivers of each notice's goods have used and promised in all: what comes back is booked for the customer."""
    parents = {one.key: one.parent for one in answers if one.parent}
    found: dict[str, tuple[Decimal, Decimal]] = defaultdict(lambda: (ZERO, ZERO))
    for one in answers:
        if one.parent and one.said:
            top = one.parent
            while top in parents:
                top = parents[top]
            used, promised = found[top]
            found[top] = used + (one.used or ZERO), promised + (one.will_return or ZERO)
    return found


def _compare_receiver(answer: Answered, its: Sequence[Shipped]) -> list[Difference]:
    """What a receiver says, against what was passed on to them; their returns are booked for our customer."""
    if answer.received is None or answer.on_hand is None or answer.will_return is None:
        return []
    found = {"short_passed": answer.told - answer.received, "kept": answer.on_hand - answer.will_return}
    return [_named(code, (answer.customer_no, answer.customer), its, n) for code, n in found.items() if n > 0]


def _compare(answer: Answered, its: Sequence[Shipped], further: tuple[Decimal, Decimal]) -> list[Difference]:
    """What one answer says, with what its receivers used and promised, against what is booked for its notice."""
    came = sum((one.returned for one in its), ZERO)
    found: dict[str, Decimal] = {}
    if answer.received is None or answer.used is None or answer.on_hand is None or answer.will_return is None:
        found["no_answer"] = came
    else:
        found["short"] = answer.told - answer.received
        used, promised = answer.used + further[0], answer.will_return + further[1]
        found["kept"] = answer.on_hand - answer.will_return
        found["to_come"] = promised - came
        found["more_back"] = came - promised
        found["too_many"] = used + came - answer.told
    return [
        _named(code, (answer.customer_no, answer.customer), its, quantity)
        for code, quantity in found.items()
        if quantity > 0
    ]


def _named(code: str, customer: tuple[str, str], its: Sequence[Shipped], quantity: Decimal) -> Difference:
    """`its` are the batches it is about; where they are counted in several units, the number stands alone."""
    units = sorted({one.uom for one in its})
    much = amount(quantity, units[0] if len(units) == 1 else "")
    zh, en = (words.format(n=said) for words, said in zip(WORDS[code], much, strict=True))
    return Difference(code, *customer, tuple(one.lot_no for one in its), quantity, zh, en)


def left(came: Decimal, disposed: Iterable[Decimal]) -> Decimal:
    """What nobody has decided about yet."""
    return came - sum(disposed, Decimal(0))
