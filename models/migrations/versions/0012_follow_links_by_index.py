"""Let the closure of a trace read links by their index only, however few links there are.

A plan that fits every answer doesn't know how long a level is.  Where most links of a small plant hang on one material, the
planner took to reading the whole table and holding each link against a list of thirty thousand lots: six seconds instead
of a tenth (REQUIREMENTS 14).
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CLOSURES = ("lots_below", "lots_above")
SIGNATURES = ("bigint[]", "bigint[], timestamptz")


def upgrade() -> None:
    """Apply."""
    for name in CLOSURES:
        for signature in SIGNATURES:
            op.execute(f"alter function {name}({signature}) set enable_seqscan = off")
