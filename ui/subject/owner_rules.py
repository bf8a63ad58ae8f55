"""The page of the plant's owner rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.person.rules.known_roles import role_name
from models.person.rules.roles import Roles
from models.process.store.owner_rules import RuleRow, known_kinds
from ui.frame.form.forms import Done, Sheet
from ui.frame.i18n import Words
from ui.frame.parts import FormField, Link, Option
from ui.frame.visit import new_key
from ui.subject.page import OwnerRuleLine, OwnerRulesPage
from ui.subject.shown import kind_name

Work = Callable[[], Done]


@dataclass(frozen=True)
class Typed:
    """What was typed and refused, and at which rule; nothing on a fresh page."""

    form: FormData | None = None
    refusal: Refusal | None = None
    where: str = ""


def page(
    words: Words, found: Sequence[RuleRow], roles: Roles, people: list[tuple[str, str]], typed: Typed, *, writes: bool
) -> OwnerRulesPage:
    """Those that hold, those that have ended, and a new one for who may write it."""
    new = not typed.where
    sheet = Sheet(words, typed.form if new else None, typed.refusal if new else None)
    lines = tuple(_line(words, one, typed, writes=writes) for one in found)
    return OwnerRulesPage(
        rules=tuple(one for one in lines if one.ended_at is None),
        ended=tuple(one for one in lines if one.ended_at is not None),
        fields=_fields(sheet, roles, people) if writes else (),
        refusal=typed.refusal if new or not any(one.refusal for one in lines) else None,
        command_key=new_key(),
    )


def _line(words: Words, one: RuleRow, typed: Typed, *, writes: bool) -> OwnerRuleLine:
    mine = typed.where == str(one.id)
    narrowed = [
        words("owners.of_family", family=one.family) if one.family else "",
        words("owners.of_supplier", supplier=f"{one.supplier} ({one.supplier_no})") if one.supplier_no else "",
        words("owners.of_shift", shift=one.shift) if one.shift else "",
    ]
    return OwnerRuleLine(
        kind=kind_name(words, one.kind),
        narrowed=tuple(each for each in narrowed if each),
        role=role_name(one.role, words.language),
        person=Link(label=one.person, href=f"/people/{one.person_id}") if one.person else None,
        idle=one.idle,
        made_at=one.made_at,
        ended_at=one.ended_at,
        end_href=f"/owner-rules/{one.id}/end" if writes and one.ended_at is None else "",
        refusal=typed.refusal if mine else None,
    )


def _fields(sheet: Sheet, roles: Roles, people: list[tuple[str, str]]) -> tuple[FormField, ...]:
    words = sheet.words
    kinds = tuple(Option(value=one, label=kind_name(words, one)) for one in known_kinds())
    held = tuple(Option(value=one.key, label=one.name.say(words.language)) for one in roles.all if one.active)
    named = (
        Option(value="", label=words("owners.by_role")),
        *(Option(value=login, label=f"{name} ({login})") for login, name in people),
    )
    return (
        sheet.field("kind", words("owners.kind"), "choice", options=kinds, required=True),
        sheet.field("family", words("owners.family"), help=words("owners.any")),
        sheet.field("supplier_no", words("owners.supplier"), help=words("owners.any")),
        sheet.field("shift", words("owners.shift"), help=words("owners.any")),
        sheet.field("role", words("owners.role"), "choice", options=held, required=True),
        sheet.field("person", words("owners.person"), "choice", options=named),
        sheet.field("reason", words("owners.reason"), "long_text", required=True),
    )
