"""No module imports another that imports it, in one step or in many, imports inside functions counted (DESIGN 3).

Two that import each other are one module in two files: neither can be read, tried or moved without the other.
"""

from graphlib import CycleError, TopologicalSorter

import grimp

ROOTS = ("activities", "api", "models", "runtime", "ui", "workflows")


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
    assert circle(found) == []


def test_a_circle_would_be_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})
