"""The answer to a trace as a page: counts, completeness, customers and lots; the table first (REQUIREMENTS 11-13)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import Row

from models.kernel.refusal import Refusal
from models.resolve.rules import HIT_NAMES, Hit, Match
from models.trace.rules.evidence import EvidenceGap
from models.trace.rules.trace import Answer, CustomerLot, Finding, InHouse, Node
from models.trace.store.trace import Asked
from ui.frame.first_rows import Folding
from ui.frame.i18n import Words
from ui.frame.parts import Amount, EvidenceLine, Link, LotRef, lot_href
from ui.frame.rows import detail_of
from ui.lot.mark import lot_mark, ref
from ui.shipment.view import href as shipment_href
from ui.trace.page import (
    DIRECTIONS,
    Direction,
    Findings,
    ShippedTotal,
    TraceBegunPage,
    TracedCustomer,
    TracedLot,
    TracedProof,
    TracePage,
    TraceStartPage,
)
from ui.trace.picture import picture

LARGE = 5_000
"""Lots from which on an answer takes seconds: its first page stands there at once, the whole follows by itself."""
FINDINGS = 12
"""Findings of one sort on screen, of which the count is always said."""


def start(
    words: Words, text: str, direction: Direction, refusal: Refusal | None = None, hits: Collection[Hit] = ()
) -> TraceStartPage:
    """Before anything was asked, or when the text means nothing or too much."""
    sure = [hit for hit in hits if hit.match is not Match.GUESS] or list(hits)
    return TraceStartPage(
        refusal=_without_references(refusal, hits) if refusal else None,
        text=text,
        direction=direction,
        choices=tuple(
            Link(
                label=hit.zh if words.language == "zh" else hit.en,
                href=f"/trace/{quote(hit.reference, safe='')}?direction={direction}",
            )
            for hit in sure[:40]
        ),
    )


def _without_references(refusal: Refusal, hits: Collection[Hit]) -> Refusal:
    """The same sentence for a page: what to ask for, which a machine reads, is a link below it."""
    zh, en = refusal.zh, refusal.en
    for hit in hits:
        zh, en = (text.replace(f" [{hit.reference}]", "").replace(hit.reference, hit.number) for text in (zh, en))
    return replace(refusal, zh=zh, en=en)


@dataclass(frozen=True, slots=True)
class Only:
    """Which rows of a large answer are wanted: those of a level, or of an item at a level; None is all."""

    level: int | None = None
    item: str = ""

    def takes(self, node: Node) -> bool:
        """Whether the row is one of them."""
        return (self.level is None or node.depth == self.level) and (not self.item or node.item_no == self.item)

    @property
    def query(self) -> str:
        """The choice as the end of an address."""
        chosen = {"level": self.level, "item": self.item or None}
        said = urlencode({name: value for name, value in chosen.items() if value is not None})
        return f"&{said}" if said else ""


EVERYTHING = Only()


def _here(asked: str) -> str:
    return f"/trace/{quote(asked, safe='')}"


def _itself(asked: str, direction: str, as_of: str) -> str:
    return f"{_here(asked)}?{urlencode({'direction': direction, **({'as_of': as_of} if as_of else {})})}"


def begun(
    words: Words,
    question: Asked,
    asked: str,
    reach: int,
    rows: Iterable[Row[Any]],
    now: datetime,
    zone: str,
    as_of: str,
) -> TraceBegunPage:
    """The first of a large answer, before it is put together."""
    itself = _itself(asked, question.direction.value, as_of)
    return TraceBegunPage(
        identifier=_identifier(question.hits, asked),
        title=_title(words, question.hits),
        reach=reach,
        start=len(question.lots),
        rows=tuple(ref(row, now, zone) for row in rows),
        whole_href=f"{itself}&whole=1",
        exports=_exports(itself),
    )


def page(
    words: Words,
    answer: Answer,
    asked: str,
    now: datetime,
    zone: str,
    as_of: str,
    only: Only = EVERYTHING,
    show: str = "",
) -> TracePage:
    """The answer; `show` is the table of which more than the first rows are wanted."""
    here = _here(asked)
    moment = {"as_of": as_of} if as_of else {}
    itself = _itself(asked, answer.direction.value, as_of)
    chosen = [node for node in answer.nodes if only.takes(node)]
    statuses = {node.lot_no: node for node in answer.nodes}
    in_house = {row.lot_no for row in answer.stock}
    transit = {
        one.shipment_no
        for row in answer.customers
        for one in row.shipments
        if one.arrived_at is None and one.quantity > one.returned
    }
    folding = Folding(itself + only.query, show)
    shipped, customers_cut = folding.cut("customers", _customers(words, answer.customers, statuses, now, zone))
    nodes, lots_cut = folding.cut("lots", chosen)
    return TracePage(
        identifier=_identifier(answer.resolved, asked),
        title=_title(words, answer.resolved),
        direction=answer.direction.value,
        digest=answer.digest,
        lots=answer.counts["nodes"],
        edges=answer.counts["edges"],
        customers=answer.counts["customers"],
        in_house_lots=len(in_house),
        held_lots=sum(1 for lot_no in in_house if statuses[lot_no].held),
        shipments_in_transit=len(transit),
        gaps=_findings(words, answer, "gap"),
        imbalances=_findings(words, answer, "balance"),
        doubts=_findings(words, answer, "doubt"),
        rows=tuple(_rows(words, answer, nodes, now, zone)),
        shipped=tuple(shipped),
        cuts={"customers": customers_cut, "lots": lots_cut},
        totals=_totals(answer.customers),
        as_of=answer.as_of,
        as_of_typed=as_of[:10],
        here=here,
        direction_hrefs=tuple((one, f"{here}?{urlencode({'direction': one, **moment})}") for one in DIRECTIONS),
        exports=_exports(itself),
        picture=picture(words, answer, itself) if answer.edges else None,
        evidence_gaps=Findings(
            lines=tuple(_evidence(words, gap) for gap in answer.evidence_gaps[:FINDINGS]), all=len(answer.evidence_gaps)
        ),
        only=words("trace.only", level=f"{only.level:+d}", item=f" · {only.item}" if only.item else "", n=len(chosen))
        if only.level is not None
        else "",
        all_href=f"{itself}#lots",
    )


def _identifier(hits: Iterable[Hit], asked: str) -> str:
    """The number that was followed, where `asked` is only its reference."""
    return next((hit.number for hit in hits if hit.reference == asked), asked)


def _exports(itself: str) -> tuple[Link, ...]:
    """The same answer as files."""
    return tuple(Link(label=fmt.upper(), href=f"/api/v1{itself}&format={fmt}") for fmt in ("pdf", "csv", "json"))


def _title(words: Words, hits: Sequence[Hit]) -> str:
    said = []
    for hit in hits[:3]:
        parts = [
            HIT_NAMES[hit.kind].say(words.language),
            words.name(hit.name or "", hit.name_en),
            detail_of(words, hit.kind, hit.detail),
        ]
        said.append(" · ".join(part for part in parts if part))
    return " / ".join(said)


def _findings(words: Words, answer: Answer, severity: str) -> Findings:
    """The first of a sort: of a hundred thousand findings only those on the screen are written out."""

    def line(one: Finding) -> EvidenceLine:
        text = one.zh if words.language == "zh" else one.en
        return EvidenceLine(text=text, href=lot_href(one.lot_no), rule=one.code)

    theirs = [one for one in answer.findings if one.severity == severity]
    return Findings(lines=tuple(line(one) for one in theirs[:FINDINGS]), all=len(theirs))


def _ref(words: Words, node: Node, now: datetime, zone: str) -> LotRef:
    if node.status is None:  # as of a moment at which the batch did not exist yet
        return LotRef(lot_no=node.lot_no, mark=lot_mark("received"), item=words.name(node.item, node.item_en))
    row = {
        "lot_no": node.lot_no,
        "item": words.name(node.item, node.item_en),
        "status": node.status,
        "held": node.held,
        "expires_on": node.expires_on,
    }
    return ref(row, now, zone)


def _evidence(words: Words, gap: EvidenceGap) -> EvidenceLine:
    """How many lots, and the first of them."""
    rest = f" … (+{gap.lots - len(gap.first):,})" if gap.lots > len(gap.first) else ""
    text = words(f"trace.evidence_{gap.mark}", factor=words(f"m.{gap.factor}"), n=gap.lots)
    return EvidenceLine(text=text, value=", ".join(gap.first) + rest, href=lot_href(gap.first[0]))


def _rows(words: Words, answer: Answer, nodes: Iterable[Node], now: datetime, zone: str) -> list[TracedLot]:
    stock: dict[str, Decimal] = {}
    units: dict[str, str] = {}
    row: InHouse
    for row in answer.stock:
        if row.units:
            units[row.lot_no] = ", ".join(filter(None, (units.get(row.lot_no), row.units)))
        stock[row.lot_no] = stock.get(row.lot_no, Decimal(0)) + row.quantity
    return [
        TracedLot(
            lot=_ref(words, node, now, zone),
            level=node.depth,
            supplier_lot=node.supplier_lot_no or "",
            supplier=words.name(node.supplier or "", node.supplier_en),
            in_house=Amount(value=stock[node.lot_no], unit=node.uom) if node.lot_no in stock else None,
            units=_short(units.get(node.lot_no, "")),
            proofs=tuple(
                TracedProof(factor=factor, mark=proof.mark, what=proof.what or "")
                for factor, proof in zip(node.evidence._fields, node.evidence, strict=True)
            ),
            issues=tuple(f"{words(f'trace.issue_{one.kind}')} {one.number}" for one in node.issues),
        )
        for node in nodes
    ]


def _short(units: str) -> str:
    """The first cases and pallets; the files of the trace name all."""
    names = units.split(", ")
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _totals(rows: Collection[CustomerLot]) -> tuple[ShippedTotal, ...]:
    """What went out, by unit of measure: pieces and metres are never added up."""
    return tuple(
        ShippedTotal(
            shipped=Amount(value=sum((row.shipped for row in rows if row.uom == unit), Decimal(0)), unit=unit),
            returned=Amount(value=sum((row.returned for row in rows if row.uom == unit), Decimal(0)), unit=unit),
            outstanding=Amount(value=sum((row.outstanding for row in rows if row.uom == unit), Decimal(0)), unit=unit),
        )
        for unit in sorted({row.uom for row in rows})
    )


def _customers(
    words: Words, rows: Collection[CustomerLot], nodes: dict[str, Node], now: datetime, zone: str
) -> list[TracedCustomer]:
    """One line per customer, lot and shipment, a customer's lines below each other."""
    theirs: dict[str, list[CustomerLot]] = {}
    for row in rows:
        theirs.setdefault(row.customer_no, []).append(row)
    lines = []
    for own in theirs.values():
        sent = [(row, one) for row in own for one in row.shipments]
        lines += [
            TracedCustomer(
                customer=words.name(row.customer, row.customer_en),
                contact=" · ".join(said for said in (row.contact, row.phone, row.email) if said),
                again=number > 0,
                together=_totals(own) if number == 0 and len(sent) > 1 else (),
                lot=_ref(words, nodes[row.lot_no], now, zone),
                shipment=Link(label=one.shipment_no, href=shipment_href(one.shipment_no)),
                shipped=Amount(value=one.quantity, unit=row.uom),
                returned=Amount(value=one.returned, unit=row.uom),
                outstanding=Amount(value=one.quantity - one.returned, unit=row.uom),
            )
            for number, (row, one) in enumerate(sent)
        ]
    return lines
