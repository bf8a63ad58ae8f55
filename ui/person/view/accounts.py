"""Accounts as a person's page shows them: how they stand, and what an administrator may do (21 CFR 11.200(a)(3), 11.300)."""

from urllib.parse import quote

from models.person.queries.people import AccountView, PersonView
from ui.frame.i18n import Words
from ui.frame.parts import FormField, Option
from ui.person.page.people import AccountRow, PersonForm


def row(words: Words, one: AccountView) -> AccountRow:
    """How a login stands, and whether a one-time code waits for its owner."""
    code = ""
    if one.code is not None:
        key = (
            f"people.code_mail_{one.code.mail or 'waiting'}"
            if one.code.way == "mail"
            else f"people.code_{one.code.way}"
        )
        code = words(key, n=one.code.halves_seen)
    return AccountRow(
        login=one.login,
        locked_at=one.locked_at,
        disabled=one.disabled,
        must_change=one.must_change_password or one.own_since is None,
        last_seen=one.last_login_at,
        certified_at=one.own_since,
        code=code,
    )


def ways(words: Words, *, mailed: bool, address: bool = True) -> tuple[Option, ...]:
    """How a one-time code may reach the person."""
    blocked = "" if mailed and address else words("people.no_server" if not mailed else "people.no_address")
    return (
        Option(value="mail", label=words("people.by_mail"), blocked=blocked),
        Option(value="hands", label=words("people.by_hands")),
    )


def forms(words: Words, one: PersonView, why: FormField, *, mailed: bool) -> list[PersonForm]:
    """What an administrator may do about somebody's accounts; never to set a password."""
    base = f"/people/{one.id}"
    way = FormField(
        key="way",
        label=words("people.way"),
        kind="choice",
        options=ways(words, mailed=mailed, address=bool(one.email)),
        required=True,
    )
    made = [_rename(words, one, why)]
    if not one.accounts and one.kind == "human":
        login = FormField(key="login", label=words("people.login"), required=True)
        made.append(_form(words, "login", f"{base}/login", (login, way)))
    for account in one.accounts:
        at = f"{base}/accounts/{quote(account.login, safe='')}"
        if account.locked_at is not None:
            made.append(_form(words, "unlock", f"{at}/unlock", (why,), account.login))
        if not account.disabled and one.kind == "human" and one.active:
            made.append(_form(words, "reset", f"{at}/reset", (way, why), account.login))
        word = "open" if account.disabled else "close"
        if one.active:
            made.append(_form(words, word, f"{at}/{word}", (why,), account.login, key="closed"))
    return made


def halves(words: Words, one: PersonView) -> list[PersonForm]:
    """Where a code is handed over by two: to take a half."""
    waiting = [
        account
        for account in one.accounts
        if account.code and account.code.way == "hands" and account.code.halves_seen < 2
    ]
    return [
        PersonForm(
            key=f"half-{account.login}",
            title=words("people.half", login=account.login),
            action=f"/people/{one.id}/accounts/{quote(account.login, safe='')}/half",
            fields=(),
            button=words("people.half_do"),
            note=words("people.half_note"),
            whole=True,
        )
        for account in waiting
    ]


def _rename(words: Words, one: PersonView, why: FormField) -> PersonForm:
    fields = [
        FormField(key="name", label=words("people.name"), value=one.name, required=True),
        FormField(
            key="name_en",
            label=words("people.english"),
            value=one.name_en or "",
            help=words("people.english_help"),
        ),
    ]
    if not one.employee_no:
        fields.append(FormField(key="employee_no", label=words("people.employee_no")))
    return _form(words, "rename", f"/people/{one.id}/rename", (*fields, why))


def _form(
    words: Words, word: str, action: str, fields: tuple[FormField, ...], login: str = "", *, key: str = ""
) -> PersonForm:
    return PersonForm(
        key=f"{key or word}-{login}" if login else word,
        title=words(f"people.{word}", login=login),
        action=action,
        fields=fields,
        button=words(f"people.{word}_do"),
    )
