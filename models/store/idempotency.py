"""`Idempotency-Key`s: the first answer to a request is kept and given again (DESIGN 12).

One row per person and key.  The unique key decides which of two equal requests at the same instant does the work; the
other is told to ask again.  Only an answer that changed something is kept: a refusal changed nothing, so it frees the
key, and the person may correct the input and try again.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import Engine, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from models.store.act import Actor, act

ABANDONED = timedelta(minutes=2)  # longer than any request lives: who began it has died
FREE = ""

BEGIN = text(
    "insert into idempotency_key (person_id, token, request_digest) values (:person_id, :token, :digest)"
    # a free key, or one whose first request died half-way, is taken over by exactly one of those who try
    " on conflict (person_id, token) do update set request_digest = excluded.request_digest, at = now()"
    " where idempotency_key.status is null"
    " and (idempotency_key.request_digest = '' or idempotency_key.at < now() - cast(:abandoned as interval)"
    " and idempotency_key.request_digest = excluded.request_digest)"
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
    status: int = 0
    body: dict[str, Any] | None = None


def begin(engine: Engine, actor: Actor, person_id: int, token: str, digest: str) -> Claim:
    """Take the key for this request, or learn what became of it."""
    with act(engine, actor) as session:
        values = {"person_id": person_id, "token": token, "digest": digest, "abandoned": ABANDONED}
        mine = session.connection().execute(BEGIN, values).scalar_one_or_none()
        if mine is not None:
            return Claim("mine", mine)
        row = session.connection().execute(READ, {"person_id": person_id, "token": token}).one()
    if row.request_digest != digest:
        return Claim("other" if row.request_digest != FREE else "busy", row.id)
    if row.status is None:
        return Claim("busy", row.id)
    return Claim("done", row.id, row.status, row.body)


def finish(engine: Engine, actor: Actor, claim: Claim, status: int, body: dict[str, Any]) -> None:
    """Keep the answer."""
    with act(engine, actor) as session:
        session.connection().execute(FINISH, {"id": claim.id, "status": status, "body": body})


def release(engine: Engine, actor: Actor, claim: Claim) -> None:
    """Nothing was done: the key may be used again."""
    with act(engine, actor) as session:
        session.connection().execute(RELEASE, {"id": claim.id})
