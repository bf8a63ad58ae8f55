"""How a recall begins and how its customers answer, between the request and the workflow (DESIGN 6, 12)."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from temporalio.client import Client

from api.process.acts import Desk, earlier
from api.process.lost_workflow import record_of
from api.recall.schemas import AnswerIn, ReceiversIn
from models.kernel.refusal import Refusal
from models.kernel.store.act import now, reading, zone
from models.notice.rules import links as notice_links
from models.process.messages.process import By, Receipt
from models.recall.messages.begin import Acknowledge, OpenRecall
from models.recall.messages.follow_up import NameReceivers
from models.recall.queries import recalls as queries_recalls
from models.recall.queries.views import NoticeView
from models.recall.rules import recall as rules
from models.recall.store import recalls
from workflows.temporal import start

TRIES = 40
"""Numbers asked for where others open recalls at the same moment: each try, one of them has got theirs."""


async def open_recall(
    desk: Desk,
    mode: str,
    identifiers: Sequence[str],
    title: str,
    reason: str,
    cause: str = "manual",
    *,
    notice: str | None = None,
    questions_seen: bool = False,
) -> Receipt:
    """Open a recall or a drill under the next number."""
    command_id = desk.command_id(f"recall:{mode}")
    known = await opened(desk, mode)
    if known is not None:
        return known
    number = ""
    for tried in range(TRIES):
        await asyncio.sleep(tried * 0.02)
        number = await run_in_threadpool(_next_number, desk.engine, mode)
        given: dict[str, Any] = {"mode": mode, "cause": cause, "title": title, "reason": reason}
        command = OpenRecall(
            command_id=command_id,
            by=desk.by(),
            recall_no=number,
            identifiers=tuple(one.strip() for one in identifiers if one.strip()),
            notice=notice,
            questions_seen=questions_seen,
            **given,
        )
        try:
            return await start.open_recall(desk.client, command)
        except Refusal as refusal:
            if refusal.code != rules.TWICE.code:
                raise
    raise rules.TWICE(recall=number)


async def opened(desk: Desk, mode: str) -> Receipt | None:
    """What became of a request that is sent, or asked about, again; nothing while it is at work."""
    return await run_in_threadpool(earlier, desk, "open_recall", desk.command_id(f"recall:{mode}"))


def _next_number(engine: Engine, mode: str) -> str:
    with reading(engine) as session:
        year = now(session).astimezone(ZoneInfo(zone(session))).year
        return recalls.next_number(session, mode, year)


def notice(engine: Engine, notice_id: UUID) -> NoticeView:
    """The notice behind a link."""
    with reading(engine) as session:
        return queries_recalls.notice(session, notice_id)


async def answer(engine: Engine, client: Client, seen: NoticeView, token: str, given: AnswerIn) -> Receipt:
    """A customer answers through the link; the audit trail names the customer."""
    return await _answer(engine, client, seen, _through_link(seen, token, given.name), given)


async def answer_for(desk: Desk, recall_no: str, notice_id: UUID, given: AnswerIn) -> Receipt:
    """Somebody of ours writes down what a customer said by telephone or on paper; the audit trail names who did."""
    return await _answer(desk.engine, desk.client, await _seen(desk, recall_no, notice_id), desk.by(), given)


async def receivers(engine: Engine, client: Client, seen: NoticeView, token: str, given: ReceiversIn) -> Receipt:
    """Who has answered names more receivers through the same link."""
    return await _name(engine, client, seen, _through_link(seen, token, given.name), given)


async def receivers_for(desk: Desk, recall_no: str, notice_id: UUID, given: ReceiversIn) -> Receipt:
    """Somebody of ours writes down whom they named."""
    return await _name(desk.engine, desk.client, await _seen(desk, recall_no, notice_id), desk.by(), given)


def _through_link(seen: NoticeView, token: str, name: str) -> By:
    """Whoever holds the link; the command is sealed with it, and it travels nowhere."""
    made = By(
        person_id=0,
        name=name.strip() or seen.notice.customer,
        actor_id=f"customer:{seen.notice.customer_no}",
        source="link",
    )
    return made.holding(token)


async def _seen(desk: Desk, recall_no: str, notice_id: UUID) -> NoticeView:
    seen = await run_in_threadpool(notice, desk.engine, notice_id)
    if seen.recall_no != recall_no:
        raise notice_links.NO_LINK()
    return seen


async def _answer(engine: Engine, client: Client, seen: NoticeView, by: By, given: AnswerIn) -> Receipt:
    said = "|".join(
        str(one) for one in (given.name, given.received, given.on_hand, given.used, given.will_return, given.remark)
    )
    if given.passed_on or given.receivers:
        said = f"{said}|{given.passed_on}|{given.receivers}"
    command = Acknowledge(
        # the same answer sent again finds its receipt; another answer is refused, not thanked for
        command_id=f"acknowledge:{seen.notice.id}:{_short(said)}",
        by=by,
        notice=seen.notice.id,
        **given.model_dump(),
    )
    return await start.acknowledge(client, seen.recall_no, command, record_of(engine))


async def _name(engine: Engine, client: Client, seen: NoticeView, by: By, given: ReceiversIn) -> Receipt:
    command = NameReceivers(
        command_id=f"receivers:{seen.notice.id}:{_short(str(given.receivers))}",
        by=by,
        notice=seen.notice.id,
        **given.model_dump(),
    )
    return await start.name_receivers(client, seen.recall_no, command, record_of(engine))


def _short(said: str) -> str:
    return sha256(said.encode()).hexdigest()[:12]
