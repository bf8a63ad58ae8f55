"""A plant asks something of its own of those who release: asked on the page of the release, signed, and shown to the second signer."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect
from sqlmodel import select

from models.definition import store as definitions
from models.definition.document import Definition, as_data
from models.definition.lint.lint import lint
from models.kernel.store.act import act, reading
from models.process.tables.process import HumanTask
from models.process.tables.signature import Signature, SignedRecord
from tests.support.definitions import all_shipped
from tests.support.often import WALKED_IN_ENGLISH
from tests.support.plant.plant import PASSWORD, SETUP
from tests.support.servers.site import Site, href

QUESTIONS = [
    {
        "key": "shelf",
        "title": {"zh": "留样架号", "en": "Shelf of the samples"},
        "type": "text",
        "required": True,
        "max_length": 20,
    },
    {"key": "seals", "title": {"zh": "封条核对", "en": "Seals checked"}, "type": "boolean", "required": True},
]


def asking() -> Definition:
    """The shipped release; its reviewer is asked two things more."""
    data = as_data(all_shipped()["release"])
    data["stages"] = [one | ({"form": QUESTIONS} if one["key"] == "review" else {}) for one in data["stages"]]
    return Definition.model_validate(data | {"version": data["version"] + 50})


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def batch(site: Site) -> AsyncIterator[str]:
    """A batch whose release asks."""
    with act(site.plant.engine, SETUP) as session:
        definitions.ship(session, json.dumps(as_data(asking())))
    await site.before.material("R-ASKS", 100)
    await site.before.make("H-ASKS", "R-ASKS", 50)
    yield "H-ASKS"


def test_the_definition_passes_lint() -> None:
    assert [one for one in lint(asking()) if one.severity != "warning"] == []


def said(site: Site, stage: str) -> tuple[dict[str, Any], str]:
    """What was answered, and the text under the signature's statement."""
    with reading(site.plant.engine) as session:
        task = session.exec(select(HumanTask).where(HumanTask.stage == stage, HumanTask.status == "done")).one()
        signed = session.exec(select(Signature).where(Signature.task_id == task.id)).one()
        kept = session.exec(select(SignedRecord).where(SignedRecord.digest == signed.statement)).one()
        return dict(task.form), kept.canonical


@pytest.mark.parametrize("language", WALKED_IN_ENGLISH)
async def test_what_is_missing_is_refused_where_the_person_stands(
    site: Site, batch: str, context: BrowserContext, language: str
) -> None:
    page = await site.enter(context, "zhou.shen", language)
    await page.goto(href(site, batch, "review"))
    await expect(
        page.locator("label", has_text="留样架号" if language == "zh" else "Shelf of the samples")
    ).to_be_visible()
    await page.evaluate("document.querySelectorAll('[required]').forEach(one => one.removeAttribute('required'))")
    await page.fill("[name=shelf]", "A" * 21)
    await page.check("input[name=outcome][value=release]")
    await page.fill("input[name=password]", PASSWORD)
    await page.click(".decision button.btn-primary")
    await expect(page.locator("#f-shelf-error")).to_be_visible()
    await expect(page.locator("[name=shelf]")).to_have_value("A" * 21)
    await site.look(page, "release-form-refused")


async def test_the_answers_are_signed_and_the_second_signer_sees_them(
    site: Site, batch: str, context: BrowserContext, other_context: BrowserContext
) -> None:
    address = href(site, batch, "review")
    page = await site.enter(context, "zhou.shen")
    await page.goto(address)
    await page.fill("[name=shelf]", "留-07")
    await page.check("[name=seals][value=true]")
    await site.look(page, "release-form")
    await page.check("input[name=outcome][value=release]")
    await page.fill("input[name=password]", PASSWORD)
    await page.click(".decision button.btn-primary")
    await page.wait_for_url("**/inbox")
    form, statement = said(site, "review")
    assert form == {"shelf": "留-07", "seals": True}
    assert json.loads(statement)["form"] == {"shelf": "留-07", "seals": "true"}

    await page.goto(address)
    await expect(page.locator(".decision dl.facts")).to_contain_text("留-07")
    second = await site.enter(other_context, "chen.pi", "en")
    await second.goto(href(site, batch, "approve"))
    await expect(second.locator(".decision")).to_contain_text("留-07")
    await site.look(second, "release-form-second")
