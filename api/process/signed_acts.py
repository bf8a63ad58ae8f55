"""An act without a task is signed: what is shown, the rules, the password, the recorded attempt, then the act (DESIGN 7).

Routes and pages come through here alike.  Who adds a signed act gives `signed` what the act is about, a function that
shows the record (and refuses what the act would refuse), and a function that sends the command with its attempt.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from api.process.acts import Desk, Signing, check_proof, unless_earlier
from models.hold import acts as holding
from models.hold.messages import LiftHold, LiftHoldAct, LiftHoldPart
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, reading
from models.person.store import passwords
from models.person.store.people import actor_of
from models.process.acts import hand_over as handing
from models.process.messages.owners import HandOver
from models.process.messages.process import Receipt
from models.process.sign import sign as rules
from models.process.sign.signed_act import (
    HAND_OVER,
    LIFT_HOLD,
    LIFT_HOLD_ACT,
    LIFT_HOLD_PART,
    SCRAP,
    SCRAP_LOTS,
    SignedAct,
)
from models.process.store import signed_acts
from models.process.store.signed_acts import Shown
from models.process.store.signing import digest
from models.process.tables.signature import SigningAttempt
from models.recall.acts import decide as deciding
from models.recall.messages.begin import DecideLots
from models.returns import acts as returning
from models.returns.messages import DisposeReturn
from workflows.temporal import start


@dataclass(frozen=True)
class Asked:
    """What somebody wants to sign: the act, what it is about, and the request's id, the same when it is sent again."""

    act: SignedAct
    about: str
    request_id: str
    reason: str = ""


async def signed(
    desk: Desk,
    asked: Asked,
    signing: Signing | None,
    show: Callable[[Session], Shown],
    send: Callable[[int], Awaitable[Receipt]],
) -> Receipt:
    """Do a signed act.  Every try stays in the record, whatever comes of it (21 CFR 11.300(d))."""
    begun = await unless_earlier(desk, asked.act.act, asked.request_id, _proven, desk, asked, signing, show)
    if isinstance(begun, Receipt):
        return begun
    signing, attempt = begun
    try:
        return await send(attempt)
    except Refusal as refusal:
        if refusal.code != start.PENDING.code:
            await run_in_threadpool(_attempt, desk, asked, signing, refusal.code)
        raise


def _proven(desk: Desk, asked: Asked, signing: Signing | None, show: Callable[[Session], Shown]) -> tuple[Signing, int]:
    if signing is None:
        raise rules.NEEDED()
    return signing, _prove(desk, asked, signing, show)


async def lift_hold(desk: Desk, hold: LiftHold, signing: Signing | None) -> Receipt:
    """Lift a hold by a signature over what is held, why, by whom and since when."""
    asked = Asked(LIFT_HOLD, str(hold.hold_id), hold.command_id, hold.reason)

    async def send(attempt: int) -> Receipt:
        given = {} if signing is None else {"digest": signing.digest, "meaning": signing.meaning}
        fresh = {"command_id": f"lift:{hold.hold_id}:{attempt}", "request_id": hold.command_id, "attempt_id": attempt}
        return await start.lift_hold(desk.client, hold.model_copy(update={**given, **fresh}))

    return await signed(
        desk, asked, signing, lambda session: holding.preview(session, hold.hold_id, hold.by.person_id), send
    )


async def lift_hold_act(desk: Desk, command: LiftHoldAct, signing: Signing | None) -> Receipt:
    """Lift all that one act of holding holds by a signature over which batches those are, why, by whom and since when."""
    asked = Asked(LIFT_HOLD_ACT, str(command.hold_act), command.command_id, command.reason)

    async def send(attempt: int) -> Receipt:
        given = {} if signing is None else {"digest": signing.digest, "meaning": signing.meaning}
        own = f"lift-act:{command.hold_act}:{attempt}"
        fresh = {"command_id": own, "request_id": command.command_id, "attempt_id": attempt}
        return await start.ask(desk.client, command.model_copy(update={**given, **fresh}))

    return await signed(
        desk, asked, signing, lambda session: holding.preview_act(session, command.hold_act, command.by.person_id), send
    )


