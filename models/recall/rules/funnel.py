"""Where every unit of a recall's scope is: in exactly one place, and the places add up to the scope.

21 CFR 7.53(b), 7.55; 806.10(c)(11); 医疗器械召回管理办法 (实施情况报告, 总结评估); STANDARDS rows 69 and 70.  Computed once from
the facts of the ledger; the cockpit, the API, the reports, the pack and the closing show these figures and no others.

Units of different measures are never added up.  What customers say stands beside what the books say: nobody can have used
more than is out, and what an answer doesn't tell apart by batch is told for its batches together.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import zip_longest
from operator import add
from typing import Any, NamedTuple

from models.kernel.units.quantity import plain
from models.recall.rules.shares import Said, Share, shares

ZERO = Decimal(0)
Covering = dict[tuple[str, str], list[tuple[int, Decimal | None]]]
"""By customer and batch: the notices that tell of it, by their place in the list, and how much of it each tells of."""


class Lot(NamedTuple):
    """A batch of the scope in the ledger.

    `made` is what was received, produced, split into it or found; `passed_on` what went into other batches, which are in the
    scope themselves.  `held` by whomever; `decided` where somebody has said what becomes of what is in house.
    """

    lot_no: str
    item_no: str
    uom: str
    made: Decimal
    passed_on: Decimal
    stock: Decimal
    scrapped: Decimal
    lost: Decimal
    held: bool
    decided: bool


@dataclass(frozen=True, slots=True)
class Shipped:
    """What one customer got of one batch, and what is booked as come back.

    `transit` is what has left us, has not arrived and has not come back.  `returned_before` came back by another way than
    this recall; `disposed` is what became of `returned`, by kind.  `booked` says whether this recall's returns lie in our
    stock: those of a drill don't.  `level` is where the customer stands in the distribution chain, None where nobody said.
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
    transit: Decimal = ZERO
    booked: bool = True
    level: str | None = None

    @property
    def out(self) -> Decimal:
        """What has not come back."""
        return max(ZERO, self.shipped - self.returned_before - self.returned)

    @property
    def undecided(self) -> Decimal:
        """What came back and nobody has decided about."""
        return max(ZERO, self.returned - sum(self.disposed.values(), ZERO))


@dataclass(frozen=True, slots=True)
class Answered:
    """A notice, and what its customer answered; None everywhere while they are silent.

    `went_out` is whether it has left us; `quantities` how much of each of `lots` it told of.  `key` is the notice's own and
    `parent` the one whose answer names this receiver; our own customers have no parent.  `passed_on` went to others.
    """

    customer_no: str
    customer: str
    lots: tuple[str, ...]
    told: Decimal
    received: Decimal | None = None
    on_hand: Decimal | None = None
    used: Decimal | None = None
    will_return: Decimal | None = None
    went_out: bool = field(default=True, kw_only=True)
    quantities: tuple[Decimal, ...] = field(default=(), kw_only=True)
    key: str = field(default="", kw_only=True)
    parent: str = field(default="", kw_only=True)
    passed_on: Decimal = field(default=ZERO, kw_only=True)

    @property
    def receiver(self) -> str:
        """The key of a receiver's notice; empty for our own customers."""
        return self.key if self.parent else ""

    @property
    def said(self) -> bool:
        """Whether the customer has answered."""
        return self.received is not None

    @property
    def heard(self) -> bool:
        """Whether the customer was told: who answers has been, however the notice reached them."""
        return self.went_out or self.said


class Places(NamedTuple):
    """How much is in each place.  In house: `free` (nobody holds it), `held`, `decided`.  On its way: `transit`.

    At customers: `untold` (no notice of it went out), `left_out` (they are not told: the recall doesn't go down to their level),
    `silent` (told, no answer), `answered`, `used`.  `returned` came back and is undecided; `disposed` is destroyed; `lost` was
    taken as samples or written off.  `unnamed` was passed on to somebody whom nobody has named.
    """

    free: Decimal = ZERO
    held: Decimal = ZERO
    decided: Decimal = ZERO
    transit: Decimal = ZERO
    untold: Decimal = ZERO
    left_out: Decimal = ZERO
    silent: Decimal = ZERO
    answered: Decimal = ZERO
    used: Decimal = ZERO
    returned: Decimal = ZERO
    disposed: Decimal = ZERO
    lost: Decimal = ZERO
    unnamed: Decimal = ZERO

    def plus(self, other: "Places") -> "Places":
        """The sum."""
        return Places(*map(add, self, other))

    @property
    def total(self) -> Decimal:
        """All of it."""
        return sum(self, ZERO)

    @property
    def in_house(self) -> Decimal:
        """With us, apart from what came back and is undecided."""
        return self.free + self.held + self.decided

    @property
    def at_customers(self) -> Decimal:
        """There and not used, whatever they were told."""
        return self.untold + self.left_out + self.silent + self.answered + self.unnamed

    @property
    def outstanding(self) -> Decimal:
        """What has to be got hold of still: under way or at customers, not used."""
        return self.transit + self.at_customers

    def as_dict(self) -> dict[str, str]:
        """The wire form, with the sums that people ask for."""
        sums = {name: getattr(self, name) for name in ("total", "in_house", "at_customers", "outstanding")}
        return {name: plain(value) for name, value in (self._asdict() | sums).items()}


