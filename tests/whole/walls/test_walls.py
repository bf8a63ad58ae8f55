"""The database refuses what must never happen, whoever asks: here with a plain connection, past all of our code.

DESIGN 2.4 and 10; ISO 13485 8.2.6, 8.3.1; 21 CFR 11.10(e), 11.70.  Each refusal leaves every table as it was.
"""

import re
from typing import Any

import pytest

from models.lot.rules.lot import TRANSITIONS, LotStatus
from models.migrations.rights import APPEND_ONLY, AUDITED, DELETABLE, READ_ONLY, UNAUDITED
from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal
from tests.support.house.proves import proves
from tests.support.plant.plant import Plant
from tests.support.record import TABLES
from tests.whole.walls.forging import ATTEMPT, SIGN, acting, approval, forge, kept

NO_RIGHT = "42501"
UNIQUE = "23505"
FOREIGN_KEY = "23503"
MOVE = (
    "insert into stock_movement (lot_id, kind, from_location_id, quantity)"
    " select s.lot_id, %(kind)s, s.location_id, %(quantity)s from stock s join lot l on l.id = s.lot_id"
    " where l.lot_no = %(lot)s order by s.quantity desc limit 1"
)
HOLD = (
    "insert into hold (lot_id, reason, placed_by_id) select l.id, 'test', p.id from lot l, person p"
    " where l.lot_no = 'B-OK' limit 1"
)
RELEASE = "update lot set status = 'released' where lot_no = %(lot)s"

# Release ----------------------------------------------------------------------------------------------------------


def test_no_batch_is_released_without_signatures(psql: Psql) -> None:
    assert "two different people" in psql.refused("BW015", RELEASE, lot="B-NEW")


def test_no_batch_is_released_by_one_signature(psql: Psql) -> None:
    psql.refused("BW015", RELEASE, lot="B-SEEN")


@proves("R27")
def test_no_material_is_released_without_a_signed_inspection(psql: Psql) -> None:
    psql.refused("BW014", RELEASE, lot="R-WAIT")
    psql.refused("BW014", RELEASE, lot="R-FAIL")


def test_not_even_the_owner_or_the_superuser_releases_by_hand(psql: Psql) -> None:
    psql.refused("BW015", RELEASE, OWNER, lot="B-NEW")
    psql.refused("BW015", RELEASE, SUPERUSER, lot="B-NEW")


@pytest.mark.parametrize("status", [one.value for one in LotStatus])
def test_a_batch_begins_at_its_beginning(psql: Psql, status: str) -> None:
    insert = (
        "insert into lot (lot_no, item_id, kind, status, quantity{more}) select %(lot)s, id, 'raw', %(status)s, 1{value}"
        " from item limit 1"
    )
    given: dict[str, Any] = {"lot": f"NEW-{status}", "status": status}
    if status in {"received", "in_process", "finished"}:
        psql.run(insert.format(more="", value=""), **given)
        return
    psql.refused("BW010", insert.format(more="", value=""), **given)
    # "migrated" without the source row that says so is no better
    psql.refused("BW010", insert.format(more=", origin", value=", 'migrated'"), **given)


def test_the_ways_between_states_are_those_of_the_rules(psql: Psql) -> None:
    """Both lists are written by hand; this compares them, word by word."""
    ((source,),) = psql.run("select prosrc from pg_proc where proname = 'lot_wall'")
    listed = source[source.index("(old.status, new.status) in (") : source.index("using errcode = 'BW012'")]
    pairs = set(re.findall(r"\('(\w+)', '(\w+)'\)", listed))
    assert pairs == {(old.value, new.value) for old, new in TRANSITIONS}


@pytest.mark.parametrize(
    ("lot", "status"),
    [("B-NEW", "finished"), ("R-1", "received"), ("B-OK", "packed"), ("R-WAIT", "closed"), ("R-WAIT", "in_process")],
)
def test_a_batch_takes_no_other_way(psql: Psql, lot: str, status: str) -> None:
    psql.refused("BW012", "update lot set status = %(status)s where lot_no = %(lot)s", lot=lot, status=status)


@pytest.mark.parametrize(
    "change",
    ["lot_no = 'X'", "item_id = item_id + 1", "kind = 'raw'", "origin = 'migrated'", "public_id = uuidv7()"],
)
def test_a_batch_stays_itself(psql: Psql, change: str) -> None:
    psql.refused("BW011", f"update lot set {change} where lot_no = 'B-NEW'")  # noqa: S608 - our own words


