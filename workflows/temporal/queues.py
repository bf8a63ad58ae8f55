"""The task queues and how activities are tried."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from models.process.messages.followers import QUALITY

__all__ = ["AT_ONCE", "MAIL", "ONCE", "OUTWARD", "QUALITY", "RETRY", "SILENT", "START_TO_CLOSE"]

OUTWARD = "outward"
"""Outward effects have a queue of their own, so that a slow engine or portal never delays a signature."""
MAIL = "mail"
"""Mail servers have one as well: one that hangs uses up its own slots and not those in which facts are handed on."""

AT_ONCE = timedelta(seconds=5)
"""How long an act may take inside its workflow task (a local activity): well under the task's own ten seconds, so that the
task needs no extension.  An act that takes longer is asked for again as a regular activity, which waits for the first try
and answers with its receipt."""
START_TO_CLOSE = timedelta(minutes=15)
"""The longest act: a recall of a hundred thousand batches on a busy machine."""
SILENT = timedelta(seconds=10)
"""How long the act of a killed worker waits for the next one: shorter than a person's patience.  An act that is at work says
so meanwhile (`activities.transaction.once`); should it be taken for dead, the second try finds the first one's receipt."""
ONCE = RetryPolicy(maximum_attempts=1)
RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(seconds=10),
    non_retryable_error_types=["Refusal"],
)
"""Tried until the database is back; a refusal is an answer and is not tried again."""
