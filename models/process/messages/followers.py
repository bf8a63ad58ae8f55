"""Which workflow follows a run, as the record says, and the queue it lives on: known to who starts one and who is one."""

from models.process.messages.process import RunView

QUALITY = "quality"

AT_THE_DOOR, BACKGROUND = 1, 5
"""Priorities: somebody stands and waits for it; nobody does.  What follows a batch has the server's own, 3."""

_declared: dict[str, str] = {}


def declare(prefix: str, workflow_type: str) -> None:
    """Say which workflow follows the runs whose ids begin so; `models.nouns` does, from what each kind declares."""
    _declared[prefix] = workflow_type


def type_of(run: RunView) -> str:
    """The Temporal type of the workflow that follows a run.

    In histories of before the record said it, the one that its kind declares; where none does, it is called as the id begins.
    """
    if run.workflow_type is not None:
        return run.workflow_type
    prefix = run.workflow_id.partition("/")[0]
    return _declared.get(prefix) or "".join(word.capitalize() for word in prefix.split("-"))


NOTICE_MAIL = "NoticeMail"
"""The workflow that sends one notice."""
