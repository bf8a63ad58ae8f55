"""The audit trail names the build that really wrote it (21 CFR 11.10(e))."""

import shutil
from pathlib import Path

from sqlalchemy import text

from models.kernel.store import db
from models.kernel.store.act import Actor, act
from runtime import build
from tests.support.servers.database import TestDatabase

CHANGE = text("insert into customer (customer_no, name) values ('C-BUILD', 'x')")
SEEN = text("select build from audit_event where table_name = 'customer' order by id desc limit 1")


def test_a_changed_source_is_another_build(tmp_path: Path) -> None:
    for name in ("models", "workflows"):
        shutil.copytree(build.ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    before = build.digest(tmp_path)
    assert build.digest(tmp_path) == before
    with (tmp_path / "models/lot/rules/lot.py").open("a", encoding="utf-8") as file:
        file.write("# edited in place\n")
    assert build.digest(tmp_path) != before
    assert build.build_id().startswith(f"{build.VERSION}+")


def test_every_audit_event_of_a_process_carries_its_build(fresh_database: TestDatabase) -> None:
    engine = db.engine(fresh_database.url, build="9.9.9+abc")
    with act(engine, Actor(actor_id="service:test", name="test", source="test")) as session:
        session.connection().execute(CHANGE)
    with engine.connect() as connection:
        assert connection.execute(SEEN).scalar_one() == "9.9.9+abc"
    engine.dispose()
