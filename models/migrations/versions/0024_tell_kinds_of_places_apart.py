"""Tell kinds of places apart: what waits, what is released, rejected or came back lies in places of its own.

What a place was used for by now says what it is; where that says nothing, or several things at once, its kind is left
to be decided, and it takes everything until then.
"""

from pathlib import Path

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
GUESS = """
update location o set kind = coalesce((
    select case when count(distinct g.goods) = 1 then min(case g.goods
             when 'waiting' then 'quarantine' when 'released' then 'storage' when 'rejected' then 'rejected' end) end
      from (select case when l.status = 'rejected' then 'rejected' when l.status in ('released', 'closed') then 'released'
                        else 'waiting' end as goods
              from stock s join lot l on l.id = s.lot_id where s.location_id = o.id and s.quantity > 0) g), 'undecided')
 where o.kind = 'storage' and (o.origin = 'migrated' or exists (
          select from stock s join lot l on l.id = s.lot_id
           where s.location_id = o.id and s.quantity > 0 and l.status not in ('released', 'closed')))
"""
"""`storage` was what a place was called of which nobody said anything; where other goods lie it can't be told."""


def upgrade() -> None:
    """Apply."""
    op.execute(
        "select set_config('bw.actor_id', 'service:update', true), set_config('bw.actor_name', 'Batchwright', true),"
        " set_config('bw.source', 'migration', true)"
    )
    op.execute(GUESS)
    op.get_bind().exec_driver_sql((SQL / "places.sql").read_text(encoding="utf-8").replace("%", "%%"))
