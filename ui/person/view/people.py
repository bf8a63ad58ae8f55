"""People and roles as pages: everybody, one person with what the reader may change, one's own absences (REQ 89, 112)."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import quote, urlencode

from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.person.queries.people import DelegationView, PersonView
from models.person.queries.people import PeoplePage as Found
from models.person.rules import known_roles
from models.person.rules.auth import Principal
from models.person.rules.roles import PERMISSION_NAMES, Permission
from ui.exposure import view as views_exposure
from ui.frame.form.forms import Sheet
from ui.frame.form.lines import local
from ui.frame.i18n import Words
from ui.frame.parts import FormField, Option, Pager
from ui.frame.rows import skill
from ui.frame.visit import new_key
from ui.person.page.people import (
    AbsenceRow,
    AbsencesPage,
    HeldRole,
    HeldSkill,
    NewPersonPage,
    PeoplePage,
    PersonForm,
    PersonPage,
    PersonRow,
    RoleRow,
)
from ui.person.view import accounts as views_accounts


def role_name(words: Words, key: str) -> str:
    """A role in the reader's language."""
    return known_roles.role_name(key, words.language)


def href(person: PersonView) -> str:
    """The address of a person."""
    return f"/people/{person.id}"


def everybody(words: Words, found: Found, holders: Found, q: str, cursor: str, now: datetime) -> PeoplePage:
    """The list, and the roles with who holds them."""
    kept = {"q": q} if q else {}
    held: dict[str, list[str]] = {}
    for person in holders.items:
        for grant in person.roles if person.active else ():
            held.setdefault(grant.role, []).append(words.name(person.name, person.name_en))
    return PeoplePage(
        people=tuple(_row(words, one, now) for one in found.items),
        roles=tuple(
            RoleRow(
                title=role.name.say(words.language),
                permissions=tuple(
                    PERMISSION_NAMES[one].say(words.language) for one in Permission if one in role.permissions
                ),
                people=tuple(held.get(role.key, ())),
                quality=role.quality,
            )
            for role in known_roles.known()
        ),
        pager=Pager(
            shown=len(found.items),
            next_href=f"/people?{urlencode({**kept, 'cursor': found.next})}" if found.next else None,
            first_href=f"/people?{urlencode(kept)}" if cursor else None,
        ),
        q=q,
    )


def _row(words: Words, one: PersonView, now: datetime) -> PersonRow:
    seen = [account.last_login_at for account in one.accounts if account.last_login_at]
    skills = [each.code for each in one.qualifications if _holds(each.valid_from, each.valid_until, now)]
    return PersonRow(
        login=" ".join(account.login for account in one.accounts),
        name=words.name(one.name, one.name_en),
        roles=tuple(role_name(words, grant.role) for grant in one.roles),
        active=one.active,
        locked=any(account.locked_at for account in one.accounts),
        last_seen=max(seen, default=None),
        qualifications=tuple(skill(words, code) for code in dict.fromkeys(skills)),
        href=href(one),
    )


def _holds(start: datetime, end: datetime | None, now: datetime) -> bool:
    return start <= now and (end is None or now < end)


def person(
    words: Words,
    reader: Principal,
    one: PersonView,
    skills: tuple[str, ...],
    now: datetime,
    *,
    mailed: bool = False,
    where: str = "",
    given: FormData | None = None,
    refusal: Refusal | None = None,
) -> PersonPage:
    """One person; nobody changes their own rights, so one's own page has no forms."""
    others = str(one.id) != reader.public_id
    manages = others and reader.may(Permission.PEOPLE_WRITE)
    trains = others and reader.may(Permission.QUALIFICATION_WRITE)
    hands = others and reader.may(Permission.PEOPLE_HAND_OVER)
    forms = (
        *(views_accounts.halves(words, one) if hands else ()),
        *(_administration(words, one, mailed=mailed) if manages else ()),
        *(_training(words, one, skills) if trains else ()),
    )
    shown = tuple(_refused(words, form, given, refusal) if form.key == where else form for form in forms)
    return PersonPage(
        name=words.name(one.name, one.name_en),
        active=one.active,
        email=one.email or "",
        employee_no=one.employee_no or "",
        site=one.site or "",
        exposure_href=views_exposure.href(f"person:{one.id}"),
        roles=tuple(
            HeldRole(
                title=role_name(words, grant.role),
                until=grant.valid_until,
            )
            for grant in one.roles
        ),
        skills=tuple(
            HeldSkill(
                title=skill(words, each.code),
                document=each.document or "",
                valid_from=each.valid_from,
                valid_until=each.valid_until,
                holds=_holds(each.valid_from, each.valid_until, now),
            )
            for each in one.qualifications
        ),
        accounts=tuple(views_accounts.row(words, account) for account in one.accounts),
        forms=shown,
        refusal=refusal if not any(form.key == where for form in forms) else None,
        command_key=new_key(),
    )


