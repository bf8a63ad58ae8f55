"""Co-exposure: what else met this lot, machine, person, room or load between two instants, and why (requirement 20)."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from api.frame.deps import EngineDep, Reader
from api.frame.doors import API, Doors
from api.frame.streams import json_parts
from models.exposure.rules.csv_file import to_csv
from models.exposure.store import exposure
from models.kernel.store import act
from models.person.rules.roles import Permission

router = APIRouter(prefix=API, tags=["trace"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/exposure
    """,
}

_MET = {
    "of": "equipment:G-17",
    "zh": "设备 G-17 卡尺",
    "en": "Equipment G-17 卡尺",
    "since": "2026-05-01T16:00:00.000000Z",
    "until": None,
    "counts": {"touches": 2, "lot": 1, "equipment": 0, "person": 1, "location": 0, "load": 0},
    "lots": [{"lot_no": "H-2611-04", "item_no": "HIP-12", "status": "packed", "touches": 1, "roles": ["inspected"]}],
    "others": [{"sort": "person", "number": "lin.jian", "name": "林检", "touches": 1, "roles": ["measured"]}],
    "touches": [
        {
            "sort": "lot",
            "number": "H-2611-04",
            "role": "inspected",
            "event": "inspection",
            "act": "I-H-2611-04-1",
            "starts_at": "2026-05-02T01:00:00.000000Z",
            "ends_at": "2026-05-02T01:20:00.000000Z",
            "zh": "检验 I-H-2611-04-1：受检批次",
            "en": "Inspection I-H-2611-04-1: was inspected",
        }
    ],
    "digest": "9f2c…",
    "identifier": "exposure:equipment:G-17/2026-05-01T16:00:00Z/*",
    "computed_at": "2026-05-03T00:00:00.000000Z",
}
_EXAMPLE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"example": _MET}, "text/csv": {}}}}


@router.get(
    "/exposure", summary="What else met this, and why", response_class=Response, responses=_EXAMPLE, name="exposure"
)
def read_exposure(
    engine: EngineDep,
    _: Reader,
    of: Annotated[
        str,
        Query(
            description="`lot:`, `equipment:`, `person:`, `location:` or `load:` with a number, or a text that means one"
            " of them.",
            examples=["equipment:G-17", "person:wang.cao"],
        ),
    ] = "",
    since: Annotated[
        str | None,
        Query(alias="from", description="A date (the plant's day begins) or a time (ISO 8601); inside the window."),
    ] = None,
    until: Annotated[
        str | None,
        Query(alias="to", description="A date (the plant's day ends) or a time; outside the window."),
    ] = None,
    fmt: Annotated[
        Literal["json", "csv"], Query(alias="format", description="The same answer, the same digest.")
    ] = "json",
) -> Response:
    """The whole answer, without limit; `identifier` names its lots for `/trace` and for a recall."""
    with act.reading(engine) as session:
        now = act.now(session)
        document = exposure.exposure(session, of, since, until).document(now)
    tag = {"ETag": f'"{document["digest"]}"', "Cache-Control": "no-store"}
    if fmt == "csv":
        file = {"Content-Disposition": f'attachment; filename="exposure-{document["digest"][:12]}.csv"'}
        return StreamingResponse(to_csv(document), media_type="text/csv; charset=utf-8", headers={**tag, **file})
    return StreamingResponse(json_parts(document), media_type="application/json", headers=tag)
