"""What a process can be about, whose it is, and what else a run touches (DESIGN 6a).

A subject is made and called by the row that it stands for (`subject.sql`); who says something about any kind of thing asks here
for its number and title, and needs no join for each kind.
"""

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text

from models.kernel.columns import UUID, Field, SQLModel, count, datetime, instant, key, public_key, ref, words


class LegalEntity(SQLModel, table=True):
    """Who answers by law: the registrant, the maker, a contract maker.  The maker of a site comes with it (`site_id`)."""

    __tablename__ = "legal_entity"
    __table_args__ = (
        CheckConstraint("kind in ('registrant', 'maker', 'contract_maker')", name="kind"),
        UniqueConstraint("site_id"),
    )
    id: int = key()
    public_id: UUID = public_key()
    kind: str = words()
    name: str = words()
    name_en: str | None = words(nullable=True)
    site_id: int | None = ref("site.id", nullable=True, index=False)


class Subject(SQLModel, table=True):
    """A batch, recall, item, partner, person, place …: whatever a process is about.

    A batch has no title of its own: it is called by its item (`titled_by_id`).  Site, entity and owner are missing only while
    nothing in the database could be named.
    """

    __tablename__ = "subject"
    __table_args__ = (
        CheckConstraint("kind ~ '^[a-z][a-z_]*$'", name="kind"),
        CheckConstraint("(title is null) = (titled_by_id is not null)", name="title"),
        Index("ix_subject_unowned", "id", postgresql_where=text("owner_id is null or site_id is null")),
        Index("ix_subject_number", "kind", "number", postgresql_where=text("kind <> 'lot'")),
    )
    id: int = key()
    public_id: UUID = public_key()
    kind: str = words()
    number: str = words()
    title: str | None = words(nullable=True)
    title_en: str | None = words(nullable=True)
    titled_by_id: int | None = ref("subject.id", nullable=True, index=False)
    site_id: int | None = ref("site.id", nullable=True, index=False)
    entity_id: int | None = ref("legal_entity.id", nullable=True, index=False)
    owner_id: int | None = ref("person.id", nullable=True, index=False)
    opened_at: datetime = instant(now=True)


class OwnerRule(SQLModel, table=True):
    """Whose new subjects of a kind are: those of a family of items, a supplier, a site or a shift; the most specific rule decides.

    A rule names a role and, where it is one person's, the person.  It is ended, never deleted.
    """

    __tablename__ = "owner_rule"
    id: int = key()
    public_id: UUID = public_key()
    subject_kind: str = words()
    item_family: str | None = words(nullable=True)
    supplier_id: int | None = ref("supplier.id", nullable=True, index=False)
    site_id: int | None = ref("site.id", nullable=True, index=False)
    shift: str | None = words(nullable=True)
    role: str = Field(sa_type=Text, sa_column_args=[ForeignKey("role.key")], nullable=False)
    person_id: int | None = ref("person.id", nullable=True, index=False)
    made_at: datetime = instant(now=True)
    ended_at: datetime | None = instant(nullable=True)


class RunLink(SQLModel, table=True):
    """What else a run touches, and as what: an affected batch, a cause, a similar case."""

    __tablename__ = "run_link"
    __table_args__ = (UniqueConstraint("run_id", "subject_id", "role"),)
    id: int = key()
    public_id: UUID = public_key()
    run_id: int = ref("process_run.id", index=False)
    subject_id: int = ref("subject.id")
    role: str = words()
    at: datetime = instant(now=True)


class Numbering(SQLModel, table=True):
    """A counter of numbers: of a kind, at a site, in a year (0: of all years), within `scope` where it counts within something."""

    __tablename__ = "numbering"
    __table_args__ = (
        UniqueConstraint("kind", "scope", "site_id", "year", postgresql_nulls_not_distinct=True),
        CheckConstraint("next > 0", name="next"),
    )
    id: int = key()
    kind: str = words()
    scope: str = words("")
    site_id: int | None = ref("site.id", nullable=True, index=False)
    year: int = count(0)
    next: int = count(1)
