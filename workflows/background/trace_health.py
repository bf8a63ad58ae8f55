"""The trace health check: started every night by its Temporal Schedule, or by a person who wants to know now."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.drill.messages import CheckTrace
    from models.process.messages.process import By, Receipt
    from workflows.temporal.queues import RETRY

CLOCK = By(person_id=0, name="Batchwright", actor_id="service:schedule", source="worker")
LONGEST = timedelta(hours=2)
SILENT = timedelta(minutes=20)
"""How long one sweep of a plant of ten million links may take; a killed worker is missed after that."""


@workflow.defn
class TraceHealth:
    """`trace-health/…`: one short workflow for each check; one activity, one transaction."""

    @workflow.run
    async def run(self, by: By | None = None, asked: CheckTrace | None = None) -> Receipt:
        """Answer the score with the number of lots and findings; `asked` is what a person asks for, sealed.

        Who is only named (`by`, of before) is refused by the activity.
        """
        run_id = workflow.info().run_id
        command = asked or CheckTrace(
            command_id=f"trace-health:{run_id}", by=by or CLOCK, cause="manual" if by is not None else "schedule"
        )
        done: Receipt = await workflow.execute_activity(
            "check_trace",
            command,
            result_type=Receipt,
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=SILENT,
            retry_policy=RETRY,
            summary="追溯体检 trace health check",
        )
        return done
