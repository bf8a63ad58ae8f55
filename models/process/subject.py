"""What a process can be about: how a thing of that kind is found, locked, numbered, and what is known of it (DESIGN 6a)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from models.rules.definition import Text
from models.rules.definition_condition import Scalar

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


@dataclass(frozen=True)
class SubjectKind:
    """One kind of subject.  `column` is the key of it that runs and tasks carry, `table` its rows.

    `lock` locks one against everybody else, before its run, as every act does: no two acts ever wait for each other in a circle.
    `facts` are known when a run begins, `groups` name the people behind it, `stands` says how it stands for a record, `already` says whether a fact is true when a wait for
    it opens, `told` writes something into its timeline, `published` tells the outbox.
    """

    key: str
    title: Text
    table: type[Any]
    column: str
    number: Callable[[Any], str]
    lock: Callable[[Session, int], Any]
    facts: Callable[[Any], Mapping[str, Scalar]] = _nothing_known
    groups: Callable[[Session, int], Groups] = _nobody
    stands: Callable[[Session, Any], Any] = _nothing
    already: Callable[[Session, Any, str], bool] = _not_yet
    told: Callable[[Session, int, str, int | None, Mapping[str, Any]], None] = _untold
    published: Callable[[Session, Any, str, Mapping[str, Any]], None] | None = None
