"""A notice goes out once: tried until a mail server takes it, or left to a person who prints and posts it (REQ 79)."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from models.kernel.mail.message import SendNotice
    from workflows.temporal.queues import MAIL, OUTWARD

OWN_QUEUE = "mail-has-a-queue-of-its-own"
PATIENT = RetryPolicy(
    initial_interval=timedelta(seconds=10), backoff_coefficient=2.0, maximum_interval=timedelta(minutes=30)
)
"""The record counts the tries and ends them; a mail server that is down for lunch is waited for."""


@workflow.defn
class NoticeMail:
    """`notice/<notice>/<kind>`: one short workflow for each notice and kind, for ever."""

    @workflow.run
    async def run(self, command: SendNotice) -> str:
        """Send; answers how the record has it: `sent`, `to_print`, `failed`, `needless`."""
        status: str = await workflow.execute_activity(
            "send_notice",
            command,
            task_queue=MAIL if workflow.patched(OWN_QUEUE) else OUTWARD,
            result_type=str,
            start_to_close_timeout=timedelta(minutes=3),
            retry_policy=PATIENT,
            summary=command.kind,
        )
        return status
