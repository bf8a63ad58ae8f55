"""The audit trail is whole: a trigger on every audited table, rows rebuilt from it, leaves recomputed independently.

21 CFR 11.10(e); DESIGN 10; RFC 6962/9162 leaf hashes over RFC 8785 canonical JSON.
"""

import json
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import text
from sqlmodel import Session

from models.item.tables import Item
from models.kernel.store.act import Actor, begin
from models.migrations.rights import AUDITED
from runtime.postgres import SUPERUSER
from tests.support.fixtures.walls import Psql
from tests.support.house.proves import proves
from tests.support.often import often

EVENTS = """
select id, event_id::text as event, at at time zone 'UTC' as at, actor_id, actor_name, on_behalf_of, source, source_ref,
       reason, workflow, build, transaction, table_name, row_id, lot_id, operation, before::text as before,
       after::text as after, leaf, form
from audit_event {where} order by id
"""


def canonical(event: Any) -> bytes:
    """The event as anybody can write it down from the row, in any language."""
    return rfc8785.dumps(
        {
            "event": event.event,
            "at": event.at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z",
            "actor": event.actor_id,
            "actor_name": event.actor_name,
            "on_behalf_of": event.on_behalf_of,
            "source": event.source,
            "source_ref": event.source_ref,
            "reason": event.reason,
            "workflow": event.workflow,
            "build": event.build,
            "transaction": str(event.transaction),
            "table": event.table_name,
            "row": str(event.row_id),
            "action": event.operation,
            "before": event.before,
            "after": event.after,
        }
        | ({} if event.form == 1 else _of_form_two(event))
    )


def _of_form_two(event: Any) -> dict[str, str | None]:
    lot = None if event.lot_id is None else str(event.lot_id)
    return {"form": "2", "seq": str(event.id), "lot": lot}


def events(psql: Psql, table: str = "") -> list[Any]:
    where = "where table_name = :table" if table else ""
    with psql.plant.engine.connect() as connection:
        return list(connection.execute(text(EVENTS.format(where=where)), {"table": table} if table else {}))


def images(psql: Psql, table: str) -> dict[int, Any]:
    """The rows as they stand, in the form that the trail keeps (a password hash is replaced by a hash of it)."""
    with psql.plant.engine.connect() as connection:
        rows = connection.execute(text(f"select id, audit_image(to_jsonb(t))::text as image from {table} t"))  # noqa: S608
        return {row.id: json.loads(row.image) for row in rows}


@proves("R103", "A 1", "11.10(e)")
@pytest.mark.parametrize("table", AUDITED)
def test_the_trail_rebuilds_every_row(psql: Psql, table: str) -> None:
    rows: dict[int, Any] = {}
    trail = events(psql, table)
    assert trail, f"nothing was written to {table}: tests.support.plant.fill should"
    for event in trail:
        before = json.loads(event.before) if event.before else None
        after = json.loads(event.after) if event.after else None
        assert rows.get(event.row_id) == before
        assert (event.operation, before is None, after is None) in {
            ("insert", True, False),
            ("update", False, False),
            ("delete", False, True),
        }
        if after is None:
            del rows[event.row_id]
        else:
            rows[event.row_id] = after
    assert rows == images(psql, table)


@pytest.mark.parametrize("table", AUDITED)
def test_every_operation_on_the_table_has_its_trigger(psql: Psql, table: str) -> None:
    found = psql.run(
        "select tgname, tgenabled, pg_get_triggerdef(oid) from pg_trigger"
        " where tgrelid = %(t)s::regclass and tgname like 'audit_%%'",
        t=table,
    )
    assert sorted(name for name, _, _ in found) == ["audit_delete", "audit_insert", "audit_update"]
    for name, enabled, definition in found:
        assert enabled == "O"
        assert f"AFTER {name.removeprefix('audit_').upper()} ON" in definition
        assert "FOR EACH STATEMENT EXECUTE FUNCTION audit_write()" in definition


def test_every_leaf_is_the_hash_of_its_event(psql: Psql) -> None:
    trail = events(psql)
    assert len(trail) > 300
    assert {event.form for event in trail} == {2}
    for event in trail:
        assert event.leaf == sha256(b"\x00" + canonical(event)).digest(), event.id


