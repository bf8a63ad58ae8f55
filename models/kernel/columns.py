"""Column building blocks shared by all tables.

Every table has a bigint identity key for joins (text or random keys made traces two to three times slower); what
leaves the system carries a UUIDv7 `public_id` besides.  Quantities are exact numerics, instants are `timestamptz`.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, FetchedValue, ForeignKey, Identity, Numeric, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {  # stable names let the API turn a violated constraint into a sentence
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

# A row is written as it stands and the database checks it: no start need build a validator for each table.
SQLModel.model_config["defer_build"] = True

QUANTITY = Numeric(20, 6)
NOW = text("now()")


def key() -> Any:
    """The bigint identity primary key."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])


def public_key() -> Any:
    """A UUIDv7 made by the database, unique; the only key that leaves the system."""
    return Field(default=None, unique=True, nullable=False, sa_column_kwargs={"server_default": text("uuidv7()")})


def ref(target: str, *, nullable: bool = False, index: bool = True) -> Any:
    """A foreign key on the bigint identity of `target` (`"lot.id"`)."""
    return Field(default=None, sa_type=BigInteger, sa_column_args=[ForeignKey(target)], nullable=nullable, index=index)


def subject_key(table: str, *, unique: bool = True) -> Any:
    """The subject of a row, one to one: the database numbers it and makes the subject in the statement that makes the row."""
    return Field(
        default=None,
        sa_type=BigInteger,
        # subjects name people and sites, which are subjects: this link closes the circle, so it is made after the tables
        sa_column_args=[ForeignKey("subject.id", use_alter=True, name=f"fk_{table}_subject_id")],
        nullable=False,
        unique=unique,
        index=not unique,
        sa_column_kwargs={"server_default": FetchedValue()},
    )


def subject_ref(*, nullable: bool = False, index: bool = True) -> Any:
    """The subject that a row is about; a trigger names that of its batch, recall or run."""
    return Field(
        default=None,
        sa_type=BigInteger,
        sa_column_args=[ForeignKey("subject.id")],
        nullable=nullable,
        index=index,
        sa_column_kwargs={"server_default": FetchedValue()},
    )


def words(default: str | None = None, *, nullable: bool = False, unique: bool = False, index: bool = False) -> Any:
    """A text column without an arbitrary length."""
    kwargs = {} if default is None else {"server_default": default}
    return Field(default=default, sa_type=Text, nullable=nullable, unique=unique, index=index, sa_column_kwargs=kwargs)


def count(default: int) -> Any:
    """A whole number with a server default."""
    return Field(default=default, nullable=False, sa_column_kwargs={"server_default": str(default)})


def instant(*, nullable: bool = False, now: bool = False) -> Any:
    """A `timestamptz`; with `now` the server's time of the transaction is the default."""
    kwargs = {"server_default": NOW} if now else {}
    return Field(default=None, sa_type=DateTime(timezone=True), nullable=nullable, sa_column_kwargs=kwargs)


def amount(*, nullable: bool = False, default: str | None = None) -> Any:
    """A quantity in the unit that stands beside it."""
    kwargs = {"server_default": text(default)} if default is not None else {}
    return Field(default=None, sa_type=QUANTITY, nullable=nullable, sa_column_kwargs=kwargs)


def json_document(*, nullable: bool = False) -> Any:
    """A JSON document; an absent one is SQL null, not the JSON word null."""
    if nullable:
        return Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
    server = {"server_default": text("'{}'::jsonb")}
    return Field(default_factory=dict, sa_type=JSONB, nullable=False, sa_column_kwargs=server)


def json_list() -> Any:
    """A JSON list, empty where nothing is said."""
    server = {"server_default": text("'[]'::jsonb")}
    return Field(default_factory=list, sa_type=JSONB, nullable=False, sa_column_kwargs=server)


def flag(*, default: bool = False) -> Any:
    """A boolean with a server default."""
    return Field(default=default, nullable=False, sa_column_kwargs={"server_default": text(str(default).lower())})


__all__ = [
    "UUID",
    "Any",
    "Field",
    "SQLModel",
    "amount",
    "count",
    "datetime",
    "flag",
    "instant",
    "json_document",
    "json_list",
    "key",
    "public_key",
    "ref",
    "subject_key",
    "subject_ref",
    "words",
]
