"""Reports and packs over HTTP: one record, one digest, everything in the ZIP as `digests.txt` says (REQUIREMENTS 82)."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import Engine

from models.kernel.large_json import canonical
from tests.support.house.proves import proves
from tests.support.plant import cast
from tests.support.plant.direct import beside
from tests.support.plant.plant import PASSWORD
from tests.support.plant.recalling import Recalling
from tests.support.servers.database import TestDatabase

Login = Callable[..., Any]


@pytest.fixture(scope="module")
def founded_database(furnished_database: TestDatabase) -> TestDatabase:
    """One for the whole file, with a plant of its own: what a test is refused changes nothing."""
    return furnished_database


@pytest.fixture
def people(engine: Engine) -> dict[str, int]:
    """The plant has its cast."""
    return cast.people(engine)


@pytest_asyncio.fixture(params=["recall", "drill"], scope="module", loop_scope="session")
async def recall(request: pytest.FixtureRequest, founded_database: TestDatabase) -> Recalling:
    """The hospital answered, sent half back, was called; a report on progress went out."""
    plant, n = beside(founded_database.engine), uuid4().hex[:6].upper()
    await plant.material(f"R-{n}")
    await plant.make(f"H-{n}", f"R-{n}")
    await plant.release(f"H-{n}")
    await plant.ship(f"SH-{n}", f"H-{n}", 30)
    made = Recalling(plant, f"{'RD' if request.param == 'drill' else 'RC'}-2026-{n}", request.param)
    await made.open(f"H-{n}")
    await made.to_customers()
    await made.draw("a")
    (notice,) = made.notices()
    await made.acknowledge(notice, 28, on_hand=20, used=8, will_return=20, remark="=1+1 已通知 #panic()")
    await made.book(f"H-{n}", "15")
    await made.dispose(made.returns()[0], "scrap", "15")
    await made.check(made.checks().rows[0])
    await made.file("progress")
    return made


def digest_of(document: dict[str, Any]) -> str:
    body = {name: value for name, value in document.items() if name not in {"digest", "computed_at"}}
    return hashlib.sha256(canonical(body)).hexdigest()


def unpacked(answer: httpx.Response) -> dict[str, bytes]:
    """The files of a pack, checked as `sha256sum -c digests.txt` would."""
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}
    listed = dict(line.split("  ", 1)[::-1] for line in files["digests.txt"].decode().splitlines())
    assert listed == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "digests.txt"
    }
    return files


@proves("C 69")
async def test_the_status_report_says_what_the_record_says(recall: Recalling, as_: Login) -> None:
    person = as_("zheng.shenji", PASSWORD)
    address = f"/api/v1/recalls/{recall.number}/reports/status"
    found = person.client.get(address).json()
    assert found["digest"] == digest_of(found)
    assert found["digest"] == person.client.get(address).json()["digest"]
    # nobody has recorded that the letter was posted; who answers was told
    assert (found["notified"]["customers"], found["notified"]["waiting"]) == (1, 0)
    assert (found["responded"]["customers"], found["not_responded"]["customers"]) == (1, 0)
    assert (found["responded"]["received"], found["responded"]["used"]) == ("28", "8")
    (total,) = found["reconciliation"]["totals"]
    assert (total["shipped"], total["returned"], total["used"], total["outstanding"]) == ("30", "15", "8", "7")
    assert found["effectiveness"]["progress"]["effective_percent"] == "100.0"
    assert found["estimated_completion"] is None
    later = person.client.get(address, params={"estimated_on": "2027-01-31"}).json()
    assert (later["estimated_completion"], later["digest"] == found["digest"]) == ("2027-01-31", False)
    lines = list(
        csv.DictReader(io.StringIO(person.client.get(address, params={"format": "csv"}).text.lstrip("\ufeff")))
    )
    assert [one["outstanding 未结"] for one in lines] == ["7"]
    paper = person.client.get(address, params={"format": "pdf"})
    assert paper.content.startswith(b"%PDF-")
    assert ("DRILL-" in paper.headers["content-disposition"]) == (recall.mode == "drill")


async def test_what_is_not_there_is_said(recall: Recalling, as_: Login) -> None:
    person = as_("sun.zhao", PASSWORD)
    base = f"/api/v1/recalls/{recall.number}"
    for path, status, code in (
        ("/reports/termination", 409, "RCP-002"),
        ("/reports/poem", 404, "RCP-005"),
        ("/reports/status?estimated_on=soon", 422, "RCP-006"),
        ("/reports/status?format=docx", 422, "API-422"),
        # a recall's number may have strokes in it, and there is none of this number
        ("/checks/00000000-0000-7000-8000-000000000000", 404, "RCL-001"),
    ):
        answer = person.client.get(base + path)
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
    for path in ("/checks", "/returns", "/reports", "/reconciliation", "/pack"):
        assert person.client.get(base + path).status_code == 200, path
        assert person.client.get(f"/api/v1/recalls/RC-9{path}").json()["code"] == "RCL-001", path


async def test_the_class_of_each_market_is_read_and_recorded_by_whom_it_concerns(recall: Recalling, as_: Login) -> None:
    person = as_("sun.zhao", PASSWORD)
    address = f"/api/v1/recalls/{recall.number}/classes"
    assert [(one["market"], one["kind"], one["level"]) for one in person.client.get(address).json()] == [
        ("CN", "class", "II")
    ]
    body = {
        "market": "US",
        "level": "IV",
        "authority": "FDA",
        "reference": "Z-1",
        "classified_at": "2026-11-28T00:00:00Z",
    }
    for login, status in (("sun.zhao", 422), ("li.cang", 403), ("zheng.shenji", 403)):
        who = as_(login, PASSWORD)
        given = {**body, "level": "I"} if status == 403 else body
        assert who.client.post(address, json=given, headers={"X-CSRF-Token": who.csrf}).status_code == status
    report = person.client.get(f"/api/v1/recalls/{recall.number}/reports/status").json()
    assert report["markets"][0]["by"] == "吴经理"


async def test_the_pack_is_whole_and_says_what_it_is(recall: Recalling, as_: Login) -> None:
    person = as_("zheng.shenji", PASSWORD)
    await recall.do("follow_up", "sun.zhao", "done")
    await recall.decide()
    await recall.do("close", "wu.jingli", "close", signed=True, reason="其余约定退回")
    await recall.file("summary")
    files = unpacked(person.client.get(f"/api/v1/recalls/{recall.number}/pack"))
    status = person.client.get(f"/api/v1/recalls/{recall.number}/reports/status").json()
    assert hashlib.sha256(files["status-report.json"]).hexdigest() == status["digest"]
    end = json.loads(files["termination-report.json"])
    assert (end["closing"]["reason"], end["closing"]["printed_name"]) == ("其余约定退回", "吴经理")
    scope = person.client.get(f"/api/v1/recalls/{recall.number}/scope").json()
    assert hashlib.sha256(files["scope-v1.json"]).hexdigest() == scope["digest"]
    filed = person.client.get(f"/api/v1/recalls/{recall.number}/reports").json()
    kept = {hashlib.sha256(text).hexdigest() for name, text in files.items() if name.startswith("filed/")}
    assert kept == {one["digest"] for one in filed}
    assert len(kept) == 2
    assert "'=1+1" in files["notices.csv"].decode("utf-8-sig")
    assert ("DRILL" in files["README.txt"].decode()) == (recall.mode == "drill")
    for name in ("reconciliation", "differences", "lots", "checks", "returns", "dispositions", "reports"):
        assert len(files[f"{name}.csv"].decode("utf-8-sig").splitlines()) >= 2, name
    clocks = len(files["deadlines.csv"].decode("utf-8-sig").splitlines()) - 1
    assert (clocks == 0) == (recall.mode == "drill"), "no authority's clock runs for a drill"


async def test_only_who_may_books_decides_and_files(recall: Recalling, as_: Login) -> None:
    base = f"/api/v1/recalls/{recall.number}"
    back = recall.returns()[0].id
    asked = {
        f"{base}/checks": {"level": "a"},
        f"{base}/checks/{back}": {"reached": False, "channel": "visit", "contacted_at": "2026-11-22T09:00:00+08:00"},
        f"{base}/reports": {
            "kind": "plan",
            "jurisdiction": "CN",
            "filed_at": "2026-11-22T09:00:00+08:00",
            "authority": "x",
            "reference": "y",
        },
        f"/api/v1/returns/{back}/dispositions": {"kind": "scrap", "quantity": "1", "reason": "x"},
    }
    person = as_("li.cang", PASSWORD)
    for path, body in asked.items():
        answer = person.client.post(path, json=body, headers={"X-CSRF-Token": person.csrf})
        assert (answer.status_code, answer.json()["code"]) == (403, "AUTH-005"), path
