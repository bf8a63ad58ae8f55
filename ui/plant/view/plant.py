"""The plant's registers as pages: one shape for all, a table says what each has (DESIGN 12; REQUIREMENTS 1, 19, 95)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.kernel.time.moments import minute
from models.plant.rules.first_batch import Need, Readiness, doers
from models.plant.store.names import NAMED as NAMES_OF
from ui.frame.form.lines import errors, rows
from ui.frame.i18n import Words
from ui.frame.parts import FormField, Link, Option, Pager
from ui.frame.visit import new_key
from ui.person.view.people import role_name
from ui.plant.page.plant import Line, LineColumn, NeedRow, PlantPage, RegisterNewPage, RegisterPage, RegisterRow

REGISTERS = (
    "places",
    "kinds",
    "suppliers",
    "customers",
    "levels",
    "countries",
    "items",
    "bills",
    "equipment",
    "calibrations",
    "plans",
)
LINE = ("name_zh", "name_en", "kind", "unit", "lower", "upper", "sample_size", "accept", "equipment_kind")
NAMED = ("name_zh", "name_en")
"""A row without a name is empty, whatever its choices say."""
SPARE = 3
HREFS = {
    "signers": "/people",
    "skill": "/people",
    "gauge": "/plant/calibrations",
    "supplier": "/plant/suppliers",
    "customer": "/plant/customers",
    "bill": "/plant/bills",
}
BEGINNINGS = {"role_": "/people", "place_": "/plant/places", "item_": "/plant/items", "plan_": "/plant/plans"}


def plant(words: Words, found: Readiness, undecided: int) -> PlantPage:
    """What the first batch still needs, and how much an upgrade has left to people."""
    return PlantPage(
        ready=found.ready,
        undecided=undecided,
        missing=sum(1 for one in found.needs if not one.met),
        needs=tuple(_need(words, one) for one in found.needs),
        registers=(
            *(Link(label=words(f"plant.{key}"), href=f"/plant/{key}") for key in REGISTERS),
            Link(label=words("people.title"), href="/people"),
        ),
    )


def _need(words: Words, one: Need) -> NeedRow:
    href = HREFS.get(one.key) or next(href for begins, href in BEGINNINGS.items() if one.key.startswith(begins))
    label = words(f"plant.need_{one.key}")
    return NeedRow(
        label=label,
        met=one.met,
        there=one.there,
        least=one.least,
        who=" · ".join(role_name(words, role) for role in doers(one.permission)),
        links=(Link(label=label, href=href),),
        details=one.details,
    )


def register(
    words: Words,
    key: str,
    columns: tuple[str, ...],
    found: tuple[RegisterRow, ...],
    following: str | None,
    *,
    q: str,
    cursor: str,
    may: bool,
) -> RegisterPage:
    """One list."""
    kept = {"q": q} if q else {}
    return RegisterPage(
        key=key,
        columns=tuple(words(f"plant.f_{one}") for one in columns),
        rows=found,
        pager=Pager(
            shown=len(found),
            next_href=f"/plant/{key}?{urlencode({**kept, 'cursor': following})}" if following else None,
            first_href=f"/plant/{key}?{urlencode(kept)}" if cursor else None,
        ),
        q=q,
        new_href=f"/plant/{key}/new" if may else "",
        renaming=may and key in NAMES_OF,
    )


def form(
    key: str, fields: tuple[FormField, ...], refusal: Refusal | None, lines: RegisterNewPage | None = None
) -> RegisterNewPage:
    """One form, perhaps with rows."""
    made = lines or RegisterNewPage(key=key, fields=())
    return replace(made, fields=fields, refusal=refusal, command_key=new_key())


def measures(words: Words, given: FormData | None, refusal: Refusal | None, *, more: bool) -> RegisterNewPage:
    """The rows of a plan: empty, or as they were typed."""
    kinds = tuple(Option(value=one, label=words(f"plant.f_{one}")) for one in ("attribute", "variable"))
    labels = {"kind": "measure", "unit": "uom", "sample_size": "samples", "equipment_kind": "gauge"}
    sizes = {"name_zh": 12, "name_en": 14, "equipment_kind": 10}
    columns = tuple(
        LineColumn(
            key=one,
            label=words(f"plant.f_{labels.get(one, one)}"),
            options=kinds if one == "kind" else (),
            size=sizes.get(one, 5),
        )
        for one in LINE
    )
    blank = Line(values=tuple("1" if one == "sample_size" else "" for one in LINE))
    lines = tuple(blank for _ in range(SPARE))
    if given is not None:
        typed = rows(given, "line", LINE)
        wrong = errors(refusal, "characteristics", [{one: row[one] for one in NAMED} for row in typed], words.language)
        lines = tuple(
            Line(values=tuple(row[one] for one in LINE), error=wrong.get(at, "")) for at, row in enumerate(typed)
        ) + (blank,) * (SPARE if more else 0)
    return RegisterNewPage(key="plans", fields=(), columns=columns, lines=lines)


def measured(form: FormData) -> list[Mapping[str, str]]:
    """The rows with a name, as the request wants them; one language is enough."""
    found: list[Mapping[str, str]] = []
    for row in rows(form, "line", LINE):
        if any(row[one] for one in NAMED):
            name = {"name_zh": row["name_zh"] or row["name_en"], "name_en": row["name_en"] or row["name_zh"]}
            found.append({**{one: value for one, value in row.items() if value}, **name})
    return found


def moment_of(value: datetime | None, zone: str) -> str:
    """A moment in a list, on the plant's clock."""
    return minute(value, zone) if value else ""
