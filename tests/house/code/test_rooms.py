"""Nouns have rooms: one folder each, named in one list, with like-named files; no folder is crowded (docs/design, 3)."""

from collections import Counter

import pytest

from models.nouns import NOUNS
from tests.support.house.layers import MODELS

ROOT = MODELS.parent
SHARED = frozenset({"kernel", "definition", "process", "paper", "migrations"})
"""Rooms whose files are named by what they are about: they stand below every noun."""
LAYERS = frozenset({"rules", "messages", "tables", "store", "queries", "acts", "kind", "floor", "papers", "paper"})
CROWDED = frozenset({"models/migrations/versions"})
"""What is counted by time, not by idea."""


def rooms() -> list[str]:
    """The folders of `models`."""
    return sorted(path.parent.name for path in MODELS.glob("*/__init__.py"))


def test_the_list_names_every_room_once() -> None:
    assert sorted(NOUNS) == [name for name in rooms() if name != "migrations"]
    assert len(set(NOUNS)) == len(NOUNS)


@pytest.mark.parametrize("noun", [name for name in rooms() if name not in SHARED])
def test_a_room_has_the_layers_and_nothing_else(noun: str) -> None:
    found = {path.stem for path in (MODELS / noun).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert found - LAYERS == {"__init__"}


@pytest.mark.parametrize("top", ["models", "api", "ui"])
def test_no_folder_has_more_than_fifteen_modules(top: str) -> None:
    modules = Counter(path.parent for path in (ROOT / top).rglob("*.py") if path.stem != "__init__")
    crowded = {str(folder.relative_to(ROOT)): count for folder, count in modules.items() if count > 15}
    assert crowded.keys() - CROWDED == set()


@pytest.mark.parametrize("top", ["models", "api", "ui"])
def test_no_prefix_stands_in_for_a_folder(top: str) -> None:
    """Three neighbours that begin with one word are a folder of that name."""
    begun = Counter(
        (path.parent, path.stem.split("_")[0]) for path in (ROOT / top).rglob("*.py") if "_" in path.stem.strip("_")
    )
    found = {f"{folder.relative_to(ROOT)}/{word}_…" for (folder, word), count in begun.items() if count > 2}
    assert {one for one in found if "migrations" not in one} == set()
