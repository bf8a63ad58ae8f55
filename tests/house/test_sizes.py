"""A file that needs scrolling for its idea wants to be two (STYLE): no source file is longer than 500 lines."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("activities", "api", "benchmarks", "models", "runtime", "tests", "ui", "workflows")

# Tables, not ideas: what Alembic wrote down once, and code lists of standards.
TABLES = ("models/migrations/versions/", "models/rules/identifiers_codes.py")


def test_no_source_file_is_longer_than_500_lines() -> None:
    files = [
        ROOT / "cli.py",
        ROOT / "worker.py",
        *(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")),
    ]
    long = {
        str(file.relative_to(ROOT)): lines
        for file in files
        if not str(file.relative_to(ROOT)).startswith(TABLES)
        and (lines := len(file.read_text(encoding="utf-8").splitlines())) > 500
    }
    assert long == {}
