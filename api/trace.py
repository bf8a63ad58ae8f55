"""Resolve and trace: anything scanned or typed in, what it is and where it came from and went (requirements 11-13, 19)."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from api.frame.deps import EngineDep, Reader
from api.frame.doors import API, Doors
from api.frame.request.shapes import Input
from api.frame.streams import json_parts
from models.clock.store import moved_clock
from models.kernel.store import act
from models.label.store import looked_at as labels_read
from models.notice.rules.lot_list import reader as notice
from models.notice.store import lot_list
from models.person.rules.roles import Permission
from models.resolve.store import resolve
from models.trace.paper import trace_pdf
from models.trace.rules.csv_file import to_csv
from models.trace.rules.trace import Direction
from models.trace.store import trace

router = APIRouter(prefix=API, tags=["trace"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/resolve
        POST /api/v1/resolve/list
        GET /api/v1/trace/{identifier:path}
    """,
}

Text = Annotated[
    str,
    Query(
        description="A lot, a supplier's lot, a serial, a UDI (GS1 element string, Digital Link, HIBC), an item, order, "
        "case or pallet (SSCC or own number), shipment, tracking number, work order or machine; or `kind:key` of an earlier hit.",
        examples=["(01)00888480539391(10)L-2026-07", "AB 0643"],
    ),
]
_RESOLVED = {
    "text": "AB 0643",
    "scan": {"kind": "text", "text": "AB 0643"},
    "hits": [
        {
            "kind": "lot",
            "key": "0199d7c2-0c7e-7b1c-8f55-3f1f0a3f7f10",
            "reference": "lot:0199d7c2-0c7e-7b1c-8f55-3f1f0a3f7f10",
            "number": "AB-0643",
            "name": "Needle",
            "detail": "NEEDLE",
            "match": "near",
            "label": {"zh": "批次 AB-0643 · Needle", "en": "Lot AB-0643 · Needle"},
        }
    ],
    "problems": [],
}
_LIST = {
    "complete": False,
    "singles": [{"number": "AB 0643", "kind": "lot", "items": ["AR1318"], "expiry": "2027-04"}],
    "ranges": [{"first": "NS4928020", "last": "NS6203182", "kind": "lot", "prefix": "NS", "width": 7, "suffix": ""}],
    "alls": [],
    "items": ["AR1318"],
    "questions": [
        {
            "ask": "range_or_number",
            "text": "1234-5678",
            "zh": "“1234-5678”是一个编号，还是一个范围？",
            "en": "Is “1234-5678” one number or a range?",
            "suggestions": ["1234-5678", "1234 – 5678"],
        }
    ],
    "entries": [
        {
            "label": "AB 0643",
            "kind": "lot",
            "items": ["AR1318"],
            "status": "found",
            "lots": 1,
            "serials": 0,
            "other_item": 0,
            "other_register": 0,
            "sample": ["AB-0643"],
        }
    ],
    "lots": 1,
    "unknown": ["NS4928020 – NS6203182"],
    "unknown_items": [],
}
_TRACED = {
    "identifier": "SUP-77",
    "direction": "forward",
    "complete": True,
    "balanced": True,
    "counts": {"nodes": 2, "edges": 1, "customers": 1},
    "nodes": [{"lot_no": "STEEL-1", "depth": 0}, {"lot_no": "NEEDLE-1", "depth": 1}],
    "edges": [{"parent": "STEEL-1", "child": "NEEDLE-1", "quantity": "40", "uom": "kg", "kind": "consume"}],
    "customers": [{"customer_no": "C-1", "lot_no": "NEEDLE-1", "shipped": "20", "returned": "5", "outstanding": "15"}],
    "stock": [],
    "findings": [],
    "digest": "9f2c…",
}


def _example(example: dict[str, Any], *files: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/json": {"example": example}} | {kind: {} for kind in files}}}


@router.get("/resolve", summary="What is this?", responses=_example(_RESOLVED))
def read_resolution(engine: EngineDep, _: Reader, text: Text = "") -> dict[str, Any]:
    """Everything that a scan or a typed text may mean, the surest first: `exact`, `near`, or only a `guess`.

    `problems` tell what is wrong with a label by itself, and what it says otherwise than the record of what it means.
    """
    with act.reading(engine) as session:
        found = resolve.find(session, text)
        return replace(found, contradictions=labels_read.contradictions(session, found)).as_dict()


class Notice(Input):
    """The part of a notice that names the lots, as it was received; LST-002 when it is too long."""

    text: str = Field(examples=["REF AR1318, Lots AB 0643, NS4928020 – NS6203182; 1234-5678"])


@router.post("/resolve/list", summary="Which lots does this notice mean?", responses=_example(_LIST))
def read_list(engine: EngineDep, _: Reader, body: Notice) -> dict[str, Any]:
    """Numbers, ranges and “all lots” of a free text against the register; changes nothing.

    What is not plain stands in `questions` and is not counted; `entries` has the count of lots and the first of them
    for each number and range, `unknown` what no lot bears.  A POST because a notice is longer than an address may be.
    """
    parsed = notice.parse(body.text)
    with act.reading(engine) as session:
        return lot_list.resolve(session, parsed).as_dict()


@router.get(
    "/trace/{identifier:path}",
    summary="Where it came from and where it went",
    response_class=Response,
    responses=_example(_TRACED, "text/csv", "application/pdf"),
)
def read_trace(
    engine: EngineDep,
    _: Reader,
    identifier: Annotated[str, Path(description="As `text` of `/resolve`; it must mean one thing.")],
    direction: Direction = Direction.BOTH,
    as_of: Annotated[
        str | None, Query(description="The graph as it was known then: a date or a time (ISO 8601).")
    ] = None,
    fmt: Annotated[
        Literal["json", "csv", "pdf"], Query(alias="format", description="The same answer, the same digest.")
    ] = "json",
) -> Response:
    """The whole answer, without limit: lots, links, customers, stock, what is missing, and a digest over all of it."""
    with act.reading(engine) as session:
        now = act.now(session)
        answer = trace.trace_identifier(session, identifier, direction, as_of)
        zone, test = act.zone(session), fmt == "pdf" and moved_clock.marked(session)
    document = answer.document(now)
    tag = {"ETag": f'"{document["digest"]}"', "Cache-Control": "no-store"}
    file = {"Content-Disposition": f'attachment; filename="trace-{document["digest"][:12]}.{fmt}"'}
    if fmt == "pdf":
        return Response(
            trace_pdf(document, now, zone, test=test), media_type="application/pdf", headers={**tag, **file}
        )
    if fmt == "csv":
        return StreamingResponse(
            to_csv(document),
            media_type="text/csv; charset=utf-8",
            headers={**tag, **file},
        )
    return StreamingResponse(json_parts(document), media_type="application/json", headers=tag)
