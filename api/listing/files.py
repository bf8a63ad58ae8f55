"""Lists taken out of the record: whole, as CSV, and recorded before they leave (REQUIREMENTS 103; 21 CFR 11.10(b))."""

from typing import Annotated, Any, Literal

from fastapi import Query
from sqlalchemy import Engine
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import StreamingResponse

from api.attachment import disposition
from api.frame.deps import actor
from models.listing.acts.export import Wanted, export
from models.person.rules.auth import Principal

Format = Annotated[
    Literal["json", "csv"],
    Query(
        alias="format",
        description="`csv` (or `Accept: text/csv`) is the whole list, whatever `limit` and `cursor` say; that you took it is recorded.",
    ),
]
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {}, "text/csv": {}}}}


def wants_csv(request: Request, fmt: str) -> bool:
    """Whether a file was asked for instead of a page; of two kinds that are accepted the first counts."""
    accepted = request.headers.get("accept", "").split(",")[0].partition(";")[0].strip().lower()
    return fmt == "csv" or ("format" not in request.query_params and accepted == "text/csv")


def handed_out(request: Request, engine: Engine, principal: Principal, wanted: Wanted) -> StreamingResponse:
    """The file, recorded in the name of whoever asks; its `ETag` is its SHA-256."""
    taken = export(engine, actor(request, principal), principal.person_id, principal.login, wanted)
    headers = {
        "Content-Disposition": disposition(taken.name),
        "Content-Length": str(taken.size),
        "ETag": f'"{taken.digest}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    gone = BackgroundTask(taken.close)  # also where the reader went away before the first piece
    return StreamingResponse(taken.pieces(), media_type="text/csv; charset=utf-8", headers=headers, background=gone)
