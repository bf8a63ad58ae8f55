"""Pages for people don't lie: links lead somewhere, the map is the tree, the architecture picture is what the imports are."""

import re
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
NODES = ("ui", "api", "workflows", "activities", "models")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_leads_somewhere(page: Path) -> None:
    missing = []
    for target, _, anchor in (link.partition("#") for link in LINK.findall(page.read_text(encoding="utf-8"))):
        to = page.parent / target if target else page
        if "://" not in target and not (to.exists() and (not anchor or anchor in _anchors(to))):
            missing.append(f"{target}#{anchor}")
    assert missing == []


def _anchors(page: Path) -> set[str]:
    """What a link may lead to: anchors that are written down, and headings as they are on the page of a repository."""
    text = page.read_text(encoding="utf-8")
    heads = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {
        *re.findall(r'<a id="([^"]+)">', text),
        *(re.sub(r"[^\w\- ]", "", head.casefold()).replace(" ", "-") for head in heads),
    }


def test_every_page_is_reached_from_the_index() -> None:
    """By links, over any number of pages."""
    reached: set[Path] = set()
    waiting = [ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        links = (link.partition("#")[0] for link in LINK.findall(page.read_text(encoding="utf-8")))
        waiting += [page.parent / link for link in links if link and "://" not in link]
    assert set((ROOT / "docs").rglob("*.md")) - reached == set()


def test_the_map_names_one_folder_for_each_question_and_the_file_is_in_it() -> None:
    text = (ROOT / "docs" / "explanation" / "map.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+\?.*) \| `([a-z_/]+/)` \| `([\w.-]+)` \|$", text, flags=re.MULTILINE)
    asked = [line for line in text.splitlines() if line.startswith("| ") and "?" in line and "question" not in line]
    assert len(rows) == len(asked) >= 10
    assert [f"{folder}{file}" for _, folder, file in rows if not (ROOT / folder / file).is_file()] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "decisions").glob("0*.md")), ids=lambda page: str(page.stem))
def test_a_decision_says_why_this_and_not_that(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    said = re.findall(r"^\*\*(Context|Decision|Why this and not that|Consequences)\.\*\* \S", text, flags=re.MULTILINE)
    assert said == ["Context", "Decision", "Why this and not that", "Consequences"]
    number, _, _ = page.stem.partition("-")
    assert text.startswith(f"# {int(number)}. ")


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
