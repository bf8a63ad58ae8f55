"""The files that a supplier sends through a link: content by digest, and under which name it came (21 CFR 11.10(c), 11.70)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text
from sqlmodel import Session, col, func, select

from models.attachment import store
from models.attachment.rules.sniff import MEDIA, FileType
from models.attachment.store import Arrived, Attached
from models.kernel.store.act import Actor, act
from models.scar import rules
from models.scar.store import requests
from models.scar.tables import Scar, ScarFile, ScarRound

VIEW = """
select f.public_id, f.name, f.arrived_at, t.id as file, t.digest, t.size, t.type, said(p.name, p.name_en) as who
  from scar_file f join stored_file t on t.id = f.file_id join scar_round r on r.id = f.round_id join scar c on c.id = r.scar_id
  join supplier p on p.id = c.supplier_id
"""
ONE = text(f"{VIEW} where f.public_id = :number")
OF_ROUND = text(f"{VIEW} where r.public_id = :round and t.digest = any(cast(:digests as text[])) order by f.id")
OF_SCAR = text(f"{VIEW} where c.id = :scar order by f.id")
SENT = text("select t.digest from scar_file f join stored_file t on t.id = f.file_id where f.round_id = :round")


def at(session: Session, round_id: UUID) -> tuple[ScarRound, Scar]:
    """The round of a link and its request, the request locked first as every act locks it."""
    known = session.exec(select(ScarRound).where(ScarRound.public_id == round_id)).first()
    if known is None:
        raise rules.NO_LINK()
    row = requests.lock(session, session.get_one(Scar, known.scar_id).subject_id)
    return known, row


def take(engine: Engine, actor: Actor, round_id: UUID, arrived: Arrived, name: str, kind: FileType, address: str, now: datetime) -> Attached:  # fmt: skip
    """Keep a file that came through a link which is in force; the same one twice is one."""
    with act(engine, actor) as session:
        here, row = at(session, round_id)
        rules.check_door(requests.door(session, here, row), now)
        file = store.keep(session, arrived, kind)
        known = session.exec(select(ScarFile.id).where(ScarFile.round_id == here.id, ScarFile.file_id == file)).first()
        if known is None:
            rules.check_room(
                session.exec(select(func.count(col(ScarFile.id))).where(ScarFile.round_id == here.id)).one()
            )
            session.add(ScarFile(round_id=here.id, file_id=file, name=name, address=address))
            session.flush()
        return of_round(session, round_id, (arrived.digest,))[0]


def sent(session: Session, round_key: int) -> frozenset[str]:
    """The digests of everything that came through the link of a round."""
    return frozenset(session.connection().execute(SENT, {"round": round_key}).scalars())


def of_round(session: Session, round_id: UUID, digests: Sequence[str]) -> tuple[Attached, ...]:
    """Those of a round."""
    rows = session.connection().execute(OF_ROUND, {"round": round_id, "digests": list(digests)})
    return tuple(_view(row) for row in rows)


def of_scar(session: Session, scar: int) -> dict[str, Attached]:
    """Everything that came of a request, by digest, under its first name."""
    found: dict[str, Attached] = {}
    for row in session.connection().execute(OF_SCAR, {"scar": scar}):
        found.setdefault(row.digest, _view(row))
    return found


def one(session: Session, number: UUID) -> Attached:
    """One of them."""
    row = session.connection().execute(ONE, {"number": number}).one_or_none()
    if row is None:
        raise rules.UNKNOWN(number=number)
    return _view(row)


def _view(row: Any) -> Attached:
    kind = FileType(row.type)
    return Attached(
        number=row.public_id,
        name=row.name,
        digest=row.digest,
        size=row.size,
        type=kind,
        media_type=MEDIA[kind],
        uploaded_by=row.who,
        uploaded_by_id=row.public_id,
        at=row.arrived_at,
        file=row.file,
    )
