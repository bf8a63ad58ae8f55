"""A drill by surprise: started by its Temporal Schedule, draws what it is about and lets the drill run by itself."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.drill.messages import PlanDrill
    from models.process.messages.commands import ACTS
    from models.process.messages.followers import type_of
    from models.process.messages.process import By, ProcessStart
    from workflows.process.interpreter import perform

CLOCK = By(person_id=0, name="Batchwright", actor_id="service:schedule", source="worker")


@workflow.defn
class DrillPlan:
    """`drill-plan/…`: one short workflow for each moment of the schedule."""

    @workflow.run
    async def run(self) -> str | None:
        """Answer the number of the drill, or None where there is nothing to drill or one is open still."""
        run_id = workflow.info().run_id
        command = PlanDrill(command_id=f"drill-plan:{run_id}", by=CLOCK, seed=run_id)
        receipt = await perform(command.act, command, summary=ACTS[command.act].title)
        if receipt.run is None:
            return None
        number = str(receipt.run.lot_no)
        await workflow.start_child_workflow(
            type_of(receipt.run),
            ProcessStart(workflow_id=receipt.run.workflow_id, lot_no=number, run=receipt.run),
            id=receipt.run.workflow_id,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            static_summary=f"{number} · {receipt.run.title or receipt.run.definition_key}",
        )
        return number
