"""What a process can be about: how a thing of that kind is found, locked, numbered, and what is known of it (DESIGN 6a)."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from models.definition.condition import Scalar
from models.definition.document import Text
from models.register.rules import Register
from models.register.store.searching import matching

Groups = Mapping[str, frozenset[str]]
"""People by a group that a step can exclude (`lot.inspectors`), as the text of their keys."""


def _nothing_known(subject: Any) -> Mapping[str, Scalar]:
    del subject
    return {}


def _nobody(session: Session, key: int) -> Groups:
    del session, key
    return {}


def _not_yet(session: Session, subject: Any, fact: str) -> bool:
    del session, subject, fact
    return False


def _nothing(session: Session, subject: Any) -> Any:
    del session, subject
    return {}


def _untold(session: Session, key: int, fact: str, person_id: int | None, data: Mapping[str, Any]) -> None:
    del session, key, fact, person_id, data


def _unsorted(session: Session, subject: Any) -> Mapping[str, str | int | None]:
    del session, subject
    return {}


def _nothing_like_it(session: Session, subject: Any) -> Collection[int]:
    del session, subject
    return ()


def _alone(session: Session, subject: Any) -> Collection[int]:
    del session
    return (int(subject.subject_id),)


def _nothing_bars(ctx: Any) -> None:
    del ctx


def _in_earnest(subject: Any) -> bool:
    del subject
    return False


Maker = Callable[[Session, str, Any, Mapping[str, Scalar], datetime], Any]
"""Makes a thing of the kind by a trigger: of the fact's name, what it is about, its values, and now; answers the new row."""

Takes = Callable[[Session, Any], Collection[int]]
"""The things of the kind, by their keys, that take up what is said of another thing: a trigger that merges joins what is open of them."""
Ties = Callable[[Session, Any], Collection[int]]
"""The subjects that belong to a thing for the reason that another one does, which is among them."""

SUBJECT = "subject_id"


@dataclass(frozen=True)
class SubjectKind:
    """One kind of subject.  `table` has its rows; runs and tasks name one by its subject, or by a column of their own (`column`).

    `lock` locks one against everybody else, before its run, as every act does: no two acts ever wait for each other in a circle;
    `before` locks what it concerns and every act about that locks first (a finding's batch), and `lock` does so too.
    `facts` are known when a run begins, `groups` name the people behind it, `stands` says how it stands for a record, `already` says whether a fact is true when a wait for
    it opens, `told` writes something into its timeline, `published` tells the outbox, `practised` whether it is only a drill, `barred` refuses a step of a run
    about it (a `Ctx`) that something else keeps it from: page and act ask it.
    `owned_by` is by what the owner of a step about it can be found, and `sorted_by` what is known of that beside its site.
    `known` names the `facts` for conditions of triggers; `make` makes one where a trigger begins a process about a thing of its own, `takes`
    says which that there is takes it up, and `ties` what else is tied to it with what the fact is about.
    """

    key: str
    title: Text
    table: type[Any]
    number: Callable[[Any], str]
    lock: Callable[[Session, int], Any]
    column: str = SUBJECT
    before: Callable[[Session, int], None] | None = None
    facts: Callable[[Any], Mapping[str, Scalar]] = _nothing_known
    groups: Callable[[Session, int], Groups] = _nobody
    stands: Callable[[Session, Any], Any] = _nothing
    already: Callable[[Session, Any, str], bool] = _not_yet
    told: Callable[[Session, int, str, int | None, Mapping[str, Any]], None] = _untold
    published: Callable[[Session, Any, str, Mapping[str, Any]], None] | None = None
    practised: Callable[[Any], bool] = _in_earnest
    barred: Callable[[Any], None] = _nothing_bars
    sorted_by: Callable[[Session, Any], Mapping[str, str | int | None]] = _unsorted
    owned_by: tuple[str, ...] = ("site",)
    known: tuple[str, ...] = ()
    make: Maker | None = None
    takes: Takes = _nothing_like_it
    ties: Ties = _alone
    hanging: str = ""
    """Rows of its noun that belong to it beside its own, in SQL: `name` (a table) and `id` of those of `:subjects`; its trail shows them too."""
    on_goods: str = ""
    """What is open of the kind on batches, in SQL: lot_id, number, title, title_en and subject (its public id); whoever has one of these batches among its
    ancestors can't be released as if there were nothing."""
    shown: str = ""
    """What lists of tasks show of the one that is `about`, in SQL: one row of status, held, item_no, quantity, uom, supplier_lot_no,
    expires_on, expiry_precision, recall_no, lot_no (the batch that it concerns, where it is none); where it is empty, the number and the title alone."""

    def key_of(self, subject: Any) -> int:
        """What runs and tasks name it by."""
        return int(subject.subject_id if self.column == SUBJECT else subject.id)

    @property
    def key_column(self) -> Any:
        """The column of its table that has that key."""
        return self.table.subject_id if self.column == SUBJECT else self.table.id

    def row(self, session: Session, key: int) -> Any:
        """The row of that key."""
        if self.column != SUBJECT:
            return session.get_one(self.table, key)
        return session.exec(select(self.table).where(self.key_column == key)).one()


@dataclass(frozen=True)
class Stands:
    """How a thing of that kind stands, told by the noun that has the record of it where it isn't the thing's own."""

    subject: str
    record: Callable[[Session, Any], Any]


@dataclass(frozen=True)
class Source:
    """Where the things stand that a field of a form may refer to: their register, and the same as the search reads it."""

    subject: str
    register: Register
    table: str
    number: str
    name: str
    english: str

    @property
    def statement(self) -> str:
        """Numbers and names that have somewhere what was typed."""
        where = matching([self.number], [self.name, self.english])
        return (
            f"select {self.number} as number, said({self.name}, {self.english}) as name from {self.table}"  # noqa: S608
            f" where cast(:q as text) is null or {where} order by {self.number} limit :n"
        )


def named(subject: str, register: Register, number: str) -> Source:
    """The source of things whose table is called as they are and has their names."""
    return Source(subject, register, subject, f"{subject}.{number}", f"{subject}.name", f"{subject}.name_en")
