"""`batchwright up` as a person runs it on an empty folder, over HTTPS by `--tls CERT KEY`: everything ready, named, looked after.

That the same supervisor's parts survive kills, stop in order and start again is in tests/faults/test_kills, over plain HTTP.
"""

import os
import shutil
import signal
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.plant.rules import founding
from runtime import tls
from runtime.settings import Settings
from tests.runtime.test_cli import batchwright
from tests.runtime.test_tls import CERT, KEY
from tests.support import scratch
from tests.support.house.codes import OWN
from tests.support.servers.stack import UP, Up, wait_for

PARTS = {
    "database", "migrations", "roles", "sealing", "clock", "clock:temporal", "disk", "temporal", "worker:quality", "worker:outward", "worker:mail",
}  # fmt: skip
TRUSTED = tls.client(Settings(tls_cert=CERT, tls_key=KEY))
PLANT = {
    "code": "KM", "name": "昆明工厂", "zone": "Asia/Shanghai", "country": "CN", "language": "en", "administrator": "马丽",
    "login": "ma.li", "employee_no": "1",
}  # fmt: skip


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    made = scratch.folder("up-")
    with Up(made, (*UP, "--tls", str(CERT), str(KEY))) as running:
        yield running
    shutil.rmtree(made)


def _parts(up: Up) -> dict[str, Any]:
    try:
        answer = httpx.get(f"{up.api}/readyz", timeout=20, trust_env=False, verify=TRUSTED).json()
    except httpx.HTTPError:
        return {}
    return {part["name"]: part for part in answer["parts"]}


def _wait_until(up: Up, condition: Callable[[dict[str, Any]], bool], what: str, seconds: float = 30) -> None:
    """Wait for what `/readyz` says of a part: each question is another handshake and has every part looked at."""
    wait_for(lambda: condition(_parts(up)), seconds, what, pause=0.5)


def _ready(parts: dict[str, Any]) -> bool:
    return bool(parts) and all(part["ok"] for part in parts.values())


def test_every_part_is_named_and_ready(up: Up) -> None:
    _wait_until(up, _ready, "/readyz")
    assert set(_parts(up)) == PARTS
    assert httpx.get(f"{up.api}/healthz", trust_env=False, verify=TRUSTED).is_success


def test_pages_and_api_come_over_https_and_over_nothing_else(up: Up) -> None:
    assert up.api.startswith("https://127.0.0.1:")
    with httpx.Client(base_url=up.api, verify=TRUSTED, trust_env=False, timeout=20) as client:
        wait_for(lambda: client.get("/readyz").is_success, what="/readyz")
        with pytest.raises(httpx.TransportError):
            httpx.get(up.api.replace("https", "http") + "/healthz", trust_env=False, timeout=20)
    strangers = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        httpx.get(f"{up.api}/healthz", verify=strangers, trust_env=False, timeout=20)


def test_whoever_signs_in_over_https_gets_a_cookie_for_https_only(up: Up) -> None:
    code = founding.key(up.home.secret("session").encode())
    with httpx.Client(base_url=up.api, verify=TRUSTED, trust_env=False, timeout=60) as client:
        page = client.get("/", follow_redirects=True)
        assert page.url.path == "/found"
        page = client.post("/found", data=PLANT | {"key": code})
        assert page.status_code == 200, page.text[:300]
        once = page.text.split('name="code" value="')[1].split('"')[0]
        own = {"login": "ma.li", "code": once, "name": "马丽", "binding": "true", "new": OWN, "again": OWN}
        inside = client.post("/welcome", data=own)
        assert inside.status_code == 303
        [cookie] = [one for one in inside.headers.get_list("set-cookie") if one.startswith("bw_session=")]
        assert "; Secure" in cookie
        assert client.get("/inbox").status_code == 200


def test_the_worker_compares_the_clocks_of_record_and_engine(up: Up) -> None:
    _wait_until(up, lambda parts: "agrees within" in parts.get("clock:temporal", {}).get("detail", ""), "the clocks")


@pytest.mark.faults
def test_while_a_killed_database_is_down_readyz_says_so_and_the_api_lives_and_it_is_back_by_itself(up: Up) -> None:
    old = up.kill("postgres")
    _wait_until(up, lambda parts: not parts.get("database", {}).get("ok", True), "database down")
    assert httpx.get(f"{up.api}/healthz", timeout=10, trust_env=False, verify=TRUSTED).is_success
    up.wait_restarted("postgres", old)
    _wait_until(up, _ready, "/readyz")


@pytest.mark.faults
def test_a_worker_that_stands_still_is_seen_within_ten_seconds_and_replaced(up: Up) -> None:
    """It keeps its process, its connections and its place among Temporal's pollers; only its signs of life stop."""
    stopped = up.document()["parts"]["worker"]
    os.kill(stopped["pid"], signal.SIGSTOP)
    _wait_until(up, lambda parts: not parts.get("worker:quality", {}).get("ok", True), "the worker missed", 15)
    said = {name: part["detail"] for name, part in _parts(up).items() if name.startswith("worker:")}
    assert len(said) == 3
    assert all("no sign of life" in one for one in said.values()), said
    up.wait_restarted("worker", stopped["pid"], 120)
    _wait_until(up, _ready, "/readyz")


def test_a_taken_port_is_said_in_both_languages_and_nothing_is_left_running(up: Up, folder: Path) -> None:
    port = up.api.rpartition(":")[2]
    done = batchwright("up", "--home", str(folder), "--port", port, "--no-demo")
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert f"端口 {port} 已被占用" in done.stderr
    assert not (folder / "run.json").exists()
