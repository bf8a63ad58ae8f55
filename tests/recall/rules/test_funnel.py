"""Every unit of a recall's scope is in exactly one place, and the places add up (STANDARDS 69, 70).

The oracle follows single units through random lives and counts them; the rule sees the sums that a ledger keeps.
"""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.recall.rules.funnel import ZERO, Answered, Customers, Lot, Places, Shipped, funnel
from models.recall.rules.reconcile import reconcile
from tests.support.often import often

UOM = {"L-0": "pcs", "L-1": "pcs", "L-2": "box"}
CUSTOMERS = ("C-1", "C-2", "C-3")
ACTS = st.tuples(
    st.sampled_from(
        ["make", "consume", "scrap", "sample", "ship", "ship", "arrive", "came back", "notify", "send", "answer", "return",
         "return", "dispose", "decide", "hold"]
    ),
    st.integers(0, 2), st.integers(0, 2), st.integers(1, 9), st.integers(0, 9),
)  # fmt: skip


@dataclass
class Notice:
    """What a customer was told of: how much of each lot."""

    customer: str
    lines: dict[str, int]
    sent: bool = False
    answer: tuple[int, int] | None = None


@dataclass
class Plant:
    """Every unit by itself: where it lies."""

    drill: bool
    units: list[dict[str, str]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    decided: set[str] = field(default_factory=set)

    def some(self, count: int, **where: str) -> list[dict[str, str]]:
        return [one for one in self.units if all(one.get(key) == value for key, value in where.items())][:count]

    def move(self, count: int, to: str, **where: str) -> None:
        for one in self.some(count, **where):
            one["at"] = to

    def had(self, customer: str, lot: str) -> list[dict[str, str]]:
        """Units that went to them and did not come back before the recall."""
        return [one for one in self.units if one["lot"] == lot and one.get("customer") == customer]

    def act(self, act: str, lot: str, customer: str, count: int, more: int) -> None:  # noqa: C901, PLR0912 - one case each
        match act:
            case "make":
                self.units += [{"lot": lot, "at": "stock"} for _ in range(count)]
            case "consume" | "scrap" | "sample":
                self.move(count, act, lot=lot, at="stock")
            case "ship":
                for one in self.some(count, lot=lot, at="stock"):
                    one |= {"at": "transit", "customer": customer}
            case "arrive":
                self.move(count, "customer", lot=lot, at="transit", customer=customer)
            case "came back":  # by another way than the recall
                for one in self.some(count, lot=lot, at="customer", customer=customer):
                    one["at"] = "stock"
                    del one["customer"]
            case "notify":
                self.notify(customer)
            case "send":
                for notice in self.notices:
                    notice.sent |= notice.customer == customer
            case "answer":
                self.answer(customer, count, more)
            case "return":
                self.move(count, "back", lot=lot, at="customer", customer=customer)
            case "dispose":
                self.move(count, "scrapped back" if more % 2 else "kept back", lot=lot, at="back")
            case "decide":
                self.decided.add(lot)
            case "hold":
                self.held.add(lot)

    def notify(self, customer: str) -> None:
        told: Counter[str] = Counter()
        for notice in self.notices:
            if notice.customer == customer:
                told.update(notice.lines)
        lines = {lot: len(self.had(customer, lot)) - told[lot] for lot in UOM}
        lines = {lot: n for lot, n in lines.items() if n > 0 and self.some(n, lot=lot, customer=customer)}
        if lines:
            self.notices.append(Notice(customer, lines))

    def answer(self, customer: str, received: int, used: int) -> None:
        waiting = [one for one in self.notices if one.customer == customer and one.answer is None]
        if waiting:
            told = sum(waiting[0].lines.values())
            waiting[0].answer = (min(received * 3, told), min(used, received * 3, told))

    def lots(self) -> list[Lot]:
        def count(lot: str, *at: str) -> Decimal:
            return Decimal(sum(one["lot"] == lot and one["at"] in at for one in self.units))

        kept = () if self.drill else ("back", "kept back")
        scrapped = ("scrap",) if self.drill else ("scrap", "scrapped back")
        return [
            Lot(lot, "HIP", uom, count(lot, *{one["at"] for one in self.units}), count(lot, "consume"),
                count(lot, "stock", *kept), count(lot, *scrapped), count(lot, "sample"), lot in self.held, lot in self.decided)
            for lot, uom in UOM.items()
        ]  # fmt: skip

    def shipped(self) -> list[Shipped]:
        found = []
        for customer in CUSTOMERS:
            for lot, uom in UOM.items():
                its = Counter(one["at"] for one in self.had(customer, lot))
                back = its["back"] + its["kept back"] + its["scrapped back"]
                disposed = {"scrap": Decimal(its["scrapped back"]), "restock": Decimal(its["kept back"])}
                if its:
                    found.append(
                        Shipped(customer, "医院", lot, "HIP", uom, Decimal(its.total()), ZERO, Decimal(back), disposed,
                                Decimal(its["transit"]), booked=not self.drill)
                    )  # fmt: skip
        return found

    def answers(self) -> list[Answered]:
        return [_answered(one.customer, one.lines, one.answer, went_out=one.sent) for one in self.notices]


def _answered(customer: str, lines: dict[str, int], answer: tuple[int, int] | None, *, went_out: bool) -> Answered:
    received, used = (Decimal(answer[0]), Decimal(answer[1])) if answer else (None, None)
    return Answered(
        customer,
        "医院",
        tuple(lines),
        Decimal(sum(lines.values())),
        received,
        received - used if received is not None and used is not None else None,
        used,
        ZERO if answer else None,
        went_out=went_out,
        quantities=tuple(map(Decimal, lines.values())),
    )


@settings(max_examples=often(30, 2_500))
@given(st.booleans(), st.lists(ACTS, max_size=60))
def test_every_unit_is_in_exactly_one_place_and_the_places_are_the_scope(
    drill: bool, acts: list[tuple[str, int, int, int, int]]
) -> None:
    plant = Plant(drill)
    plant.units = [{"lot": lot, "at": "stock"} for lot in UOM for _ in range(12)]
    for act, lot, customer, count, more in acts:
        plant.act(act, f"L-{lot}", CUSTOMERS[customer], count, more)
    found = funnel(plant.lots(), plant.shipped(), plant.answers())
    assert not found.gaps
    for uom in ("pcs", "box"):
        at = Counter(one["at"] for one in plant.units if UOM[one["lot"]] == uom)
        got = found.places[uom]
        assert min(got) >= 0
        assert got.total == at.total() - at["consume"], "the scope, no unit more or less"
        assert got.lost == at["sample"]
        assert got.returned == at["back"]
        assert got.disposed == at["scrap"] + at["scrapped back"]
        assert got.in_house == at["stock"] + at["kept back"]
        assert got.outstanding + got.used == at["transit"] + at["customer"]
        assert got == _sum(row.places for row in found.rows if row.uom == uom)
    assert all(min(row.places) >= 0 for row in found.rows if row.lot_no)


@settings(max_examples=often(15, 1_000))
@given(st.booleans(), st.lists(ACTS, max_size=60))
def test_the_reconciliation_and_the_funnel_never_say_two_things(
    drill: bool, acts: list[tuple[str, int, int, int, int]]
) -> None:
    plant = Plant(drill)
    plant.units = [{"lot": lot, "at": "stock"} for lot in UOM for _ in range(12)]
    for act, lot, customer, count, more in acts:
        plant.act(act, f"L-{lot}", CUSTOMERS[customer], count, more)
    found, books = funnel(plant.lots(), plant.shipped(), plant.answers()), reconcile(plant.shipped(), plant.answers())
    placed = [row for row in found.rows if row.customer_no]
    assert reconcile(plant.shipped(), plant.answers(), placed) == books, "placed once or twice, it is the same"
    for uom, total in books.totals.items():
        assert (total.outstanding, total.used) == (found.places[uom].outstanding, found.places[uom].used)
    people = found.customers
    assert people.total == people.answered + people.silent + people.untold
    heard = {one.customer for one in plant.notices if one.sent or one.answer}
    assert people.told == len(heard)


def _sum(places: object) -> Places:
    total = Places()
    for one in places:  # type: ignore[attr-defined]
        total = total.plus(one)
    return total


def lot(**more: object) -> Lot:
    given = {"made": 50, "passed_on": 0, "stock": 20, "scrapped": 0, "lost": 0} | {
        key: value for key, value in more.items() if not isinstance(value, bool)
    }
    numbers = {key: Decimal(str(value)) for key, value in given.items()}
    return Lot("H-1", "HIP", "pcs", **numbers, held=bool(more.get("held", True)), decided=bool(more.get("decided")))


def went(quantity: int, **more: object) -> Shipped:
    return Shipped("C-1", "医院", "H-1", "HIP", "pcs", Decimal(quantity), **more)  # type: ignore[arg-type]


def told(quantity: int, *answer: int, went_out: bool = True) -> Answered:
    """Received and used, where they have answered."""
    return _answered("C-1", {"H-1": quantity}, (answer[0], answer[1]) if answer else None, went_out=went_out)


@pytest.mark.parametrize(
    ("notice", "places", "people"),
    [
        ((), {"untold": 30}, (1, 0, 0, 1)),
        ((told(30, went_out=False),), {"untold": 30}, (1, 0, 0, 1)),
        ((told(30),), {"silent": 30}, (1, 0, 1, 0)),
        ((told(30, 28, 8),), {"answered": 22, "used": 8}, (1, 1, 0, 0)),
        # who answers was told, though nobody has said that the letter was posted
        ((told(30, 30, 30, went_out=False),), {"used": 30}, (1, 1, 0, 0)),
        # five more were shipped after the notice: nobody has told of them
        ((told(25),), {"silent": 25, "untold": 5}, (1, 0, 1, 0)),
        # one notice answered, a second one silent: the customer is silent, not both
        ((told(20, 20, 0), told(10)), {"answered": 20, "silent": 10}, (1, 0, 1, 0)),
    ],
)
def test_a_notice_counts_once_it_went_out(
    notice: tuple[Answered, ...], places: dict[str, int], people: tuple[int, ...]
) -> None:
    found = funnel([lot()], [went(30)], notice)
    assert {name: int(n) for name, n in found.places["pcs"]._asdict().items() if n} == {"held": 20, **places}
    assert found.customers == Customers(*people)


def test_what_has_not_arrived_is_under_way_until_the_customer_says_they_have_it() -> None:
    def places(*notices: Answered) -> tuple[int, int, int]:
        one = funnel([lot()], [went(30, transit=Decimal(10))], notices).places["pcs"]
        return int(one.transit), int(one.silent), int(one.answered)

    assert places(told(30)) == (10, 20, 0)
    assert places(told(30, 30, 0)) == (0, 0, 30)
    assert places(told(30, 24, 0)) == (6, 0, 24)


def test_nobody_can_have_used_what_came_back() -> None:
    back = went(30, returned=Decimal(25), disposed={"scrap": Decimal(25)})
    found = funnel([lot(stock=20, scrapped=25)], [back], [told(30, 30, 10)])
    assert (int(found.places["pcs"].used), int(found.places["pcs"].outstanding)) == (5, 0)
    assert not found.gaps


def test_an_imported_shipment_without_stock_is_a_gap_and_not_hidden() -> None:
    found = funnel([lot(made=0, stock=0)], [went(30)], [])
    assert found.gaps == {"pcs": Decimal(-30)}
    assert found.as_dict()["gaps"] == [{"uom": "pcs", "quantity": "-30"}]


def test_what_is_sent_back_and_sold_again_stays_in_house_or_goes_out() -> None:
    again = went(35, returned=Decimal(5), disposed={"restock": Decimal(5)})
    found = funnel([lot(stock=20)], [again], [])
    assert {name: int(n) for name, n in found.places["pcs"]._asdict().items() if n} == {
        "decided": 5,
        "held": 15,
        "untold": 30,
    }


class Counted(str):
    """A batch number that counts how often it is held against another."""

    __slots__ = ()
    times = 0

    def __eq__(self, other: object) -> bool:
        Counted.times += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_one_customer_with_every_batch_of_a_large_recall_is_placed_by_looking_each_up_once() -> None:
    """A wholesaler who got thousands of batches in one notice: no batch is searched for among all the others."""
    many = 2_000
    lots = [Counted(f"L-{number}") for number in range(many)]
    shipped = [Shipped("C-1", "", one, "I", "pcs", Decimal(5)) for one in lots]
    names = tuple(Counted(one) for one in lots)
    notice = Answered("C-1", "", names, Decimal(5 * many), quantities=(Decimal(5),) * many)
    Counted.times = 0
    found = funnel([], shipped, [notice])
    assert found.places["pcs"].silent == 5 * many
    assert Counted.times < 20 * many, "held against each other more often than the batches are many"
