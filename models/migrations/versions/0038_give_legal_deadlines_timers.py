"""Legal deadlines of recalls have timers and tasks; recalls that are under way look at theirs as soon as they are followed."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

ACTOR = (
    "select set_config('bw.actor_id', 'service:update', true), set_config('bw.actor_name', 'Batchwright', true),"
    " set_config('bw.source', 'migration', true)"
)
RUNNING = """
with newer as (
  update process_run r set version = version + 1 from recall c
   where c.id = r.recall_id and r.workflow_id = 'recall/' || c.recall_no and c.status = 'open' and r.status = 'running'
     and exists (select from recall_deadline d where d.recall_id = c.id and d.met_at is null)
  returning r.id, c.recall_no)
insert into outbox (fact, payload) select 'process.changed', jsonb_build_object('run', id, 'recall', recall_no) from newer
"""


def upgrade() -> None:
    """Apply.  A closed recall whose deadlines still run is found and followed by the next comparison with the engine."""
    for name in ("warned_at", "missed_at"):
        op.add_column("recall_deadline", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("recall_deadline", sa.Column("run_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_recall_deadline_run_id"), "recall_deadline", "process_run", ["run_id"], ["id"])
    op.create_index(op.f("ix_recall_deadline_run_id"), "recall_deadline", ["run_id"], unique=False)
    op.execute(ACTOR)
    op.execute(RUNNING)
