"""Nouns have rooms: one folder each, named in one list, with like-named files; no folder is crowded (docs/design, 3)."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from models.nouns import NOUNS
from tests.support.house.layers import MODELS

ROOT = MODELS.parent
SHARED = frozenset({"kernel", "definition", "process", "paper", "migrations"})
"""Rooms whose files are named by what they are about: they stand below every noun."""
LAYERS = frozenset({"rules", "messages", "tables", "store", "queries", "acts", "kind", "floor", "papers", "paper"})
CODE = ("models", "workflows", "activities", "api", "ui", "runtime", "tests", "benchmarks")
"""Every top folder with modules in it."""
MOST = 15
"""Modules in a folder: as many as somebody takes in at a look."""
SERIES = frozenset({"models/migrations/versions"})
"""Nobody looks for anything here: Alembic reads it in its order, one more for each change of the schema, and none leaves."""


def rooms() -> list[str]:
    """The folders of `models`."""
    return sorted(path.parent.name for path in MODELS.glob("*/__init__.py"))


def test_the_list_names_every_room_once() -> None:
    assert sorted(NOUNS) == [name for name in rooms() if name != "migrations"]
    assert len(set(NOUNS)) == len(NOUNS)


def test_the_import_contracts_have_every_noun_in_the_same_order() -> None:
    """One that they leave out may import whatever it likes, and nobody is told."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {one["name"]: one for one in project["tool"]["importlinter"]["contracts"]}
    down = contracts["down the list of nouns (models/nouns.py)"]
    assert down["layers"][::-1] == [*NOUNS]
    layered = contracts["down the layers of each noun: acts → store, queries → tables → messages → rules"]
    assert sorted(layered["containers"]) == sorted(f"models.{noun}" for noun in NOUNS if noun != "paper")


@pytest.mark.parametrize("noun", [name for name in rooms() if name not in SHARED])
def test_a_room_has_the_layers_and_nothing_else(noun: str) -> None:
    found = {path.stem for path in (MODELS / noun).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert found - LAYERS == {"__init__"}


def crowded(top: Path) -> dict[str, int]:
    """The folders with more modules than somebody takes in at a look, and how many they have."""
    modules = Counter(path.parent for path in top.rglob("*.py") if path.stem != "__init__")
    return {str(folder.relative_to(top.parent)): count for folder, count in sorted(modules.items()) if count > MOST}


@pytest.mark.parametrize("top", CODE)
def test_no_folder_has_more_than_fifteen_modules(top: str) -> None:
    assert crowded(ROOT / top).keys() - SERIES == set()


def test_every_top_folder_with_modules_is_looked_at() -> None:
    assert {path.parent.name for path in ROOT.glob("*/*.py")} == set(CODE)
    assert all(crowded(ROOT / series.partition("/")[0]).get(series) for series in SERIES), "take the line away"


def test_a_sixteenth_module_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "ui" / "lot"
    folder.mkdir(parents=True)
    for name in ["__init__", *(f"part{number}" for number in range(MOST))]:
        (folder / f"{name}.py").touch()
    assert crowded(tmp_path / "ui") == {}
    (folder / "one_more.py").touch()
    assert crowded(tmp_path / "ui") == {"ui/lot": MOST + 1}


@pytest.mark.parametrize("top", CODE)
def test_no_prefix_stands_in_for_a_folder(top: str) -> None:
    """Three neighbours that begin with one word are a folder of that name."""
    begun = Counter(
        (path.parent, word)
        for path in (ROOT / top).rglob("*.py")
        for word, _, rest in [path.stem.removeprefix("test_").strip("_").partition("_")]
        if rest
    )
    found = {f"{folder.relative_to(ROOT)}/{word}_…" for (folder, word), count in begun.items() if count > 2}
    assert {one for one in found if "migrations" not in one} == set()