def _administration(words: Words, one: PersonView, *, mailed: bool) -> tuple[PersonForm, ...]:
    """What an administrator may do about a person."""
    held = {grant.role for grant in one.roles}
    why = FormField(key="reason", label=words("people.change_reason"), required=True)
    roles = tuple(
        Option(value=role.key, label=role.name.say(words.language))
        for role in known_roles.known()
        if role.key not in held
    )
    forms = [
        PersonForm(
            key="grant",
            title=words("people.grant"),
            action=f"{href(one)}/grant",
            fields=(
                FormField(key="role", label=words("people.role"), kind="choice", options=roles, required=True),
                FormField(key="valid_until", label=words("people.valid_until"), kind="date"),
                why,
            ),
            button=words("people.grant_do"),
        )
    ]
    forms += [
        PersonForm(
            key=f"revoke-{grant.role}",
            title=words("people.revoke", role=role_name(words, grant.role)),
            action=f"{href(one)}/roles/{quote(grant.role, safe='')}/revoke",
            fields=(why,),
            button=words("people.revoke_do"),
        )
        for grant in one.roles
    ]
    forms += views_accounts.forms(words, one, why, mailed=mailed)
    leaving = "leave" if one.active else "come_back"
    forms.append(
        PersonForm(
            key="active",
            title=words(f"people.{leaving}"),
            action=f"{href(one)}/{'leave' if one.active else 'return'}",
            fields=(why,),
            button=words(f"people.{leaving}_do"),
        )
    )
    return tuple(forms)


def new_person(
    words: Words, *, mailed: bool, given: FormData | None = None, refusal: Refusal | None = None
) -> NewPersonPage:
    """The form of somebody who begins."""
    sheet = Sheet(words, given, refusal)
    fields = (
        sheet.field("name", words("people.name"), required=True),
        sheet.field("name_en", words("people.english"), help=words("people.english_help")),
        sheet.field("employee_no", words("people.employee_no")),
        sheet.field("email", words("people.email"), help=words("people.email_help")),
        sheet.field("login", words("people.login")),
        sheet.field("way", words("people.way"), "choice", "hands", options=views_accounts.ways(words, mailed=mailed)),
        sheet.field("reason", words("people.change_reason"), required=True),
    )
    return NewPersonPage(fields=fields, refusal=refusal, command_key=new_key())


def _training(words: Words, one: PersonView, skills: tuple[str, ...]) -> tuple[PersonForm, ...]:
    """What a quality manager may write down: a code as routings and plans name it, known or new."""
    known = " · ".join(f"{skill(words, code)} ({code})" for code in skills)
    return (
        PersonForm(
            key="qualify",
            title=words("people.qualify"),
            action=f"{href(one)}/qualify",
            fields=(
                FormField(
                    key="code",
                    label=words("people.skill"),
                    help=words("people.skill_known", known=known) if known else words("people.skill_help"),
                    required=True,
                ),
                FormField(key="document", label=words("people.document")),
                FormField(key="valid_from", label=words("people.valid_from"), kind="date"),
                FormField(key="valid_until", label=words("people.valid_until"), kind="date"),
            ),
            button=words("people.qualify_do"),
        ),
    )


def _refused(words: Words, form: PersonForm, given: FormData | None, refusal: Refusal | None) -> PersonForm:
    """The form with everything typed, but for passwords."""
    sheet = Sheet(words, given, refusal)
    fields = tuple(
        one if one.kind == "password" else replace(one, value=sheet.value(one.key), error=sheet.error(one.key))
        for one in form.fields
    )
    return replace(form, fields=fields, refusal=refusal)


def absences(
    words: Words,
    reader: Principal,
    found: tuple[DelegationView, ...],
    colleagues: tuple[PersonView, ...],
    now: datetime,
    given: FormData | None = None,
    refusal: Refusal | None = None,
) -> AbsencesPage:
    """My absences and those I stand in for."""
    sheet = Sheet(words, given, refusal)
    options = tuple(
        Option(
            value=str(one.id),
            label=f"{words.name(one.name, one.name_en)} · {words('list.comma').join(role_name(words, grant.role) for grant in one.roles)}",
        )
        for one in colleagues
        if one.active and one.kind == "human" and str(one.id) != reader.public_id
    )
    return AbsencesPage(
        rows=tuple(
            AbsenceRow(
                who=one.from_name,
                deputy=one.to_name,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                reason=one.reason,
                in_force=one.in_force,
                end_href=f"/absences/{one.id}/end"
                if str(one.from_id) == reader.public_id and one.ends_at > now
                else "",
            )
            for one in found
        ),
        fields=(
            sheet.field("to", words("absence.deputy"), "choice", options=options, required=True),
            sheet.field("starts_at", words("absence.from"), "datetime", local(now, reader.zone), required=True),
            sheet.field("ends_at", words("absence.until"), "datetime", required=True),
            sheet.field("reason", words("absence.reason"), required=True),
        ),
        refusal=refusal,
        command_key=new_key(),
    )
