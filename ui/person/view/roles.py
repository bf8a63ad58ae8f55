"""Roles as pages: the list, a new one, one of them with what may change about it (REQ 112)."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.person.rules.role_change import USES, Use
from models.person.rules.roles import PERMISSION_NAMES, Duty, Permission, PlantRole, Roles, within
from ui.frame.form.forms import Sheet
from ui.frame.i18n import Words
from ui.frame.parts import FormField, Option
from ui.frame.visit import new_key
from ui.person.page.people import PersonForm
from ui.person.page.roles import RoleLine, RolePage, RolesPage


def href(key: str) -> str:
    """The address of a role."""
    return f"/roles/{quote(key, safe='')}"


def everything(
    words: Words,
    found: Roles,
    held: Mapping[str, int],
    *,
    manages: bool,
    given: FormData | None = None,
    refusal: Refusal | None = None,
) -> RolesPage:
    """All roles, in the order in which they came."""
    return RolesPage(
        roles=tuple(_line(words, one, held.get(one.key, 0)) for one in found.all),
        fields=_new(Sheet(words, given, refusal)) if manages else (),
        refusal=refusal,
        command_key=new_key(),
    )


def one(
    words: Words,
    role: PlantRole,
    holders: tuple[str, ...],
    uses: tuple[Use, ...],
    *,
    manages: bool,
    where: str = "",
    given: FormData | None = None,
    refusal: Refusal | None = None,
) -> RolePage:
    """One role; `where` is the form that was refused."""
    forms = (
        (_change(Sheet(words, *((given, refusal) if where == "change" else (None, None))), role), _active(words, role))
        if manages
        else ()
    )
    shown = tuple(replace(form, refusal=refusal) if form.key == where else form for form in forms)
    return RolePage(
        line=_line(words, role, len(holders)),
        origin=words("role.shipped" if role.shipped else "role.own"),
        version=role.version,
        uses=tuple(USES[use.where].say(words.language).format(what=use.what) for use in uses),
        holders=holders,
        forms=shown,
        refusal=refusal if not any(form.key == where for form in forms) else None,
        command_key=new_key(),
    )


def _line(words: Words, role: PlantRole, people: int) -> RoleLine:
    return RoleLine(
        title=role.name.say(words.language),
        key=role.key,
        duty=words(f"role.duty_{role.duty.value}"),
        permissions=tuple(
            PERMISSION_NAMES[each].say(words.language) for each in Permission if each in role.permissions
        ),
        people=people,
        quality=role.quality,
        active=role.active,
        href=href(role.key),
    )


def _new(sheet: Sheet) -> tuple[FormField, ...]:
    words = sheet.words
    kinds = tuple(Option(value=each.value, label=words(f"role.duty_{each.value}")) for each in Duty)
    return (
        sheet.field("key", words("role.key"), help=words("role.key_help"), required=True),
        *_names(sheet, "", ""),
        sheet.field(
            "duty",
            words("role.duty"),
            "choice",
            Duty.BUSINESS.value,
            options=kinds,
            help=words("role.duty_help"),
            required=True,
        ),
        _permissions(sheet, tuple(Permission), ()),
        _quality(sheet, chosen=False),
        sheet.field("reason", words("role.reason"), required=True),
    )


def _change(sheet: Sheet, role: PlantRole) -> PersonForm:
    words = sheet.words
    held = tuple(each.value for each in Permission if each in role.permissions)
    return PersonForm(
        key="change",
        title=words("role.change"),
        action=href(role.key),
        fields=(
            *_names(sheet, role.name.zh, role.name.en),
            _permissions(sheet, within(role.duty), held),
            *((_quality(sheet, chosen=role.quality),) if role.duty is Duty.BUSINESS else ()),
            sheet.field("reason", words("role.reason"), required=True),
        ),
        button=words("role.change_do"),
    )


def _active(words: Words, role: PlantRole) -> PersonForm:
    word = "stop" if role.active else "start"
    return PersonForm(
        key="active",
        title=words(f"role.{word}"),
        action=f"{href(role.key)}/active",
        fields=(FormField(key="reason", label=words("role.reason"), required=True),),
        button=words(f"role.{word}_do"),
    )


def _names(sheet: Sheet, zh: str, en: str) -> tuple[FormField, ...]:
    return (
        replace(sheet.field("zh", sheet.words("role.zh"), default=zh, required=True), lang="zh"),
        replace(sheet.field("en", sheet.words("role.en"), default=en, required=True), lang="en"),
    )


def _permissions(sheet: Sheet, may: tuple[Permission, ...], held: tuple[str, ...]) -> FormField:
    options = tuple(Option(value=each.value, label=PERMISSION_NAMES[each].say(sheet.words.language)) for each in may)
    field = sheet.many("permissions", sheet.words("role.may"), options)
    return field if sheet.given is not None else replace(field, values=held)


def _quality(sheet: Sheet, *, chosen: bool) -> FormField:
    default = "true" if chosen else "false"
    return sheet.field(
        "quality", sheet.words("role.quality"), "boolean", default, help=sheet.words("role.quality_help")
    )
