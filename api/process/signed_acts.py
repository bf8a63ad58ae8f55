"""An act without a task is signed: what is shown, the rules, the password, the recorded attempt, then the act (DESIGN 7).

Routes and pages come through here alike.  Who adds a signed act gives `signed` its name and meaning, what it is about, the
command, and a function that shows the record and refuses what the act would refuse.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, Self

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from api.process.acts import Desk, Signing, check_proof, unless_earlier
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, reading
from models.person.store import passwords
from models.person.store.people import actor_of
from models.process.acts import hand_over as handing
from models.process.messages.owners import HandOver
from models.process.messages.process import Receipt
from models.process.sign import sign as rules
from models.process.sign.signed_act import HAND_OVER, SignedAct
from models.process.store import signed_acts
from models.process.store.signed_acts import Shown
from models.process.store.signing import digest
from models.process.tables.signature import SigningAttempt
from workflows.temporal import start

Show = Callable[[Session], Shown]


class Signable(Protocol):
    """A command that carries its signature: its fields of an act that is signed without a task."""

    @property
    def command_id(self) -> str: ...  # noqa: D102  # a field of the command
    @property
    def reason(self) -> str: ...  # noqa: D102  # the same

    def model_copy(self, *, update: dict[str, Any]) -> Self:
        """The same with other fields (Pydantic)."""
        ...


@dataclass(frozen=True)
class Asked:
    """What somebody wants to sign: the act, what it is about, and the request's id, the same when it is sent again."""

    act: SignedAct
    about: str
    request_id: str
    reason: str


async def signed(
    desk: Desk, act: SignedAct, about: object, command: Signable, own: str, signing: Signing | None, show: Show
) -> Receipt:
    """Do a signed act.  Every try stays in the record, whatever comes of it (21 CFR 11.300(d)).

    `own` and the number of its attempt name the command that is sent; `show` shows what is signed, and refuses what the act would.
    """
    asked = Asked(act, str(about), command.command_id, command.reason)
    begun = await unless_earlier(desk, act.act, asked.request_id, _proven, desk, asked, signing, show)
    if isinstance(begun, Receipt):
        return begun
    signing, attempt = begun
    fresh = {"command_id": f"{own}:{attempt}", "request_id": asked.request_id, "attempt_id": attempt}
    said = {"digest": signing.digest, "meaning": signing.meaning}
    try:
        return await start.ask(desk.client, command.model_copy(update=fresh | said))
    except Refusal as refusal:
        if refusal.code != start.PENDING.code:
            await run_in_threadpool(_attempt, desk, asked, signing, refusal.code)
        raise


def _proven(desk: Desk, asked: Asked, signing: Signing | None, show: Show) -> tuple[Signing, int]:
    if signing is None:
        raise rules.NEEDED()
    return signing, _prove(desk, asked, signing, show)


async def hand_over(desk: Desk, command: HandOver, signing: Signing | None) -> Receipt:
    """Give a subject another owner by a signature over whose it was and whose it is to be."""

    def show(session: Session) -> Shown:
        return handing.preview(session, command.subject, command.to, command.by.person_id)

    return await signed(desk, HAND_OVER, command.subject, command, f"owner:{command.subject}", signing, show)


def _prove(desk: Desk, asked: Asked, signing: Signing, show: Show) -> int:
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
