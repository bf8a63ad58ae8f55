"""People in front of the API, as a browser is: log in, cookie and CSRF token, requests, and refusals as they come back."""

import ssl
import threading
import time
from typing import Any

import httpx

from models.kernel.refusal import Refusal
from runtime.ports import NO_TLS

BUSY = frozenset({"AUTH-034", "API-202", "API-432", "API-503", "API-504", "API-499", "PRC-410"})
PATIENCE = 90.0


class RefusedError(Exception):
    """The API said no; `document` is the problem document (RFC 9457)."""

    def __init__(self, status: int, document: dict[str, Any]) -> None:
        super().__init__(f"{status} {document.get('code')}: {document.get('zh') or document.get('detail')}")
        self.status = status
        self.document = document
        self.code = str(document.get("code", ""))


class Colleague:
    """Somebody's browser."""

    def __init__(self, address: str, login: str, password: str, trusted: ssl.SSLContext = NO_TLS) -> None:
        self._trusted = trusted
        self.login = login
        self.password = password
        self._client = httpx.Client(base_url=f"{address}/api/v1", timeout=60, trust_env=False, verify=trusted)
        try:
            me = self._answer(self._client.post("/auth/login", json={"login": login, "password": password}))
        except BaseException:
            self._client.close()
            raise
        self.name: str = me["name"]
        self.roles = frozenset(role["key"] for role in me["roles"])
        self._csrf = {"X-CSRF-Token": me["csrf"]}

    def get(self, path: str, **params: Any) -> Any:
        """Ask."""
        return self._answer(self._client.get(path, params=params))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Do, or be refused; a server that isn't there yet is waited for by `patiently`."""
        return self._answer(self.send(path, body, **headers))

    def send(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Do; the response as it came.  `body` may be raw text, to try what a browser never sends."""
        given = self._csrf | {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, str):
            return self._client.post(path, content=body, headers={"Content-Type": "application/json"} | given)
        return self._client.post(path, json=body, headers=given)

    def anonymous(self, path: str) -> Any:
        """Ask as somebody who hasn't logged in."""
        return self._answer(
            httpx.get(f"{self._client.base_url}{path.lstrip('/')}", timeout=60, trust_env=False, verify=self._trusted)
        )

    def delete(self, path: str) -> Any:
        """Take away."""
        return self._answer(self._client.delete(path, headers=self._csrf))

    def close(self) -> None:
        """Close the browser."""
        self._client.close()

    @staticmethod
    def _answer(response: httpx.Response) -> Any:
        if response.is_success:
            return response.json() if response.content else None
        try:
            document = response.json()
        except ValueError:
            document = {"code": f"HTTP-{response.status_code}", "detail": response.text[:200]}
        raise RefusedError(response.status_code, document)


class Office:
    """Everybody who has logged in so far; safe to use from several threads."""

    def __init__(self, address: str, password: str, trusted: ssl.SSLContext = NO_TLS) -> None:
        self.address = address
        self.trusted = trusted
        self.password = password
        self._people: dict[str, Colleague] = {}
        self._lock = threading.Lock()

    def __getitem__(self, login: str) -> Colleague:
        """A colleague, logged in on first use."""
        with self._lock:
            if login not in self._people:
                self._people[login] = Colleague(self.address, login, self.password, self.trusted)
            return self._people[login]

    def forget(self, login: str) -> None:
        """A session that has ended: the colleague logs in again when next needed."""
        with self._lock:
            self._people.pop(login).close()

    def close(self) -> None:
        """Everybody goes home."""
        for person in self._people.values():
            person.close()


def patiently(do: Any) -> Any:
    """Repeat what the API answers with "not yet" (a part is starting, the act is being recorded) or can't be reached."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return do()
        except RefusedError as no:
            if no.code not in BUSY or time.monotonic() > deadline:
                raise
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.3)


def as_refusal(no: RefusedError) -> Refusal:
    """The problem document as a refusal, for the command line."""
    said = no.document
    return Refusal(no.code, str(said.get("clause", "")), str(said.get("zh", no)), str(said.get("en", no)))
