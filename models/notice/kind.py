"""A list of receivers that a customer named waits until somebody of ours has looked at it (21 CFR 7.42(b)(1), 7.49(d))."""

from models.definition.document import Stage, StageKind
from models.lot.kind import OF_GOODS
from models.notice.store import receiver_lists as recall_namings
from models.process.kind import Kind, Said


def _said(stage: Stage) -> Said:
    if stage.kind is StageKind.END:
        return Said()
    # everything but the confirmation turned the list down
    others = {one.key: ("receivers.decline",) for one in stage.outcomes if one.key != "confirm"}
    return Said(outcomes={**others, "confirm": ("receivers.confirm",)})


NAMED = """
select 'receivers', jsonb_array_length(n.receivers)::text, n.named_by, null, null from recall_naming n where n.run_id = t.run_id
"""
"""How many receivers, and who named them."""
KINDS = (
    Kind(
        family=recall_namings.KEY,
        subject="recall",
        prefix="receivers",
        workflow="ConfirmReceivers",
        rank=0,
        signed_as=OF_GOODS,
        before=_said,
        errand=NAMED,
    ),
)
