"""What people rely on stays as it was when they did, whoever changes it (DESIGN 2.4; ISO 13485 4.2.5, 8.2.6; 11.10(e)).

Attacked with a plain connection of the application's role, past all of our code.
"""

from decimal import Decimal
from typing import Any, LiteralString

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.inspection.rules.inspection import Limits, samples, verdict
from models.kernel.refusal import Refusal
from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal
from tests.support.often import often
from tests.whole.walls.forging import acting

NOW: LiteralString = "set constraints all immediate"
REASON: LiteralString = "select set_config('bw.reason', %(reason)s, true)"
INSPECTION: LiteralString = (
    "insert into inspection (inspection_no, lot_id, plan_id, stage, revision) select 'IQC-W', l.id, p.id, p.stage, 7"
    " from lot l, inspection_plan p where l.lot_no = %(lot)s and p.code = %(plan)s"
)
VALUES: LiteralString = (
    "insert into inspection_result (inspection_id, characteristic_id, sample_no, value, text_value, passed, recorded_by_id,"
    " equipment_id) select i.id, c.id, n, case c.kind when 'variable' then %(value)s::numeric end,"
    " case c.kind when 'variable' then %(value)s end, c.kind = 'variable' or %(passed)s, a.person_id, e.id"
    " from inspection i join characteristic c on c.plan_id = i.plan_id, generate_series(1, c.sample_size) n,"
    " account a, equipment e where i.inspection_no = 'IQC-W' and a.login = 'lin.jian' and e.equipment_no = 'G-17'"
)
DECIDE: LiteralString = (
    "update inspection set status = %(status)s, decided_at = now(), decided_by_id = (select person_id from account where login = 'lin.jian')"
    " where inspection_no = 'IQC-W'"
)
GOOD: dict[str, Any] = {"value": "12.00", "passed": True}


def opened(connection: psycopg.Connection) -> None:
    """An inspection of R-WAIT, in the name of who measures and decides."""
    ((first,),) = connection.execute("select person_id from account where login = 'lin.jian'").fetchall()
    acting(connection, first)
    connection.execute(INSPECTION, {"lot": "R-WAIT", "plan": "IQC-raw"})


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_a_verdict_is_that_of_its_values(psql: Psql, role: str) -> None:
    for values, status in ((GOOD, "accepted"), ({"value": "12.00", "passed": False}, "failed")):
        with psql.transaction(role) as connection:
            opened(connection)
            connection.execute(VALUES, values)
            wrong = {"accepted": "failed", "failed": "accepted"}[status]
            with refusal("BW177"), connection.transaction():
                connection.execute(DECIDE, {"status": wrong})
            connection.execute(DECIDE, {"status": status})


@pytest.mark.parametrize("status", ["accepted", "failed"])
def test_nothing_is_accepted_or_failed_without_values(psql: Psql, status: str) -> None:
    with psql.transaction() as connection, refusal("BW177"):
        opened(connection)
        connection.execute(DECIDE, {"status": status})
    with psql.transaction() as connection, refusal("BW177"):  # one sample lacks
        opened(connection)
        connection.execute(VALUES.replace("(1, c.sample_size)", "(2, c.sample_size)"), GOOD)
        connection.execute(DECIDE, {"status": "accepted"})
    born = INSPECTION.replace("revision)", "revision, status)").replace("7", "7, %(status)s")
    psql.refused("BW177", born, lot="R-WAIT", plan="IQC-raw", status=status)


def test_a_verdict_names_who_gave_it_and_now(psql: Psql) -> None:
    for wrong in (
        ("now()", "now() - interval '1 day'"),
        ("(select person_id from account where login = 'lin.jian')", "null"),
    ):
        with psql.transaction() as connection, refusal("BW177"):
            opened(connection)
            connection.execute(VALUES, GOOD)
            connection.execute(DECIDE.replace(*wrong), {"status": "accepted"})


