"""What needs scrolling for its idea wants to be two (STYLE): files have at most 500 lines, functions 50, a template's lines 160 characters."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("activities", "api", "benchmarks", "models", "runtime", "tests", "ui", "workflows")

# Tables, not ideas: what Alembic wrote down once, and code lists of standards.
TABLES = ("models/migrations/versions/", "models/identifier/rules/code_lists.py")


# Longer than fifty lines today: this list gets shorter, never longer.
LONG_FUNCTIONS: frozenset[str] = frozenset(
    {
        "api/process/acts.py:_prepare",
        "models/recall/papers/pack.py:tables",
        "models/release/rules/evidence.py:_inspections",
        "models/order/acts.py:create",
        "models/production/acts.py:record",
        "models/shipment/acts/ship.py:ship",
        "models/release/store/batch_record.py:_operations",
        "models/release/store/batch_record.py:build",
        "models/recall/store/sending.py:take",
        "models/recall/queries/recalls.py:view",
        "models/recall/store/report.py:build",
        "models/process/queries/reading.py:task_view",
        "runtime/commands/record/people.py:register",
        "runtime/commands/server/up.py:register",
        "runtime/demo/refusals/deciding.py:at_review",
        "ui/production/operation_form.py:with_form",
        "ui/production/view.py:new",
        "ui/person/view/people.py:person",
        "ui/nonconformance/view.py:page",
        "ui/recall/view/cockpit.py:page",
        "ui/recall/view/customers.py:customers",
        "ui/recall/view/follow_up.py:panel",
        "ui/release/view.py:release_page",
        "ui/trace/view.py:page",
    }
)
TEMPLATES = ROOT / "ui"


def source_files() -> list[Path]:
    """What people wrote in Python and run: no tests, no migrations."""
    found = [ROOT / "cli.py", ROOT / "worker.py"]
    for folder in FOLDERS:
        if folder != "tests":
            found += sorted((ROOT / folder).rglob("*.py"))
    return [file for file in found if not str(file.relative_to(ROOT)).startswith(TABLES)]


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = {
        f"{file.relative_to(ROOT)}:{node.name}"
        for file in source_files()
        if (source := file.read_text(encoding="utf-8")).count("\n") >= 50
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    }
    assert long - LONG_FUNCTIONS == set(), "make two of it"
    assert LONG_FUNCTIONS - long == set(), "take the line away"


def test_no_line_of_a_template_is_longer_than_160_characters() -> None:
    files = sorted(TEMPLATES.rglob("*.html"))
    assert len(files) > 90
    long = [
        f"{file.relative_to(TEMPLATES)}:{number}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > 160
    ]
    assert long == []


def test_one_macro_draws_every_table() -> None:
    drawn = [
        str(file.relative_to(TEMPLATES)) for file in TEMPLATES.rglob("*.html") if "<table" in file.read_text("utf-8")
    ]
    assert drawn == ["frame/table.html"]


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
