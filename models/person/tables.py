"""Who acts: sites, people, their accounts, roles, absences, qualifications and sessions.

Identity is the person (DESIGN 2.8): two accounts of one person are one signer.  Logins are never reused
(21 CFR 11.100(a)), so accounts are disabled, not deleted.
"""

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from models.kernel.columns import (
    UUID,
    Any,
    Field,
    SQLModel,
    count,
    datetime,
    flag,
    instant,
    json_document,
    key,
    public_key,
    ref,
    subject_key,
    words,
)
from models.register.rules import Register

WITHIN = (
    "(case duty when 'business' then not permissions && array['people.write', 'fault.settle']"
    " when 'audit' then permissions <@ array['record.read', 'audit.read']"
    " else permissions <@ array['people.write', 'people.hand_over', 'fault.settle', 'record.read', 'audit.read'] end)"
)
"""What a role may permit at all, by its duty (`models.person.rules.roles.within`)."""


class Site(SQLModel, table=True):
    """A plant; its zone decides when a day ends, its country whose clocks always run.  `phone` is what recall letters give.

    `language` is that of who hasn't chosen one; nothing where the setting says it.
    """

    __tablename__ = "site"
    __table_args__ = (
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        CheckConstraint("language in ('zh', 'en')", name="language"),
    )
    id: int = key()
    subject_id: int = subject_key("site")
    code: str = words(unique=True)
    name: str = words()
    name_en: str | None = words(nullable=True)
    zone: str = words("Asia/Shanghai")
    country: str = words("CN")
    language: str | None = words(nullable=True)
    phone: str | None = words(nullable=True)
    late_entry_hours: int = count(24)


class Person(SQLModel, table=True):
    """A human being, or a machine that acts under its own name (`kind = service`)."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("kind in ('human', 'service')", name="kind"),)
    id: int = key()
    subject_id: int = subject_key("person")
    public_id: UUID = public_key()
    name: str = words()
    name_en: str | None = words(nullable=True)
    kind: str = words("human")
    email: str | None = words(nullable=True)
    employee_no: str | None = words(nullable=True)
    site_id: int | None = ref("site.id", nullable=True)
    active: bool = flag(default=True)


class Account(SQLModel, table=True):
    """A login.  `failed_count`, `locked_at` and `locked_until` implement 21 CFR 11.300(d).

    `own_since` is when the person set the password and certified who they are; without it, nothing can be signed.
    """

    __tablename__ = "account"
    id: int = key()
    person_id: int = ref("person.id")
    login: str = words(unique=True)
    password_hash: str = words()
    must_change_password: bool = flag()
    own_since: datetime | None = instant(nullable=True)
    disabled: bool = flag()
    failed_count: int = count(0)
    locked_at: datetime | None = instant(nullable=True)
    locked_until: datetime | None = instant(nullable=True)
    last_login_at: datetime | None = instant(nullable=True)


class SignInCode(SQLModel, table=True):
    """A one-time code to set the own password: mailed to the person, handed over by two, or printed at the founding.

    Only hashes are kept; of a mailed one not even that, for it is made from the server's secret.  `first_by` and
    `second_by` are who has seen which half.
    """

    __tablename__ = "sign_in_code"
    __table_args__ = (
        CheckConstraint("way in ('mail', 'hands', 'console')", name="way"),
        CheckConstraint("second_by_id is null or second_by_id <> first_by_id", name="two_people"),
    )
    id: int = key()
    public_id: UUID = public_key()
    account_id: int = ref("account.id")
    way: str = words()
    made_by_id: int | None = ref("person.id", nullable=True, index=False)
    made_at: datetime = instant(now=True)
    expires_at: datetime = instant()
    first_hash: str | None = words(nullable=True)
    first_by_id: int | None = ref("person.id", nullable=True, index=False)
    second_hash: str | None = words(nullable=True)
    second_by_id: int | None = ref("person.id", nullable=True, index=False)
    used_at: datetime | None = instant(nullable=True)
    void_at: datetime | None = instant(nullable=True)


class Certification(SQLModel, table=True):
    """A person confirms name and that the electronic signature binds like a handwritten one (21 CFR 11.100(b), (c))."""

    __tablename__ = "certification"
    id: int = key()
    account_id: int = ref("account.id")
    person_id: int = ref("person.id")
    code_id: int | None = ref("sign_in_code.id", nullable=True, index=False)
    name: str = words()
    statement: str = words()
    at: datetime = instant(now=True)


class AccountMail(SQLModel, table=True):
    """A mail to a person about the own account, and what came of it."""

    __tablename__ = "account_mail"
    __table_args__ = (CheckConstraint("status in ('waiting', 'sent', 'failed', 'unsent')", name="status"),)
    id: int = key()
    public_id: UUID = public_key()
    account_id: int = ref("account.id")
    code_id: int | None = ref("sign_in_code.id", nullable=True, index=False)
    news: str = words()
    by_name: str = words()
    address: str = words()
    status: str = words("waiting")
    attempts: int = count(0)
    why: str | None = words(nullable=True)
    asked_at: datetime = instant(now=True)
    done_at: datetime | None = instant(nullable=True)


class RoleRecord(SQLModel, table=True):
    """A role as the plant calls it, with what it permits; it is set inactive, never deleted.  `version` grows with each change.

    `duty`: roles of two kinds of work never sit in one person, and what a role may permit stays within its kind.  `quality`: a
    sign-off about quality may be given to it.  `shipped`: Batchwright brought it, and its code may name it.
    """

    __tablename__ = "role"
    __table_args__ = (
        CheckConstraint("duty in ('business', 'administration', 'audit')", name="duty"),
        CheckConstraint("btrim(zh) <> '' and btrim(en) <> ''", name="names"),
        CheckConstraint(WITHIN, name="apart"),
    )
    id: int = key()
    key: str = words(unique=True)
    zh: str = words()
    en: str = words()
    permissions: list[str] = Field(
        sa_type=ARRAY(Text), nullable=False, sa_column_kwargs={"server_default": text("'{}'")}
    )
    duty: str = words("business")
    quality: bool = flag()
    shipped: bool = flag()
    active: bool = flag(default=True)
    version: int = count(1)


class RoleGrant(SQLModel, table=True):
    """A role given to a person, for good or until a date.  It is taken away, never deleted: who held what when stays."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index("uq_role_grant_held", "person_id", "role", unique=True, postgresql_where=text("revoked_at is null")),
    )
    id: int = key()
    person_id: int = ref("person.id")
    role: str = Field(sa_type=Text, sa_column_args=[ForeignKey("role.key")], nullable=False, index=True)
    valid_until: datetime | None = instant(nullable=True)
    granted_at: datetime = instant(now=True)
    revoked_at: datetime | None = instant(nullable=True)


