"""A recall drill as people play it: 孙召 opens and freezes, 吴经理 approves, everything is held and told, and closed."""

import time
from dataclasses import dataclass
from typing import Any

from runtime.demo.people.office import Office, patiently

COORDINATOR, MANAGER = "sun.zhao", "wu.jingli"


@dataclass
class Drill:
    """One recall or drill, step by step through the API."""

    office: Office
    mode: str = "drill"
    number: str = ""

    def open(self, *identifiers: str, title: str, reason: str) -> None:
        """孙召 types or scans anything; the scope is there at once."""
        body = {"mode": self.mode, "identifiers": list(identifiers), "title": title, "reason": reason}
        key = f"drill-{time.time_ns()}"
        done = patiently(lambda: self.office[COORDINATOR].post("/recalls", body, Idempotency_Key=key))
        self.number = done["data"]["recall_no"]

    def view(self) -> dict[str, Any]:
        """The cockpit."""
        found: dict[str, Any] = self.office[COORDINATOR].get(f"/recalls/{self.number}")
        return found

    def do(self, stage: str, login: str, outcome: str | None = None, **more: Any) -> None:
        """Complete the step that waits."""
        task = next(one for one in self.view()["tasks"] if one["stage"] == stage and one["status"] == "open")
        body = {"outcome": outcome, **more}
        if outcome in {"freeze", "approve", "close", "withdraw"}:
            shown = self.office[login].get(f"/tasks/{task['id']}/record")
            body["signature"] = {
                "password": self.office.password,
                "meaning": shown["meaning"],
                "digest": shown["digest"],
            }
        key = f"{task['id']}-{stage}"
        patiently(lambda: self.office[login].post(f"/tasks/{task['id']}/complete", body, Idempotency_Key=key))

    def freeze(self) -> None:
        """Two people stand behind the scope."""
        self.do("review_scope", COORDINATOR, "freeze")
        form = {"recall_class": "two", "hazard": "演练: 假定可能引起暂时的健康危害 / assumed temporary harm"}
        self.do("approve_scope", MANAGER, "approve", form=form)

    def finish(self) -> None:
        """Hold, tell, ask, decide about what is in house, follow up, close."""
        self.do("hold_all", COORDINATOR)
        self.do("notify", COORDINATOR)
        self.answers()
        decision = {"kind": "rework", "reason": "演练: 假定隔离后复检 / assumed to be set apart and inspected again"}
        base = f"/recalls/{self.number}"
        if self.view()["undecided"]:
            key = f"{self.number}-decide"
            patiently(lambda: self.office[MANAGER].post(f"{base}/decisions", decision, Idempotency_Key=key))
        self.do("follow_up", COORDINATOR, "done")
        self.do("close", MANAGER, "close", reason="演练结束 / end of the drill")

    def answers(self) -> None:
        """孙召 calls every customer and writes down what they say."""
        base = f"/recalls/{self.number}/notices"
        for notice in self.office[COORDINATOR].get(base):
            there = notice["shipped"]
            said = {"name": "演练 drill", "received": there, "on_hand": there, "used": "0", "will_return": there}
            self._answer(f"{base}/{notice['id']}/answer", said)

    def _answer(self, path: str, said: dict[str, Any]) -> None:
        patiently(lambda: self.office[COORDINATOR].post(path, said, Idempotency_Key=path))

    def document(self) -> dict[str, Any]:
        """What `demo --json` says of it."""
        seen = self.view()
        row, score = seen["row"], seen["score"] or {}
        return {
            "no": row["recall_no"],
            "mode": row["mode"],
            "status": row["status"],
            "lots": row["lots"],
            "customers": row["customers"],
            "complete": row["complete"],
            "balanced": row["balanced"],
            "digest": seen["versions"][-1]["digest"],
            "signatures": [
                {"name": one["name"], "stage": one["stage"], "digest": one["digest"]} for one in seen["signatures"]
            ],
            "seconds_to_scope": score.get("seconds_to_scope"),
            "score": score.get("points"),
        }
