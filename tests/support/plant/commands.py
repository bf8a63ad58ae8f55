"""What a workflow asks of the server, caught while its history is replayed: the fingerprint of its code.

The replayer compares kinds and names of commands; this also sees where and how long an activity may run, what a child is
called and which message goes along.
"""

from collections.abc import Iterable
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    StartActivityInput,
    StartChildWorkflowInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from runtime.temporal.workers import sandbox
from workflows.temporal import registry


async def commands(history: WorkflowHistory) -> list[str]:
    """The commands that today's code gives for a recorded history, one line each."""
    said: list[str] = []
    checking = Replayer(
        workflows=registry.ALL,
        workflow_runner=sandbox(),
        data_converter=pydantic_data_converter,
        interceptors=[_Listener(said)],
    )
    outcome = await checking.replay_workflow(history, raise_on_replay_failure=False)
    if outcome.replay_failure is not None:
        said.append(f"does not replay: {outcome.replay_failure}")
    return said


class _Listener(Interceptor):
    def __init__(self, said: list[str]) -> None:
        self.said = said

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002 - the SDK's name
        del input
        said = self.said

        class Outbound(WorkflowOutboundInterceptor):
            def start_activity(self, input: StartActivityInput) -> Any:  # noqa: A002 - the SDK's name
                retry = input.retry_policy
                said.append(
                    f"activity {input.activity} on {input.task_queue or 'its own queue'}({_types(input.args)})"
                    f" within {input.start_to_close_timeout}, heartbeat {input.heartbeat_timeout},"
                    f" not again after {', '.join(retry.non_retryable_error_types or ()) if retry else '-'}"
                )
                return super().start_activity(input)

            def start_local_activity(self, input: StartLocalActivityInput) -> Any:  # noqa: A002 - the SDK's name
                retry = input.retry_policy
                said.append(
                    f"at once {input.activity}({_types(input.args)}) within {input.start_to_close_timeout},"
                    f" {retry.maximum_attempts if retry else 'any'} times"
                )
                return super().start_local_activity(input)

            async def start_child_workflow(self, input: StartChildWorkflowInput) -> Any:  # noqa: A002 - the SDK's name
                said.append(
                    f"child {input.workflow} {input.id}({_types(input.args)}), on close {input.parent_close_policy.name}"
                )
                return await super().start_child_workflow(input)

            def continue_as_new(self, input: ContinueAsNewInput) -> Any:  # noqa: A002 - the SDK's name
                said.append(f"continue as new({_types(input.args)})")
                return super().continue_as_new(input)

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 - the SDK's name
                result = await super().execute_workflow(input)
                said.append(f"ends with {type(result).__name__}")
                return result

        return Inbound


def _types(arguments: Iterable[Any]) -> str:
    return ", ".join(type(one).__name__ for one in arguments)
