"""A pasted notice held against the register, and what of it a recall keeps (REQUIREMENTS 53; STANDARDS C 72)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from models.notice.rules import list as notice_list
from models.notice.rules.lot_list import reader as rules
from models.notice.rules.lot_list.kinds import All, Range, Single
from models.notice.store import lot_list
from models.notice.store.lot_list import ResolvedList


@dataclass(frozen=True)
class Intake:
    """The notice as it was pasted and as it was read."""

    text: str
    read: ResolvedList

    @property
    def references(self) -> tuple[str, ...]:
        """The identifiers of a scope: every entry that lots of ours bear."""
        parsed = self.read.parsed
        said: tuple[Single | Range | All, ...] = (*parsed.singles, *parsed.ranges, *parsed.alls)
        return tuple(
            notice_list.reference(entry)
            for entry, found in zip(said, self.read.entries, strict=True)
            if found.status == "found"
        )

    def as_dict(self) -> dict[str, Any]:
        """What the recall keeps: the text, byte for byte, and what was a question then."""
        return {
            "text": self.text,
            "lots": self.read.lots,
            "entries": [
                {"label": one.label, "items": list(one.items), "status": one.status, "lots": one.lots}
                for one in self.read.entries
            ],
            "questions": [{"text": one.text, "zh": one.zh, "en": one.en} for one in self.read.parsed.questions],
            "unknown": list(self.read.unknown),
            "unknown_items": list(self.read.unknown_items),
            "near": list(self.read.near),
        }


def read(session: Session, text: str) -> Intake:
    """What the notice says and what the register knows of it; LST-001 or LST-002 where it is empty or too long."""
    return Intake(text, lot_list.resolve(session, rules.parse(text)))


def lots(session: Session, references: Collection[str]) -> frozenset[int]:
    """The lots behind entries of notices; one statement, whatever the ranges."""
    parsed = notice_list.read(references)
    return lot_list.lots(session, parsed) if parsed.singles or parsed.ranges or parsed.alls else frozenset()