def test_keys_are_fixed(psql: Psql) -> None:
    psql.refused("BW002", "update lot set id = id + 1000 where lot_no = 'B-NEW'")


# Stock ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ship", "consume"])
def test_what_is_not_released_does_not_leave(psql: Psql, kind: str) -> None:
    psql.refused("BW030", MOVE, kind=kind, quantity=1, lot="B-NEW")


@pytest.mark.parametrize("kind", ["ship", "consume"])
def test_what_is_held_does_not_leave(psql: Psql, kind: str) -> None:
    with psql.transaction() as connection, refusal("BW031"):
        connection.execute(HOLD)
        connection.execute(MOVE, {"kind": kind, "quantity": 1, "lot": "B-OK"})


def test_a_hold_waits_for_a_movement_under_way_and_a_movement_for_a_hold(psql: Psql) -> None:
    """Whoever comes second sees the first: either the goods had left before the hold, or they don't leave."""
    one = {"kind": "ship", "quantity": 1, "lot": "B-OK"}
    for first, second in ((MOVE, HOLD), (HOLD, MOVE)):
        with psql.transaction() as early, psql.transaction() as late:
            early.execute(first, one)
            late.execute("set local lock_timeout = '200ms'")
            with refusal("55P03"):
                late.execute(second, one)
    # two movements don't wait for each other's lot, only for the same place
    with psql.transaction() as early, psql.transaction() as late:
        early.execute(MOVE, one)
        late.execute("set local lock_timeout = '200ms'")
        late.execute("select 1 from lot where lot_no = 'B-OK' for share")


def test_what_has_expired_does_not_leave(psql: Psql) -> None:
    one = {"kind": "ship", "quantity": 1, "lot": "B-OK"}
    down, up = (f"set local session_replication_role = {role};" for role in ("replica", "origin"))
    today = "(now() at time zone 'Asia/Shanghai')::date"
    expire = (
        f"{down} update lot set expires_on = {today}{{shift}}, expiry_precision = '{{precision}}'"  # noqa: S608 - ours
        f" where lot_no = 'B-OK'; {up}"
    )
    with psql.transaction(SUPERUSER) as connection, refusal("BW032"):
        connection.execute(expire.format(shift=" - 1", precision="day"))
        connection.execute(MOVE, one)
    with psql.transaction(SUPERUSER) as connection, refusal("BW032"):
        connection.execute(expire.format(shift=" - interval '1 month'", precision="month"))
        connection.execute(MOVE, one)
    # the last day is a good day, and a month ends with its last day
    for shift, precision in (("", "day"), (f" - extract(day from {today})::int + 1", "month")):
        with psql.transaction(SUPERUSER) as connection:
            connection.execute(expire.format(shift=shift, precision=precision))
            connection.execute(MOVE, one)


def test_no_more_leaves_than_is_there(psql: Psql) -> None:
    psql.refused("BW033", MOVE, kind="ship", quantity=41, lot="B-OK")
    psql.refused("BW033", MOVE, kind="scrap", quantity=1001, lot="R-1")


@pytest.mark.parametrize(("quantity", "state"), [("0", "23514"), ("-1", "23514"), ("NaN", "BW140")])
def test_a_movement_moves_something(psql: Psql, quantity: str, state: str) -> None:
    psql.refused(state, MOVE, kind="ship", quantity=quantity, lot="B-OK")


def test_a_movement_goes_the_right_way(psql: Psql) -> None:
    arrive = (
        "insert into stock_movement (lot_id, kind, to_location_id, quantity) select l.id, %(kind)s, p.id, 5"
        " from lot l, location p where l.lot_no = 'B-OK' limit 1"
    )
    for kind in ("ship", "consume", "scrap", "sample", "move"):
        psql.refused("BW034", arrive, kind=kind)
    for kind in ("receive", "produce", "return"):
        psql.refused("BW034", MOVE, kind=kind, quantity=1, lot="B-OK")


@pytest.mark.parametrize(
    "statement",
    [
        "insert into stock (lot_id, location_id, quantity) select l.id, p.id, 99 from lot l, location p limit 1",
        "update stock set quantity = quantity + 1",
        "delete from stock",
        "truncate stock",
    ],
)
def test_nobody_writes_balances(psql: Psql, statement: str) -> None:
    psql.refused(NO_RIGHT, statement)


