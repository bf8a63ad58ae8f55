"""Files that a record refers to: sent as they are, kept under their SHA-256, given out as files and never as pages.

A form holds digests; what somebody signs names the content itself and not a place where it lies (21 CFR 11.70).
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from typing import IO, Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.frame.deps import EngineDep, Reader, actor, require
from api.frame.doors import API, Doors
from api.frame.request.body import is_form
from models.attachment import store
from models.attachment.rules import attachment as rules
from models.attachment.rules.sniff import FileType, sniff
from models.attachment.store import Arrived, Attached
from models.kernel.request import AS_IT_IS
from models.kernel.store.act import Actor, reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission

router = APIRouter(prefix=API, tags=["attachments"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/attachments
        GET /api/v1/attachments/{attachment}
        GET /api/v1/attachments/{attachment}/content
    """,
    Permission.ATTACHMENT_ADD: """
        POST /api/v1/attachments
    """,
}
Attacher = Annotated[Principal, Depends(require(Permission.ATTACHMENT_ADD))]
IN_MEMORY = 1 << 20
"""Bytes of an arriving file that wait in memory; the rest waits on the disk."""
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class AttachmentView(BaseModel):
    """A file as somebody attached it; `digest` is the SHA-256 of its content, in hex, and what a form holds."""

    number: UUID
    name: str
    digest: str
    size: int
    type: FileType
    uploaded_by: str
    at: datetime


class AttachmentList(BaseModel):
    """Attachments, oldest first."""

    attachments: list[AttachmentView]


@router.post("/attachments", status_code=201, summary="Attach a file", openapi_extra=_BODY)
async def attach(
    request: Request,
    engine: EngineDep,
    principal: Attacher,
    name: Annotated[str, Query(description="The file's name.")],
    digest: Annotated[str | None, Query(description="Its SHA-256 in hex, to be compared with what arrives.")] = None,
) -> AttachmentView:
    """The body is the file itself, of any content type but a form's.  Sent twice, it is the same attachment.

    What it is, is told by its bytes: PDF, PNG, JPEG, HEIC, MP4, XLSX, DOCX, ZIP, CSV or plain text.
    """
    by = actor(request, principal)
    return _view(await taken(request, engine, by, principal.person_id, name=name, digest=digest))


async def taken(
    request: Request, engine: Engine, by: Actor, person_id: int, *, name: str, digest: str | None = None
) -> Attached:
    """Receive the body of the request as a file and keep it; the page's own door does the same."""

    def keep(arrived: Arrived, called: str, kind: FileType) -> Attached:
        return store.attach(engine, by, person_id, arrived, called, kind)

    return await received(request, keep, name=name, digest=digest)


async def received(
    request: Request, keep: Callable[[Arrived, str, FileType], Attached], *, name: str, digest: str | None = None
) -> Attached:
    """The body of the request as a file, whole, small enough and of a kind that is kept, handed to whoever keeps it."""
    if is_form(request.scope):
        raise AS_IT_IS()
    called = rules.name_of(name)
    limit = request.app.state.settings.attachment_mb
    announced = request.headers.get("content-length", "")
    if announced.isdigit():
        rules.check_size(int(announced), limit)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        arrived = await _receive(request, file, limit)
        rules.check_digest(arrived.digest, digest)
        kind = rules.check_type(called, await run_in_threadpool(sniff, arrived.file))
        return await run_in_threadpool(keep, arrived, called, kind)


@router.get("/attachments", summary="Who attached these contents, under which names")
def list_attachments(
    engine: EngineDep, _: Reader, digest: Annotated[list[str], Query(max_length=100)]
) -> AttachmentList:
    """By the digests that a form holds."""
    with reading(engine) as session:
        return AttachmentList(attachments=[_view(each) for each in store.of_digests(session, digest)])


@router.get("/attachments/{attachment}", summary="What is known of an attachment")
def read_attachment(engine: EngineDep, _: Reader, attachment: UUID) -> AttachmentView:
    """Its name, digest, size, type, and who attached it when."""
    with reading(engine) as session:
        return _view(store.one(session, attachment))


@router.get("/attachments/{attachment}/content", summary="The file itself", response_class=Response, responses=_FILE)
def read_content(engine: EngineDep, _: Reader, attachment: UUID) -> Response:
    """Byte for byte as it was attached; `ETag` is its digest."""
    return given_out(engine, attachment)


def given_out(engine: Engine, number: UUID) -> Response:
    """The answer that hands out an attachment: a file to be saved, which no browser opens as a page of ours."""
    with reading(engine) as session:
        wanted = store.one(session, number)
    return handed_out(engine, wanted)


def handed_out(engine: Engine, wanted: Attached) -> Response:
    """The same of a file that somebody else keeps the name of."""
    parts: Iterator[bytes] = store.content(engine, wanted)
    first = next(parts)  # what is damaged is refused before the answer begins, where the file has one part
    headers = {
        "Content-Length": str(wanted.size),
        "Content-Disposition": disposition(wanted.name),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
        "ETag": f'"{wanted.digest}"',
    }
    return StreamingResponse(chain((first,), parts), media_type=_media(wanted), headers=headers)


def disposition(name: str) -> str:
    """A file to be saved under its own name (RFC 6266, RFC 8187); the plain form is for what can't read the other."""
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "-_. ") else "_" for one in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _receive(request: Request, file: IO[bytes], limit: int) -> Arrived:
    """Everything that arrives, up to the limit; it waits on the disk and not in memory."""
    whole = hashlib.sha256()
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit * rules.MEBI:
            rules.check_size(size, limit)
        await run_in_threadpool(_take, file, whole, chunk)
    rules.check_size(size, limit)
    return Arrived(file, whole.hexdigest(), size)


def _take(file: IO[bytes], whole: Any, chunk: bytes) -> None:
    whole.update(chunk)
    file.write(chunk)


def _media(wanted: Attached) -> str:
    # the content's own encoding isn't known: without a word about it no client guesses UTF-8 for what isn't
    return "application/octet-stream" if wanted.media_type.startswith("text/") else wanted.media_type


def _view(found: Attached) -> AttachmentView:
    return AttachmentView(
        number=found.number,
        name=found.name,
        digest=found.digest,
        size=found.size,
        type=found.type,
        uploaded_by=found.uploaded_by,
        at=found.at,
    )
