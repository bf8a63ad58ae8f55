"""Guessing gets slower and slower, by address and by account, and locks nobody out for good (21 CFR 11.300(d))."""

from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv6Address
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from api.frame.throttle import MOST, Throttle
from models.kernel.refusal import Refusal
from models.person.rules import auth
from models.person.store import sessions
from tests.support.plant.cast import PASSWORD

Login = Callable[..., Any]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def refused(throttle: Throttle, address: str) -> bool:
    try:
        throttle.check(address)
    except Refusal:
        return True
    return False


@given(st.integers(0, 200))
def test_a_lock_grows_with_every_wrong_password_and_never_is_for_good(failures: int) -> None:
    lasts = auth.lock_time(failures)
    assert (lasts > timedelta()) == (failures >= auth.MAX_FAILURES)
    assert lasts <= auth.lock_time(failures + 1) <= auth.LOCK_LONGEST
    assert auth.address_pause(failures) <= auth.address_pause(failures + 1) <= auth.ADDRESS_LONGEST


def test_an_address_waits_longer_each_time_and_no_other_waits_with_it() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(auth.GUESSES_BY_ADDRESS):
        assert not refused(throttle, "10.0.0.1")
        throttle.wrong("10.0.0.1")
    for pause in (1, 2, 4, 8):
        assert refused(throttle, "10.0.0.1")
        assert not refused(throttle, "10.0.0.2")
        clock.now += pause - 0.01
        assert refused(throttle, "10.0.0.1")
        clock.now += 0.02
        assert not refused(throttle, "10.0.0.1")
        throttle.wrong("10.0.0.1")
    clock.now += auth.ADDRESS_FORGOTTEN.total_seconds() + 1
    assert not refused(throttle, "10.0.0.1")


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_all_addresses_of_one_network_wait_together(prefix: int, one: int, other: int) -> None:
    throttle = Throttle(Clock())
    at = [str(IPv6Address((0x2001 << 112 | prefix) >> 64 << 64 | host)) for host in (one, other)]
    for place in range(auth.GUESSES_BY_ADDRESS):
        throttle.wrong(at[place % 2])
    assert [refused(throttle, address) for address in at] == [True, True]
    assert not refused(throttle, str(IPv6Address(0x2002 << 112 | one)))


def test_an_address_of_ipv4_is_one_however_it_is_written() -> None:
    throttle = Throttle(Clock())
    for _ in range(auth.GUESSES_BY_ADDRESS):
        throttle.wrong("::ffff:10.0.0.1")
    assert refused(throttle, "10.0.0.1")
    assert not refused(throttle, "10.0.0.2")
    assert not refused(throttle, "a name")


def test_however_many_addresses_come_no_more_are_remembered_than_the_limit() -> None:
    throttle = Throttle()
    for place in range(MOST + 50):
        throttle.wrong(str(place))
    assert len(throttle._wrong) == MOST


def test_from_one_address_all_accounts_together_are_guessed_slowly(
    as_: Login, anybody: httpx.Client, app: FastAPI, engine: Engine
) -> None:
    chen = as_("chen.pi")
    for _ in range(auth.GUESSES_BY_ADDRESS):
        app.state.throttle.wrong("127.0.0.1")
    answer = anybody.post("/api/v1/auth/login", json={"login": "chen.pi", "password": "guessed"})
    assert (answer.status_code, answer.json()["code"]) == (429, "AUTH-034")
    assert "1" in answer.json()["params"]["seconds"]
    with engine.connect() as connection:
        counted = connection.execute(text("select failed_count from account where login = 'chen.pi'")).scalar_one()
    assert counted == 0, "a guess that is slowed down locks nobody"
    assert chen.get("/me").status_code == 200


def test_a_lock_ends_by_itself_and_the_right_password_then_opens(engine: Engine, people: dict[str, int]) -> None:
    assert people
    for _ in range(auth.MAX_FAILURES):
        with pytest.raises(Refusal, match="AUTH-002"):
            sessions.log_in(engine, "chen.pi", "guessed")
    with pytest.raises(Refusal, match="AUTH-002"):
        sessions.log_in(engine, "chen.pi", PASSWORD)
    left = "select extract(epoch from locked_until - now())::int from account where login = 'chen.pi'"
    with engine.connect() as connection:
        assert 50 < connection.execute(text(left)).scalar_one() <= 60
    _wait_out(engine)
    with pytest.raises(Refusal, match="AUTH-002"):
        sessions.log_in(engine, "chen.pi", "guessed again")
    with engine.connect() as connection:
        assert 110 < connection.execute(text(left)).scalar_one() <= 120
    _wait_out(engine)
    assert sessions.log_in(engine, "chen.pi", PASSWORD).id
    with engine.connect() as connection:
        state = "select failed_count, locked_at, locked_until from account where login = 'chen.pi'"
        assert tuple(connection.execute(text(state)).one()) == (0, None, None)


def _wait_out(engine: Engine) -> None:
    """As if the time of the lock had passed."""
    from models.kernel.store.act import Actor, act

    with act(engine, Actor("service:operator", "操作员 / operator", "test")) as session:
        session.connection().execute(text("update account set locked_until = now() - interval '1 second'"))
