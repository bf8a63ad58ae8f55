"""What outlives a recall: goods come back late, the summary goes out after the end; one short workflow, one transaction.

The process of a recall ends with its closing, its bookkeeping doesn't (21 CFR 7.55; 医疗器械召回管理办法, 总结评估).
"""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from models.messages.process import ActResult, BookReturn, DecideLots, DisposeReturn, FileReport
    from models.messages.recalls import RecordClass
    from workflows.process import perform

ACTIVITIES: dict[type, str] = {
    BookReturn: "book_return",
    DisposeReturn: "dispose_return",
    DecideLots: "decide_lots",
    FileReport: "file_report",
    RecordClass: "record_class",
}


@workflow.defn
class RecallBooking:
    """`recall-booking/<command>`: goods are booked back, disposed of or decided about, a report is filed, or an agency classifies."""

    @workflow.run
    async def run(self, command: BookReturn | DecideLots | DisposeReturn | FileReport | RecordClass) -> ActResult:
        """Book it."""
        try:
            receipt = await perform(ACTIVITIES[type(command)], command, summary=command.by.name)
        except ApplicationError as error:
            if error.type != "Refusal":
                raise
            return ActResult(refusal=error.details[0], command_id=command.command_id)
        return ActResult(receipt=receipt, command_id=command.command_id)
