"""People in front of the API of an old or a new home, as the plays of this folder need them.

Nothing here is of ours but the addresses, so that it runs beside any commit.
"""

import time
from typing import Any

import httpx

PASSWORD = "Batchwright-2026"
BUSY = {"API-202", "API-503", "API-504", "API-499", "API-432", "PRC-410"}


class Person:
    """Somebody in front of the API."""

    def __init__(self, address: str, login: str, password: str = PASSWORD) -> None:
        self.password = password
        self.client = httpx.Client(base_url=f"{address}/api/v1", timeout=60, trust_env=False)
        me = self.client.post("/auth/login", json={"login": login, "password": password}).raise_for_status().json()
        self.csrf = me["csrf"]

    def get(self, path: str, **params: Any) -> Any:
        """Ask."""
        return self.client.get(path, params=params).raise_for_status().json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Do; what is on its way already is asked for again under the same key."""
        headers = {"X-CSRF-Token": self.csrf, "Idempotency-Key": f"play-{time.time_ns()}"}
        answer = self.client.post(path, json=body, headers=headers)
        for _ in range(60):
            if answer.is_success or answer.json().get("code") not in BUSY:
                break
            time.sleep(0.5)
            answer = self.client.post(path, json=body, headers=headers)
        if not answer.is_success:
            message = f"{path} {answer.status_code} {answer.text}"
            raise RuntimeError(message)
        return answer.json() if answer.content else None

    def task(self, lot_no: str, stage: str) -> dict[str, Any]:
        """The open task of a batch at a step, as soon as it is there."""
        for _ in range(60):
            for one in self.get("/tasks", view="all", limit=200)["items"]:
                if (one["lot_no"], one["stage"]) == (lot_no, stage):
                    return dict(one)
            time.sleep(0.5)
        message = f"{lot_no} never came to {stage}"
        raise RuntimeError(message)

    def complete(self, task: dict[str, Any], outcome: str | None = None, *, sign: bool = False, **more: Any) -> None:
        """Complete a task, signing what is shown now."""
        body = {"outcome": outcome, **more}
        if sign:
            shown = self.get(f"/tasks/{task['id']}/record")
            body["signature"] = {
                "password": self.password,
                "meaning": shown["meaning"],
                "digest": shown["digest"],
            }
        self.post(f"/tasks/{task['id']}/complete", body)


class Plant:
    """Its people, each logged in on first use."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.people: dict[str, Person] = {}

    def __getitem__(self, login: str) -> Person:
        if login not in self.people:
            self.people[login] = Person(self.address, login)
        return self.people[login]

    def close(self) -> None:
        """Everybody goes home."""
        for person in self.people.values():
            person.client.close()


def step(plant: Plant, number: str, login: str, stage: str, outcome: str | None = None, **more: Any) -> None:
    """Somebody completes the step of a recall, as soon as it is open."""
    for _ in range(60):
        seen = plant["sun.zhao"].get(f"/recalls/{number}")["tasks"]
        waits = [one for one in seen if one["stage"] == stage and one["status"] == "open"]
        if waits:
            plant[login].complete(waits[0], outcome, **more)
            return
        time.sleep(0.5)
    message = f"{number} never came to {stage}"
    raise RuntimeError(message)