def test_an_event_under_another_number_or_another_batch_has_another_leaf(psql: Psql) -> None:
    """As the database's own superuser, the only one who can: the trail can be changed, and the leaf tells."""
    about_lots = "select max(id) from audit_event where lot_id is not null"
    for change in ("id = 900000000", "lot_id = lot_id + 1", "lot_id = null", "form = 1"):
        with psql.transaction(SUPERUSER) as connection:
            connection.execute("set session_replication_role = replica")
            changed = connection.execute(
                f"update audit_event set {change} where id = ({about_lots}) returning id".encode()  # noqa: S608 - ours
            ).fetchone()
            assert changed is not None
            kept = connection.execute(
                "select e.leaf = sha256('\\x00'::bytea || convert_to(audit_canonical(e), 'UTF8'))"
                " from audit_event e where e.id = %s",
                changed,
            ).fetchone()
        assert kept == (False,), change


@proves("R103")
def test_every_event_says_who_and_from_where(psql: Psql) -> None:
    people = {psql.plant.by(login).actor_id for login in ("lin.jian", "zhou.shen", "chen.pi", "wang.cao", "li.cang")}
    trail = events(psql)
    assert people <= {event.actor_id for event in trail}
    assert all(event.actor_id and event.actor_name and event.source for event in trail)
    # the key of the lot leads to everything about it
    assert all(event.lot_id for event in trail if event.table_name in {"lot", "hold", "stock_movement"})
    tasks = [json.loads(event.after) for event in trail if event.table_name == "human_task"]
    by_subject = {
        "material-review",
        "supplier-approval",
        "calibration",
        "out-of-tolerance",
        "breakdown",
        "drift-limits",
        "supplier-alert",
        "supplier-corrective-action",
    }
    of_itself = [task["process"] in by_subject for task in tasks]
    assert all(
        itself + (task["lot_id"] is not None) + (task["recall_id"] is not None) == 1 and task["subject_id"]
        for itself, task in zip(of_itself, tasks, strict=True)
    )


def test_no_password_hash_is_in_the_trail(psql: Psql) -> None:
    trail = events(psql, "account")
    assert {event.operation for event in trail} == {"insert", "update"}
    assert not any("argon2" in (event.before or "") + (event.after or "") for event in trail)
    changed = [event for event in trail if event.operation == "update"]
    assert json.loads(changed[0].before)["password_hash"] != json.loads(changed[0].after)["password_hash"]


def test_only_accounts_have_something_to_hide(psql: Psql) -> None:
    """The trigger leaves the images of all other tables as they are."""
    found = psql.run("select table_name from information_schema.columns where column_name = 'password_hash'")
    assert [table for (table,) in found if table in AUDITED] == ["account"]


def test_an_update_that_changes_nothing_leaves_no_event(psql: Psql) -> None:
    with psql.transaction() as connection:
        count = "select count(*) from audit_event"
        before = connection.execute(count).fetchone()
        connection.execute("update item set name = name")
        assert connection.execute(count).fetchone() == before


def test_a_statement_over_many_rows_leaves_an_event_for_each(psql: Psql) -> None:
    with psql.transaction() as connection:
        ((before,),) = connection.execute("select count(*) from audit_event where table_name = 'location'").fetchall()
        connection.execute("select set_config('bw.reason', 'the signs were painted again', true)")
        rows = connection.execute("update location set name = name || '!'").rowcount
        ((after,),) = connection.execute("select count(*) from audit_event where table_name = 'location'").fetchall()
        assert after - before == rows > 3


# What a text may hold: everything but NUL and lone surrogates
TEXTS = some.text(some.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
DOCUMENTS = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**60), 2**60)
    | some.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@proves("R103", "A 1")
@settings(max_examples=often(6, 600), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=TEXTS,
    then=TEXTS,
    extra=some.dictionaries(TEXTS, DOCUMENTS, max_size=3),
    actor=TEXTS.filter(bool),
    reason=TEXTS,
)
def test_whatever_is_written_the_trail_and_its_leaf_are_right(
    session: Session, name: str, then: str, extra: dict[str, Any], actor: str, reason: str
) -> None:
    begin(session, Actor(actor_id="service:test", name=actor, source="test", reason=reason))
    nested = session.begin_nested()
    item = Item(item_no="I-1", name=name, description=name, kind="raw", extra=extra)
    session.add(item)
    session.flush()
    item.description = then
    session.add(item)
    session.flush()
    session.refresh(item)
    where = "where table_name = 'item' and row_id = :id"
    trail = list(session.connection().execute(text(EVENTS.format(where=where)), {"id": item.id}))
    assert [event.operation for event in trail] == (["insert"] if name == then else ["insert", "update"])
    assert json.loads(trail[0].after)["name"] == name
    last = json.loads(trail[-1].after)
    assert (last["description"], last["extra"]) == (then, item.extra)
    for event in trail:
        assert (event.actor_name, event.reason or "") == (actor, reason)
        assert event.leaf == sha256(b"\x00" + canonical(event)).digest()
    nested.rollback()
