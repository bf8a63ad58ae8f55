"""Whatever the description of the API allows or forbids, asked as five roles: no fault, and no answer that it doesn't name.

Every operation gets requests that fit its schema and requests that don't, with the numbers of a plant at work beside invented
ones; the roles take turns.  `make test-deep NAME=api-schema` asks for as long as one likes (DESIGN 2.5, 12, 13).
"""

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import httpx
import pytest
import pytest_asyncio
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from pydantic import ValidationError
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from api.frame.request.meant import FORM
from api.person.schemas.people import QualificationInput
from api.register.schemas import ItemInput
from models.kernel.refusal import CATALOGUE
from models.kernel.request import RECORDING
from models.kernel.store.act import act
from models.person.rules.roles import Role
from runtime.ports import NO_TLS
from tests.support.api_known import bindings, known
from tests.support.plant.cast import SEEDER, add_person
from tests.support.plant.plant import PASSWORD
from tests.support.servers.site import Site, site, site_database
from workflows.temporal.start import PENDING

__all__ = ["site", "site_database"]

EVERYBODY: dict[str, tuple[Role, ...]] = {
    "ke.ren": (),
    "li.cang": (Role.WAREHOUSE,),
    "chen.pi": (Role.QA_APPROVER,),
    "sun.zhao": (Role.RECALL_COORDINATOR,),
    "admin": (Role.ADMINISTRATOR,),
}
LEFT_OUT = {
    "/api/v1/auth/logout",  # ends the session that asks
    "/api/v1/inbox/events",  # never ends
    "/readyz",  # a 503 is what it is there to say
}
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
EACH = dict.fromkeys(GenerationMode, 1)
"""How many requests of each kind for an operation; with each run of the long test every role asks all of them."""


@dataclass
class Asked:
    """How often who asked, and what was wrong with an answer."""

    sent: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def headers_of(address: str, login: str) -> dict[str, str]:
    """A session of that person, as headers."""
    with httpx.Client(base_url=address, timeout=60, trust_env=False, verify=NO_TLS) as client:
        answer = client.post("/api/v1/auth/login", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return {"Cookie": f"bw_session={client.cookies['bw_session']}", "X-CSRF-Token": answer.json()["csrf"]}


def ask_everything(site: Site, mode: GenerationMode) -> Asked:
    """Every operation in turn, as everybody in turn."""
    sessions = {login: headers_of(site.address, login) for login in EVERYBODY}
    with httpx.Client(
        base_url=site.address, timeout=60, trust_env=False, verify=NO_TLS, headers=sessions["chen.pi"]
    ) as client:
        config = SchemathesisConfig.from_str(bindings(known(client), 0.8))
    schema = schemathesis.openapi.from_dict(site.app.openapi(), config=config)
    asked, turns = Asked(), cycle(sessions)
    for one in schema.get_all_operations():
        operation: Any = one.ok()  # type: ignore[union-attr]  # one that isn't fails here
        # nothing but the text of an address can't be made wrong
        if operation.path not in LEFT_OUT and (mode is GenerationMode.POSITIVE or operation.body or operation.query):
            _ask(operation, mode, lambda case: _send(case, next(turns), site.address, sessions, asked))
    return asked


def _ask(operation: Any, mode: GenerationMode, send: Any) -> None:
    @hypothesis_settings(
        max_examples=EACH[mode], phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        send(case)

    with contextlib.suppress(Unsatisfiable):  # nothing of that kind can be asked
        one()


def _send(case: Any, login: str, address: str, sessions: dict[str, dict[str, str]], asked: Asked) -> None:
    asked.sent[login] += 1
    answer = case.call(base_url=address, headers=sessions[login], timeout=60)
    found: list[Any] = []
    refusal = answer.json() if answer.status_code >= 400 else {}
    # what a busy machine hasn't recorded yet is said so, and is no fault
    checks = CHECKS[1:] if refusal.get("code") in {PENDING.code, RECORDING.code} else CHECKS
    try:
        case.validate_response(answer, checks=checks)
    except FailureGroup as failures:
        found += failures.exceptions
    if refusal and (refusal["code"] not in CATALOGUE or not refusal["clause"] or not refusal["detail"]):
        found.append(f"no refusal: {answer.text}")
    asked.wrong += [f"{login}: {case.operation.label} {case.body!r}: {one}" for one in found]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy(site: Site) -> Site:
    """A plant that has made something, with a guest who has no role."""
    with act(site.plant.engine, SEEDER) as session:
        add_person(session, "ke.ren", "客人")
    await site.before.material("R-1")
    await site.before.make("P-1", "R-1")
    return site


@pytest.mark.timeout(900)  # a thousand requests, on however busy a machine
@pytest.mark.parametrize("mode", list(GenerationMode))
async def test_no_role_meets_a_fault_or_an_answer_that_the_description_does_not_name(
    busy: Site, mode: GenerationMode
) -> None:
    asked = await asyncio.to_thread(ask_everything, busy, mode)
    assert asked.wrong == []
    assert set(asked.sent) == set(EVERYBODY)
    assert asked.sent.total() > 80


@pytest.mark.parametrize("told", ["true", 1, "on"])
def test_a_yes_in_json_is_true_and_nothing_else(told: object) -> None:
    item = {"item_no": "HS-1", "name": "柄", "kind": "finished", "sterile": told}
    with pytest.raises(ValidationError, match="bool_type"):
        ItemInput.model_validate(item)
    assert ItemInput.model_validate(item, context=FORM).sterile, "a form's fields are text"


@pytest.mark.parametrize("told", [0, "00", 1e9, "1700000000"])
def test_a_number_is_no_moment(told: object) -> None:
    with pytest.raises(ValidationError, match="datetime_type"):
        QualificationInput.model_validate({"code": "machining", "document": "SOP v4", "valid_from": told})


@pytest.mark.parametrize("told", ["7", True])
def test_a_text_is_no_number(told: object) -> None:
    with pytest.raises(ValidationError, match="int_type"):
        ItemInput.model_validate({"item_no": "HS-1", "name": "柄", "kind": "finished", "shelf_life_months": told})


def test_an_address_that_refuses_a_method_names_all_that_it_takes(site: Site) -> None:
    with httpx.Client(base_url=site.address, timeout=60, trust_env=False, verify=NO_TLS) as client:
        for path, methods in {
            "/api/v1/lots": "GET, POST",
            "/api/v1/lots/A%2FB/holds": "POST",
            "/api/v1/recalls/RC-1/checks": "GET, POST",
            "/api/v1/me": "GET",
        }.items():
            refused = client.request("OPTIONS", path)
            assert (refused.status_code, refused.headers["allow"]) == (405, methods), path


def test_the_description_names_every_refusal_as_a_problem(site: Site) -> None:
    app: FastAPI = site.app
    for path in app.openapi()["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            assert set(answers) >= {"400", "401", "403", "404", "409", "422", "429", "503"}
            assert list(answers["422"]["content"]) == ["application/problem+json"]