async def lift_hold_part(desk: Desk, command: LiftHoldPart, signing: Signing | None) -> Receipt:
    """Lift what is held of a batch at a place, or so much of it, by a signature over which batch, how much, where and why."""
    asked = Asked(LIFT_HOLD_PART, str(command.part), command.command_id, command.reason)

    async def send(attempt: int) -> Receipt:
        given = {} if signing is None else {"digest": signing.digest, "meaning": signing.meaning}
        own = f"lift-part:{command.part}:{attempt}"
        fresh = {"command_id": own, "request_id": command.command_id, "attempt_id": attempt}
        return await start.ask(desk.client, command.model_copy(update={**given, **fresh}))

    def show(session: Session) -> Shown:
        return holding.preview_part(session, command.part, command.quantity, command.by.person_id)

    return await signed(desk, asked, signing, show, send)


async def scrap(desk: Desk, command: DisposeReturn, signing: Signing | None) -> Receipt:
    """Scrap what came back by a signature over how much of which batch, from which customer and where it lies."""
    asked = Asked(SCRAP, str(command.returned), command.command_id, command.reason)

    async def send(attempt: int) -> Receipt:
        given = {} if signing is None else {"digest": signing.digest, "meaning": signing.meaning}
        own = f"dispose:{command.returned}:{attempt}"
        fresh = {"command_id": own, "request_id": command.command_id, "attempt_id": attempt}
        return await start.book_for_recall(desk.client, command.model_copy(update={**given, **fresh}))

    return await signed(
        desk, asked, signing, lambda session: returning.preview(session, command.returned, command.quantity), send
    )


async def scrap_lots(desk: Desk, command: DecideLots, signing: Signing | None) -> Receipt:
    """Scrap recalled batches in house by a signature over which, how much of each, and where they lie."""
    asked = Asked(SCRAP_LOTS, command.recall_no, command.command_id, command.reason)

    async def send(attempt: int) -> Receipt:
        given = {} if signing is None else {"digest": signing.digest, "meaning": signing.meaning}
        own = f"decide:{command.recall_no}:{attempt}"
        fresh = {"command_id": own, "request_id": command.command_id, "attempt_id": attempt}
        return await start.book_for_recall(desk.client, command.model_copy(update={**given, **fresh}))

    return await signed(
        desk, asked, signing, lambda session: deciding.preview(session, command.recall_no, command.lots), send
    )


async def hand_over(desk: Desk, command: HandOver, signing: Signing | None) -> Receipt:
    """Give a subject another owner by a signature over whose it was and whose it is to be."""
    asked = Asked(HAND_OVER, str(command.subject), command.command_id, command.reason)

    async def send(attempt: int) -> Receipt:
        given = {} if signing is None else {"digest": signing.digest, "meaning": signing.meaning}
        own = f"owner:{command.subject}:{attempt}"
        fresh = {"command_id": own, "request_id": command.command_id, "attempt_id": attempt}
        return await start.hand_over(desk.client, command.model_copy(update={**given, **fresh}))

    return await signed(
        desk,
        asked,
        signing,
        lambda session: handing.preview(session, command.subject, command.to, command.by.person_id),
        send,
    )


def _prove(desk: Desk, asked: Asked, signing: Signing, show: Callable[[Session], Shown]) -> int:
    """Ask the rules, then prove the password, then write the attempt; answers its key."""
    try:
        with reading(desk.engine) as session:
            shown = show(session)
            signed_acts.check(shown, signing.meaning, signing.digest)
            said = digest(signed_acts.statement(shown, desk.by(), asked.reason))
    except Refusal as refusal:
        _attempt(desk, asked, signing, refusal.code)
        raise
    proof = passwords.verify_for_signing(desk.engine, desk.principal.account_id, signing.password)
    attempt = _attempt(desk, asked, signing, proof.result, said)
    check_proof(proof)
    return attempt


def _attempt(desk: Desk, asked: Asked, signing: Signing, result: str, statement: str | None = None) -> int:
    """Write what was tried, in a transaction of its own: it stays, whatever comes of it."""
    with act(desk.engine, actor_of(desk.principal)) as session:
        row = SigningAttempt(
            act=asked.act.act,
            about=asked.about,
            person_id=desk.principal.person_id,
            account_id=desk.principal.account_id,
            meaning=signing.meaning[:100],
            digest=signing.digest[:100],
            statement=statement,
            result=result,
        )
        session.add(row)
        session.flush()
        return row.id
