"""How suppliers have delivered in a time, each with its score; all of them in one statement (REQUIREMENTS 51).

Only the order of the list is worked out by the database; what is shown comes from the rule, and both from the same table of weights.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.kernel.text import Text
from models.kernel.time.moments import PrintedDate, Zone, day_begins, day_ends, plant_day
from models.listing import store as listing
from models.listing.rules import Asked, Cell, Column, Listed, declare
from models.supplier.queries.records import RECORDS
from models.supplier.rules.score import AREAS, DECIDED, NAMES, WHOLE, Area, Band, Figure, Period, Score, period, score

FIRST_YEAR, LAST_YEAR = 1900, 9000
"""Days of other years are slips, and no calendar has an hour for them in every zone."""
UNJUDGED = 10 * WHOLE + 1
"""Where a supplier without a score stands: after the best, for who reads it from the worst."""


def _sum(figures: Iterable[Figure]) -> str:
    return " + ".join(f"g.{one.value}" for one in figures)


def _lost(area: Area) -> str:
    weighted = " + ".join(f"{float(weight)} * g.{one.value}" for one, weight in area.weights.items())
    return f"least({area.most}, {area.most} * ({weighted}) / greatest(1, {_sum(area.base)}))"


LOST = " + ".join(_lost(one) for one in AREAS)
TENTHS = f"""
case when {_sum(DECIDED)} = 0 and {LOST} = 0 then {UNJUDGED} else cast(floor(round(10 * ({WHOLE} - ({LOST})), 6)) as bigint) end
"""
"""Tenths of a point, as the rule has them."""
COUNTS = ", ".join(f"count(*) filter (where r.figure = '{one.value}') as {one.value}" for one in Figure)
GROUPED = f"""
select r.supplier_id, case when cast(:by as text) = 'item' then r.item_id end as item_id, cast(:by as text) as by, max(r.at) as at, {COUNTS},
       count(*) filter (where r.figure like 'scar%' and r.open) as requests_open
  from ({RECORDS}) r where r.at >= :at_from and r.at < :at_until
"""  # noqa: S608 - our own words
SOURCE = f"""
(select g.*, g.supplier_id * 10000000000 + coalesce(g.item_id, 0) as id, {TENTHS} as tenths from ({GROUPED} group by 1, 2) g) x
  join supplier s on s.id = x.supplier_id left join item i on i.id = x.item_id
"""  # noqa: S608 - our own words
SAID = "x.*, s.supplier_no, said(s.name, s.name_en) as supplier, i.item_no, said(i.name, i.name_en) as item"
ONE = text(f"""
select {SAID} from (select g.*, 0 as id, 0 as tenths from ({GROUPED} and r.supplier_id = (select s.id from supplier s where s.supplier_no = :supplier)
   and (cast(:item as bigint) is null or r.item_id = :item) group by 1, 2) g) x
  join supplier s on s.id = x.supplier_id left join item i on i.id = x.item_id order by i.item_no nulls last
