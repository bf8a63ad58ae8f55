"""What is open on a batch or on anything that went into it, as the nouns that know of such things say it (REQUIREMENTS 34).

A CAPA is about goods by the batches of its findings and by its scope; what else may come (a change) declares itself likewise
(`SubjectKind.on_goods`), so that nothing here names it.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlmodel import Session

from models.genealogy.store.alive import ALIVE
from models.process import kinds
from models.release.rules.batch_record import AncestorIssue, Bound

PARTS = """
select trim_scale(p.quantity)::text as quantity, o.code as place, a.reason
from hold_part p join hold_act a on a.id = p.act_id join location o on o.id = p.location_id
where p.lot_id = :lot and p.ended_at is null order by p.id
"""
"""What of a batch is held at a place while the rest of it goes on."""
ON_GOODS = """
with recursive up (lot_id) as (
  select cast(:lot as bigint)
  union
  select e.parent_lot_id from up u join genealogy_edge e on e.child_lot_id = u.lot_id where {alive}
)
select l.id, l.lot_no, b.kind, b.number, b.title, b.title_en, b.subject
  from ({open}) b join up on up.lot_id = b.lot_id join lot l on l.id = b.lot_id
 order by l.lot_no, b.kind, b.number
"""


@cache
def _asked(said: tuple[tuple[str, str], ...]) -> TextClause:
    parts = " union all ".join(
        f"select '{kind}' as kind, x.lot_id, x.number, x.title, x.title_en, x.subject from ({one}) x"  # noqa: S608 - our own words
        for kind, one in said
    )
    return text(ON_GOODS.format(alive=ALIVE, open=parts))


def issues(rows: Iterable[Any], depth: Mapping[int, int]) -> tuple[AncestorIssue, ...]:
    """Holds and nonconformances that are open upstream, the nearest first."""
    return tuple(
        AncestorIssue(lot_no=one.lot_no, depth=depth[one.id], kind=one.kind, number=one.number, title=one.title)
        for one in sorted(rows, key=lambda one: (depth[one.id], one.lot_no))
    )


def said(rows: Iterable[Row[Any]], depth: Mapping[int, int]) -> tuple[Bound, ...]:
    """As the batch record has them, the nearest first; `depth` of each batch upstream."""
    found = []
    for one in rows:
        called = kinds.about(one.kind).title
        found.append(
            Bound(
                lot_no=one.lot_no,
                depth=depth.get(one.id, 0),
                zh=called.say("zh"),
                en=called.say("en"),
                number=one.number,
                title=one.title,
                title_en=one.title_en,
                subject=one.subject,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.depth, one.number, one.lot_no)))


def bound(session: Session, lot_id: int) -> list[Row[Any]]:
    """Each with the batch that it is on, the batch itself among them; one statement, none where no noun knows of any."""
    declared = tuple((one.key, one.on_goods) for one in kinds.subjects() if one.on_goods)
    return list(session.connection().execute(_asked(declared), {"lot": lot_id}).all()) if declared else []
