"""A matter gets another owner: signed by its owner or by who gives out work, refused to everybody else, at every door."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from httpx import Client, Response
from playwright.async_api import BrowserContext, expect
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from models.person.rules.roles import Role
from runtime.ports import NO_TLS
from tests.support.fixtures.api import Person
from tests.support.often import WALKED, WALKED_IN_ENGLISH
from tests.support.plant.people import grant
from tests.support.plant.plant import PASSWORD, SETUP
from tests.support.servers.site import Site

LOGINS = ("li.cang", "lin.jian", "wu.jingli", "chen.pi")
OWNER = text(
    "select a.login from subject s join account a on a.person_id = s.owner_id where s.kind = :kind and s.number = :number"
)
SIGNED = text("""
select g.printed_name, g.outcome = p.public_id::text, s.number from signature g join subject s on s.id = g.subject_id
  join person p on p.id = s.owner_id where g.act = 'hand_over' and s.number = :number order by g.id
""")


@pytest.fixture(scope="module", autouse=True)
def process_owner(site: Site) -> None:
    """The quality manager writes definitions too."""
    grant(site.plant, "wu.jingli", Role.PROCESS_OWNER)


@pytest.fixture
def people(site: Site) -> Iterator[dict[str, Person]]:
    made = {}
    for login in LOGINS:
        client = Client(base_url=site.address, timeout=60, trust_env=False, verify=NO_TLS)
        told = client.post("/api/v1/auth/login", json={"login": login, "password": PASSWORD})
        assert told.status_code == 200, told.text
        made[login] = Person(client, login, told.json()["csrf"])
    yield made
    for one in made.values():
        one.client.close()


def subject(site: Site, kind: str, number: str) -> str:
    with site.plant.engine.connect() as connection:
        query = text("select public_id from subject where kind = :kind and number = :number")
        return str(connection.execute(query, {"kind": kind, "number": number}).scalar_one())


def owner(site: Site, number: str, kind: str = "lot") -> str:
    with site.plant.engine.connect() as connection:
        return str(connection.execute(OWNER, {"kind": kind, "number": number}).scalar_one())


async def hand_over(who: Person, key: str, to: str, *, shown: str | None = None, **more: Any) -> Response:
    """Read the record, prove the password; `shown` is to whom the record says that it goes."""
    record = await asyncio.to_thread(who.get, f"/subjects/{key}/owner/record?to={shown or to}")
    if record.status_code != 200:
        return record
    seen = record.json()
    signature = {"password": PASSWORD, "meaning": seen["meaning"], "digest": seen["digest"]} | more.pop("proof", {})
    body = {"to": to, "reason": "换岗", "signature": signature} | more
    return await asyncio.to_thread(lambda: who.post(f"/subjects/{key}/owner", body, Idempotency_Key=str(uuid4())))


def refused(answer: Response, status: int, code: str) -> None:
    said = answer.json()
    assert (answer.status_code, said["code"]) == (status, code), answer.text
    assert said["clause"]
    assert said["detail"]


async def test_its_owner_or_who_gives_out_work_signs_it_over(site: Site, people: dict[str, Person]) -> None:
    await site.plant.material("HO-1", 10)
    key, first = subject(site, "lot", "HO-1"), owner(site, "HO-1")
    assert first != "chen.pi"
    others = [one for one in ("li.cang", "lin.jian") if one != first]

    refused(await hand_over(people["chen.pi"], key, "chen.pi"), 403, "OWN-001")
    refused(await hand_over(people[others[0]], key, others[0]), 403, "OWN-001")
    manager = people["wu.jingli"]
    refused(await hand_over(manager, key, first), 409, "OWN-003")
    refused(await hand_over(manager, key, "nobody.here"), 404, "AUTH-016")
    refused(await hand_over(manager, key, "chen.pi", reason=" "), 422, "API-422")
    refused(await hand_over(manager, key, "chen.pi", proof={"password": "不是密码"}), 403, "SIG-002")
    refused(
        await hand_over(manager, key, "chen.pi", shown="lin.jian" if first != "lin.jian" else "li.cang"), 409, "SIG-004"
    )
    refused(await hand_over(manager, key, "chen.pi", signature=None), 422, "SIG-001")
    assert owner(site, "HO-1") == first

    seen = (await asyncio.to_thread(manager.get, f"/subjects/{key}/owner/record?to=chen.pi")).json()
    signature = {"password": PASSWORD, "meaning": seen["meaning"], "digest": seen["digest"]}
    body, sent = {"to": "chen.pi", "reason": "换岗", "signature": signature}, str(uuid4())
    for _ in range(2):  # sent twice, it is done once
        done = await asyncio.to_thread(lambda: manager.post(f"/subjects/{key}/owner", body, Idempotency_Key=sent))
        assert done.status_code == 200, done.text
    assert owner(site, "HO-1") == "chen.pi"
    # now it is hers, and she may give it on
    back = await hand_over(people["chen.pi"], key, first)
    assert back.status_code == 200, back.text
    with site.plant.engine.connect() as connection:
        assert [(row[0], row[2]) for row in connection.execute(SIGNED, {"number": "HO-1"})] == [
            ("吴经理", "HO-1"),
            ("陈批", "HO-1"),
        ]
    trail = await asyncio.to_thread(manager.get, f"/subjects/{key}")
    assert [one["act"] for one in trail.json()["signatures"] if one["act"]] == ["hand_over", "hand_over"]


async def test_two_who_sign_at_once_leave_one_owner(site: Site, people: dict[str, Person]) -> None:
    """Both have read whose it was: the later one signs what isn't so any more."""
    await site.plant.material("HO-2", 10)
    key = subject(site, "lot", "HO-2")
    taken = await asyncio.gather(*(hand_over(people["wu.jingli"], key, to) for to in ("chen.pi", "zhou.shen")))
    codes = sorted(one.status_code for one in taken)
    assert codes in ([200, 200], [200, 409]), [one.text for one in taken]
    if codes == [200, 409]:
        [late] = [one for one in taken if one.status_code == 409]
        refused(late, 409, "SIG-004")
    assert owner(site, "HO-2") in {"chen.pi", "zhou.shen"}