class Delegation(SQLModel, table=True):
    """While `from_person` is away, `to_person` may do their tasks; both stay visible on what is done."""

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="period"),
        CheckConstraint("from_person_id <> to_person_id", name="other"),
    )
    id: int = key()
    from_person_id: int = ref("person.id")
    to_person_id: int = ref("person.id")
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    reason: str = words()


class Qualification(SQLModel, table=True):
    """A proven skill of a person: `code` as routing steps name it, on a version of a document (ISO 13485 6.2)."""

    __tablename__ = "qualification"
    id: int = key()
    person_id: int = ref("person.id")
    code: str = words(index=True)
    document: str | None = words(nullable=True)
    valid_from: datetime = instant()
    valid_until: datetime | None = instant(nullable=True)


class LoginSession(SQLModel, table=True):
    """A browser's session or a machine's bearer token; only a hash of the secret is kept."""

    __tablename__ = "login_session"
    __table_args__ = (CheckConstraint("kind in ('cookie', 'token')", name="kind"),)
    id: int = key()
    token_hash: str = words(unique=True)
    kind: str = words("cookie")
    account_id: int = ref("account.id")
    csrf: str = words()
    created_at: datetime = instant(now=True)
    last_seen_at: datetime = instant(now=True)
    expires_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)


class SecurityNotice(SQLModel, table=True):
    """Something the person and the administrator must see at once, e.g. a lock-out (21 CFR 11.300(d))."""

    __tablename__ = "security_notice"
    id: int = key()
    account_id: int = ref("account.id")
    kind: str = words()
    at: datetime = instant(now=True)
    detail: dict[str, Any] = json_document()
    seen_at: datetime | None = instant(nullable=True)


class ServiceActor(SQLModel, table=True):
    """A part of the software that acts without a person; the audit trail takes no other name that isn't a person's.

    One that `furnishes` founds companies of the demonstration: the people in them exist nowhere else.
    """

    __tablename__ = "service_actor"
    id: int = key()
    actor_id: str = words(unique=True)
    what: str = words()
    furnishes: bool = flag()


SITES = Register(Site.code)
LOGINS = Register(Account.login)
