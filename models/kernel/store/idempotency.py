"""`Idempotency-Key`s: the first answer to a request is kept and given again (DESIGN 12).

One row per person and key.  Whoever works on a request holds a lock of its process (`models.kernel.store.underway`): it decides
which of two equal requests at the same instant does the work, the other is told to ask again; and when the process dies
the next who asks takes over at once.  Only an answer that changed something is kept: a refusal changed nothing, so it
frees the key, and the person may correct the input and try again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from models.kernel.store.act import Actor, act
from models.kernel.store.underway import Underway, number_of

FREE = ""

BEGIN = text(
    "insert into idempotency_key (person_id, token, request_digest) values (:person_id, :token, :digest)"
    # we hold the lock, so a free key, or one whose first request died half-way, is ours
    " on conflict (person_id, token) do update set request_digest = excluded.request_digest, at = now()"
    " where idempotency_key.status is null and idempotency_key.request_digest in ('', excluded.request_digest)"
    " returning id"
)
READ = text(
    "select id, request_digest, status, body from idempotency_key where person_id = :person_id and token = :token"
)
FINISH = text("update idempotency_key set status = :status, body = :body where id = :id").bindparams(
    bindparam("body", type_=JSONB)
)
RELEASE = text("update idempotency_key set request_digest = '' where id = :id and status is null")


@dataclass(frozen=True)
class Claim:
    """`mine`: do the work; `done`: here is the answer; `busy`: somebody is at it; `other`: not the same request."""

    state: Literal["mine", "done", "busy", "other"]
    id: int = 0
    number: int = 0
    status: int = 0
    body: dict[str, Any] | None = None


def begin(underway: Underway, actor: Actor, person_id: int, token: str, digest: str) -> Claim:
    """Take the key for this request, or learn what became of it.  A claim that is `mine` is settled in the end."""
    number = number_of("idempotency", str(person_id), token)
    mine = underway.take(number)
    claim = Claim("busy")
    try:
        claim = _claimed(
            underway, actor, {"person_id": person_id, "token": token, "digest": digest}, number if mine else None
        )
    finally:
        # also when the record broke off under the commit: a lock that nobody gives back would keep the key for ever
        if mine and claim.state != "mine":
            underway.give_back(number)
    return claim


def _claimed(underway: Underway, actor: Actor, values: dict[str, Any], number: int | None) -> Claim:
    """What the record says of the key, and with its lock in hand (`number`) that it is ours now."""
    with act(underway.engine, actor) as session:
        if number is not None:
            taken = session.connection().execute(BEGIN, values).scalar_one_or_none()
            if taken is not None:
                return Claim("mine", taken, number)
        row = session.connection().execute(READ, values).one_or_none()
    if row is None or row.request_digest == FREE:
        return Claim("busy")
    if row.request_digest != values["digest"]:
        return Claim("other")
    return Claim("busy") if row.status is None else Claim("done", row.id, status=row.status, body=row.body)


def finish(underway: Underway, actor: Actor, claim: Claim, status: int, body: dict[str, Any]) -> None:
    """Keep the answer."""
    with _settled(underway, claim), act(underway.engine, actor) as session:
        session.connection().execute(FINISH, {"id": claim.id, "status": status, "body": body})


def release(underway: Underway, actor: Actor, claim: Claim) -> None:
    """Nothing was done: the key may be used again."""
    with _settled(underway, claim), act(underway.engine, actor) as session:
        session.connection().execute(RELEASE, {"id": claim.id})


def leave(underway: Underway, claim: Claim) -> None:
    """Nobody knows yet what became of it: under this key only the same request may ask again."""
    underway.give_back(claim.number)


@contextmanager
def _settled(underway: Underway, claim: Claim) -> Iterator[None]:
    """Afterwards nobody works on the request, whether the record could be told or not."""
    try:
        yield
    finally:
        underway.give_back(claim.number)
