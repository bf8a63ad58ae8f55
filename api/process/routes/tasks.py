"""The inbox: lists and counts of tasks, one task, and claim, release, delegate, reassign and draft (REQ 87, 89).

Completing a task is an act of the process and has its own route.
"""

import json
from collections.abc import AsyncIterator, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from api.frame.deps import EngineDep, Onlooker, PrincipalDep, Reader, actor, require
from api.frame.doors import API
from api.frame.paging import Cursor, Limit
from api.process.inbox_stream import followed
from api.process.schemas.tasks import DelegateInput, DraftInput, ReassignInput
from api.register.paths import ItemFilter
from models.kernel.store.act import act, reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.process import task as rules
from models.process.acts import task_detail
from models.process.queries import inbox as queries_tasks
from models.process.queries.views import TaskCounts, TaskDetail, TaskPage, TaskView, TaskViewName
from models.process.store import tasks

router = APIRouter(prefix=API, tags=["tasks"])


@router.get("/tasks", summary="The inbox, one view of it")
def list_tasks(
    engine: EngineDep,
    principal: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    view: Annotated[TaskViewName, Query(description="Which tasks; without it, all open ones")] = "all",
    mine: Annotated[bool, Query(description="Short for view=mine")] = False,
    claimable: Annotated[bool, Query(description="Short for view=claimable")] = False,
    waiting_second: Annotated[bool, Query(description="Short for view=waiting_second")] = False,
    overdue: Annotated[bool, Query(description="Short for view=overdue")] = False,
    process: Annotated[str | None, Query(max_length=100)] = None,
    item: ItemFilter = None,
) -> TaskPage:
    """Ordered by consequence, then by lateness.  Each task says whether I can do it and, if not, why."""
    short: dict[TaskViewName, bool] = {
        "mine": mine, "claimable": claimable, "waiting_second": waiting_second, "overdue": overdue
    }  # fmt: skip
    chosen = next((name for name, wanted in short.items() if wanted), view)
    with reading(engine) as session:
        return queries_tasks.page(session, principal, chosen, limit=limit, after=cursor, process=process, item=item)


@router.get("/tasks/counts", summary="How many tasks stand in each view")
def count_tasks(engine: EngineDep, principal: Reader) -> TaskCounts:
    """Counted up to `most`; `more` names the views that have at least that many."""
    return _counts(engine, principal)


@router.get("/inbox/events", response_class=EventSourceResponse, summary="Live counts of my inbox")
async def inbox_events(request: Request, _: Onlooker) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events `tasks` with the counts: at once, and whenever they change (within a second).

    The stream ends with the session, or with the role.  Watching it doesn't keep the session alive.
    """
    engine: Engine = request.app.state.engine
    last = ""
    async for person in followed(request):
        if person is None:
            yield ServerSentEvent(comment="still here")
            continue
        counts = await run_in_threadpool(_counts, engine, person)
        text = json.dumps({name: getattr(counts, name) for name in queries_tasks.COUNTED})
        if text != last:
            last = text
            yield ServerSentEvent(event="tasks", raw_data=text)
    yield ServerSentEvent(event="end", data={"reason": "session"})


@router.get("/tasks/{task_id}", summary="One task with its form and the record to sign")
def read_task(engine: EngineDep, principal: Reader, task_id: UUID) -> TaskDetail:
    """`digest` goes back with the signature: it says what was shown."""
    with reading(engine) as session:
        return task_detail.detail(session, principal, task_id)


@router.post("/tasks/{task_id}/claim", summary="Make the task mine")
def claim(request: Request, engine: EngineDep, principal: PrincipalDep, task_id: UUID) -> TaskView:
    """Of two people who claim at the same instant one gets it; the other reads whose it is."""
    ref = f"POST {request.url.path}"
    return _do(request, engine, principal, task_id, lambda one: tasks.claim(one, principal, task_id, source_ref=ref))


@router.post("/tasks/{task_id}/release", summary="Give the task back to its role")
def release(request: Request, engine: EngineDep, principal: PrincipalDep, task_id: UUID) -> TaskView:
    """Only who claimed it, or who stands in for them."""
    return _do(request, engine, principal, task_id, lambda one: tasks.release(one, principal, task_id))


@router.post("/tasks/{task_id}/delegate", summary="Hand my task to a colleague")
def delegate(
    request: Request, engine: EngineDep, principal: PrincipalDep, task_id: UUID, body: DelegateInput
) -> TaskView:
    """The colleague must hold the task's role."""
    return _do(
        request, engine, principal, task_id, lambda one: tasks.delegate(one, principal, task_id, body.to), body.reason
    )


@router.post("/tasks/{task_id}/reassign", summary="Give a task to somebody else")
def reassign(
    request: Request,
    engine: EngineDep,
    principal: Annotated[Principal, Depends(require(Permission.TASK_REASSIGN))],
    task_id: UUID,
    body: ReassignInput,
) -> TaskView:
    """A manager's act, with a reason; without `to` the task goes back to its role."""
    return _do(
        request, engine, principal, task_id, lambda one: tasks.reassign(one, principal, task_id, body.to), body.reason
    )


@router.post("/tasks/{task_id}/draft", status_code=204, summary="Keep what I have typed")
def draft(request: Request, engine: EngineDep, principal: PrincipalDep, task_id: UUID, body: DraftInput) -> None:
    """Not checked and not a record yet; it waits for this person to come back."""
    if len(json.dumps(body.form)) > rules.DRAFT_LIMIT:
        raise rules.DRAFT_LARGE(limit=rules.DRAFT_LIMIT)
    with act(engine, actor(request, principal)) as session:
        tasks.save_draft(session, principal, task_id, body.form)


def _counts(engine: Engine, principal: Principal) -> TaskCounts:
    with reading(engine) as session:
        return queries_tasks.counts(session, principal)


def _do(
    request: Request,
    engine: Engine,
    principal: Principal,
    task_id: UUID,
    change: Callable[[Session], None],
    reason: str = "",
) -> TaskView:
    with act(engine, actor(request, principal, reason=reason)) as session:
        change(session)
        return queries_tasks.one(session, principal, task_id)