@dataclass(frozen=True, slots=True)
class Row:
    """A batch at one customer, or in house (`customer_no` empty).

    `lot_no` is empty for what was used of batches that an answer doesn't tell apart: so much less than their rows say is
    still there.  `receiver` is the notice of whom the customer passed goods on to, `customer` then their name: what they have
    is not in the customer's own row any more.  `passed_on` is what the rows of named receivers have of it, theirs less than zero.
    """

    customer_no: str
    customer: str
    lot_no: str
    item_no: str
    uom: str
    places: Places
    answered: bool = False
    receiver: str = ""
    passed_on: Decimal = ZERO


class Customers(NamedTuple):
    """How many customers got something of the scope; each of them is `answered`, `silent`, `untold` or `left_out`."""

    total: int
    answered: int
    silent: int
    untold: int
    left_out: int = 0

    @property
    def told(self) -> int:
        """To whom a notice has gone out."""
        return self.answered + self.silent


@dataclass(frozen=True, slots=True)
class Funnel:
    """The places by unit of measure, the rows that they are the sum of, the customers, and whether the ledger agrees.

    `gaps` are units that the ledger has made and no place has (or the other way round, negative): imported shipments without
    stock, for example.  They are shown, never smoothed over.
    """

    places: Mapping[str, Places]
    rows: tuple[Row, ...]
    customers: Customers
    gaps: Mapping[str, Decimal]

    def as_dict(self) -> dict[str, Any]:
        """The wire form, without the rows."""
        return {
            "places": [{"uom": uom, **one.as_dict()} for uom, one in sorted(self.places.items())],
            "customers": {**self.customers._asdict(), "told": self.customers.told},
            "gaps": [{"uom": uom, "quantity": plain(gap)} for uom, gap in sorted(self.gaps.items())],
        }

    @property
    def outstanding(self) -> Decimal:
        """Of all units of measure; says whether there is any, not how much."""
        return sum((one.outstanding for one in self.places.values()), ZERO)

    @property
    def out(self) -> Mapping[str, Decimal]:
        """What is outstanding of each unit of measure."""
        return {uom: one.outstanding for uom, one in sorted(self.places.items()) if one.outstanding}

    @property
    def undecided(self) -> Decimal:
        """In house without a decision, of all units of measure."""
        return sum((one.free + one.held for one in self.places.values()), ZERO)


def funnel(
    lots: Iterable[Lot],
    shipped: Sequence[Shipped],
    notices: Sequence[Answered],
    beyond: Collection[tuple[str, str]] = (),
) -> Funnel:
    """Put every unit of the scope in its place; `beyond` are the customers and batches that the depth leaves untold."""
    lots = list(lots)
    rows = [
        *_house(lots, shipped),
        *(_not_told(row) if (row.customer_no, row.lot_no) in beyond else row for row in out(shipped, notices)),
    ]
    parts: dict[str, list[Places]] = {lot.uom: [] for lot in lots}
    for row in rows:
        parts.setdefault(row.uom, []).append(row.places)
    places = {uom: _sum(its) for uom, its in parts.items()}
    gaps = {uom: -one.total for uom, one in places.items()}
    for lot in lots:
        gaps[lot.uom] += lot.made - lot.passed_on
    people = _customers(shipped, notices)
    left_out = len({customer for customer, _ in beyond} - {one.customer_no for one in notices})
    people = people._replace(untold=people.untold - left_out, left_out=left_out)
    return Funnel(places, tuple(rows), people, {uom: gap for uom, gap in gaps.items() if gap})


def _not_told(row: Row) -> Row:
    """The same row where nobody is going to be told of it; what is under way stays under way."""
    return replace(row, places=row.places._replace(untold=ZERO, left_out=row.places.untold))


def _sum(parts: Sequence[Places]) -> Places:
    """Column by column: a recall has tens of thousands of rows."""
    return Places(*(sum(column, ZERO) for column in zip(*parts, strict=True)))


