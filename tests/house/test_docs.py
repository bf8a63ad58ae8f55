"""Pages for people don't lie: links lead somewhere, the architecture picture is what the imports are."""

import re
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
NODES = (
    *("ui", "api", "workflows", "activities"),
    *("models.store", "models.papers", "models.tables", "models.messages", "models.rules"),
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert missing == []


def test_the_architecture_picture_is_what_the_imports_are() -> None:
    """Every arrow is an import, and every import is an arrow or a way along arrows."""
    text = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
    drawn = set(re.findall(r"^  ([a-z.]+) --> ([a-z.]+)$", text, flags=re.MULTILINE))
    graph = grimp.build_graph("ui", "api", "workflows", "activities", "models")
    real = {
        (importer, imported)
        for importer in NODES
        for imported in NODES
        if importer != imported and _imports(graph, importer, imported)
    }
    assert drawn <= real, "arrows without an import"
    assert real <= _ways(drawn), "imports without an arrow"


def _ways(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    ways = set(arrows)
    while more := {(a, d) for a, b in ways for c, d in arrows if b == c} - ways:
        ways |= more
    return ways


def _imports(graph: grimp.ImportGraph, importer: str, imported: str) -> bool:
    inside = {imported, *graph.find_descendants(imported)}
    modules = {importer, *graph.find_descendants(importer)}
    return any(graph.find_modules_directly_imported_by(module) & inside for module in modules)


def test_the_two_commands_of_the_readme_are_the_makefiles() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for verb in ("run", "test"):
        assert f"make {verb} " in readme
        assert re.search(rf"^{verb}: .*## ", makefile, flags=re.MULTILINE)


def test_continuous_integration_runs_the_readmes_test_command_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["exec make test"]
