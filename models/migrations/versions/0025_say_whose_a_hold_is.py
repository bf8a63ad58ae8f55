"""Say at each hold whose it is, and let only its owner lift it; the release runs behind old holds are looked up."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
OF_OLD_RUNS = (
    "update hold h set run_id = p.id from process_run p where h.cause = 'release' and p.workflow_id = h.reason"
    " and h.run_id is null"
)
OF_OLD_RECALLS = "update hold set cause = 'recall' where recall_id is not null and cause <> 'recall'"
OF_NO_RECALL = "update hold set cause = 'manual' where recall_id is null and cause in ('recall', 'containment')"
NEW = {
    "ck_hold_of_recall": "(recall_id is not null) = (cause in ('recall', 'containment'))",
    "ck_hold_confirmed": "confirmed_at is null or cause = 'containment'",
}


def upgrade() -> None:
    """Apply."""
    op.add_column("hold", sa.Column("run_id", sa.BigInteger(), nullable=True))
    op.add_column("hold", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("hold", sa.Column("lift_run_id", sa.BigInteger(), nullable=True))
    for column in ("run_id", "lift_run_id"):
        op.create_foreign_key(op.f(f"fk_hold_{column}"), "hold", "process_run", [column], ["id"])
    op.create_index(op.f("ix_signature_about"), "signature", ["about"], postgresql_where=sa.text("about is not null"))
    # what nobody decided isn't in the trail: the column only says again what the reason of the row says
    op.execute("alter table hold disable trigger user")
    op.execute(OF_OLD_RUNS)
    op.execute(OF_OLD_RECALLS)
    op.execute(OF_NO_RECALL)
    op.execute("alter table hold enable trigger user")
    for name, condition in NEW.items():
        op.create_check_constraint(op.f(name), "hold", condition)
    op.get_bind().exec_driver_sql((SQL / "hold_owners.sql").read_text(encoding="utf-8").replace("%", "%%"))
