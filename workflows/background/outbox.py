"""Hands facts on: a long activity delivers outbox rows, this workflow keeps one running for ever."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.temporal.queues import OUTWARD, RETRY

ROUNDS = 100
"""Deliveries before a new history begins."""


@workflow.defn
class OutboxDispatch:
    """`outbox`: one per installation."""

    @workflow.run
    async def run(self) -> None:
        """Deliver, again and again."""
        for _ in range(ROUNDS):
            await workflow.execute_activity(
                "deliver",
                task_queue=OUTWARD,
                start_to_close_timeout=timedelta(minutes=15),
                heartbeat_timeout=timedelta(seconds=10),
                retry_policy=RETRY,
            )
        workflow.continue_as_new()
