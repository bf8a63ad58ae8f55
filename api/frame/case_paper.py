"""A case on paper as a file: read in one snapshot, set after the database is let go (REQUIREMENTS 40)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine
from sqlmodel import Session
from starlette.responses import Response

from models.clock.store import moved_clock
from models.kernel.store.act import now, reading, zone
from models.nonconformance.paper import paper

PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
Build = Callable[[Session, str, datetime], dict[str, Any]]


def case_paper(engine: Engine, number: str, build: Build) -> Response:
    """The PDF of the case that `build` reads by its number; its ETag is the digest of the record that is attached."""
    with reading(engine) as session:
        at, place, test = now(session), zone(session), moved_clock.marked(session)
        made = build(session, number, at)
    headers = {
        "ETag": f'"{made["digest"]}"',
        "Cache-Control": "no-store",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(made['number'], safe='')}.pdf",
    }
    return Response(paper(made, at, place, test=test), media_type="application/pdf", headers=headers)
