"""`batchwright audit verify` finds the changed row wherever it lies in the trail (21 CFR 11.10(e); DESIGN 10, 12)."""

import pytest
from sqlalchemy import text

from models.audit import store as sealing
from runtime.commands.record.audit import verify_at
from tests.support.plant import cast
from tests.support.servers.database import TestDatabase, past_walls

CHANGES = (
    "reason = coalesce(reason, '') || '!'",
    "at = at - interval '1 hour'",
    "actor_name = 'somebody else'",
    "after = '{}'",
    "leaf = sha256('x')",
    "form = 1",
)
"""As the database's own superuser, the only one who can."""


def test_rows_that_were_changed_long_ago_are_found_and_silent_tables_named(
    fresh_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = fresh_database
    cast.seed(trail.engine)
    for number in range(1, 4):
        cast.receive(trail.engine, f"AV-{number}")
    monkeypatch.setattr(sealing, "AT_ONCE", 7)
    whole = verify_at(trail.url)
    assert whole.ok
    assert whole.rows > sealing.NEWEST
    changed = []
    for place, change in enumerate(CHANGES):
        with past_walls(trail.engine) as connection:
            found = connection.execute(
                text(f"update audit_event set {change} where id = (select id from audit_event order by id offset :place limit 1) returning id"),  # noqa: S608 - ours
                {"place": place},
            ).scalar_one()  # fmt: skip
        changed.append(found)
    seen = verify_at(trail.url)
    assert (seen.ok, seen.broken, seen.rows) == (False, tuple(changed), whole.rows)
    with trail.engine.connect() as connection:
        assert sealing.look(connection).broken == (), "the newest are as they were"
    with past_walls(trail.engine) as connection:
        connection.execute(text("alter table item disable trigger user"))
    assert verify_at(trail.url).silent == ("item",)