def test_a_value_is_one_of_its_own_plan(psql: Psql) -> None:
    other = "(select x.id from characteristic x join inspection_plan p on p.id = x.plan_id where p.code = 'FQC-finished' and x.seq = 1)"
    with psql.transaction() as connection, refusal("BW177"):
        opened(connection)
        connection.execute(VALUES.replace("c.id, n,", f"{other}, n,").encode(), GOOD)


def test_a_value_comes_before_its_verdict(psql: Psql) -> None:
    with psql.transaction() as connection, refusal("BW040"):
        opened(connection)
        connection.execute(VALUES, GOOD)
        connection.execute(DECIDE, {"status": "accepted"})
        connection.execute(VALUES, GOOD)


@pytest.mark.parametrize(
    "change", ["lot_id = lot_id + 1", "stage = 'final'", "opened_at = now() - interval '1 year'", "plan_id = null"]
)
def test_an_inspection_stays_what_it_was_opened_for(psql: Psql, change: str) -> None:
    with psql.transaction() as connection:
        opened(connection)
        with refusal("BW177"):
            connection.execute(f"update inspection set {change} where inspection_no = 'IQC-W'".encode())  # noqa: S608 - ours


def test_a_batch_goes_on_only_by_its_newest_inspection(psql: Psql) -> None:
    back: LiteralString = "update lot set status = %(to)s where lot_no = 'B-NEW'"
    with psql.transaction() as connection:
        for status in ("in_process", "finished"):
            connection.execute(back, {"to": status})
        with connection.transaction(force_rollback=True):
            connection.execute(back, {"to": "inspected"})
        connection.execute(INSPECTION, {"lot": "B-NEW", "plan": "FQC-finished"})
        with refusal("BW177"):
            connection.execute(back, {"to": "inspected"})


SAMPLES = st.lists(st.tuples(st.integers(1, 2), st.integers(1, 3), st.booleans()), max_size=12)
PLANS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 1)), max_size=2)
MADE: LiteralString = (
    "with p as (insert into inspection_plan (code, title, stage) values ('V', 'V', 'final') returning id),"
    " i as (insert into inspection (inspection_no, lot_id, plan_id, stage, revision) select 'V', l.id, p.id, 'final', 99"
    " from lot l, p where l.lot_no = 'R-WAIT' returning id, plan_id) select id, plan_id from i"
)


@given(plan=PLANS, results=SAMPLES, pieces=st.sampled_from([1, 2, 10]))
@settings(max_examples=often(6, 600))
def test_the_database_and_the_rule_give_the_same_verdict(
    psql: Psql, plan: list[tuple[int, int]], results: list[Any], pieces: int
) -> None:
    sizes = [(samples(size, Decimal(pieces), "pcs"), accept) for size, accept in plan]
    limits = [
        Limits(n, "特性", "thing", "attribute", None, None, size, accept) for n, (size, accept) in enumerate(sizes, 1)
    ]
    results = [one for one in results if one[0] <= len(plan) and one[1] <= sizes[one[0] - 1][0]]
    known = {(seq, sample): passed for seq, sample, passed in results}
    try:
        right = verdict(limits, known, "X", "final")
    except Refusal:
        right = "open"
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("update lot set quantity = %s where lot_no = 'R-WAIT'", [pieces])
        made = connection.execute(MADE).fetchone()
        assert made is not None
        keys = {}
        for one in limits:
            row = connection.execute(
                "insert into characteristic (plan_id, seq, name_zh, name_en, kind, sample_size, accept)"
                " values (%s, %s, 'x', 'x', 'attribute', %s, %s) returning id",
                [made[1], one.seq, plan[one.seq - 1][0], one.accept],
            ).fetchone()
            assert row is not None
            keys[one.seq] = row[0]
        for seq, sample, passed in results:
            if seq in keys:
                connection.execute(
                    "insert into inspection_result (inspection_id, characteristic_id, sample_no, passed) values (%s, %s, %s, %s)",
                    [made[0], keys[seq], sample, passed],
                )
        assert connection.execute("select measured_verdict(%s, %s)", [made[0], made[1]]).fetchone() == (right,)


