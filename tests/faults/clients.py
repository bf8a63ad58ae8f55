"""People at their terminals while servers are killed: every request goes over HTTP and is sent again until answered.

A client may see a broken connection, 503 (a part is down, or the answer takes longer than it waits) or 409 API-432 (the
same request is still under way).  Anything else but success is a bug: a person would have read it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from uuid import uuid4

import httpx

from runtime.ports import NO_TLS
from tests.support.plant.plant import PASSWORD

PATIENCE = 180.0
PAUSE = 1.0
"""Seconds until a request is sent again: dozens of people who do that five times a second are more work than what they ask for."""
KEY_BUSY = "API-432"


class Acts:
    """Counts what has been answered, so that a kill can wait for its moment."""

    def __init__(self) -> None:
        self.done = 0
        self._changed = threading.Condition()

    def one_more(self) -> None:
        with self._changed:
            self.done += 1
            self._changed.notify_all()

    def wait_for(self, number: int, seconds: float = 90) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.done >= number, seconds), f"{self.done} of {number} acts"


class Terminal:
    """One of the cast, logged in."""

    def __init__(self, address: str, login: str, acts: Acts) -> None:
        self.acts = acts
        self.client = httpx.Client(
            base_url=address + "/api/v1",
            timeout=40,
            trust_env=False,
            verify=NO_TLS,
            limits=httpx.Limits(max_connections=60, max_keepalive_connections=60),
        )
        me = self._until_answered("POST", "/auth/login", {"login": login, "password": PASSWORD}, {})
        self.headers = {"X-CSRF-Token": str(me["csrf"])}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def act(self, path: str, body: dict[str, Any], key: str | None = None) -> Any:
        """One act, sent with the same Idempotency-Key until it is answered."""
        answer = self._until_answered("POST", path, body, self.headers | {"Idempotency-Key": key or str(uuid4())})
        self.acts.one_more()
        return answer

    def draft(self, task: str, form: dict[str, Any]) -> None:
        """Keep a half-filled form."""
        self._until_answered("POST", f"/tasks/{task}/draft", {"form": form}, self.headers)

    def read(self, path: str) -> Any:
        """What a page shows."""
        return self._until_answered("GET", path, None, {})

    def task(self, lot_no: str, stage: str) -> str:
        """The id of the open task of a stage, from the inbox."""
        page = self.read("/tasks?view=all&limit=200")
        return next(str(one["id"]) for one in page["items"] if (one["lot_no"], one["stage"]) == (lot_no, stage))

    def complete(self, lot_no: str, stage: str, outcome: str | None = None, **more: Any) -> Any:
        """Complete an unsigned task."""
        return self.act(f"/tasks/{self.task(lot_no, stage)}/complete", {"outcome": outcome, **more})

    def sign(self, lot_no: str, stage: str, outcome: str, **more: Any) -> Any:
        """Complete a signed task: read the record, prove the password."""
        task = self.task(lot_no, stage)
        shown = self.read(f"/tasks/{task}/record")
        signature = {"password": PASSWORD, "meaning": shown["meaning"], "digest": shown["digest"]}
        return self.act(f"/tasks/{task}/complete", {"outcome": outcome, "signature": signature, **more})

    def lift(self, hold: str, reason: str) -> Any:
        """Lift a hold, signed."""
        shown = self.read(f"/holds/{hold}/record")
        signature = {"password": PASSWORD, "meaning": shown["meaning"], "digest": shown["digest"]}
        return self.act(f"/holds/{hold}/lift", {"reason": reason, "signature": signature})

    def _until_answered(self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]) -> Any:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.client.request(method, path, json=body, headers=headers)
            except httpx.TransportError as error:
                said = repr(error)
            else:
                if answer.is_success:
                    return answer.json() if answer.content else None
                said = f"{answer.status_code} {answer.text}"
                code = answer.json().get("code") if "json" in answer.headers.get("content-type", "") else ""
                assert answer.status_code == 503 or code == KEY_BUSY, f"{method} {path}: {said}"
            assert time.monotonic() < deadline, f"{method} {path} not answered within {PATIENCE:.0f} s: {said}"
            time.sleep(PAUSE)


class Shift:
    """The people whom a batch needs."""

    def __init__(self, address: str) -> None:
        self.acts = Acts()
        logins = ("li.cang", "lin.jian", "zhao.liu", "wang.cao", "zhou.shen", "chen.pi", "wu.jingli")
        self.everybody = {login: Terminal(address, login, self.acts) for login in logins}

    def __getitem__(self, login: str) -> Terminal:
        return self.everybody[login]


@contextmanager
def shift(address: str) -> Iterator[Shift]:
    """Everybody logs in; at the end their connections are closed."""
    people = Shift(address)
    yield people
    for terminal in people.everybody.values():
        terminal.client.close()