""")  # noqa: S608 - our own words
BY = (("supplier", Text("供应商", "supplier")), ("item", Text("供应商和物料", "supplier and item")))


SHOWN = (
    Figure.FIRST,
    Figure.CONCEDED,
    Figure.FAILED,
    Figure.REJECTED,
    Figure.MAJOR,
    Figure.CRITICAL,
    Figure.LATE,
    Figure.ALERT,
)
"""What has a column on the page; a file and the page of a supplier have all."""


def _counted(figure: Figure) -> Column:
    key, seen = figure.value, figure in SHOWN
    return Column(key=key, title=NAMES[figure], sort=f"x.{key}", type="bigint", hidden=not seen)


def _row(row: Any) -> "ScoreRow":
    counts = {one: int(getattr(row, one.value)) for one in Figure}
    return ScoreRow(
        supplier_no=row.supplier_no,
        supplier=row.supplier,
        item_no=row.item_no,
        item=row.item,
        requests_open=row.requests_open,
        score=score(counts).text or None,
        **{one.value: n for one, n in counts.items()},
    )


LIST = declare(
    Listed(
        key="supplier-scores",
        page="/supplier-scores",
        title=Text("供应商评分", "Scores of suppliers"),
        source=SOURCE,
        where="true",
        id="x.id",
        sort="score",
        view=_row,
        columns=(
            Column(
                key="supplier",
                title=Text("供应商", "Supplier"),
                sort="s.supplier_no",
                cells=(
                    Cell(key="supplier_no", title=Text("供应商编号", "Supplier number")),
                    Cell(key="supplier", title=Text("供应商", "Supplier")),
                ),
            ),
            Column(
                key="item",
                title=Text("物料", "Item"),
                cells=(
                    Cell(key="item_no", title=Text("物料编号", "Item number")),
                    Cell(key="item", title=Text("物料", "Item")),
                ),
            ),
            Column(key="score", title=Text("评分", "Score"), sort="x.tenths", type="bigint"),
            *(_counted(one) for one in Figure),
            Column(
                key="requests_open",
                title=Text("未关闭的纠正要求", "requests that are open"),
                sort="x.requests_open",
                type="bigint",
                hidden=True,
            ),
            Column(
                key="q",
                title=Text("供应商编号或名称", "Number or name"),
                filter="text",
                where="(s.supplier_no ilike :q or s.name ilike :q or s.name_en ilike :q)",
                cells=(),
                hidden=True,
            ),
            Column(
                key="at",
                title=Text("统计期", "Time"),
                filter="days",
                where="x.at",
                cells=(),
                hidden=True,
            ),
            Column(
                key="by",
                title=Text("按", "By"),
                filter="choice",
                where="x.by = :by",
                choices=BY,
                cells=(),
                hidden=True,
            ),
        ),
        shown=f"select p.id as key, p.sort, {SAID} from picked p join {SOURCE} on x.id = p.id",  # noqa: S608 - our own words
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreRow:
    """A supplier (or an item of it), how many records count as what, and the score: none where nothing was decided and nothing is lost."""

    supplier_no: str
    supplier: str
    item_no: str | None
    item: str | None
    score: str | None
    lot_first: int
    lot_again: int
    lot_conceded: int
    lot_failed: int
    lot_rejected: int
    lot_undecided: int
    nc_minor: int
    nc_major: int
    nc_critical: int
    scar_on_time: int
    scar_late: int
    scar_waiting: int
    alert: int
    no_certificate: int
    requests_open: int

    @property
    def counts(self) -> Mapping[Figure, int]:
        """By figure, as the rule takes them."""
        return {one: getattr(self, one.value) for one in Figure}

    @property
    def judged(self) -> Score:
        """The score with what is lost in each area."""
        return score(self.counts)

    @property
    def band(self) -> Band:
        """How it is read at a glance."""
        return self.judged.band


@dataclass(frozen=True, kw_only=True, slots=True)
class SupplierScores:
    """One page of the list; `next` is the cursor of the following one."""

    items: Sequence[ScoreRow]
    next: str | None


def filled(asked: Asked, now: datetime, zone: Zone) -> tuple[Asked, Period]:
    """What was asked, with the time and the grouping that hold where nobody says; SUP-021 where the time ends before it begins."""
    said = asked.filters
    found = period(_day(said.get("at_from")), _day(said.get("at_until")), plant_day(now, zone))
    by = said.get("by") if said.get("by") in {key for key, _ in BY} else "supplier"
    more = {"at_from": found.since.isoformat(), "at_until": found.until.isoformat(), "by": str(by)}
    return Asked({**said, **more}, asked.sort, asked.down), found


def _day(said: str | None) -> date | None:
    read = PrintedDate.read((said or "").strip())
    return read.on if read is not None and FIRST_YEAR <= read.on.year < LAST_YEAR else None


def page(session: Session, asked: Asked, zone: Zone, *, limit: int = 50, after: str | None = None) -> SupplierScores:
    """A page of them in one statement, however many there are; `asked` is `filled`."""
    rows, following = listing.page(session, LIST, {}, asked, zone, limit=limit, after=after)
    return SupplierScores(items=tuple(_row(row) for row in rows), next=following)


def of_supplier(session: Session, number: str, when: Period, zone: Zone, item: int | None = None) -> ScoreRow | None:
    """How one supplier has delivered, all in all or of one item; None where nothing of the time counts."""
    found = _of(session, number, when, zone, "supplier", item)
    return found[0] if found else None


def of_items(session: Session, number: str, when: Period, zone: Zone) -> tuple[ScoreRow, ...]:
    """The same by item; what names none comes last."""
    return _of(session, number, when, zone, "item", None)


def _of(session: Session, number: str, when: Period, zone: Zone, by: str, item: int | None) -> tuple[ScoreRow, ...]:
    given = {
        "supplier": number,
        "item": item,
        "by": by,
        "at_from": day_begins(when.since, zone),
        "at_until": day_ends(when.until, zone),
    }
    return tuple(_row(one) for one in session.connection().execute(ONE, given))