async def test_the_database_takes_no_owner_without_a_signature(site: Site) -> None:
    await site.plant.material("HO-3", 10)
    before = owner(site, "HO-3")
    change = text(
        "update subject set owner_id = (select person_id from account where login = 'chen.pi') where number = 'HO-3'"
    )
    with pytest.raises(Refusal) as caught, act(site.plant.engine, SETUP) as session:
        session.connection().execute(change)
    assert isinstance(caught.value.__cause__, DBAPIError)
    assert getattr(caught.value.__cause__.orig, "sqlstate", "") == "BW368"
    assert owner(site, "HO-3") == before


@pytest.mark.parametrize("language", WALKED)
async def test_on_the_page_whom_then_the_signature(site: Site, context: BrowserContext, language: str) -> None:
    number = f"HO-4-{language}"
    await site.plant.material(number, 10)
    key = subject(site, "lot", number)
    page = await site.enter(context, "wu.jingli", language)
    await page.goto(f"{site.address}/subjects/{key}")
    await page.click(f"a[href='/subjects/{key}/owner']")
    await site.look(page, "owner-whom")
    await page.select_option("select[name=to]", "chen.pi")
    await page.click("form button.btn-primary")
    await expect(page.locator("textarea[name=reason]")).to_be_visible()
    await site.look(page, "owner-sign")
    await page.fill("textarea[name=reason]", "换岗" if language == "zh" else "Another post")
    await page.fill("input[name=password]", "wrong")
    await page.click("form .btn-primary")
    await expect(page.locator("#refusal")).to_contain_text("SIG-002")
    await site.look(page, "owner-refused")
    assert owner(site, number) != "chen.pi"
    await page.fill("input[name=password]", PASSWORD)
    await page.click("form .btn-primary")
    await page.wait_for_url(f"**/subjects/{key}")
    await expect(page.locator("main")).to_contain_text("陈批" if language == "zh" else "Chen")
    assert owner(site, number) == "chen.pi"


