"""The page on which a matter gets another owner."""

from dataclasses import dataclass
from urllib.parse import urlencode

from models.kernel.refusal import Refusal
from models.process.queries.subject import SubjectHead
from models.process.sign.sign import WRONG_PASSWORD
from models.process.store.signed_acts import Shown
from ui.frame.i18n import Words
from ui.frame.parts import Link, Option, SignaturePanel
from ui.frame.visit import new_key
from ui.subject.page import HandOverPage
from ui.subject.shown import kind_name


@dataclass(frozen=True)
class Asked:
    """To whom it is to go, what was typed, and what is signed; `shown` is missing while nobody was chosen who can have it."""

    colleagues: list[tuple[str, str]]
    to: str = ""
    typed: str = ""
    shown: Shown | None = None
    refusal: Refusal | None = None


def page(words: Words, head: SubjectHead, asked: Asked) -> HandOverPage:
    """First whom it goes to, then the signature."""
    here, names = f"/subjects/{head.id}", dict(asked.colleagues)
    return HandOverPage(
        kind=kind_name(words, head.kind),
        number=head.number,
        title=head.title or "",
        subject=Link(label=f"{kind_name(words, head.kind)} {head.number}", href=here),
        owner=head.owner or "",
        choices=tuple(Option(value=login, label=f"{name} ({login})") for login, name in asked.colleagues),
        to=asked.to,
        to_name=names.get(asked.to, asked.to),
        typed=asked.typed,
        record_href=f"{here}/owner/record?{urlencode({'to': asked.to})}",
        signature=_panel(words, asked.shown, asked.refusal) if asked.shown else None,
        refusal=asked.refusal,
        command_key=new_key(),
    )


def _panel(words: Words, shown: Shown, refusal: Refusal | None) -> SignaturePanel:
    wrong = refusal is not None and refusal.code == WRONG_PASSWORD.code
    left = int(refusal.params.get("left", "0")) if refusal is not None and wrong else None
    return SignaturePanel(meaning=shown.act.title(words.language), digest=shown.digest, attempts_left=left)
