"""Reports and packs of a recall as files, for routes and pages (REQUIREMENTS 82).

What is read is read in one snapshot; the paper is made after the database is let go, in a thread beside the loop that
serves everybody.  Few are made at a time, and who waits for one keeps no thread: a dozen packs of 30,000 batches take
their turn and nobody else notices.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from models.clock.store import moved_clock
from models.kernel.large_json import written
from models.kernel.store.act import now, reading, zone
from models.kernel.time import moments
from models.recall.papers.pack import Material, lines_csv
from models.recall.papers.pack import pack as make
from models.recall.papers.report import report_pdf
from models.recall.queries import recalls as queries_recalls
from models.recall.rules.report import read_day
from models.recall.store import recalls
from models.recall.store import report as recall_report
from models.recall.tables.recall import Recall

AT_A_TIME = 2
"""Files made at the same time; two is as many as a small server has processors."""
TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}


async def in_turn(app: Any, make: Callable[..., Response], *given: Any) -> Response:
    """Make one file in a thread, when it is its turn."""
    room: asyncio.Semaphore | None = getattr(app.state, "papers", None)
    if room is None:
        room = app.state.papers = asyncio.Semaphore(AT_A_TIME)
    async with room:
        return await run_in_threadpool(make, *given)


def report(engine: Engine, recall_no: str, kind: str, fmt: str, estimated_on: str | None = None) -> Response:
    """A report as JSON, CSV or PDF."""
    day = read_day(estimated_on)
    with reading(engine) as session:
        recall = recalls.get(session, recall_no)
        at, place, drill = now(session), zone(session), recall.mode == "drill"
        document = recall_report.document(session, recall, kind, at, day)
        test = fmt == "pdf" and moved_clock.marked(session)
    content: bytes | str
    match fmt:
        case "pdf":
            content = report_pdf(document, at, place, test=test)
        case "csv":
            content = lines_csv(document)
        case _:
            content = written(document)
    name = f"{'DRILL-' if drill else ''}{_safe(recall_no)}-{kind}.{fmt}"
    return _file(content, TYPES[fmt], name, {"ETag": f'"{document["digest"]}"'})


def pack(engine: Engine, recall_no: str) -> Response:
    """Everything in one ZIP."""
    with reading(engine) as session:
        recall = recalls.get(session, recall_no)
        material = _material(session, recall)
    name = f"{'DRILL-' if material.drill else ''}{_safe(recall_no)}-pack.zip"
    return _file(make(material), "application/zip", name, {})


def _material(session: Session, recall: Recall) -> Material:
    at = now(session)
    kinds = ("status", "termination") if recall.status == "closed" else ("status",)
    versions = recalls.scopes(session, recall.id)
    filed = [one for one in recall_report.filed(session, recall.id) if one.digest]
    notices: list[dict[str, Any]] = [
        {name: getattr(one, name) for name in one.__dataclass_fields__}
        for one in queries_recalls.notices(session, recall.id)
    ]
    return Material(
        recall=recall.recall_no,
        drill=recall.mode == "drill",
        reports={kind: recall_report.document(session, recall, kind, at) for kind in kinds},
        scopes={one.version: recalls.text_of(session, one) for one in versions},
        filed={
            f"{one.kind}-{moments.day(one.filed_at, zone(session)).replace('-', '')}-{(one.digest or '')[:12]}": recall_report.kept(
                session, recall.id, one.digest or ""
            )
            for one in filed
        },
        lots=recalls.record_of(session, versions[-1])["lots"],
        notices=notices,
        zone=zone(session),
        at=at,
        test=moved_clock.marked(session),
    )


def _safe(name: str) -> str:
    return "".join(one if one.isascii() and (one.isalnum() or one in "-_.") else "_" for one in name)


def _file(content: bytes | str, kind: str, name: str, more: dict[str, str]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store", **more}
    return Response(content, media_type=kind, headers=headers)
