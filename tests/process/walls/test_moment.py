"""Nobody is told early that something is late, whoever writes: what the clock does is done when its moment has come.

The attacker is a person of the plant with the password of the worker's role (21 CFR 11.10(e), (f); STANDARDS T 58-65).
"""

from datetime import timedelta

import pytest

from runtime.postgres import SUPERUSER, WORKER
from tests.support.fixtures.walls import Psql, refusal
from tests.support.plant.aging import aged
from tests.whole.walls.forging import acting
from tests.whole.walls.test_left_open import SOMEBODY, told

EARLY = (
    "update human_task set escalation_level = 1, escalated_to = 'quality_manager' where status = 'open' and stage = 'inspect'",
    "update human_task set escalation_level = 2, escalated_to = 'management' where status = 'open' and stage = 'inspect'",
    "update human_task set escalation_level = 9, escalated_to = 'quality_manager' where status = 'open'",
    "update human_task set escalated_to = 'operator' where status = 'open'",
)


@pytest.mark.parametrize("statement", EARLY)
def test_nobody_is_told_early_that_something_is_late(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW325"


RUNS = "update recall_deadline set met_at = null, warned_at = null, missed_at = null, event_at = now() - interval '{gone}', due_at = now() + interval '{left}'"
NEAR, MISSED = (
    "update recall_deadline set warned_at = now()",
    "update recall_deadline set warned_at = now(), missed_at = now()",
)
CLOCKS = (
    ("1 hour", "9 days", NEAR, "BW325"),
    ("7 days 23 hours", "1 day 1 hour", NEAR, None),  # after three quarters
    ("14 hours", "10 hours", NEAR, "BW325"),
    ("19 hours", "5 hours", NEAR, None),
    ("20 hours", "23 hours 59 minutes", NEAR, None),  # a day before its end
    ("1 day", "1 minute", MISSED, "BW325"),
    ("1 day", "0 minutes", MISSED, None),
)


@pytest.mark.parametrize(("gone", "left", "statement", "state"), CLOCKS)
def test_a_legal_clock_is_near_or_missed_when_it_is(
    psql: Psql, gone: str, left: str, statement: str, state: str | None
) -> None:
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute(RUNS.format(gone=gone, left=left).encode())
        connection.execute("set local session_replication_role = origin")
        acting(connection, psql.plant.by(SOMEBODY).person_id)
        if state is None:
            connection.execute(statement.encode())
            return
        with refusal(state):
            connection.execute(statement.encode())


def test_when_the_moment_has_come_it_may_be_told(psql: Psql) -> None:
    run = "inspection/R-WAIT/1"
    said = "update human_task set escalation_level = 1, escalated_to = '{to}' from process_run r where r.id = run_id and r.workflow_id = '{run}' and human_task.status = 'open'"
    aged(psql.plant.engine, run, timedelta(days=2))
    assert told(psql, WORKER, said.format(to="operator", run=run)) == "BW325"
    assert told(psql, WORKER, said.format(to="quality_manager", run=run)) is None
    aged(psql.plant.engine, run, timedelta(days=-2))
