"""Samples of the pages that set a plant up: the first page of all, registers and their forms, what an upgrade leaves open."""

from collections.abc import Callable

from starlette.datastructures import FormData

from models.plant.rules import founding
from tests.samples.pages import LONG_ZH, SCRIPT, hours, refusal
from ui.frame.first_rows import Cut
from ui.frame.form.forms import Sheet
from ui.frame.i18n import Language, Words
from ui.frame.parts import Link, Option, Pager
from ui.frame.render import Page
from ui.person.page.password import PasswordPage
from ui.person.page.people import NewPersonPage
from ui.plant.page.found import FoundPage
from ui.plant.page.plant import (
    NeedRow,
    PlantPage,
    RegisterPage,
    RegisterRow,
    UndecidedList,
    UndecidedPage,
    UndecidedRow,
)
from ui.plant.view import plant as views_plant

TYPED = FormData(
    [
        ("code", "FQC-HIP-12-14-最终检验"), ("title", LONG_ZH[:40]), ("line_name_zh", "柄部直径"), ("line_name_en", "Stem diameter"),
        ("line_kind", "variable"), ("line_unit", "mm"), ("line_lower", "11.95"), ("line_upper", "12.05"),
        ("line_sample_size", "5"), ("line_accept", "0"), ("line_equipment_kind", "caliper"),
    ]
)  # fmt: skip


def found_refused(language: Language) -> FoundPage:
    """The first page of an installation, with a wrong key."""
    words = Words(language)
    sheet = Sheet(words, None, founding.WRONG_KEY())
    countries = tuple(Option(value=str(n), label=f"{n}") for n in range(14))
    languages = (Option(value="zh", label="中文"), Option(value="en", label="English"))
    return FoundPage(
        plant=(
            sheet.field("name", words("found.name"), required=True),
            sheet.field("code", words("found.code"), default="P1", required=True),
            sheet.field("country", words("found.country"), "choice", options=countries, required=True),
            sheet.field("language", words("found.language"), "choice", language, options=languages, required=True),
        ),
        administrator=(
            sheet.field("administrator", words("people.name"), required=True),
            sheet.field("email", words("people.email"), help=words("found.either")),
        ),
        key=sheet.field("key", words("found.key"), required=True, help=words("found.key_help")),
        refusal=founding.WRONG_KEY(),
    )


def plant(language: Language) -> PlantPage:
    """What the first batch still needs."""
    words = Words(language)
    link = (Link(label="", href="/plant/items"),)
    return PlantPage(
        ready=False,
        missing=1,
        undecided=3,
        needs=(
            NeedRow(label=words("plant.need_place_line"), met=True, there=2, least=1, who="赵流", links=link),
            NeedRow(
                label=words("plant.need_place_storage"), met=False, there=0, least=1, who="赵流", links=link,
                details=tuple(f"0952001000{n:04}" for n in range(30)),
            ),
        ),
        registers=tuple(Link(label=words(f"plant.{key}"), href=f"/plant/{key}") for key in views_plant.REGISTERS),
    )  # fmt: skip


def register(language: Language) -> RegisterPage:
    """Items: long names beside short cells."""
    words = Words(language)
    row = (
        LONG_ZH[:50] + SCRIPT,
        words("lot.kind_in_process"),
        words("unit.kg"),
        "09520010000018, 19520010000015",
        "60",
        "–",
    )
    return RegisterPage(
        key="items",
        columns=tuple(
            words(f"plant.f_{key}") for key in ("number", "name", "kind", "uom", "gtin", "shelf", "implantable")
        ),
        rows=tuple(RegisterRow(number=f"0952001000{n:04}", cells=row) for n in range(2)),
        pager=Pager(shown=2, next_href="/plant/items?after=x"),
        new_href="/plant/items/new",
    )


def plan(language: Language) -> Page:
    """The form with the most rows and columns."""
    words = Words(language)
    sheet = Sheet(words, TYPED, None)
    fields = (
        sheet.field("code", words("plant.f_number"), help=words("plant.f_code_help"), required=True),
        sheet.field("title", words("plant.f_title"), required=True),
    )
    return views_plant.form("plans", fields, None, views_plant.measures(words, TYPED, None, more=True))


def undecided(language: Language) -> UndecidedPage:
    """Every list: full, cut, empty."""
    words = Words(language)
    alike = UndecidedRow(links=(Link(label="AB 0643", href="/search"), Link(label="AB0643" + "0" * 60, href="/search")))
    place = UndecidedRow(
        links=(Link(label="IV-L9002", href="/plant/kinds/new"),), note="旧厂区 Old site/原料库 Material store"
    )
    recall = UndecidedRow(links=(Link(label="RC-2026-001", href="/recalls"),), note=words("plant.undecided_free", n=3))
    login = UndecidedRow(links=(Link(label="chen.pi", href="/people/chen.pi"),), note=f"陈批 {SCRIPT}", at=hours(-9))
    lists = {"alike": (alike,), "places": (place,) * 2, "recalls": (recall,), "logins": (login,), "labels": ()}
    return UndecidedPage(
        total=2_005,
        lists=tuple(
            UndecidedList(
                key=key, total=2_000 if key == "places" else len(rows), rows=rows,
                cut=Cut(shown=len(rows), total=2_000 if key == "places" else len(rows), more_href="?all=places"),
            )
            for key, rows in lists.items()
        ),
    )  # fmt: skip


def person_new(language: Language) -> NewPersonPage:
    """Somebody begins at the plant, and something is missing."""
    words = Words(language)
    sheet = Sheet(words, None, None)
    return NewPersonPage(
        fields=(
            sheet.field("name", words("people.name"), required=True),
            sheet.field("employee_no", words("people.employee_no")),
            sheet.field("email", words("people.email")),
        ),
        refusal=refusal("AUTH-014"),
    )


PAGES: dict[str, Callable[[Language], Page]] = {
    "found-refused": found_refused,
    "plant": plant,
    "plant-register": register,
    "plant-plan": plan,
    "plant-undecided": undecided,
    "person-new": person_new,
    "password-must": lambda _: PasswordPage(must=True, certify="陈批", typed_name="陈批", binding=True),
}
