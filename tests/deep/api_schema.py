"""Every operation of the API, asked for minutes with what its schema allows and forbids, as people of five roles.

A finding is an answer of the 5xx, a status, media type or body that the description doesn't name, or a wrong request that was
taken.  The plant is the demo company on a home of its own, and what its lists show (numbers, tasks, people) is used beside
invented values: otherwise everything would be 404.  `ADDRESS` asks a Batchwright that runs already, with the demo's people.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from runtime.demo.company.ground import PASSWORD
from runtime.demo.load import load
from runtime.ports import NO_TLS
from runtime.settings import Settings
from runtime.supervisor import running_stack
from tests.support import scratch
from tests.support.api_known import bindings, known

ROLES = {
    "zheng.shenji": "auditor",
    "li.cang": "warehouse",
    "wu.jingli": "quality manager and QA approver",
    "sun.zhao": "recall coordinator",
    "admin": "administrator",
}
LEFT_OUT = (
    "/api/v1/auth/logout",  # ends the session that asks
    "/api/v1/inbox/events",  # never ends
)
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)
"""What is asked of every answer; a request that fits its schema may still be refused by a rule of the plant."""
REFUSING = (400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429)
"""How a wrong request is turned away; one that is too large (413) isn't read to its end."""


def run(seed: int, minutes: float) -> int:
    """Ask as each role for its share of the time; 1 when anybody met a finding."""
    found = 0
    with _plant() as address, tempfile.TemporaryDirectory() as folder:
        print(f"api-schema: seed {seed}, {minutes:g} minutes, {len(ROLES)} roles, {address}", flush=True)
        # everybody enters before the first request: wrong guesses among those make the door slow for all
        sessions = {login: _enter(address, login) for login in ROLES}
        for login, session in sessions.items():
            found += _as(address, login, session, seed, max(10, int(minutes * 60 / len(ROLES))), Path(folder))
    print(f"api-schema: seed {seed}, {found} kinds of findings", flush=True)
    return 1 if found else 0


@contextmanager
def _plant() -> Iterator[str]:
    """The address of a Batchwright with the demo company."""
    given = os.environ.get("ADDRESS")
    if given:
        yield given.rstrip("/")
        return
    folder = scratch.folder("deep-")
    try:
        with running_stack(Settings(home=folder, port=0), fast=True) as stack:
            load(stack.settings)
            yield stack.api_url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _enter(address: str, login: str) -> dict[str, str]:
    """The headers of a person who has logged in."""
    with httpx.Client(base_url=address, timeout=60, trust_env=False, verify=NO_TLS) as client:
        answer = client.post("/api/v1/auth/login", json={"login": login, "password": PASSWORD})
        answer.raise_for_status()
        return {"Cookie": f"bw_session={client.cookies['bw_session']}", "X-CSRF-Token": answer.json()["csrf"]}


def _as(address: str, login: str, session: dict[str, str], seed: int, seconds: int, folder: Path) -> int:
    """Ask as one person; answers how many kinds of findings there were."""
    settings, report = folder / "schemathesis.toml", folder / f"{login}.json"
    with httpx.Client(base_url=address, timeout=60, trust_env=False, verify=NO_TLS, headers=session) as client:
        refusing = f"\n[checks.negative_data_rejection]\nexpected-statuses = {list(REFUSING)}\n"
        settings.write_text(bindings(known(client), 0.7) + refusing, encoding="utf-8")
    done = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), "--config-file", settings, "run", f"{address}/openapi.json",
         *(f"--header={name}: {value}" for name, value in session.items()), *(f"--exclude-path={path}" for path in LEFT_OUT),
         f"--checks={','.join(CHECKS)}", f"--seed={seed}", f"--max-time={seconds}", "--request-timeout=60",
         "--continue-on-failure", "--no-color", "--report=json", f"--report-json-path={report}"],
        cwd=folder, check=False, capture_output=True, text=True,
    )  # fmt: skip
    counts = _counts(done.stdout)
    print(f"{ROLES[login]} ({login}): {counts}", flush=True)
    if done.returncode == 0:
        return 0
    print(done.stdout + done.stderr, flush=True)
    return len(re.findall(r"^\d+\. Test Case ID", done.stdout, re.MULTILINE)) or 1


def _counts(told: str) -> str:
    operations = re.search(r"Tested: (\d+)", told)
    cases = re.search(r"Test cases:\n\s*(.+)", told)
    return f"{operations[1] if operations else '?'} operations, {cases[1] if cases else 'no cases'}"
