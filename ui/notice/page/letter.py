"""A notice as it reads in one language: in the printed letter, behind its link, and before it is sent (REQUIREMENTS 77)."""

from dataclasses import dataclass

from ui.frame.i18n import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLot:
    """A lot of a notice, and how much of it went to this customer."""

    lot_no: str
    item: str
    quantity: str
    model: str = ""
    udi: str = ""
    expires: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The notice in one language; every sentence is ready."""

    language: Language
    heading: str
    to: str
    intro: str
    reason: str
    ask: tuple[str, ...]
    link_intro: str
    closing: str
    columns: tuple[str, ...]
    lots: tuple[NoticeLot, ...]
    total: str
    contact: str
