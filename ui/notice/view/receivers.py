"""A list of receivers that waits for confirmation, on the page of its task: how many, who they are, how each would be told."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from models.kernel.mail import addresses as mail_addresses
from models.kernel.units.quantity import plain
from models.notice.store import receiver_lists as recall_namings
from ui.frame.i18n import Words
from ui.frame.parts import Fact, Link


def naming_facts(words: Words, session: Session, run_id: int, recall: Link) -> tuple[Fact, ...]:
    """What confirming does, counted, and everybody on the list: whoever confirms has seen whom the notice goes to."""
    row = recall_namings.of_task(session, run_id)
    mail = recall_namings.mailed(row)
    told = words("recall.naming_tells", n=len(row.receivers), mail=mail, paper=len(row.receivers) - mail)
    return (
        Fact(label=words("recall.naming_recall"), links=(recall,)),
        Fact(label=words("recall.naming_by"), text=row.named_by),
        Fact(
            label=words("recall.naming_from"), text=words("recall.naming_link" if row.link else "recall.naming_written")
        ),
        Fact(label=words("recall.naming_at"), moment=row.named_at),
        Fact(label=words("notice.passed_on"), text=plain(row.quantity)),
        Fact(label=words("recall.naming_does"), text=told),
        *(Fact(label=one["name"], text=_reached(words, one)) for one in row.receivers),
    )


def _reached(words: Words, one: Mapping[str, Any]) -> str:
    addresses = mail_addresses.addresses(one["email"])
    way = words("recall.by_mail", to=", ".join(addresses)) if addresses else words("delivery.no_address")
    return " · ".join(part for part in (one["quantity"], one["contact"], one["phone"], way) if part)
