"""The life of a sample: it is written down, two people sign it, each of its parts is looked at, it rests until its day or until word
comes, and settles by itself.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class Sample(Process):
    """`sample/<number>`, and `sample-part/<number>/<n>` for each of its parts."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the sample."""
        del start
        return await self.drive()
