"""Nobody writes afterwards, or by hand, that something became true or what it caused (DESIGN 2.4, 6a)."""

import pytest

from runtime.postgres import APPLICATION, OWNER, SUPERUSER, WORKER
from tests.support.fixtures.walls import Psql, refusal

TOLD = """
insert into fact (name, subject_id, happened_at, recorded_at)
select 'lot.released', min(id), now() + interval '{ahead}', now() - interval '{late}' from subject where kind = 'lot'
returning id
"""
SHIPPED = """
alter table definition_version disable trigger user;
update definition_version set status = 'superseded' where key = 'release';
insert into definition_version (key, version, digest, body, status)
select key, 99, repeat('a', 64), jsonb_set(body::jsonb, '{triggers}', '[{"fact": "lot.released", "process": "release"}]')::text, 'effective'
  from definition_version where key = 'release' order by version limit 1
"""
CAUSED = """
insert into cause (fact_id, definition_id, trigger, code, because_zh, because_en, run_id)
select %(fact)s, id, %(trigger)s, %(code)s, '因', 'because', %(run)s from definition_version where key = %(key)s and status = 'effective'
"""
LIFE = """
select r.id from process_run r join fact f on f.subject_id = r.subject_id
 where f.id = %s and r.workflow_id like 'lot/%%'
"""
BY_A_WAIT = """
insert into cause (fact_id, definition_id, stage, code, because_zh, because_en, run_id)
select %s, r.definition_id, 'wait', 'moved', '因', 'because', r.id from process_run r
 where r.subject_id {same} (select subject_id from fact order by id desc limit 1) limit 1
"""


def told(psql_connection: object, ahead: str = "0", late: str = "0") -> int:
    """A fact, by hand."""
    row = psql_connection.execute(TOLD.format(ahead=ahead, late=late)).fetchone()  # type: ignore[attr-defined]
    return int(row[0])


@pytest.mark.parametrize(("ahead", "late"), [("1 minute", "0"), ("0", "1 day"), ("0", "-1 day")])
@pytest.mark.parametrize("role", [APPLICATION, WORKER, OWNER])
def test_a_fact_is_recorded_when_it_is_told(psql: Psql, role: str, ahead: str, late: str) -> None:
    psql.refused("BW356", TOLD.format(ahead=ahead, late=late), role)


def test_what_a_fact_caused_is_said_when_it_is_told(psql: Psql) -> None:
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("alter table fact disable trigger fact_wall")
        old = told(connection, "-2 days", "1 day")
        connection.execute(SHIPPED)
        with refusal("BW357"):
            connection.execute(CAUSED, {"fact": old, "trigger": 0, "code": "not_so", "key": "release", "run": None})


@pytest.mark.parametrize(("key", "trigger"), [("release", 1), ("recall", 0)])
def test_only_a_trigger_that_names_the_fact_says_what_it_caused(psql: Psql, key: str, trigger: int) -> None:
    with psql.transaction(SUPERUSER) as connection:
        fact = told(connection)
        connection.execute(SHIPPED)
        connection.execute(CAUSED, {"fact": fact, "trigger": 0, "code": "not_so", "key": "release", "run": None})
        with refusal("BW358"):
            connection.execute(CAUSED, {"fact": fact, "trigger": trigger, "code": "not_so", "key": key, "run": None})


def test_a_trigger_says_it_once(psql: Psql) -> None:
    with psql.transaction(SUPERUSER) as connection:
        fact = told(connection)
        connection.execute(SHIPPED)
        said = {"fact": fact, "trigger": 0, "code": "not_so", "key": "release", "run": None}
        connection.execute(CAUSED, said)
        with refusal("23505"):
            connection.execute(CAUSED, said)


@pytest.mark.parametrize("code", ["begun", "joined"])
def test_a_run_that_it_did_not_begin_is_none_that_it_caused(psql: Psql, code: str) -> None:
    """A run of another process on the same batch, begun long ago."""
    with psql.transaction(SUPERUSER) as connection:
        fact = told(connection)
        connection.execute(SHIPPED)
        [run] = connection.execute(LIFE, [fact]).fetchone() or [0]
        with refusal("BW359"):
            connection.execute(CAUSED, {"fact": fact, "trigger": 0, "code": code, "key": "release", "run": run})


AGAIN = SHIPPED.replace('"process": "release"', '"process": "batch-lifecycle"')
BEGUN_NOW = """
alter table process_run disable trigger user;
update process_run set started_at = now() where id = %s
"""


def test_a_run_of_before_is_none_that_it_began(psql: Psql) -> None:
    """Of the right process and about the same batch: it may have taken the fact up; it was begun only where it began in this act."""
    with psql.transaction(SUPERUSER) as connection:
        fact = told(connection)
        connection.execute(AGAIN)
        [run] = connection.execute(LIFE, [fact]).fetchone() or [0]
        said = {"fact": fact, "trigger": 0, "key": "release", "run": run}
        with refusal("BW359"), connection.transaction():
            connection.execute(CAUSED, {**said, "code": "begun"})
        with connection.transaction(force_rollback=True):
            connection.execute(CAUSED, {**said, "code": "joined"})
        for statement in BEGUN_NOW.strip().split(";"):
            connection.execute(statement, [run] if "%s" in statement else [])
        connection.execute(CAUSED, {**said, "code": "begun"})


def test_it_moves_only_what_waits_for_it(psql: Psql) -> None:
    with psql.transaction() as connection:
        fact = told(connection)
        connection.execute(BY_A_WAIT.format(same="="), [fact])
        with refusal("BW359"):
            connection.execute(BY_A_WAIT.format(same="<>"), [fact])
