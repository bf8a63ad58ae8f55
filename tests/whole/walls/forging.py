"""A signature forged by hand: an attempt with one set of facts, a signature with another."""

import hashlib
import json
from typing import Any, LiteralString

from runtime.postgres import APPLICATION
from tests.support.fixtures.walls import Psql

ATTEMPT = (
    "insert into signing_attempt (task_id, person_id, on_behalf_of_id, account_id, meaning, digest, statement,"
    " result) select t.id, %(person)s, %(behalf)s, a.id, %(meaning)s, %(digest)s, %(words)s, %(result)s from human_task t, account a"
    " where t.id = %(task)s and a.person_id = %(person)s limit 1 returning id"
)
SIGN = (
    "insert into signature (attempt_id, task_id, run_id, lot_id, subject, person_id, on_behalf_of_id, printed_name,"
    " meaning, outcome, digest, statement, zone) select %(attempt)s, t.id, t.run_id, t.lot_id, 'release', %(person)s,"
    " %(behalf)s, (select p.name from person p where p.id = %(person)s), %(meaning)s, 'release', %(digest)s, %(words)s, 'Asia/Shanghai' from human_task t where t.id = %(task)s"
)


ACTING = (
    "select set_config('bw.actor_id', p.public_id::text, true), set_config('bw.actor_name', p.name, true), p.name"
    " from person p where p.id = %(person)s"
)
KEEP = "insert into signed_record (digest, canonical) values (%s, %s) on conflict do nothing"


def acting(connection: Any, person: int) -> str:
    """What follows is written in that person's name; answers the name."""
    ((_, _, name),) = connection.execute(ACTING, {"person": person}).fetchall()
    return str(name)


def kept(connection: Any, **said: str) -> str:
    """A statement in the record; answers its digest."""
    words = json.dumps(said)
    sha = hashlib.sha256(words.encode()).hexdigest()
    connection.execute(KEEP, (sha, words))
    return sha


def approval(psql: Psql) -> dict[str, Any]:
    """What a forger of the second signature on B-SEEN needs to know."""
    task = psql.plant.task("B-SEEN", "approve")
    digest = psql.plant.scalar("select digest from signature where run_id = :run", run=task.run_id)
    return {
        "task": task.id,
        "digest": digest,
        "person": psql.plant.by("chen.pi").person_id,
        "behalf": None,
        "meaning": "approved",
        "result": "accepted",
    }


def forge(
    psql: Psql,
    *,
    role: str = APPLICATION,
    before: LiteralString = "select 1",
    said: dict[str, Any] | None = None,
    **tried: Any,
) -> None:
    """Attempt with one set of facts (`tried`), sign with another (`said`)."""
    facts = approval(psql)
    with psql.transaction(role) as connection:
        connection.execute(before.encode())
        wanted = {**facts, **tried}
        signing = {**facts, **(said or {})}
        name = acting(connection, wanted["person"])
        facts["words"] = kept(connection, record=wanted["digest"], meaning=wanted["meaning"], signer=name)
        ((attempt,),) = connection.execute(ATTEMPT, {**facts, **tried}).fetchall()
        acting(connection, signing["person"])
        connection.execute(SIGN, {**facts, "attempt": attempt, **(said or {})})
