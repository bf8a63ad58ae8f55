"""Which workflow follows a run, by its definition, and the queue it lives on: known to who starts one and who is one."""

QUALITY = "quality"

AT_THE_DOOR, BACKGROUND = 1, 5
"""Priorities: somebody stands and waits for it; nobody does.  What follows a batch has the server's own, 3."""

TYPES = {
    "batch-lifecycle": "BatchLifecycle",
    "incoming-inspection": "Inspection",
    "final-inspection": "Inspection",
    "release": "Release",
    "recall": "Recall",
    "pull-goods": "PullGoods",
    "confirm-receivers": "ConfirmReceivers",
    "legal-deadline": "LegalDeadline",
    "disposition": "Disposition",
    "nonconformance": "Nonconformance",
}
"""Workflow type by process definition."""

NOTICE_MAIL = "NoticeMail"
"""The workflow that sends one notice."""
