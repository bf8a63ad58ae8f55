"""Which workflow follows a run, as the record says, and the queue it lives on: known to who starts one and who is one."""

from models.process.messages.process import RunView

QUALITY = "quality"

AT_THE_DOOR, BACKGROUND = 1, 5
"""Priorities: somebody stands and waits for it; nobody does.  What follows a batch has the server's own, 3."""

BEFORE = {"lot": "BatchLifecycle", "pull": "PullGoods", "receivers": "ConfirmReceivers", "deadline": "LegalDeadline"}
"""How the workflows of these ids are called in histories of before the record said it; the others as their id begins."""


def type_of(run: RunView) -> str:
    """The Temporal type of the workflow that follows a run."""
    if run.workflow_type is not None:
        return run.workflow_type
    prefix = run.workflow_id.partition("/")[0]
    return BEFORE.get(prefix) or "".join(word.capitalize() for word in prefix.split("-"))


NOTICE_MAIL = "NoticeMail"
"""The workflow that sends one notice."""
