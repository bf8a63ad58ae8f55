"""The signature of an act that has no task: shown, proven, then written with the act in one transaction (DESIGN 7).

Whoever makes another act a signed one names it in `models.process.sign.signed_act`, says what is shown (`Shown`), sends it
through `api.process.signed_acts` and calls `sign` in the act's transaction.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.kernel.store.act import zone
from models.process.messages.process import By
from models.process.sign import sign as rules
from models.process.sign.signed_act import SignedAct
from models.process.store import signing
from models.process.tables.signature import Signature


@dataclass(frozen=True)
class Shown:
    """What a person sees before they sign an act: the canonical record, and the batch or subject that it belongs to, if one."""

    act: SignedAct
    about: str
    canonical: str
    lot_id: int | None = None
    subject_id: int | None = None

    @property
    def digest(self) -> str:
        """The digest that goes back with the signature."""
        return signing.digest(self.canonical)


@dataclass(frozen=True)
class Given:
    """What the command says about its signature: the attempt that proved it, the digest that was shown, the meaning."""

    attempt_id: int | None
    digest: str | None
    meaning: str | None
    reason: str = ""


def check(shown: Shown, meaning: str | None, digest: str | None) -> None:
    """Refuse another meaning than the act's, and a record that is not what was shown."""
    if meaning != shown.act.meaning:
        raise rules.MEANING(right=shown.act.zh)
    rules.check_digest(digest or "", shown.digest, None)


def statement(shown: Shown, by: By, reason: str) -> str:
    """What the person says by signing the act; whatever the act's outcome, it is the act that they name."""
    return signing.said(
        by,
        (),
        record=shown.digest,
        meaning=shown.act.meaning,
        outcome=shown.act.act,
        form={"about": shown.about},
        reason=reason,
    )


def sign(session: Session, shown: Shown, by: By, given: Given, outcome: str, now: datetime) -> Signature:
    """Write the signature of the act; refuses without a fresh attempt of the same person for this act on this record."""
    wanted = rules.Signing(
        person_id=by.person_id,
        on_behalf_of_id=by.on_behalf_of,
        task_id=None,
        meaning=shown.act.meaning,
        meaning_title=shown.act.zh,
        act=shown.act.act,
        about=shown.about,
    )
    attempt = rules.check_attempt(signing.attempt(session, given.attempt_id)[0], wanted, now)
    check(shown, given.meaning or wanted.meaning, given.digest or attempt.digest)
    rules.check_digest(attempt.digest, shown.digest, None)
    said = statement(shown, by, given.reason)
    rules.check_statement(attempt.statement, signing.digest(said))
    return signing.written(
        session,
        (shown.canonical, said),
        {
            "attempt_id": given.attempt_id or 0,
            "lot_id": shown.lot_id,
            **({"subject_id": shown.subject_id} if shown.subject_id else {}),
            "subject": "act",
            "act": shown.act.act,
            "about": shown.about,
            "person_id": by.person_id,
            "on_behalf_of_id": by.on_behalf_of,
            "printed_name": by.name,
            "meaning": shown.act.meaning,
            "outcome": outcome,
            "digest": signing.digest(shown.canonical),
            "statement": signing.digest(said),
            "zone": zone(session),
        },
    )