def test_a_balance_is_never_negative_not_even_by_the_superuser(psql: Psql) -> None:
    psql.refused("23514", "update stock set quantity = -1", SUPERUSER)


# Signatures -------------------------------------------------------------------------------------------------------


def test_a_signature_with_its_attempt_is_taken(psql: Psql) -> None:
    """The control: what the forgeries below get wrong is the one thing that they change."""
    forge(psql)


@pytest.mark.parametrize(
    ("tried", "said"),
    [
        ({"result": "wrong_password"}, {}),
        ({"person": "wu.jingli"}, {}),
        ({}, {"person": "wu.jingli"}),
        ({}, {"behalf": "wu.jingli"}),
        ({"behalf": "wu.jingli"}, {}),
        ({"digest": "0" * 64}, {}),
        ({"meaning": "reviewed"}, {}),
        ({"task": "B-NEW"}, {}),
        ({}, {"attempt": 10**9}),
    ],
)
def test_a_signature_needs_an_attempt_of_its_own(psql: Psql, tried: dict[str, Any], said: dict[str, Any]) -> None:
    def known(facts: dict[str, Any]) -> dict[str, Any]:
        people: dict[str, Any] = {
            key: psql.plant.by(facts[key]).person_id for key in ("person", "behalf") if key in facts
        }
        tasks = {"task": psql.plant.task(facts["task"], "review").id} if "task" in facts else {}
        return {**facts, **people, **tasks}

    with refusal("BW020"):
        forge(psql, said=known(said), **known(tried))


def test_a_signature_is_over_a_record_that_is_kept(psql: Psql) -> None:
    with refusal("BW022"):
        forge(psql, said={"digest": "0" * 64}, digest="0" * 64)


@proves("R37")
def test_an_attempt_signs_once(psql: Psql) -> None:
    facts = approval(psql)
    with psql.transaction() as connection:
        name = acting(connection, facts["person"])
        facts["words"] = kept(connection, record=facts["digest"], meaning=facts["meaning"], signer=name)
        ((attempt,),) = connection.execute(ATTEMPT.encode(), facts).fetchall()
        connection.execute(SIGN.encode(), {**facts, "attempt": attempt})
        with refusal(UNIQUE):
            connection.execute(SIGN.encode(), {**facts, "attempt": attempt})


@proves("R35")
def test_one_person_signs_a_release_once(psql: Psql) -> None:
    zhou = psql.plant.by("zhou.shen").person_id
    with refusal("BW023"):
        forge(psql, said={"person": zhou}, person=zhou)


def test_nobody_signs_in_the_stead_of_who_has_signed(psql: Psql) -> None:
    people: dict[str, Any] = {
        "person": psql.plant.by("sun.zhao").person_id,
        "behalf": psql.plant.by("zhou.shen").person_id,
    }
    with refusal("BW023"):
        forge(psql, said=people, **people)


@pytest.mark.parametrize("result", ["accepted", "wrong_password"])
@pytest.mark.parametrize("shift", ["-1 day", "1 day"])
def test_an_attempt_cannot_be_dated_back_or_ahead(psql: Psql, shift: str, result: str) -> None:
    facts = {**approval(psql), "shift": shift, "words": None, "result": result}
    dated = ATTEMPT.replace("(task_id,", "(at, task_id,").replace(
        "select t.id", "select now() + %(shift)s::interval, t.id"
    )
    with psql.transaction() as connection:
        acting(connection, facts["person"])
        row = connection.execute(dated.replace("returning id", "returning at = now()").encode(), facts).fetchone()
        assert row == (True,)


def test_an_old_attempt_signs_nothing(psql: Psql) -> None:
    """Only the superuser can make one, by switching off the trigger that dates attempts."""
    old = (
        "alter table signing_attempt disable trigger attempt_now;"
        " alter table signing_attempt alter column at set default now() - interval '16 minutes'"
    )
    with refusal("BW021"):
        forge(psql, role=SUPERUSER, before=old)


# What is written stays written -------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_is_append_only_is_never_changed(psql: Psql, table: str) -> None:
    for statement in (f"update {table} set id = id", f"delete from {table}", f"truncate {table} cascade"):  # noqa: S608
        psql.refused(NO_RIGHT, statement)
        psql.refused("BW002", statement, OWNER)
        psql.refused("BW002", statement, SUPERUSER)


