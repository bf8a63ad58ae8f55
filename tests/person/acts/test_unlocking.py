"""A lock that anybody can cause is never for good: an operator at the server undoes it (21 CFR 11.300(d))."""

import pytest

from models.kernel.refusal import Refusal
from models.person.store import sessions
from runtime.commands.record.people import unlock_at
from tests.support.plant.plant import PASSWORD, Plant


def test_an_operator_lets_the_only_administrator_in_again(desk: Plant) -> None:
    for _ in range(5):
        with pytest.raises(Refusal):
            sessions.log_in(desk.engine, "admin", "guessed")
    with pytest.raises(Refusal) as locked:
        sessions.log_in(desk.engine, "admin", PASSWORD)
    assert locked.value.code == "AUTH-002"
    unlock_at(desk.engine.url.render_as_string(hide_password=False), "ADMIN", "唯一的管理员")
    assert sessions.log_in(desk.engine, "admin", PASSWORD).id
    who = (
        "select actor_id || ' ' || reason from audit_event where table_name = 'account' and actor_id like 'service:op%'"
    )
    assert desk.scalar(who) == "service:operator 唯一的管理员"
    assert desk.scalar("select kind from security_notice order by id desc limit 1") == "unlocked"


def test_an_unknown_login_is_said_so_at_the_server(desk: Plant) -> None:
    with pytest.raises(Refusal) as unknown:
        unlock_at(desk.engine.url.render_as_string(hide_password=False), "nobody.here", "-")
    assert unknown.value.code == "AUTH-021"