async def test_rules_decide_whose_new_matters_are_until_they_end(site: Site, people: dict[str, Person]) -> None:
    writer = people["wu.jingli"]

    async def rule(**given: Any) -> Response:
        body = {"kind": "lot", "role": "inspector", "reason": "分工"} | given
        return await asyncio.to_thread(writer.post, "/owner-rules", body)

    before = {"role": "inspector", "supplier_no": "S-1", "person": "lin.jian"}
    refused(
        await asyncio.to_thread(people["lin.jian"].post, "/owner-rules", before | {"kind": "lot", "reason": "?"}),
        403,
        "AUTH-005",
    )
    refused(await rule(kind="没有"), 422, "OWN-010")
    refused(await rule(supplier_no="S-404"), 422, "OWN-011")
    refused(await rule(role="nobody"), 422, "AUTH-015")
    refused(await rule(person="wu.jingli"), 422, "OWN-013")
    refused(await rule(reason=""), 422, "API-422")

    wide, narrow = await rule(role="warehouse"), await rule(**before)
    assert (wide.status_code, narrow.status_code) == (201, 201), (wide.text, narrow.text)
    at_once = await asyncio.gather(*(rule(shift="夜班") for _ in range(4)))
    assert sorted(one.status_code for one in at_once) == [201, 409, 409, 409]
    refused(await rule(**before), 409, "OWN-012")
    await site.plant.material("HO-5", 10)
    assert owner(site, "HO-5") == "lin.jian"

    [first] = [one for one in narrow.json()["items"] if one["supplier_no"] == "S-1"]
    assert (first["kind"], first["role"], first["person"], first["idle"]) == ("lot", "inspector", "林检", False)
    ending = f"/owner-rules/{first['id']}/end"
    ended = await asyncio.to_thread(writer.post, ending, {"reason": "换人"})
    assert ended.status_code == 200, ended.text
    refused(await asyncio.to_thread(writer.post, ending, {"reason": "换人"}), 409, "OWN-015")
    refused(await asyncio.to_thread(writer.post, f"/owner-rules/{uuid4()}/end", {"reason": "换人"}), 404, "OWN-014")
    await site.plant.material("HO-6", 10)
    assert owner(site, "HO-6") == "li.cang"
    assert owner(site, "HO-5") == "lin.jian"


@pytest.mark.parametrize("language", WALKED_IN_ENGLISH)
async def test_a_process_owner_writes_and_ends_a_rule_on_the_page(
    site: Site, context: BrowserContext, language: str
) -> None:
    page = await site.enter(context, "wu.jingli", language)
    await page.goto(f"{site.address}/definitions")
    await page.click("a[href='/owner-rules']")
    await page.click("details.fold summary")
    await page.select_option("select[name=kind]", "nonconformance")
    await page.select_option("select[name=role]", "qa_approver")
    await page.fill("input[name=shift]", f"夜班 {language}")
    await page.fill("input[name=supplier_no]", "S-404")
    await page.fill("textarea[name=reason]", "分工")
    await page.click("details.fold .btn-primary")
    await expect(page.locator("#refusal")).to_contain_text("OWN-011")
    await site.look(page, "owner-rules-refused")
    await page.fill("input[name=supplier_no]", "")
    await page.click("details.fold .btn-primary")
    row = page.locator("tr[data-row]", has_text=f"夜班 {language}")
    await expect(row).to_be_visible()
    await site.look(page, "owner-rules")
    await row.locator("summary").click()
    await row.locator("input[name=reason]").fill("换班")
    await row.locator("form button").click()
    await expect(page.locator("details.fold", has_text="夜班").last).to_be_attached()
    await expect(row).to_be_hidden()