def test_the_trail_is_written_by_triggers_only(psql: Psql) -> None:
    psql.refused(
        NO_RIGHT,
        "insert into audit_event (at, actor_id, actor_name, source, transaction, table_name, row_id, operation)"
        " values (now(), 'a', 'a', 'a', 1, 'lot', 1, 'insert')",
    )


@pytest.mark.parametrize("table", sorted(set(AUDITED) - {"role_grant", *DELETABLE}))
def test_business_rows_are_not_deleted(psql: Psql, table: str) -> None:
    psql.refused(NO_RIGHT, f"delete from {table}")  # noqa: S608 - names of our own tables
    psql.refused(NO_RIGHT, f"truncate {table} cascade")


@proves("R30")
def test_a_verdict_is_not_reversed(psql: Psql) -> None:
    psql.refused("BW040", "update inspection set status = 'accepted' where status = 'failed'")
    psql.refused("BW040", "update inspection set status = 'open' where status = 'accepted'")


def test_a_closed_task_stays_as_it_is(psql: Psql) -> None:
    psql.refused("BW041", "update human_task set outcome = 'other' where status = 'done'")
    psql.refused("BW041", "update human_task set status = 'open' where status = 'done'")


HOLD_ON = (
    "insert into hold (lot_id, reason, placed_by_id, recall_id, cause)"
    " select coalesce(%(lot)s, l.id), 'test', coalesce(%(person)s, p.id), %(recall)s::bigint,"
    " case when %(recall)s::bigint is null then 'manual' else 'recall' end from lot l, person p limit 1"
)


@pytest.mark.parametrize("nowhere", ["lot", "person", "recall"])
def test_a_hold_refers_to_what_there_is(psql: Psql, nowhere: str) -> None:
    given: dict[str, Any] = {"lot": None, "person": None, "recall": None}
    psql.run(HOLD_ON, **given)
    for role in (APPLICATION, OWNER, SUPERUSER):
        psql.refused(FOREIGN_KEY, HOLD_ON, role, **{**given, nowhere: 0})


@pytest.mark.parametrize("table", ["lot", "person", "recall"])
def test_what_a_hold_refers_to_stays(psql: Psql, table: str) -> None:
    """A hold's references are checked once for a statement, by triggers of ours; so this side is ours to keep, too."""
    for role in (OWNER, SUPERUSER):
        psql.refused("BW002", f"delete from {table}", role)  # noqa: S608 - names of our own tables
        psql.refused("BW002", f"update {table} set id = -id", role)  # noqa: S608 - names of our own tables


def test_a_hold_is_lifted_once_and_otherwise_unchanged(psql: Psql) -> None:
    psql.refused("BW035", "update hold set lifted_at = null, lifted_by_id = null")
    psql.refused("BW035", "update hold set reason = 'other'")
    psql.refused("BW035", "update hold set recall_id = 0")


@pytest.mark.parametrize("change", ["body = body || ' '", "digest = 'x'", "version = version + 1", "key = 'other'"])
def test_an_effective_definition_never_changes(psql: Psql, change: str) -> None:
    psql.refused("BW042", f"update definition_version set {change} where key = 'release'")  # noqa: S608 - our words


# Nobody gets round it ----------------------------------------------------------------------------------------------


@proves("A 4")
@pytest.mark.parametrize(
    "statement",
    [
        "alter table lot disable trigger lot_wall",
        "alter table lot disable trigger all",
        "drop trigger lot_wall on lot",
        "drop table audit_event",
        "drop function lot_wall() cascade",
        "create or replace function public.lot_wall() returns trigger language plpgsql as 'begin return new; end'",
        "create table public.mine (id int)",
        "create temporary table hold (lot_id bigint)",
        "set session_replication_role = 'replica'",
        "set role batchwright_owner",
        "set session authorization postgres",
    ],
)
def test_the_application_cannot_take_a_wall_down(psql: Psql, statement: str) -> None:
    psql.refused(NO_RIGHT, statement)


