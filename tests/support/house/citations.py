"""Where code and docs cite our own pages of docs/design, and what each citation leads to.

`DESIGN 2.7` is a point of a section, `REQUIREMENTS 11-13, 21` are rows, `STANDARDS N 42-47` rows with their kind, `STANDARDS
2.10` is a section, `SCREENS` and `STYLE` are pages.  A semicolon ends a citation: what follows is a law outside or another page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DESIGN = ROOT / "docs" / "design"
SUFFIXES = {".py", ".sql", ".yaml", ".html", ".js", ".css", ".typ", ".toml", ".md", ".po", ".sh", ".yml"}
FOREIGN = {".venv", ".git", ".artifacts", ".hypothesis", "vendor", "node_modules", "__pycache__", ".home", "tmp"}
PAGES = {
    "DESIGN": "design.md",
    "REQUIREMENTS": "requirements.md",
    "REQUIREMENT": "requirements.md",
    "REQ": "requirements.md",
    "STANDARDS": "standards.md",
    "SCREENS": "screens.md",
    "STYLE": "style.md",
}
_CITED = re.compile(
    r"(?<![\w.])(?:(?P<page>DESIGN|REQUIREMENTS|REQ|STANDARDS|SCREENS|STYLE)\b|(?P<word>[Rr]equirements?)(?= \d))"
)
_PLACE = r"\d+[a-z]?(?:\.\d+)*(?:[-–]\d+)?(?![\w%])(?!\s*CFR)"
_FIRST = re.compile(rf",?\s+(?:rows?\s+)?(?:(?P<kinds>[A-Z](?:\s+and\s+[A-Z])*)\s+)?(?P<place>{_PLACE})")
_NEXT = re.compile(rf"(?:,|\s+and|\s+to)\s+(?:rows?\s+)?(?:(?P<kinds>[A-Z](?:\s+and\s+[A-Z])*)\s+)?(?P<place>{_PLACE})")
_PART = re.compile(r",\s+(?P<name>ALCOA|Manner|inbox|release|batch|trace)")
_ANCHOR = re.compile(r'<a id="([^"]+)">')


@dataclass(frozen=True)
class Citation:
    """One place that is cited: where, in which words, and the anchors that would do (none: the page as a whole)."""

    file: str
    line: int
    words: str
    page: str
    anchors: tuple[str, ...] = ()


def citations() -> Iterator[Citation]:
    """Every citation in the repository, but for those that try the reader of citations."""
    for file in sorted(files(ROOT)):
        if file.name in {"citations.py", "test_citations.py"}:
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        yield from of_text(text, str(file.relative_to(ROOT)))


def files(folder: Path) -> Iterator[Path]:
    """What we wrote: code, templates, definitions, SQL and pages."""
    for entry in folder.iterdir():
        if entry.is_dir():
            if (
                entry.name not in FOREIGN
                and not entry.name.endswith(".egg-info")
                and not (entry / "pyvenv.cfg").exists()
            ):
                yield from files(entry)
        elif entry.suffix in SUFFIXES or entry.name == "Makefile":
            yield entry


def of_text(text: str, file: str = "") -> Iterator[Citation]:
    """The citations of one text."""
    for found in _CITED.finditer(text):
        page = PAGES[found["page"] or found["word"].upper()]
        line = text.count("\n", 0, found.start()) + 1
        places = tuple(_places(text, found.end()))
        part = _PART.match(text, found.end())
        if not places:
            named = (part["name"].lower(),) if part else ()
            yield Citation(file, line, found[0] + (part[0] if part else ""), page, named)
        for kinds, place in places:
            for anchors in _anchors(page, kinds, place):
                yield Citation(file, line, f"{found[0]} {' '.join((*kinds, place))}", page, anchors)


def _places(text: str, at: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is listed behind the name of a page; a kind (`N`) counts for the numbers that follow it."""
    kinds: tuple[str, ...] = ()
    found = _FIRST.match(text, at)
    while found:
        if found["kinds"]:
            kinds = tuple(re.findall("[A-Z]", found["kinds"]))
        yield kinds, found["place"]
        found = _NEXT.match(text, found.end())


def _anchors(page: str, kinds: tuple[str, ...], place: str) -> Iterator[tuple[str, ...]]:
    if page == "design.md":
        yield (place,)
        return
    if "." in place or (page == "standards.md" and not kinds and place.isdigit() and int(place) <= 4):
        yield (place,)
        return
    first, _, last = place.replace("–", "-").partition("-")
    for number in range(int(first), int(last or first) + 1):
        if page == "requirements.md":
            yield (f"r{number}",)
        elif kinds and number in (int(first), int(last or first)):  # a range may hold rows of another kind in between
            yield tuple(f"{kind.lower()}{number}" for kind in kinds)
        else:
            yield tuple(f"{kind}{number}" for kind in "tsarglcnpuvxmqd")


def anchors_of(page: Path) -> frozenset[str]:
    """The anchors of a page."""
    return frozenset(_ANCHOR.findall(page.read_text(encoding="utf-8")))


def leads_nowhere(citation: Citation) -> bool:
    """Whether the page or the anchor is missing."""
    page = DESIGN / citation.page
    if not page.exists():
        return True
    return bool(citation.anchors) and not anchors_of(page).intersection(citation.anchors)
