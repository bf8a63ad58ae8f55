"""`batchwright up` as a person runs it: everything ready, survives kills of its parts, stops in order, starts again."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.ports import NO_TLS, is_free
from runtime.process import is_same
from tests.runtime.test_cli import batchwright
from tests.support import scratch
from tests.support.servers.stack import Up, wait_for

PARTS = {
    "database", "migrations", "roles", "sealing", "clock", "clock:temporal", "disk", "temporal", "worker:quality", "worker:outward", "worker:mail",
}  # fmt: skip


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    made = scratch.folder("up-")
    with Up(made) as running:
        yield running
    shutil.rmtree(made)


def _parts(up: Up) -> dict[str, Any]:
    try:
        answer = httpx.get(f"{up.api}/readyz", timeout=20, trust_env=False, verify=NO_TLS).json()
    except httpx.HTTPError:
        return {}
    return {part["name"]: part for part in answer["parts"]}


def _ready(up: Up) -> bool:
    parts = _parts(up)
    return bool(parts) and all(part["ok"] for part in parts.values())


def test_every_part_is_named_and_ready(up: Up) -> None:
    wait_for(lambda: _ready(up), what="/readyz")
    assert set(_parts(up)) == PARTS
    assert httpx.get(f"{up.api}/healthz", trust_env=False, verify=NO_TLS).is_success


def test_the_worker_compares_the_clocks_of_record_and_engine(up: Up) -> None:
    wait_for(lambda: "agrees within" in _parts(up).get("clock:temporal", {}).get("detail", ""), what="the clocks")


@pytest.mark.faults
@pytest.mark.parametrize("part", ["worker", "api", "temporal"])
def test_a_killed_part_is_back_by_itself(up: Up, part: str) -> None:
    up.wait_restarted(part, up.kill(part))
    wait_for(lambda: _ready(up), what="/readyz")


@pytest.mark.faults
def test_while_a_killed_database_is_down_readyz_says_so_and_the_api_lives_and_it_is_back_by_itself(up: Up) -> None:
    old = up.kill("postgres")
    wait_for(lambda: not _parts(up).get("database", {}).get("ok", True), what="database down")
    assert httpx.get(f"{up.api}/healthz", timeout=10, trust_env=False, verify=NO_TLS).is_success
    up.wait_restarted("postgres", old)
    wait_for(lambda: _ready(up), what="/readyz")


@pytest.mark.faults
def test_a_worker_that_stands_still_is_seen_within_ten_seconds_and_replaced(up: Up) -> None:
    """It keeps its process, its connections and its place among Temporal's pollers; only its signs of life stop."""
    stopped = up.document()["parts"]["worker"]
    os.kill(stopped["pid"], signal.SIGSTOP)
    wait_for(lambda: not _parts(up).get("worker:quality", {}).get("ok", True), seconds=15, what="the worker missed")
    said = {name: part["detail"] for name, part in _parts(up).items() if name.startswith("worker:")}
    assert len(said) == 3
    assert all("no sign of life" in one for one in said.values()), said
    up.wait_restarted("worker", stopped["pid"], 120)
    wait_for(lambda: _ready(up), what="/readyz")


def test_a_taken_port_is_said_in_both_languages_and_nothing_is_left_running(up: Up, folder: Path) -> None:
    port = up.api.rpartition(":")[2]
    done = batchwright("up", "--home", str(folder), "--port", port, "--no-demo")
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert f"端口 {port} 已被占用" in done.stderr
    assert not (folder / "run.json").exists()


def test_ctrl_c_stops_everything_and_the_next_start_uses_the_same_ports(up: Up) -> None:
    before = up.document()
    assert up.stop() == 0
    assert not any(is_same(each) for each in before["parts"].values())
    assert is_free(before["postgres_port"])
    up.start()
    assert up.document()["postgres_port"] == before["postgres_port"]
    wait_for(lambda: _ready(up), what="/readyz")