@pytest.mark.parametrize(
    "change",
    [
        "quantity = quantity + 1",
        "expires_on = '2039-01-01'",
        "expiry_precision = 'month'",
        "manufactured_on = '2020-01-01'",
        "supplier_id = null",
        "supplier_lot_no = 'OTHER'",
        "extra = '{\"a\": 1}'",
    ],
)
@pytest.mark.parametrize("lot", ["R-1", "B-OK"])
def test_what_a_batch_was_judged_by_stays(psql: Psql, lot: str, change: str) -> None:
    if lot == "B-OK" and change.startswith("supplier_id"):
        change = "supplier_id = (select min(id) from supplier)"
    if lot == "B-OK" and change.startswith("expiry_precision"):
        change = "expiry_precision = 'day'"  # its label says a month
    with psql.transaction() as connection, refusal("BW178"):
        connection.execute(REASON, {"reason": "found wrong"})
        connection.execute(f"update lot set {change} where lot_no = '{lot}'".encode())  # noqa: S608 - our own words


def test_before_its_inspection_a_batch_is_put_right_with_a_reason(psql: Psql) -> None:
    change: LiteralString = "update lot set expires_on = '2039-01-01' where lot_no = 'R-WAIT'"
    with psql.transaction() as connection:
        connection.execute(REASON, {"reason": ""})
        with refusal("BW178"), connection.transaction():
            connection.execute(change)
        connection.execute(REASON, {"reason": "typed wrong"})
        connection.execute(change)
        with refusal("BW178"):
            connection.execute("update lot set quantity = quantity + 1 where lot_no = 'R-WAIT'")


@pytest.mark.parametrize(
    "change", ["upper = 1000000", "sample_size = 1", "accept = 99", "kind = 'attribute'", "equipment_kind = null"]
)
def test_limits_that_were_inspected_by_stay(psql: Psql, change: str) -> None:
    of = "plan_id = (select id from inspection_plan where code = '{plan}') and kind = 'variable'"
    used = f"update characteristic set {change} where {of.format(plan='IQC-raw')}"  # noqa: S608 - our own words
    if change != "equipment_kind = null":
        psql.refused("BW182", used)
    psql.refused("BW182", "update inspection_plan set version = 9 where code = 'IQC-raw'")
    psql.refused("BW182", "update inspection_plan set item_kind = 'packaged' where code = 'IQC-raw'")


def test_nothing_is_added_to_a_plan_that_was_inspected_by(psql: Psql) -> None:
    more: LiteralString = (
        "insert into characteristic (plan_id, seq, name_zh, name_en, kind) select id, 9, 'x', 'x', 'attribute'"
        " from inspection_plan where code = %(plan)s"
    )
    psql.refused("BW182", more, plan="IQC-raw")
    psql.run(more, plan="FQC-packaged")


@pytest.mark.parametrize(
    "change",
    ["quantity = 1", "item_id = item_id + 1", "lot_id = null", "document_version = '9'", "extra = '{\"bill\": []}'"],
)
def test_an_order_stays_as_it_was_given(psql: Psql, change: str) -> None:
    psql.refused("BW182", f"update work_order set {change} where work_order_no = 'WO-B-NEW'")  # noqa: S608 - ours


@pytest.mark.parametrize(
    "change",
    ["mode = 'recall'", "opened_at = now() - interval '1 year'", "identifier = 'X'", "opened_by_id = null"],
)
def test_a_recall_stays_what_it_was_opened_for(psql: Psql, change: str) -> None:
    psql.refused("BW180", f"update recall set {change}")  # noqa: S608 - our own words


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
@pytest.mark.parametrize(
    ("run", "state"),
    [
        ("select 1", "BW180"),
        ("update process_run set status = 'completed', result = 'withdrawn' where recall_id is not null", "BW253"),
    ],
)
def test_a_recall_is_withdrawn_by_a_signed_decision_only(psql: Psql, run: str, state: str, role: str) -> None:
    with psql.transaction(role) as connection, refusal(state):
        connection.execute(run.encode())
        connection.execute("update recall set status = 'withdrawn', closed_at = now()")
        connection.execute(NOW)
