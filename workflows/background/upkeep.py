"""What a Schedule keeps in order: the record and the engine agree, and what is only bookkeeping doesn't grow for ever."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.temporal.queues import OUTWARD, RETRY

LONGEST = timedelta(hours=1)
SILENT = timedelta(minutes=2)


@workflow.defn
class Upkeep:
    """`reconcile`, `tidy`: one short workflow each time; the name is the activity's."""

    @workflow.run
    async def run(self, what: str) -> dict[str, int]:
        """Answer what was done, in counts."""
        done: dict[str, int] = await workflow.execute_activity(
            what,
            task_queue=OUTWARD,
            result_type=dict,
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=SILENT,
            retry_policy=RETRY,
        )
        return done
