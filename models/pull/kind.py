"""An errand of a recall: goods are brought back from one place and counted (ISO 13485 8.3.1, 8.3.3)."""

from models.definition.document import Stage, StageKind
from models.lot.kind import OF_GOODS
from models.process.kind import Kind, Said
from models.pull import store as pulls


def _said(stage: Stage) -> Said:
    return Said() if stage.kind is StageKind.END else Said(does=("pull.count",))


PLACE = "select g.kind, g.place, g.title, g.quantity, g.uom from recall_pull g where g.run_id = t.run_id"
"""Where the goods are, and how many."""
KINDS = (
    Kind(
        family=pulls.KEY,
        subject="recall",
        prefix="pull",
        workflow="PullGoods",
        rank=0,
        signed_as=OF_GOODS,
        before=_said,
        errand=PLACE,
    ),
)