@proves("A 4")
@pytest.mark.parametrize("table", AUDITED)
def test_nothing_is_written_without_an_actor(psql: Psql, table: str) -> None:
    if table not in APPEND_ONLY:
        column = psql.run(
            "select attname from pg_attribute where attrelid = %(t)s::regclass and attnum > 1 and attgenerated = ''"
            " and not attisdropped order by attnum limit 1",
            t=table,
        )[0][0]
        statement = f"update {table} set {column} = {column}"  # noqa: S608 - names of our own tables
        own = {
            "human_task",
            "inspection",
            "hold",
            "hold_part",
            "recall_scope",
            "recall_pull",
            "notice_delivery",
            "role_grant",
        }
        if table in own | {"packed_content", "recall_naming", "saved_view"}:
            statement += " where false"  # their row triggers would speak first
    else:
        columns = ", ".join(
            row[0]
            for row in psql.run(
                "select attname from pg_attribute where attrelid = %(t)s::regclass and attnum > 0 and attidentity = ''"
                " and attgenerated = '' and not attisdropped",
                t=table,
            )
            if row[0] != "public_id"
        )
        statement = f"insert into {table} ({columns}) select {columns} from {table} where false"  # noqa: S608
    psql.refused("BW001", statement, actor=False)
    psql.run(statement)


def test_every_table_is_audited_or_has_its_reason(psql: Psql) -> None:
    assert sorted(AUDITED + UNAUDITED) == TABLES
    found = psql.run("select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'")
    assert sorted(name for (name,) in found) == TABLES


def test_rights_are_as_written(psql: Psql) -> None:
    asked = ("insert", "update", "delete", "truncate", "trigger", "references")
    found = psql.run(
        "select t, r from unnest(%(tables)s::text[]) t, unnest(%(rights)s::text[]) r"
        " where has_table_privilege('batchwright_app', t, r)",
        tables=TABLES,
        rights=list(asked),
    )
    wanted = {(table, "insert") for table in TABLES if table not in READ_ONLY}
    wanted |= {(table, "update") for table in TABLES if table not in (*READ_ONLY, *APPEND_ONLY)}
    wanted |= {(table, "delete") for table in DELETABLE}
    assert set(found) == wanted


def test_the_plant_is_as_it_was(filled_plant: Plant) -> None:
    """Whatever was tried above, the batches stand where they stood."""
    states = {lot: filled_plant.status(lot) for lot in ("R-1", "B-OK", "B-NEW", "B-SEEN", "R-WAIT", "R-FAIL")}
    assert list(states.values()) == ["released", "released", "packed", "packed", "received", "received"]


# Recalls -----------------------------------------------------------------------------------------------------------


@proves("R76")
def test_a_scope_takes_two_people(psql: Psql) -> None:
    scope = "insert into recall_scope (recall_id, version, digest, signed_at) select id, 9, 'x', now() from recall"
    psql.refused("BW072", scope)


@proves("R76")
@pytest.mark.parametrize("change", ["signed_at = null", "digest = 'x'", "lots = lots + 1", "complete = not complete"])
def test_a_signed_scope_never_changes(psql: Psql, change: str) -> None:
    psql.refused("BW071", f"update recall_scope set {change}")  # noqa: S608 - our words


@pytest.mark.parametrize("statement", ["update recall_lot set shipped = 0", "delete from recall_lot"])
def test_the_lots_of_a_scope_stay(psql: Psql, statement: str) -> None:
    psql.refused(NO_RIGHT, statement)


def test_a_recall_holds_a_lot_once(psql: Psql) -> None:
    hold = (
        "insert into hold (lot_id, recall_id, reason, cause, placed_by_id) select l.id, r.id, 'test', 'recall', p.id"
        " from lot l, recall r, person p where l.lot_no = 'R-FAIL' order by p.id limit 1"
    )
    psql.run(hold)
    psql.refused(UNIQUE, f"{hold}; {hold}")


def test_a_held_or_unreleased_lot_is_on_no_shipment(psql: Psql) -> None:
    line = (
        "insert into shipment_line (shipment_id, lot_id, quantity) select h.id, l.id, 1 from shipment h, lot l"
        " where l.lot_no = %(lot)s limit 1"
    )
    psql.refused("BW036", line, lot="B-NEW")
    with psql.transaction() as connection:
        connection.execute(line, {"lot": "B-OK"})
        connection.execute(HOLD)
    held = line.replace("%(lot)s", "'B-OK'")
    psql.refused("BW036", f"{HOLD}; {held}")


def test_an_imported_row_is_the_evidence_of_one_lot(psql: Psql) -> None:
    lot = (
        "insert into lot (lot_no, item_id, kind, status, quantity, origin, import_row_id)"
        " select {number}, i.id, 'raw', 'received', 1, 'migrated', r.id from item i, import_row r order by i.id limit 1"
    )
    with psql.importing() as connection:
        connection.execute(lot.format(number="'M-1'").encode())
        with refusal(UNIQUE):
            connection.execute(lot.format(number="'M-2'").encode())
