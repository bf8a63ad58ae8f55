"""How an activity does an act: once, in one transaction, with the person's name on it."""

import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from datetime import datetime
from itertools import count
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import Session
from temporalio import activity
from temporalio.exceptions import ApplicationError

from models.fault import store as faults
from models.kernel import origin
from models.kernel.act_receipt import short
from models.kernel.fault import FAULTED, Trouble, pause
from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, now, reading
from models.kernel.store.walls import BUSY, WALL, too_slow, unreachable
from models.kernel.time import clock
from models.process.messages.process import By, Receipt
from models.process.store import applied

log = logging.getLogger("batchwright.activities")
T = TypeVar("T")

REFUSED = "Refusal"
uninterrupted = activity.defn(no_thread_cancel_exception=True)
"""Every activity that has a thread of its own.

Temporal would end one that outlasts its time by an exception out of nowhere.  Within a query it tears the connection: the
transaction stays open with its locks, and the act that is asked for again waits for them for ever.  So it goes on to its
end, and the second try waits for it and finds its receipt.
"""
EVERY = 2.0
"""Seconds between two signs of life; well within `workflows.temporal.queues.SILENT`."""

WAITING_FOR_AN_ANSWER = frozenset({"link", "cli"})
"""Where somebody without an account stands and reads a refusal: a customer at their link, whoever typed a command."""


def refused(refusal: Refusal) -> ApplicationError:
    """A refusal as it travels through Temporal: not retried, with the whole answer inside."""
    return ApplicationError(str(refusal), refusal.as_dict(), type=REFUSED, non_retryable=True)


@contextmanager
def alive() -> Iterator[None]:
    """Say every few seconds that the act is still at work: a large one takes longer than a dead worker is waited for."""
    if activity.info().is_local:
        yield
        return
    done = threading.Event()

    def beat() -> None:
        while not done.wait(EVERY):
            activity.heartbeat()

    beating = threading.Thread(target=copy_context().run, args=(beat,), name="alive", daemon=True)
    beating.start()
    try:
        yield
    finally:
        done.set()


def once(
    engine: Engine,
    build: str,
    by: By,
    do: Callable[[Session, datetime], Receipt],
    *,
    command: BaseModel,
    command_id: str | None = None,
    reason: str = "",
) -> Receipt:
    """Do the act and remember its receipt; a retry after a lost answer, or beside a slow first try, gets the first receipt.

    A person's command is known by its id, whichever workflow run it comes through; what the clock asks for by the
    activity.  A refusal is believed only when the act hasn't taken effect: a second try that overtook the first one's
    commit, or a request sent again through a new workflow run, is refused because of what it did itself.  What only a
    wall refused is asked a second time: somebody was faster, and the rule sees it now and says it in words.
    """
    info = activity.info()
    where = f"{info.workflow_id}:{info.workflow_run_id}:{info.activity_id}"
    key = applied.of_command(info.activity_type, command_id) if command_id else where
    actor = _actor(by, info, build, reason)
    # only a second try can find the first one's receipt; a workflow task that is tried again says it is the first, and
    # finds it by being refused
    second = not info.is_local or info.attempt > 1

    def done() -> Receipt:
        nonlocal second
        while True:
            with act(engine, actor) as session:
                if applied.claim(session, key):
                    known = applied.earlier(session, key) if second else None
                    return known or _do(session, key, do)
            applied.wait(engine, key)
            second = True

    def go() -> Receipt:
        for at_last in (False, True):
            try:
                return done()
            except Refusal as refusal:
                with reading(engine) as session:
                    known = applied.earlier(session, key)
                if known is not None:
                    return known
                if at_last or refusal.code != WALL.code:
                    raise
        raise AssertionError

    return bounded(engine, build, by, go, command=command, key=key)


def _actor(by: By, info: activity.Info, build: str, reason: str) -> Actor:
    """As whom the audit trail has it, by which code, and for whose request."""
    return Actor(
        actor_id=by.actor_id,
        name=by.name,
        source=by.source,
        source_ref=origin.said(),
        on_behalf_of=by.on_behalf_of_name or "",
        reason=reason,
        workflow=f"{info.workflow_id}/{info.workflow_run_id}",
        build=build,
        person_id=by.person_id,
        session_id=by.session_id,
    )


def bounded(engine: Engine, build: str, by: By, do: Callable[[], T], *, command: BaseModel, key: str) -> T:
    """Done, refused, or after a few tries a fault that an operator finds (DESIGN 6a); while the record is away, none.

    The first try, inside the workflow task, leaves the others to the regular activity that follows it.
    """
    info = activity.info()
    asked_by_nobody = by.person_id == 0 and by.source not in WAITING_FOR_AN_ANSWER
    trouble, met, tries = Trouble.BUG, Exception(), 0
    with alive():
        for tries in count(1):
            try:
                return do()
            except Refusal as refusal:
                if refusal.code in clock.PASSING:  # it waits for the clock, as it would for the record
                    raise ApplicationError(str(refusal), type=refusal.code) from refusal
                if not asked_by_nobody:
                    raise refused(refusal) from refusal
                trouble, met = Trouble.BUSY if refusal.code == BUSY.code else Trouble.REFUSED, refusal
            except Exception as raised:
                if unreachable(raised):
                    raise
                trouble, met = Trouble.SLOW if too_slow(raised) else Trouble.BUG, raised
            if info.is_local:
                raise ApplicationError(_line(met), type=trouble) from met
            wait = pause(trouble, tries)
            if wait is None:
                break
            threading.Event().wait(wait)
    matter = faults.Matter(
        key=key,
        act=info.activity_type,
        workflow_id=info.workflow_id or "",
        command=command.model_dump_json(),
        facts=command.model_dump(mode="json"),
        person_id=by.person_id,
        build=build,
    )
    detail = "".join(traceback.format_exception(met))
    number = faults.write(engine, matter, trouble, tries, _line(met), detail)
    log.error("fault %s: %s of %s (%s): %s", number, matter.act, matter.workflow_id, origin.said() or "-", detail)
    raise refused(FAULTED(number=number)) from met


def _line(error: Exception) -> str:
    """What went wrong in a line."""
    first = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _do(session: Session, key: str, do: Callable[[Session, datetime], Receipt]) -> Receipt:
    receipt = do(session, now(session))
    receipt = receipt.model_copy(update={"data": short(receipt.data)})
    applied.remember(session, key, receipt)
    return receipt
