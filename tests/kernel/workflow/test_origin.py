"""One request is followed from the API through Temporal to its row of the audit trail, and nothing that it didn't ask for (DESIGN 2.10)."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.testing import WorkflowEnvironment

from api.frame.app import create_api
from api.frame.request.origin import trace_of
from models.hold.messages import PlaceHold
from models.kernel.origin import HEADER, ORIGIN, REFERENCE, Origin
from models.kernel.refusal import Refusal
from runtime import logs
from runtime.settings import Settings
from tests.support.plant.plant import PASSWORD, SECRET, Plant
from tests.support.servers.server import serving
from workflows.temporal.carrying import put, take

REFERENCES = (
    "select array(select distinct source_ref from audit_event where workflow like :workflow and source = :source)"
)


@pytest.fixture
def asked() -> Iterator[Origin]:
    """Somebody's request, while the test runs."""
    origin = Origin(trace=f"trace-{uuid4().hex[:12]}", ref="POST /api/v1/somewhere")
    before = ORIGIN.set(origin)
    yield origin
    ORIGIN.reset(before)


def references(plant: Plant, workflow: str, source: str = "test") -> list[str | None]:
    found: list[str | None] = plant.scalar(REFERENCES, workflow=f"{workflow}/%", source=source)
    return found


async def test_acts_of_a_process_and_of_none_tell_their_request_and_later_ones_their_own(plant: Plant) -> None:
    first, second = (Origin(trace=f"trace-{n}", ref=f"POST /{n}") for n in ("one", "two"))
    ORIGIN.set(first)
    await plant.receive("ORG-1", 10)
    ORIGIN.set(second)
    hold = PlaceHold(command_id=str(uuid4()), by=plant.by("wu.jingli"), lot_nos=("ORG-1",), reason="投诉")
    placed = await plant.door.place_hold(plant.client, hold)
    ORIGIN.set(None)
    await plant.door.lift_hold(plant.client, plant.lifting(placed.data["holds"][0]))
    await plant.measure("ORG-1")
    assert references(plant, "lot/ORG-1") == ["POST /one trace-one"]
    assert references(plant, f"hold/{hold.command_id}") == ["POST /two trace-two"]
    # nobody's request is behind these: the child that the first one begot is not asked for by it
    assert references(plant, "inspection/ORG-1/1") == [None]


async def test_a_request_to_the_api_is_found_in_the_audit_trail(
    plant: Plant, temporal_env: WorkflowEnvironment, tmp_path: Path
) -> None:
    given: dict[str, Any] = {
        "database_url": plant.engine.url.render_as_string(hide_password=False),
        "temporal_address": temporal_env.client.service_client.config.target_host,
        "home": tmp_path,
        "secret": SecretStr(SECRET.decode()),
    }
    app = create_api(Settings(**given))
    with serving(app) as address:
        async with AsyncClient(base_url=address, timeout=30, trust_env=False) as browser:
            entered = await browser.post("/api/v1/auth/login", json={"login": "li.cang", "password": PASSWORD})
            headers = {"X-CSRF-Token": entered.json()["csrf"], "X-Request-ID": "erp.2026-11-29_0001"}
            lot = {"lot_no": "ORG-2", "item_no": "PEEK-20", "quantity": "5", "location": "RCV-01"}
            lot |= {"supplier_no": "S-1", "supplier_lot_no": "P88-ORG-2"}
            done = await browser.post("/api/v1/lots", json=lot, headers=headers)
            assert done.status_code in {200, 201}, done.text
            assert done.headers["x-request-id"] == "erp.2026-11-29_0001"
            again = await browser.post("/api/v1/lots", json=lot, headers=headers | {"X-Request-ID": "x'; drop table"})
            assert again.status_code == 409
            assert len(again.headers["x-request-id"]) == 32
    assert references(plant, "lot/ORG-2", "api") == ["POST /api/v1/lots erp.2026-11-29_0001"]


async def test_a_fault_tells_its_request_in_the_log(
    plant: Plant, asked: Origin, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.permit import acts as permits

    def broken(*_: object) -> None:
        message = "a bug"
        raise KeyError(message)

    monkeypatch.setattr(permits, "check", broken)
    with caplog.at_level(logging.ERROR), pytest.raises(Refusal, match="API-510"):
        await plant.receive("ORG-3", 10)
    (line,) = [one for one in caplog.records if one.name == "batchwright.activities"]
    assert asked.said() in line.getMessage()


def test_every_line_of_a_log_tells_its_request(asked: Origin) -> None:
    record = logging.LogRecord("x", logging.INFO, "x", 1, "said", (), None)
    assert logs.tell_origin(record)
    assert logging.Formatter("%(levelname)s%(origin)s %(message)s").format(record) == f"INFO [{asked.trace}] said"
    ORIGIN.set(None)
    assert logs.tell_origin(record)
    assert logging.Formatter("%(levelname)s%(origin)s %(message)s").format(record) == "INFO said"


@pytest.mark.parametrize("said", [b"{", b"[]", b'{"trace": 1}', b'"\xff"', b""])
@pytest.mark.parametrize("encoding", [b"json/plain", b"no/such", b""])
def test_rubbish_in_the_header_is_nobodys_request(said: bytes, encoding: bytes) -> None:
    assert take({HEADER: Payload(metadata={"encoding": encoding}, data=said)}) is None
    assert take({}) is None


def test_what_is_put_is_taken(asked: Origin) -> None:
    assert take(put({})) == asked
    assert put({"other": Payload()}).keys() == {"other", HEADER}


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_no_number_of_a_caller_is_more_than_a_number(identity: bytes, parent: bytes) -> None:
    found = trace_of({b"x-request-id": identity, b"traceparent": parent})
    assert found is None or (
        found.isascii() and 8 <= len(found) <= 64 and all(one.isalnum() or one in "-_." for one in found)
    )
    long: Any = Origin(trace="t" * 64, ref=f"POST /{'x' * 500}")
    assert len(long.said()) == REFERENCE
    assert long.said().endswith("t" * 64)


def test_the_trace_of_another_system_is_kept() -> None:
    parent = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert trace_of({b"traceparent": parent}) == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert trace_of({b"traceparent": parent, b"x-request-id": b"erp-12345"}) == "erp-12345"
    assert trace_of({b"x-request-id": b"short"}) is None
