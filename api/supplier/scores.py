"""How suppliers have delivered over HTTP: scores, and every record that counts in them (REQUIREMENTS 51)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import StreamingResponse

from api.frame.deps import EngineDep, Reader
from api.frame.doors import API
from api.frame.language import language
from api.frame.paging import Cursor, Limit
from api.listing.files import CSV, Format, handed_out, wants_csv
from api.register.paths import ItemFilter, SupplierFilter, SupplierNumber
from models.kernel.store.act import now as act_now
from models.kernel.store.act import reading
from models.listing.acts.export import Wanted
from models.listing.rules import Asked
from models.partner import store as partners
from models.supplier.queries import records, scores, severities
from models.supplier.queries.records import SupplierRecords
from models.supplier.queries.scores import ScoreRow, SupplierScores
from models.supplier.queries.severities import Switch
from models.supplier.rules.score import Band, Figure, tenths
from models.supplier.rules.switching import Severity

router = APIRouter(prefix=API, tags=["suppliers"])
SCORED = ("supplier", "score", "requests_open", *(one.value for one in Figure))
Sort = Annotated[
    str,
    Query(
        max_length=40, pattern=f"^-?({'|'.join(SCORED)})$", description="With a minus downwards; a figure by its name"
    ),
]
Since = Annotated[
    date | None, Query(alias="at_from", description="The first day, of the plant; else 365 days up to the last")
]
Until = Annotated[date | None, Query(alias="at_until", description="The last day, of the plant; else today")]


class LostOut(BaseModel):
    """An area of the score: how many points it has lost (rounded up) of how many it can lose, and what each figure weighs in it."""

    key: str
    most: int
    lost: str
    weights: dict[Figure, float]
    base: list[Figure]


class SamplingOut(BaseModel):
    """How an item of the supplier is inspected by the switching rules since when, how many lots in a row are `left` until it is normal, and each switch."""

    item_no: str
    severity: Severity
    since: datetime
    left: int
    switches: list[Switch]


class SupplierScoreOut(BaseModel):
    """One supplier: the days that count, its figures, what each area has lost, and the same by item."""

    supplier_no: str
    supplier: str
    since: date
    until: date
    band: Band
    total: ScoreRow | None
    areas: list[LostOut]
    items: list[ScoreRow]
    sampling: list[SamplingOut]


@router.get("/supplier-scores", summary="Suppliers by their score", response_model=SupplierScores, responses=CSV)
def list_scores(
    request: Request,
    engine: EngineDep,
    principal: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    q: Annotated[str | None, Query(max_length=200, description="Part of the number or name")] = None,
    since: Since = None,
    until: Until = None,
    by: Literal["supplier", "item"] = "supplier",
    sort: Sort = "score",
    fmt: Format = "json",
) -> SupplierScores | StreamingResponse:
    """Those of whom anything counts in the time, the worst first; `by=item` has a row for each item of each."""
    given = {"q": q, "at_from": since, "at_until": until, "by": by}
    plain = Asked({key: str(value) for key, value in given.items() if value}, sort.lstrip("-"), sort.startswith("-"))
    with reading(engine) as session:
        asked, _ = scores.filled(plain, act_now(session), principal.zone)
        if not wants_csv(request, fmt):
            return scores.page(session, asked, principal.zone, limit=limit, after=cursor)
    return handed_out(request, engine, principal, wanted_scores(asked, principal.zone, language(request)))


@router.get("/supplier-scores/{supplier_no:path}", summary="How one supplier has delivered")
def read_score(
    engine: EngineDep, principal: Reader, supplier_no: SupplierNumber, since: Since = None, until: Until = None
) -> SupplierScoreOut:
    """With what each area has lost, and by item; each figure is that of `GET /supplier-records` with the same days."""
    given = {"at_from": since, "at_until": until}
    with reading(engine) as session:
        who = partners.supplier(session, supplier_no)
        asked = Asked({key: str(value) for key, value in given.items() if value})
        _, when = scores.filled(asked, act_now(session), principal.zone)
        total = scores.of_supplier(session, who.supplier_no, when, principal.zone)
        items = scores.of_items(session, who.supplier_no, when, principal.zone)
        sampled = severities.of_supplier(session, who.supplier_no)
    return SupplierScoreOut(
        supplier_no=who.supplier_no,
        supplier=who.name,
        since=when.since,
        until=when.until,
        band=total.band if total else Band.NONE,
        total=total,
        areas=_areas(total),
        items=list(items),
        sampling=[
            SamplingOut(
                item_no=one.item_no,
                severity=one.severity,
                since=one.since,
                left=one.left,
                switches=list(one.switches),
            )
            for one in sampled
        ],
    )


def _areas(total: ScoreRow | None) -> list[LostOut]:
    return [
        LostOut(
            key=one.area.key,
            most=one.area.most,
            lost=tenths(one.points, up=True),
            weights={figure: float(weight) for figure, weight in one.area.weights.items()},
            base=list(one.area.base),
        )
        for one in (total.judged.lost if total else ())
    ]


@router.get(
    "/supplier-records", summary="What counts in the scores of suppliers", response_model=SupplierRecords, responses=CSV
)
def list_records(
    request: Request,
    engine: EngineDep,
    principal: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    supplier: SupplierFilter = None,
    item: ItemFilter = None,
    figure: Figure | None = None,
    named: bool | None = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    since: Annotated[date | None, Query(alias="at_from")] = None,
    until: Annotated[date | None, Query(alias="at_until")] = None,
    sort: Literal["at", "-at"] = "-at",
    fmt: Format = "json",
) -> SupplierRecords | StreamingResponse:
    """Each once: lots received, nonconformances, requests to correct, alerts, and lots that came without their certificate."""
    given: dict[str, Any] = {
        "supplier": supplier,
        "item": item,
        "figure": figure,
        "named": None if named is None else str(named).lower(),
        "open": None if is_open is None else str(is_open).lower(),
        "at_from": since,
        "at_until": until,
    }
    asked = Asked({key: str(value) for key, value in given.items() if value}, sort.lstrip("-"), sort.startswith("-"))
    if wants_csv(request, fmt):
        return handed_out(request, engine, principal, wanted_records(asked, principal.zone, language(request)))
    with reading(engine) as session:
        return records.page(session, asked, principal.zone, limit=limit, after=cursor)


def wanted_scores(asked: Asked, zone: str, said_in: str) -> Wanted:
    """Those scores as a file."""
    return Wanted(listed=scores.LIST, asked=asked, zone=zone, language=said_in, given={})


def wanted_records(asked: Asked, zone: str, said_in: str) -> Wanted:
    """Those records as a file."""
    return Wanted(listed=records.LIST, asked=asked, zone=zone, language=said_in, given={})
