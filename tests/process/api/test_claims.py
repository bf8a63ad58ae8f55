"""What somebody had claimed goes back to its queue with the role or the person (REQUIREMENTS 58, 87, 112)."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from models.kernel.store.act import act
from models.person.store import people as store
from tests.support.plant import cast
from tests.support.plant.cast import SEEDER

Login = Callable[..., Any]


@pytest.fixture
def task(engine: Engine, people: dict[str, int]) -> str:
    assert people
    cast.receive(engine, "R-1")
    with engine.connect() as connection:
        return str(connection.execute(text("select public_id from human_task where status = 'open'")).scalar_one())


def assignee(engine: Engine) -> Any:
    with engine.connect() as connection:
        return connection.execute(text("select assignee_id from human_task where status = 'open'")).scalar_one()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/people/lin.jian/active", {"active": False, "reason": "离职"}),
        ("/accounts/lin.jian/disable", {"reason": "停用"}),
        ("/people/lin.jian/roles", {"role": "inspector", "valid_until": "2026-01-01T00:00:00Z", "reason": "到期"}),
        ("", {}),
    ],
)
def test_what_nobody_can_do_any_more_goes_back_at_once(as_: Login, task: str, engine: Engine, path: str, body: dict[str, Any]) -> None:  # fmt: skip
    as_("lin.jian").post(f"/tasks/{task}/claim")
    assert assignee(engine) is not None
    admin = as_("admin")
    answer = admin.post(path, body) if path else admin.delete("/people/lin.jian/roles/inspector?reason=-")
    assert answer.is_success, answer.text
    assert assignee(engine) is None


def test_another_login_of_the_person_keeps_what_they_claimed(as_: Login, task: str, engine: Engine) -> None:
    person = as_("lin.jian")
    person.post(f"/tasks/{task}/claim")
    own = {"login": "lin.2", "current": cast.PASSWORD, "new": "my own harbour 2", "name": "林检", "binding": True}
    assert person.post("/me/accounts", own).status_code == 204
    as_("admin").post("/accounts/lin.jian/disable", {"reason": "-"})
    assert assignee(engine) is not None


def test_a_role_that_ran_out_holds_no_task(as_: Login, task: str, engine: Engine, people: dict[str, int]) -> None:
    admin = as_("admin")
    admin.post("/people/qian.xin/roles", {"role": "inspector", "valid_until": "2099-01-01T00:00:00Z", "reason": "-"})
    assert as_("qian.xin").post(f"/tasks/{task}/claim").is_success
    with act(engine, SEEDER) as session:
        assert store.give_back(session) == 0
    _until_yesterday(engine, people["qian.xin"])
    assert as_("lin.jian").post(f"/tasks/{task}/claim").is_success
    assert assignee(engine) == people["lin.jian"]


def _until_yesterday(engine: Engine, person: int) -> None:
    """As time does it: the grant stays, and is over."""
    with act(engine, SEEDER) as session:
        session.connection().execute(
            text("update role_grant set revoked_at = now() where person_id = :p and role = 'inspector'"), {"p": person}
        )
