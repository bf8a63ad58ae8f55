"""An instant becomes a day or words in one module, with the plant's zone; and the check that says so finds what it should."""

from pathlib import Path

import pytest

from tests.support.house.days import check, check_folder

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("folder", ["models", "workflows", "activities", "api", "ui", "runtime"])
def test_no_instant_is_cut_into_a_day_outside_the_one_module(folder: str) -> None:
    findings = check_folder(ROOT / folder, ROOT)
    assert not findings, "\n".join(map(str, findings))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("x = now.date()", "DAY-001"),
        ("x = machine.due_at.date().isoformat()", "DAY-001"),
        ("x = now.astimezone(zone).date()", "DAY-001"),
        ("x = date.today()", "DAY-001"),
        ("x = datetime.utcnow()", "DAY-001"),
        ("x = date.fromtimestamp(0)", "DAY-001"),
        ("x = at.strftime('%Y')", "DAY-002"),
        ("x = f'{at:%Y-%m-%d}'", "DAY-002"),
        ("x = f'{at:%H:%M}'", "DAY-002"),
        ("x = at.isoformat(sep=' ', timespec='minutes')", "DAY-002"),
        ("x = at.isoformat(' ')", "DAY-002"),
        ("Q = 'select now()::date'", "DAY-003"),
        ("Q = 'select current_date'", "DAY-003"),
        ("Q = f'select {x}, date_trunc(\\'day\\', at) from t'", "DAY-003"),
        ("Q = \"select to_char(h.placed_at, 'YYYY-MM-DD') from hold h\"", "DAY-003"),
    ],
)
def test_a_day_that_the_server_would_choose_is_found(source: str, code: str) -> None:
    assert [finding.code for finding in check(source)] == [code]


@pytest.mark.parametrize(
    "source",
    [
        "x = plant_day(now, zone)",
        "x = at.isoformat()",
        "x = at.isoformat(timespec='minutes')",
        "x = sheet.date('due', words('due'))",
        "x = f'{share:.1%} {count:,}'",
        "log_line_prefix = '%m [%p]'",
        "Q = \"select to_char(h.placed_at at time zone zone, 'YYYY-MM-DD') from hold h\"",
        "Q = \"select to_char(l.expires_on, 'YYYY-MM') from lot l\"",
    ],
)
def test_what_asks_the_plant_is_left_alone(source: str) -> None:
    assert check(source) == []
