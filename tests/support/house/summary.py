"""What a run spent its time on, printed at its end: the suite stays short only while somebody looks.

Tests by folder, so that a folder that silently ran nothing is seen; seconds by folder and phase (a set-up that several tests
share counts where it happened); the slowest files and tests; and what was waited for (`tests.support.waits`).  All files with
their seconds are in `.artifacts/seconds.txt`.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

import pytest

from tests.support import waits

SECONDS = Path(__file__).parents[3] / ".artifacts" / "seconds.txt"
PHASES = ("setup", "call", "teardown")
SHOWN = 15


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send along what was waited for; the report travels from the processes that share the suite to the one that prints."""
    report = yield
    report.waited = waits.taken()  # type: ignore[attr-defined]
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print it."""
    reports = list(_reports(terminalreporter))
    if not reports:
        return
    _by_folder(terminalreporter)
    _by_phase(terminalreporter, reports)
    files = _sums((file(report.nodeid), report.duration) for report in reports)
    _ranking(terminalreporter, "slowest files", files)
    _ranking(terminalreporter, "slowest tests", _sums((report.nodeid, report.duration) for report in reports))
    waited = _sums(one for report in reports for one in getattr(report, "waited", {}).items())
    _ranking(terminalreporter, "waited for", waited)
    SECONDS.parent.mkdir(exist_ok=True)
    SECONDS.write_text("".join(f"{taken:8.1f}  {name}\n" for name, taken in files.most_common()), encoding="utf-8")


def file(test: str) -> str:
    """The test's file."""
    return test.split("::", 1)[0]


def folder(test: str) -> str:
    """The test's folder below `tests`."""
    parts = Path(file(test)).parts
    return parts[1] if len(parts) > 2 else "."


def _reports(terminalreporter: pytest.TerminalReporter) -> Iterator[pytest.TestReport]:
    for reports in terminalreporter.stats.values():
        yield from (report for report in reports if isinstance(report, pytest.TestReport))


def _sums(seconds: Iterable[tuple[str, float]]) -> Counter[str]:
    summed: Counter[str] = Counter()
    for name, taken in seconds:
        summed[name] += taken  # type: ignore[assignment]
    return summed


def _by_folder(terminalreporter: pytest.TerminalReporter) -> None:
    folders: dict[str, Counter[str]] = {}
    for outcome in ("passed", "failed", "error", "skipped", "xfailed"):
        for report in terminalreporter.stats.get(outcome, []):
            folders.setdefault(folder(report.nodeid), Counter())[outcome] += 1
    terminalreporter.section("tests by folder")
    for name, counts in sorted(folders.items()):
        detail = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
        terminalreporter.line(f"{'tests/' + name:<24} {counts.total():>6}   {detail}")
    terminalreporter.line(f"{'all':<24} {sum((counts.total() for counts in folders.values()), 0):>6}")


def _by_phase(terminalreporter: pytest.TerminalReporter, reports: list[pytest.TestReport]) -> None:
    seconds = {
        phase: _sums((folder(report.nodeid), report.duration) for report in reports if report.when == phase)
        for phase in PHASES
    }
    whole = _sums((name, taken) for phase in PHASES for name, taken in seconds[phase].items())
    terminalreporter.section("seconds by folder and phase")
    terminalreporter.line(f"{'':<24} {'all':>8} " + " ".join(f"{phase:>9}" for phase in PHASES))
    for name, taken in [*whole.most_common(), ("", whole.total())]:
        parts = (seconds[phase][name] if name else seconds[phase].total() for phase in PHASES)
        title = f"tests/{name}" if name else "all"
        terminalreporter.line(f"{title:<24} {taken:>8.0f} " + " ".join(f"{part:>9.0f}" for part in parts))


def _ranking(terminalreporter: pytest.TerminalReporter, title: str, seconds: Counter[str]) -> None:
    terminalreporter.section(title)
    for name, taken in seconds.most_common(SHOWN):
        terminalreporter.line(f"{taken:>7.1f} s   {name}")
