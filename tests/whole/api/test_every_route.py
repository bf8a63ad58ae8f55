"""No route forgets the door: asked of every route that the API has (21 CFR 11.10(d), 11.10(g))."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine, text

from models.kernel.refusal import CATALOGUE

Login = Callable[..., Any]
OPEN = {
    "/healthz",
    "/readyz",
    "/api/v1/auth/login",
    "/api/v1/auth/first-sign-in",  # by a one-time code
    "/api/v1/found",  # by the code on the console, while there is no plant
}
READING = {"/api/v1/resolve/list"}  # asks with a text too long for an address; changes nothing
OWN = re.compile(r"/api/v1/(auth|me|views)(/.*)?")  # a person's own account, absences and views of lists


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and path, with something in place of its parameters."""
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            filled = re.sub(r"\{\w+\}", "00000000-0000-7000-8000-000000000000", path)
            yield method.upper(), filled.replace("/versions/00000000-0000-7000-8000-000000000000", "/versions/1")


def test_nobody_gets_anything_without_logging_in(app: FastAPI, anybody: httpx.Client) -> None:
    asked = [(method, path) for method, path in routes(app) if path not in OPEN]
    assert len(asked) > 50
    for method, path in asked:
        body: dict[str, Any] = {} if method == "GET" else {"json": {}}
        answer = anybody.request(method, path, params={"text": "x"}, **body)
        assert (answer.status_code, answer.json()["code"]) == (401, "AUTH-001"), f"{method} {path}"


def test_a_change_without_the_csrf_token_is_refused_everywhere(app: FastAPI, as_: Login) -> None:
    person = as_("zhao.liu")
    for method, path in routes(app):
        if method != "GET" and path not in OPEN:
            answer = person.client.request(method, path, json={})
            assert (answer.status_code, answer.json()["code"]) == (403, "AUTH-006"), f"{method} {path}"


def test_the_auditor_reads_and_changes_nothing(app: FastAPI, as_: Login, engine: Engine) -> None:
    auditor = as_("zheng.shenji")

    def trail() -> int:
        with engine.connect() as connection:
            return int(connection.execute(text("select count(*) from audit_event")).scalar_one())

    before = trail()
    for method, path in routes(app):
        if method == "GET" or path in OPEN or OWN.fullmatch(path):
            continue
        answer = auditor.client.request(method, path, json={}, headers={"X-CSRF-Token": auditor.csrf})
        assert answer.status_code in {403, 404, 422, 503}, (
            f"{method} {path}: {answer.status_code}"
        )  # 503: no Temporal here
        assert answer.json()["code"] in CATALOGUE, f"{method} {path}"
        if "/tasks/" not in path and not path.endswith("/owner") and path not in READING:
            assert answer.status_code == 403, f"{method} {path}: {answer.text}"
    assert trail() == before
