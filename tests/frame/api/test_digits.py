"""Measured values come in with the digits that were written (ALCOA+)."""

from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from api.frame.doors import API
from api.frame.request.digits import DigitsRoute
from api.process.routes import acts as routes_acts
from api.process.schemas.acts import ResultsIn

router = APIRouter(route_class=DigitsRoute)


@router.post("/")
def told(given: ResultsIn) -> list[str]:
    """What the shape of the real route made of the body."""
    return [str(one.value) for one in given.values]


APP = FastAPI()
APP.include_router(router)


async def post(**body: Any) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://here") as client:
        return await client.post("/", **body)


@pytest.mark.parametrize("written", ["12.00", "12.05", "12.0500001", "-0.10", "0.000001", "12"])
async def test_a_number_keeps_its_digits_as_text_and_as_a_json_number(written: str) -> None:
    for value in (written, f'"{written}"'):
        body = f'{{"values": [{{"characteristic": 1, "sample_no": 1, "value": {value}}}]}}'
        assert (await post(content=body, headers={"content-type": "application/json"})).json() == [written]


@pytest.mark.parametrize("written", ["12_04", "1e1", "1,000", "NaN", "١٢", "12 04"])
async def test_what_is_no_number_is_refused_and_not_read_as_another_one(written: str) -> None:
    body = {"values": [{"characteristic": 1, "sample_no": 1, "value": written}]}
    assert (await post(json=body)).status_code == 422


def test_the_routes_that_take_measured_values_keep_digits() -> None:
    taking = (f"{API}/tasks/{{task_id}}/results", f"{API}/work-orders/{{number:path}}/operations")
    found = {route.path: type(route) for route in routes_acts.router.routes if hasattr(route, "path")}
    for path in taking:
        assert found[path] is DigitsRoute, sorted(found)
