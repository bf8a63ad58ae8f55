"""The whole life of a process that the API knows nothing of, by the API alone: refusals, both signatures, parts, its day."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from httpx import Client, Response
from temporalio.testing import WorkflowEnvironment

from runtime.ports import NO_TLS
from tests.process.sample import installed as sample
from tests.process.workflow.test_deadlines import A_DAY, settled
from tests.support.fixtures.api import Person
from tests.support.plant.plant import PASSWORD
from tests.support.processes import waiting
from tests.support.servers.database import TestDatabase
from tests.support.servers.site import Site
from tests.support.servers.until import born, ended
from workflows.temporal.start import ensure_outbox

LOGINS = ("lin.jian", "zhou.shen", "chen.pi", "wang.cao", "admin")


@pytest.fixture(scope="module", autouse=True)
def known() -> Iterator[None]:
    with sample.handed_in():
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def furnished(known: None, site: Site, site_database: TestDatabase) -> None:
    """The plant has samples."""
    del known
    sample.furnish(site_database.owner_url, site.plant.engine)
    await ensure_outbox(site.plant.client)


class Desk:
    """Everybody's terminal; a request is waited for beside the worker, which lives in this event loop too."""

    def __init__(self, site: Site) -> None:
        self.people: dict[str, Person] = {}
        for login in LOGINS:
            client = Client(base_url=site.address, timeout=60, trust_env=False, verify=NO_TLS)
            told = client.post("/api/v1/auth/login", json={"login": login, "password": PASSWORD})
            assert told.status_code == 200, told.text
            self.people[login] = Person(client, login, told.json()["csrf"])

    async def read(self, login: str, path: str) -> Any:
        answer = await asyncio.to_thread(self.people[login].get, path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def tasks(self, login: str, number: str) -> list[dict[str, Any]]:
        """What somebody's inbox says about a sample."""
        page = await self.read(login, "/tasks?view=all&limit=200")
        return [one for one in page["items"] if (one["subject_kind"], one["lot_no"]) == ("sample", number)]

    async def post(self, login: str, path: str, body: dict[str, Any], key: str | None = None) -> Response:
        headers = {"Idempotency-Key": key or str(uuid4())}
        return await asyncio.to_thread(self.people[login].post, path, body, **headers)

    async def complete(
        self, login: str, task: str, outcome: str | None = None, *, key: str | None = None, **more: Any
    ) -> Response:
        return await self.post(login, f"/tasks/{task}/complete", {"outcome": outcome, **more}, key)

    async def sign(self, login: str, task: str, outcome: str, **more: Any) -> Response:
        """Read the record, prove the password."""
        shown = await self.read(login, f"/tasks/{task}/record")
        signature = {"password": PASSWORD, "meaning": shown["meaning"], "digest": shown["digest"]}
        return await self.complete(login, task, outcome, signature=signature | more.pop("proof", {}), **more)


@pytest.fixture
def desk(site: Site) -> Iterator[Desk]:
    made = Desk(site)
    yield made
    for one in made.people.values():
        one.client.close()


def refused(answer: Response, status: int, code: str) -> None:
    """A sentence in the reader's language, its code and its clause."""
    said = answer.json()
    assert (answer.status_code, said["code"]) == (status, code), answer.text
    assert said["clause"]
    assert said["detail"]


async def written(site: Site, desk: Desk, number: str) -> str:
    """It is begun, what is wrong is refused, and it is written down; the id of the first signer's task."""
    run = sample.begin(site.plant.engine, number)
    await born(site.plant.client, run)
    [task] = await desk.tasks("lin.jian", number)
    assert (task["stage"], task["can_claim"]) == ("write", True)
    assert (task["lot_status"], task["item_no"], task["quantity"], task["uom"]) == ("taken", "sample", "3", "ml")
    refused(await desk.complete("wang.cao", task["id"], form=sample.FORM), 403, "TASK-005")
    refused(await desk.complete("lin.jian", task["id"], form={"remark": "清楚"}), 422, "PRC-004")
    refused(await desk.complete("lin.jian", task["id"], form=sample.FORM | {"due": "2031-02-30"}), 422, "PRC-004")
    assert sample.stands(site.plant, run) == ("running", ["write"])

    key = str(uuid4())
    first = await desk.complete("lin.jian", task["id"], form=sample.FORM | {"remark": "?"}, key=key)
    assert first.status_code == 200, first.text
    again = await desk.complete("lin.jian", task["id"], form=sample.FORM | {"remark": "?"}, key=key)
    assert (again.status_code, again.json()) == (200, first.json())
    refused(await desk.complete("lin.jian", task["id"], form=sample.FORM), 409, "TASK-002")

    [review] = await desk.tasks("zhou.shen", number)
    refused(await desk.sign("zhou.shen", review["id"], "agree"), 409, "SMP-001")
    back = await desk.sign("zhou.shen", review["id"], "back", reason="说明不清楚")
    assert back.status_code == 200, back.text
    [task] = await desk.tasks("lin.jian", number)
    done = await desk.complete("lin.jian", task["id"], form=sample.FORM)
    assert done.status_code == 200, done.text
    [review] = await desk.tasks("zhou.shen", number)
    return str(review["id"])


async def signed(site: Site, desk: Desk, number: str) -> str:
    """Two people have signed, and each part has been looked at; its workflow."""
    run = f"sample/{number}"
    review = await written(site, desk, number)
    refused(await desk.sign("zhou.shen", review, "agree", proof={"password": "不是密码"}), 403, "SIG-002")
    refused(await desk.sign("zhou.shen", review, "agree", proof={"digest": "0" * 64}), 409, "SIG-004")
    assert (await desk.sign("zhou.shen", review, "agree")).status_code == 200
    [approve] = await desk.tasks("chen.pi", number)
    given = await desk.post("admin", "/people/zhou.shen/roles", {"role": "qa_approver", "reason": "代理批准"})
    assert given.status_code < 300, given.text
    refused(await desk.sign("zhou.shen", approve["id"], "agree"), 403, "PRC-005")
    taken = await asyncio.to_thread(desk.people["admin"].delete, "/people/zhou.shen/roles/qa_approver?reason=到期")
    assert taken.status_code < 300, taken.text
    refused(await desk.sign("zhou.shen", approve["id"], "agree"), 403, "TASK-005")
    assert (await desk.sign("chen.pi", approve["id"], "agree")).status_code == 200
    for part in sample.parts(site.plant, number):
        await born(site.plant.client, part)
    for left in (2, 1):
        looks = await desk.tasks("lin.jian", number)
        assert [one["stage"] for one in looks] == ["look"] * left
        done = await desk.complete("lin.jian", looks[0]["id"])
        assert done.status_code == 200, done.text
    assert await desk.tasks("lin.jian", number) == []
    assert sample.stands(site.plant, run) == ("running", ["rest"])
    return run


async def whole(site: Site, desk: Desk, number: str, told: list[str]) -> None:
    """It has come to its end, and the API says all that has been."""
    await ended(site.plant.client, f"sample/{number}")
    assert sample.told(site.plant, number) == told
    public = site.plant.scalar("select public_id from subject where kind = 'sample' and number = :n", n=number)
    found = await desk.read("chen.pi", f"/subjects/{public}")
    assert (found["head"]["number"], found["tasks"]) == (number, [])
    assert {one["process"] for one in found["runs"]} == {"sample", "sample-part"}
    assert [one["open"] for one in found["runs"]] == [0] * 3
    assert sorted(one["meaning"] for one in found["signatures"]) == ["approved", "reviewed", "reviewed"]


async def test_word_comes_and_it_settles(site: Site, desk: Desk) -> None:
    await signed(site, desk, "A-1")
    assert sample.word(site.plant.engine, "A-1") is True
    after_the_way_back = ["sample.write", "sample.review", *sample.TOLD]
    await whole(site, desk, "A-1", after_the_way_back)


async def test_its_day_comes_and_it_settles(site: Site, desk: Desk, temporal_env: WorkflowEnvironment) -> None:
    run = await signed(site, desk, "A-2")
    handle = site.plant.client.get_workflow_handle(run)
    left = sample.ripe(site.plant, "A-2")
    assert await temporal_env.fast_forward(handle, left - A_DAY)
    await settled(site.plant, run)
    assert sample.stands(site.plant, run) == ("running", ["rest"])
    waiting.answered(site.plant, run, "write", "due", waiting.today(site.plant)[1].isoformat())
    await temporal_env.fast_forward(handle, 2 * A_DAY)
    await whole(site, desk, "A-2", ["sample.write", "sample.review", *sample.BY_DAY])
