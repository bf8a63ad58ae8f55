"""A signature forged by hand: an attempt with one set of facts, a signature with another."""

import hashlib
import json
from typing import Any, LiteralString

from runtime.postgres import APPLICATION
from tests.compliance.conftest import Psql

ATTEMPT = (
    "insert into signing_attempt (task_id, person_id, on_behalf_of_id, account_id, meaning, digest, statement,"
    " result) select t.id, %(person)s, %(behalf)s, a.id, %(meaning)s, %(digest)s, %(words)s, %(result)s from human_task t, account a"
    " where t.id = %(task)s and a.person_id = %(person)s limit 1 returning id"
)
SIGN = (
    "insert into signature (attempt_id, task_id, run_id, lot_id, subject, person_id, on_behalf_of_id, printed_name,"
    " meaning, outcome, digest, statement, zone) select %(attempt)s, t.id, t.run_id, t.lot_id, 'release', %(person)s,"
    " %(behalf)s, '某人', %(meaning)s, 'release', %(digest)s, %(words)s, 'Asia/Shanghai' from human_task t where t.id = %(task)s"
)


KEEP = "insert into signed_record (digest, canonical) values (%s, %s) on conflict do nothing"


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
        facts["words"] = kept(connection, record=wanted["digest"], meaning=wanted["meaning"], signer="某人")
        ((attempt,),) = connection.execute(ATTEMPT, {**facts, **tried}).fetchall()
        connection.execute(SIGN, {**facts, "attempt": attempt, **(said or {})})