def _house(lots: Iterable[Lot], shipped: Iterable[Shipped]) -> list[Row]:
    """What is with us, batch by batch; what came back lies in the same stock, so it is told apart by its booking."""
    undecided: dict[str, Decimal] = {}
    kept: dict[str, Decimal] = {}
    for one in shipped:
        if one.booked:
            undecided[one.lot_no] = undecided.get(one.lot_no, ZERO) + one.undecided
            back = one.disposed.get("rework", ZERO) + one.disposed.get("restock", ZERO)
            kept[one.lot_no] = kept.get(one.lot_no, ZERO) + back
    found = []
    for lot in lots:
        returned = min(lot.stock, undecided.get(lot.lot_no, ZERO))
        here = lot.stock - returned
        decided = here if lot.decided else min(here, kept.get(lot.lot_no, ZERO))
        place = "held" if lot.held else "free"
        places = Places(returned=returned, decided=decided, disposed=lot.scrapped, lost=lot.lost)
        places = places._replace(**{place: here - decided})
        if any(places):
            found.append(Row("", "", lot.lot_no, lot.item_no, lot.uom, places))
    return found


@dataclass
class _Pair:
    """What one customer has of one batch, while it is put in places."""

    given: Shipped
    parts: dict[str, Decimal]
    pools: dict[int, Decimal]
    unsettled: Decimal = ZERO
    passed_on: Decimal = ZERO


def out(shipped: Iterable[Shipped], notices: Sequence[Answered]) -> list[Row]:
    """What has left us, customer by customer and batch by batch, and whom they passed it on to."""
    covering: Covering = {}
    for number, notice in enumerate(notices):
        if not notice.parent:
            for lot_no, quantity in zip_longest(notice.lots, notice.quantities):
                covering.setdefault((notice.customer_no, lot_no), []).append((number, quantity))
    pairs = {(one.customer_no, one.lot_no): _pair(one, covering, notices) for one in shipped}
    below = Below.of(notices)
    further: list[Row] = []
    for number, notice in enumerate(notices):
        if notice.said and not notice.parent:
            its = [pairs[notice.customer_no, lot] for lot in notice.lots if (notice.customer_no, lot) in pairs]
            further += _answer(number, notice, its, below)
    rows = [_row(one, notices, covering) for one in pairs.values()]
    ordered = sorted([*rows, *further], key=lambda one: (one.customer_no, one.receiver, one.lot_no == "", one.lot_no))
    return [row for row in ordered if (row.lot_no and not row.receiver) or any(row.places)]


@dataclass(frozen=True, slots=True)
class Below:
    """Whom each customer's answer names, and whom theirs."""

    notices: Mapping[str, Answered]
    tree: Mapping[str, Sequence[Said]]

    @classmethod
    def of(cls, notices: Iterable[Answered]) -> "Below":
        """The trees under all notices."""
        found: dict[str, Answered] = {}
        tree: dict[str, list[Said]] = {}
        for one in notices:
            if one.parent:
                found[one.key] = one
                tree.setdefault(one.parent, []).append(_said(one))
        return cls(found, tree)

    def shares(self, notice: Answered) -> list[Share]:
        """What of a customer's goods isn't simply with them."""
        return shares(_said(notice), self.tree)


def _said(one: Answered) -> Said:
    return Said(one.key, one.told, one.received, one.used or ZERO, one.passed_on, one.went_out)


def _pair(one: Shipped, covering: Covering, notices: Sequence[Answered]) -> _Pair:
    """Share out by notice what the customer has; what no notice told of, or one that has not gone out, is untold.

    A notice that doesn't say how much it tells of tells of everything.
    """
    everything = one.shipped - one.returned_before
    its = covering.get((one.customer_no, one.lot_no), [])
    told = [(number, everything if quantity is None else quantity) for number, quantity in its]
    left = one.out
    parts = {"untold": min(left, max(ZERO, everything - sum((n for _, n in told), ZERO)))}
    parts["silent"] = ZERO
    left -= parts["untold"]
    pools: dict[int, Decimal] = {}
    for number, quantity in told:
        share = left if number == its[-1][0] else min(left, quantity)
        left -= share
        if notices[number].said:
            pools[number] = share
        else:
            parts["silent" if notices[number].went_out else "untold"] += share
    parts["untold"] += left
    moving, parts["transit"] = min(one.transit, one.out), ZERO
    for place in ("untold", "silent"):
        gone = min(moving, parts[place])
        parts[place] -= gone
        parts["transit"] += gone
        moving -= gone
    return _Pair(one, parts | dict.fromkeys(("answered", "used", "unnamed"), ZERO), pools, unsettled=moving)


