"""What changes only together with the row that proves it: each statement once went through as the worker's role.

The attacker is a person of the plant with the password of the worker's role (DESIGN 2.4; 21 CFR 11.10(d), (e), (f)).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg
import pytest

from runtime.postgres import SUPERUSER, WORKER
from tests.support.fixtures.walls import Psql, refusal
from tests.whole.walls.forging import acting
from tests.whole.walls.test_left_open import SOMEBODY, attacker, told

LOT = "(select id from lot where lot_no = 'B-OK')"
RUNNING = "(select max(r.id) from process_run r join definition_version d on d.id = r.definition_id where d.key = 'release' and r.status = 'running')"
NOTICE = "(select max(id) from recall_notice where acknowledged_at is null)"
ANSWER: LiteralString = (
    "update recall_notice set status = 'acknowledged', acknowledged_at = now(), acknowledged_by = 'x', received = 0,"
    " on_hand = 0, used = 0, will_return = 0, passed_on = 0 where acknowledged_at is null"
)

ORDERS = (
    "update work_order set status = 'open', finished_at = null where work_order_no = 'WO-B-OK'",
    "update work_order set status = 'cancelled' where work_order_no = 'WO-B-OK'",
    "update work_order set produced = produced + 1 where work_order_no = 'WO-B-OK'",
    "update work_order set scrapped = 0, produced = 49 where work_order_no = 'WO-B-OK'",
    "update work_order set finished_at = now() - interval '1 year' where work_order_no = 'WO-B-OK'",
    "update work_order set extra = extra || '{\"cycle\": 7}' where work_order_no = 'WO-B-OK'",
    (
        "insert into work_order (work_order_no, item_id, lot_id, quantity, produced, status, finished_at)"
        " select 'WO-FORGED', item_id, id, 1, 1, 'finished', now() from lot where lot_no = 'B-OK'"
    ),
)


@pytest.mark.parametrize("statement", ORDERS)
def test_an_order_ends_and_begins_again_by_work_only(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW290"


def test_a_cancelled_order_is_not_revived(psql: Psql) -> None:
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("update work_order set status = 'cancelled' where work_order_no = 'WO-B-OK'")
        connection.execute("set local session_replication_role = origin")
        with refusal("BW290"):
            connection.execute("update work_order set status = 'open' where work_order_no = 'WO-B-OK'")


LOTS = (
    "update lot set status = 'closed' where lot_no = 'B-OK'",
    "update lot set status = 'rejected' where lot_no = 'B-OK'",
    "update lot set status = 'rejected' where lot_no = 'R-WAIT'",
    "update lot set status = 'in_process' where lot_no = 'B-NEW'",
)


@pytest.mark.parametrize("statement", LOTS)
def test_a_batch_goes_on_by_what_was_done_with_it(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW291"


FACTS = (
    f"insert into lot_fact (lot_id, fact, person_id) select {LOT}, 'lot.released', person_id from account where login = 'chen.pi'",  # noqa: S608 - ours
    f"insert into lot_fact (lot_id, fact, at) values ({LOT}, 'lot.released', now() - interval '1 day')",  # noqa: S608 - ours
    f"insert into lot_fact (lot_id, fact, at) values ({LOT}, 'lot.released', now() + interval '1 second')",  # noqa: S608 - ours
)


@pytest.mark.parametrize("statement", FACTS)
def test_what_happened_is_told_now_by_who_says_so(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW292"


SERIALS = (
    "update serial_unit set status = 'shipped'",
    "update serial_unit set status = 'scrapped'",
    "insert into serial_unit (serial_no, item_id, lot_id, status) select 'SN-FORGED', item_id, id, 'shipped' from lot where lot_no = 'B-OK'",
)


@pytest.mark.parametrize("statement", SERIALS)
def test_where_a_unit_is_follows_from_what_was_done_with_it(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW293"


STATES = (
    f"update process_run set state = '{{}}' where id = {RUNNING}",  # noqa: S608 - ours
    f"update process_run set state = jsonb_set(state, '{{open}}', '[]') where id = {RUNNING}",  # noqa: S608 - ours
    f'update process_run set state = jsonb_set(state, \'{{outcomes}}\', \'{{"review": "release", "approve": "release"}}\') where id = {RUNNING}',  # noqa: S608 - ours
    f'update process_run set state = state || \'{{"performers": {{}}, "outcomes": {{"review": "release"}}}}\' where id = {RUNNING}',  # noqa: S608 - ours
    f'update process_run set state = state || \'{{"result": "released"}}\' where id = {RUNNING}',  # noqa: S608 - ours
    f'update process_run set state = state || \'{{"definition": "x"}}\' where id = {RUNNING}',  # noqa: S608 - ours
    (
        'update process_run r set state = jsonb_set(state, \'{forms}\', \'{"review": {"remark": "forged"}}\')'
        " where exists (select from human_task t where t.run_id = r.id and t.stage = 'review' and t.status = 'done')"
        "   and r.status = 'running'"
    ),
)


@pytest.mark.parametrize("statement", STATES)
def test_a_process_remembers_what_its_people_did(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW294"


def test_a_task_is_not_cancelled_while_its_step_waits(psql: Psql) -> None:
    assert (
        told(psql, WORKER, "update human_task set status = 'cancelled', done_at = now() where status = 'open'")
        == "BW295"
    )


NOTICES = (
    f"update recall_notice set status = 'acknowledged', acknowledged_at = now() - interval '1 day', acknowledged_by = 'x', received = 0, on_hand = 0, used = 0, will_return = 0, passed_on = 0 where id = {NOTICE}",  # noqa: S608 - ours
    f"update recall_notice set status = 'acknowledged', acknowledged_at = now(), acknowledged_by = '', received = 0, on_hand = 0, used = 0, will_return = 0, passed_on = 0 where id = {NOTICE}",  # noqa: S608 - ours
    f"update recall_notice set status = 'acknowledged' where id = {NOTICE}",  # noqa: S608 - ours
    f"update recall_notice set sent_at = now() - interval '3 days', status = 'sent' where id = {NOTICE}",  # noqa: S608 - ours
    f"update recall_notice set reminders = 9, reminded_at = now() where id = {NOTICE}",  # noqa: S608 - ours
    f"update recall_notice set reminders = reminders + 1, reminded_at = now() - interval '3 days' where id = {NOTICE}",  # noqa: S608 - ours
)


BORN: LiteralString = (
    "insert into recall_notice (recall_id, customer_id, scope_version, link_expires_at, lines, shipped) select recall_id,"
    " (select id from customer where customer_no = 'C-WAITS'), scope_version, link_expires_at, lines, shipped from recall_notice limit 1"
)


@contextmanager
def waiting(psql: Psql, born: LiteralString = BORN) -> Iterator[psycopg.Connection]:
    """A notice that waits for its answer; that of the drill is answered, and the walls hold for the superuser too."""
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("insert into customer (customer_no, name) values ('C-WAITS', '等待')")
        connection.execute(born)
        connection.execute("set local session_replication_role = origin")
        yield connection


@pytest.mark.parametrize("statement", NOTICES)
def test_a_notice_is_answered_and_sent_as_it_happens(psql: Psql, statement: LiteralString) -> None:
    with waiting(psql) as connection:
        acting(connection, psql.plant.by(SOMEBODY).person_id)
        with refusal("BW296"):
            connection.execute(statement)


@pytest.mark.parametrize("actor", ["service:mail", "customer:C-1", ""])
def test_no_service_and_no_other_customer_answers_a_notice(psql: Psql, actor: str) -> None:
    with waiting(psql) as connection:
        connection.execute("select set_config('bw.actor_id', %s, true)", (actor,))
        with refusal("BW296"):
            connection.execute(ANSWER)


@pytest.mark.parametrize("actor", ["customer:C-WAITS", "person"])
def test_its_customer_answers_a_notice_or_who_writes_it_down(psql: Psql, actor: str) -> None:
    with waiting(psql) as connection:
        connection.execute("select set_config('bw.actor_id', %s, true)", (actor,))
        if actor == "person":
            acting(connection, psql.plant.by(SOMEBODY).person_id)
        assert connection.execute(ANSWER).rowcount == 1


UNSIGNED: LiteralString = "scope_version + 98, link_expires_at, lines, shipped from"
SENT: LiteralString = "scope_version, link_expires_at, lines, shipped, 'sent', now() from"


def test_a_notice_is_written_for_a_signed_scope_and_waits(psql: Psql) -> None:
    written: LiteralString = "scope_version, link_expires_at, lines, shipped from"
    for more, columns in ((UNSIGNED, "shipped)"), (SENT, "shipped, status, sent_at)")):
        with waiting(psql, "select 1") as connection, refusal("BW296"):
            connection.execute(BORN.replace(written, more).replace("shipped)", columns).encode())


CLOCKS = (
    "update recall_deadline set missed_at = now() - interval '1 day'",
    "update recall_deadline set warned_at = now() - interval '1 day'",
    "update recall_deadline set met_at = now() + interval '1 day'",
    "update recall_deadline set met_at = event_at - interval '1 day'",
    "update recall_deadline set run_id = (select min(id) from process_run)",
    (
        "insert into recall_deadline (recall_id, rule_key, rule_version, jurisdiction, clause, event, event_at, stop, due_at, zone, zh, en)"
        " select recall_id, 'forged', 1, jurisdiction, clause, event, event_at, stop, due_at, zone, zh, en from recall_deadline"
    ),
)


@pytest.mark.parametrize("statement", CLOCKS)
def test_a_moment_of_a_legal_clock_is_written_down_when_it_comes(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW297"


FOLLOWED = (
    (
        "insert into recall_sample (recall_id, scope_version, wave, level, share, seed, population, size)"
        " select recall_id, scope_version, 7, 'E', 0, 'forged', 0, 0 from recall_sample limit 1"
    ),
    (
        "insert into recall_sample (recall_id, scope_version, wave, level, share, seed, population, size)"
        " select recall_id, scope_version, 7, level, share, 'forged', 9, 9 from recall_sample limit 1"
    ),
    (
        "insert into recall_sample (recall_id, scope_version, wave, level, share, seed, population, size, drawn_by_id)"
        " select recall_id, scope_version, 7, level, share, 'forged', 0, 0, a.person_id from recall_sample, account a"
        "  where a.login = 'sun.zhao' limit 1"
    ),
    (
        "insert into recall_check_attempt (check_id, reached, channel, contacted_at, recorded_by_id)"
        " select k.id, false, 'telephone', now() + interval '1 day', a.person_id from recall_check k, account a where a.login = 'wu.jingli' limit 1"
    ),
    (
        "insert into recall_check_attempt (check_id, reached, channel, contacted_at, recorded_by_id)"
        " select k.id, false, 'telephone', now() - interval '9 years', a.person_id from recall_check k, account a where a.login = 'wu.jingli' limit 1"
    ),
    (
        "insert into recall_report (recall_id, kind, jurisdiction, filed_at, authority, reference, recorded_by_id)"
        " select r.id, 'summary', 'CN', now() + interval '1 day', 'x', 'y', a.person_id from recall r, account a where a.login = 'wu.jingli' limit 1"
    ),
    (
        "insert into recall_report (recall_id, kind, jurisdiction, filed_at, authority, reference, recorded_by_id)"
        " select r.id, 'summary', 'CN', now() - interval '9 years', 'x', 'y', a.person_id from recall r, account a where a.login = 'wu.jingli' limit 1"
    ),
)


@pytest.mark.parametrize("statement", FOLLOWED)
def test_what_follows_a_recall_is_drawn_asked_and_filed_as_it_was_decided(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW298"


def test_nobody_is_added_to_those_who_were_drawn(psql: Psql) -> None:
    with waiting(psql) as connection, refusal("BW298"):
        connection.execute(
            "insert into recall_check (sample_id, notice_id) select s.id, n.id from recall_sample s, recall_notice n"
            " where s.wave = 0 and n.acknowledged_at is null"
        )


def test_what_was_asked_and_filed_was_written_down_now(psql: Psql) -> None:
    """Whoever dates it back writes the time of the act all the same."""
    with attacker(psql, WORKER) as connection:
        cursor = connection.execute(
            "insert into recall_report (recall_id, kind, jurisdiction, filed_at, authority, reference, recorded_by_id, recorded_at)"
            " select r.id, 'summary', 'CN', now(), 'x', 'y', a.person_id, '1999-01-01' from recall r, account a"
            "  where a.login = 'wu.jingli' limit 1 returning recorded_at = now()"
        )
        assert cursor.fetchall() == [(True,)]


DELIVERED = (
    "update outbox set delivered_at = now() where delivered_at is null and given_up_at is null and fact <> 'lot.held'",
    "update outbox set delivered_at = now() - interval '1 day', attempts = attempts + 1 where delivered_at is null",
    "update outbox set attempts = 9",
)


@pytest.mark.parametrize("statement", DELIVERED)
def test_a_fact_arrives_now_by_a_try_that_is_counted(psql: Psql, statement: LiteralString) -> None:
    with attacker(psql, WORKER) as connection:
        connection.execute("insert into outbox (fact, payload) values ('lot.moved', '{}')")
        with refusal("BW299"):
            connection.execute(statement)


SAID = (
    "update recall set score = '{\"points\": 100}'",
    "update recall set hold_report = '{\"lots\": 0}'",
    "update recall set check_level = 'E', check_share = 0",
)


@pytest.mark.parametrize("statement", SAID)
def test_a_recall_says_of_itself_what_was_done_in_the_act(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW300"


LIST: LiteralString = (
    "insert into recall_naming (recall_id, notice_id, run_id, named_by, named_at, link, quantity, receivers)"
    " select recall_id, notice_id, run_id, 'x', now(), %s, quantity, receivers from recall_naming limit 1"
)


def test_the_link_of_a_notice_takes_twenty_lists_and_no_more(psql: Psql) -> None:
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        for _ in range(19):
            connection.execute(LIST, (True,))
        connection.execute("update recall_naming set outcome = 'cancelled', decided_at = now()")
        connection.execute("set local session_replication_role = origin")
        connection.execute(LIST, (True,))
        connection.execute("set local session_replication_role = replica")
        connection.execute("update recall_naming set outcome = 'cancelled', decided_at = now()")
        connection.execute("set local session_replication_role = origin")
        with connection.transaction(force_rollback=True), refusal("BW286"), connection.transaction():
            connection.execute(LIST, (True,))
        # somebody of ours writes down what they hear by telephone all the same
        assert connection.execute(LIST, (False,)).rowcount == 1


def test_the_furnishing_of_a_demonstration_ends_when_it_says_so(psql: Psql) -> None:
    """What is loaded by then is loaded; afterwards the demonstration's own service is bound as everybody is."""
    run: LiteralString = (
        "insert into operation_parameter (operation_run_id, name, value) select min(id), 'forged', 1 from operation_run"
    )
    with psql.transaction(WORKER) as connection:
        connection.execute(run)
        connection.execute("insert into applied (activity_key, receipt) values ('demo-company/ended', '{}')")
        with pytest.raises(psycopg.Error) as info:
            connection.execute(run)
        assert info.value.sqlstate == "BW251"
