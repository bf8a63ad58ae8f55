"""One-time codes as people hand them over: two see a half each, the person sets the own password and says who it is."""

from typing import Any

OWN = "my own harbour 2"


def halves(one: Any, other: Any, login: str) -> str:
    """Both halves of the code that waits for that person, seen by two colleagues."""
    shown = [who.post(f"/accounts/{login}/halves") for who in (one, other)]
    assert [answer.status_code for answer in shown] == [200, 200], [answer.text for answer in shown]
    return " ".join(answer.json()["half"] for answer in shown)


def first(login: str, code: str, name: str, new: str = OWN, **more: Any) -> dict[str, Any]:
    """What somebody sends at the first sign-in."""
    return {"login": login, "code": code, "name": name, "binding": True, "new": new, **more}
