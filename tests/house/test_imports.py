"""No module imports another that imports it, in one step or in many, imports inside functions counted (DESIGN 3).

Two that import each other are one module in two files: neither can be read, tried or moved without the other.
"""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

ROOTS = ("activities", "api", "models", "runtime", "ui", "workflows")
STANDING: frozenset[tuple[str, str]] = frozenset(
    {
        ("models.store.runs", "models.store.effects"),
        ("models.store.runs", "models.store.effects_recall"),
        ("models.store.runs", "models.store.recall_duties"),
    }
)
"""The engine still names what follows from the end of a run; whoever lets it ask the nouns takes a line away here."""


def imports() -> dict[str, set[str]]:
    """What each module imports of ours, wherever in it."""
    graph = grimp.build_graph(*ROOTS, cache_dir=None)
    return {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}


def circle(found: dict[str, set[str]]) -> list[str]:
    """One circle, if there is any."""
    try:
        TopologicalSorter(found).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_what_imports_it() -> None:
    found = imports()
    assert len(found) > 500, "all modules are there"
    for importer, imported in sorted(STANDING):
        assert imported in found[importer], f"{importer} doesn't import {imported} any more: take the line away"
        found[importer].discard(imported)
    assert circle(found) == []


@pytest.mark.parametrize("standing", sorted(STANDING))
def test_each_standing_import_closes_a_circle(standing: tuple[str, str]) -> None:
    found = imports()
    for importer, imported in STANDING - {standing}:
        found[importer].discard(imported)
    assert {*standing} <= {*circle(found)}
