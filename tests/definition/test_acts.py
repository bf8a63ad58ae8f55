"""An update brings its new processes to a plant that was founded before, and leaves alone what the plant has."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from models.definition.yaml_text import parse_yaml
from models.plant.store import plant
from tests.support.plant.plant import furnish
from tests.support.servers.database import TestDatabase


def keys(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("select key from definition_version order by key")).scalars())


def test_each_file_is_named_as_its_process() -> None:
    """By that name a start knows what the plant has."""
    files = sorted(plant.DEFINITIONS.glob("*.yaml"))
    assert len(files) > 10
    assert [parse_yaml(file.read_text(encoding="utf-8")).key for file in files] == [file.stem for file in files]


def test_new_processes_arrive_once(
    fresh_database: TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, shipped = fresh_database.engine, plant.DEFINITIONS
    assert plant.bring_definitions(engine) == [], "founding brings them"
    for file in shipped.glob("*.yaml"):
        if file.stem != "recall":
            shutil.copy(file, tmp_path)
    monkeypatch.setattr(plant, "DEFINITIONS", tmp_path)
    furnish(engine)
    before = keys(engine)
    monkeypatch.setattr(plant, "DEFINITIONS", shipped)
    assert plant.bring_definitions(engine) == ["recall"]
    assert plant.bring_definitions(engine) == []
    assert keys(engine) == sorted([*before, "recall"])
    with engine.connect() as connection:
        who = connection.execute(
            text("select actor_id from audit_event where table_name = 'definition_version' order by id desc limit 1")
        ).scalar_one()
    assert who == "service:update"
