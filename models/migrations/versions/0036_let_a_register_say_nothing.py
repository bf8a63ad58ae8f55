"""Whether an item is an implant may be undecided; what an import guessed from the word in a name is.

What the guess called an implant stays one: that side is the careful one.
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

ACTOR = (
    "select set_config('bw.actor_id', 'service:update', true), set_config('bw.actor_name', 'Batchwright', true),"
    " set_config('bw.source', 'migration', true)"
)


def upgrade() -> None:
    """Apply."""
    op.alter_column("item", "implantable", nullable=True)
    op.execute(ACTOR)
    op.execute("update item set implantable = null where origin = 'migrated' and not implantable")