def _answer(number: int, notice: Answered, its: Sequence[_Pair], below: Below) -> list[Row]:
    """What an answer says of its batches: what has not reached them is under way still, what was used is used."""
    short = max(ZERO, notice.told - (notice.received or ZERO))
    for pair in its:
        late = min(short, pair.unsettled, pair.pools[number])
        pair.parts["transit"] += late
        pair.pools[number] -= late
        pair.unsettled -= late
        short -= late
    having = [pair for pair in its if pair.pools[number]]
    for pair in its:
        pair.parts["answered"] += pair.pools[number]
    if len(having) > 1 and (notice.used or ZERO) >= sum((pair.pools[number] for pair in having), ZERO):
        for pair in having:
            pair.parts["answered"] -= pair.pools[number]
            pair.parts["used"] += pair.pools[number]
        return []
    split = below.shares(notice)
    if len(having) == 1:
        return _alone(number, notice, having[0], split, below)
    return _together(number, notice, having, split, below)


def _alone(number: int, notice: Answered, pair: _Pair, split: Iterable[Share], below: Below) -> list[Row]:
    """All of an answer is about one batch."""
    left, others = pair.pools[number], Others(below)
    for share in split:
        some = min(share.quantity, left)
        left -= some
        pair.parts["answered"] -= some
        if share.key == notice.key:
            pair.parts[share.place] += some
        else:
            others.give(share, some, pair.given.uom)
            pair.passed_on += some
    return others.rows(pair.given.lot_no, pair.given.item_no)


def _together(
    number: int, notice: Answered, having: Sequence[_Pair], split: Iterable[Share], below: Below
) -> list[Row]:
    """What was used or passed on of several batches belongs to no one of them: a row for each unit of measure."""
    pools: dict[str, Decimal] = {}
    for pair in having:
        pools[pair.given.uom] = pools.get(pair.given.uom, ZERO) + pair.pools[number]
    own, others = {uom: Places() for uom in pools}, Others(below)
    passed_on = dict.fromkeys(pools, ZERO)
    for share in split:
        quantity = share.quantity
        for uom, pool in list(pools.items()):
            some = min(quantity, pool)
            quantity, pools[uom] = quantity - some, pool - some
            if share.key == notice.key:
                own[uom] = own[uom].plus(Places(**{share.place: some}))
            else:
                others.give(share, some, uom)
                passed_on[uom] += some
            own[uom] = own[uom].plus(Places(answered=-some))
    rows = [
        Row(notice.customer_no, notice.customer, "", "", uom, places, answered=True, passed_on=passed_on[uom])
        for uom, places in own.items()
    ]
    return [*rows, *others.rows()]


@dataclass(frozen=True, slots=True)
class Others:
    """What receivers have of the goods of one answer, while it is shared out: a row for each and unit of measure."""

    below: Below
    parts: dict[tuple[str, str], Places] = field(default_factory=dict)

    def give(self, share: Share, some: Decimal, uom: str) -> None:
        """So much of a share is there in truth."""
        had = self.parts.get((share.key, uom), Places())
        self.parts[share.key, uom] = had.plus(Places(**{share.place: some}))

    def rows(self, lot_no: str = "", item_no: str = "") -> list[Row]:
        """All of it; without a batch where the answer doesn't tell them apart."""
        found = []
        for (key, uom), places in self.parts.items():
            one = self.below.notices[key]
            found.append(Row(one.customer_no, one.customer, lot_no, item_no, uom, places, one.said, key, -places.total))
        return found


def _row(pair: _Pair, notices: Sequence[Answered], covering: Covering) -> Row:
    one = pair.given
    places = Places(**pair.parts)
    if not one.booked:  # a drill's returns lie nowhere in the books
        scrapped = one.disposed.get("scrap", ZERO)
        kept = one.returned - one.undecided - scrapped
        places = places._replace(returned=one.undecided, disposed=scrapped, decided=kept)
    its = covering.get((one.customer_no, one.lot_no), [])
    said = bool(its) and all(notices[number].said for number, _ in its)
    return Row(one.customer_no, one.customer, one.lot_no, one.item_no, one.uom, places, said, passed_on=pair.passed_on)


def _customers(shipped: Iterable[Shipped], notices: Iterable[Answered]) -> Customers:
    """Each customer and each receiver once: answered where every notice that went out is, untold where none has."""
    heard: dict[tuple[str, str], list[bool]] = {
        (one.customer_no, ""): [] for one in shipped if one.shipped > one.returned_before
    }
    for notice in notices:
        answers = heard.setdefault((notice.customer_no, notice.receiver), [])
        if notice.heard:
            answers.append(notice.said)
    states = [all(answers) if answers else None for answers in heard.values()]
    return Customers(len(states), states.count(True), states.count(False), states.count(None))
