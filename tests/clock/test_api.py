"""Over HTTP nobody moves the time of a record that isn't a test home's (21 CFR 11.10(e))."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, text

Login = Callable[..., Any]
MOVE = {"to": "30d", "reason": "CAPA"}


def test_an_administrator_is_refused_where_this_is_no_test_home(as_: Login, engine: Engine) -> None:
    admin = as_("admin")
    said = admin.get("/test-clock").json()
    assert (said["test"], said["target"]) == (False, None)
    refused = admin.post("/test-clock", json=MOVE)
    assert (refused.status_code, refused.json()["code"]) == (409, "API-512")
    with engine.connect() as connection:
        assert connection.execute(text("select now() = pg_catalog.now()")).scalar()


def test_moving_the_clock_is_the_administrators(as_: Login) -> None:
    for login in ("chen.pi", "zheng.shenji"):
        assert as_(login).post("/test-clock", json=MOVE).status_code == 403
