"""Our scripts are modules that import what they use; they are kept by the browser together and change together (DESIGN 11)."""

import re

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from ui.frame.headers import FOR_EVER, Assets
from ui.frame.render import HERE, STATIC, module, scripts, static_file

SCRIPTS = sorted(STATIC.glob("*.js"))
IMPORT = re.compile(r'(?:^import (?:\{ ([\w, ]+) \} from )?|\bimport\()"\./([\w-]+\.js)"', re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function|const|let) (\w+)", re.MULTILINE)
LOADED = re.compile(r'<script type="module" src="\{\{ module\(\'([\w-]+\.js)\'\) \}\}"></script>')


def imported(name: str) -> set[str]:
    """What a script imports, over any number of steps, with itself."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += [file for _, file in IMPORT.findall((STATIC / one).read_text(encoding="utf-8"))]
    return seen


def test_pages_load_every_script_and_only_as_modules() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in HERE.parent.rglob("*.html"))
    begun = LOADED.findall(text)
    assert set(begun) == {"main.js", "trace-picture.js"}
    assert set().union(*map(imported, begun)) == {file.name for file in SCRIPTS}
    others = [src for src in re.findall(r"<script [^>]*asset\('([^']+)'\)", text) if not src.startswith("vendor/")]
    assert others == []


@pytest.mark.parametrize("name", [file.name for file in SCRIPTS])
def test_what_a_script_imports_is_exported_there_and_used(name: str) -> None:
    text = (STATIC / name).read_text(encoding="utf-8")
    for names, file in IMPORT.findall(text):
        exported = EXPORT.findall((STATIC / file).read_text(encoding="utf-8"))
        for word in filter(None, names.split(", ")):
            assert word in exported, f"{file} exports no {word}"
            assert len(re.findall(rf"\b{word}\b", text)) > 1, f"{name} doesn't use {word}"


async def test_a_module_and_what_it_imports_are_kept_for_ever_under_their_digest() -> None:
    app = Starlette(routes=[Mount("/static", Assets(directory=STATIC))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plant.localhost") as client:
        begun = await client.get(module("main.js"))
        beside = await client.get(str(httpx.URL(module("main.js")).join("./keyboard.js")))
        old = await client.get("/static/_0123456789ab/main.js")
        plain = await client.get("/static/main.js")
        nothing = await client.get(f"/static/_{scripts()}/nothing.js")
    assert [one.headers["Cache-Control"] for one in (begun, beside)] == [FOR_EVER, FOR_EVER]
    assert begun.headers["Content-Type"].startswith("text/javascript")
    assert beside.text == (STATIC / "keyboard.js").read_text(encoding="utf-8")
    assert [one.headers["Cache-Control"] for one in (old, plain)] == ["no-cache", "no-cache"]
    assert nothing.status_code == 404


def test_the_digest_is_no_part_of_other_addresses() -> None:
    assert static_file("_0123456789ab/main.js") == "main.js"
    assert static_file("vendor/htmx/htmx.min.js") == "vendor/htmx/htmx.min.js"
