"""What the suite itself stands on: its folders in memory, its servers that end at once, and its summary."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import hypothesis
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from temporalio.client import WorkflowHistory

from runtime.ports import NO_TLS
from tests.deep.__main__ import files
from tests.support import histories, scratch, waits
from tests.support.house import summary
from tests.support.often import DEEP
from tests.support.servers.server import serving

ROOT = Path(__file__).resolve().parents[3]


class Printer:
    """Stands where pytest's printer stands, with the reports that a run would have left there."""

    def __init__(self, *reports: pytest.TestReport) -> None:
        self.stats = {"passed": list(reports)}
        self.lines: list[str] = []

    def section(self, title: str) -> None:
        self.lines.append(title)

    def line(self, text: str) -> None:
        self.lines.append(" ".join(text.split()))


def _report(test: str, phase: Any, seconds: float, **waited: float) -> pytest.TestReport:
    report = pytest.TestReport(test, (test, 0, test), {}, "passed", None, phase, duration=seconds)
    report.waited = waited  # type: ignore[attr-defined]
    return report


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is said about a slow set-up, a slow test and a quick one."""
    monkeypatch.setattr(summary, "SECONDS", tmp_path / "seconds.txt")
    printer = Printer(
        _report("tests/api/test_a.py::test_slow_to_set_up", "setup", 40, PostgreSQL=30),
        _report("tests/api/test_a.py::test_slow_to_set_up", "call", 1),
        _report("tests/ui/test_b.py::test_slow", "call", 33, PostgreSQL=5),
        _report("tests/ui/test_b.py::test_quick", "call", 2),
    )
    summary.pytest_terminal_summary(printer)  # type: ignore[arg-type]
    yield printer.lines
    assert (tmp_path / "seconds.txt").read_text(encoding="utf-8").split() == [
        "41.0", "tests/api/test_a.py", "35.0", "tests/ui/test_b.py",
    ]  # fmt: skip


def test_the_summary_tells_set_up_from_test_and_what_was_waited_for(printed: list[str]) -> None:
    assert "tests/api 41 40 1 0" in printed
    assert "tests/ui 35 0 35 0" in printed
    assert "all 76 40 36 0" in printed
    slowest = printed[printed.index("slowest tests") + 1 :]
    assert slowest[:2] == ["41.0 s tests/api/test_a.py::test_slow_to_set_up", "33.0 s tests/ui/test_b.py::test_slow"]
    assert printed[-2:] == ["waited for", "35.0 s PostgreSQL"]


def test_what_is_waited_for_is_told_once() -> None:
    waits.taken()
    for _ in range(2):
        with waits.waiting("a door"):
            time.sleep(0.01)
    assert list(told := waits.taken()) == ["a door"]
    assert told["a door"] >= 0.02
    assert waits.taken() == {}


def test_every_file_with_a_property_can_be_tried_in_depth() -> None:
    told = files()
    assert told["hold-workflow"] == Path("tests/hold/test_workflow.py"), "races too"
    with_properties = {
        path.relative_to(ROOT) for path in ROOT.glob("tests/**/test_*.py") if "@given" in path.read_text("utf-8")
    }
    assert len(with_properties) > 40
    assert with_properties <= set(told.values()), "two files of one name hide each other"


def test_in_depth_a_property_has_more_examples_and_others_each_time() -> None:
    asked = (
        "from hypothesis import settings\nimport tests.conftest\nprint(settings().max_examples, settings().derandomize)"
    )
    other = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=ROOT,
        env=os.environ | {"DEEP": "" if DEEP else "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    here = [str(hypothesis.settings().max_examples), str(hypothesis.settings().derandomize)]
    assert sorted([here, other]) == [["20", "True"], ["2000", "False"]]


def test_of_histories_that_are_alike_one_is_replayed_with_the_suite_and_all_in_depth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = ROOT / "tests" / "replay" / "histories"
    kept, put = (
        WorkflowHistory.from_json(name, folder.joinpath(f"{name}.json").read_text(encoding="utf-8"))
        for name in ("Hold-lifted", "Stock-moved")
    )
    monkeypatch.setattr(histories, "_MET", set())
    monkeypatch.setattr(histories, "DEEP", False)
    assert histories.unlike([kept, kept]) == [kept]
    assert histories.unlike([kept, put]) == [put]
    assert histories.unlike([kept, put]) == []
    monkeypatch.setattr(histories, "DEEP", True)
    assert histories.unlike([kept, put]) == [kept, put]


def test_the_folders_of_a_killed_run_go_with_the_next_one(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    killed, alive, other = (
        tmp_path / name
        for name in (f"{scratch.PREFIX}{ended.pid}-x", f"{scratch.PREFIX}{os.getpid()}-x", "batchwright-7-x")
    )
    for each in (killed, alive, other):
        each.mkdir()
        (each / "file").touch()
    scratch.clear(tmp_path)
    assert [each.exists() for each in (killed, alive, other)] == [False, True, True]


@pytest.mark.parametrize(("room", "memory", "where"), [(5, 9, "memory"), (3, 9, "disk"), (5, 7, "disk")])
def test_folders_are_in_memory_only_where_there_is_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, room: int, memory: int, where: str
) -> None:
    monkeypatch.setattr(scratch, "MEMORY", tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=room << 30))
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=memory << 30))
    assert scratch.place() == (tmp_path if where == "memory" else None)


def test_a_server_that_is_told_to_end_finishes_the_answer_that_is_under_way() -> None:
    asked, answer, told = threading.Event(), threading.Event(), []

    def slow(_: Any) -> PlainTextResponse:
        asked.set()
        answer.wait(5)
        return PlainTextResponse("whole")

    def ask(address: str) -> None:
        with httpx.Client(trust_env=False, verify=NO_TLS, timeout=10) as client:
            told.append(client.get(address).text)

    with serving(Starlette(routes=[Route("/", slow)])) as address:
        asking = threading.Thread(target=ask, args=(address,))
        asking.start()
        assert asked.wait(5)
        threading.Timer(0.2, answer.set).start()
    asking.join(5)
    assert told == ["whole"]
