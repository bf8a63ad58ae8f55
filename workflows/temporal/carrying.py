"""Carries where an act comes from along with it, and counts acts: interceptors of client and worker.

API → header of the update or of the short workflow → header of the activity → its logs and the audit trail.  What a process
does later by itself (a timer, a child) comes from nobody's request.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from temporalio import activity, client, worker, workflow
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadConverter
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from models.kernel.origin import HEADER, ORIGIN, Origin
    from workflows.process.interpreter import Process

Headers = Mapping[str, Payload]


def put(headers: Headers) -> Headers:
    """The headers with the origin of what is being done."""
    found = ORIGIN.get()
    if found is None:
        return headers
    return {**headers, HEADER: PayloadConverter.default.to_payload(found.model_dump())}


def take(headers: Headers) -> Origin | None:
    """The origin in the headers; whoever reaches Temporal can send anything there, and it is nobody's proof."""
    payload = headers.get(HEADER)
    if payload is None:
        return None
    try:
        return Origin.model_validate(PayloadConverter.default.from_payload(payload))
    except (ValidationError, ValueError, KeyError, RuntimeError):
        return None


class Carrying(client.Interceptor, worker.Interceptor):
    """Given to a client; the workers of that client have it as well."""

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:  # noqa: A002 - the SDK's name
        """What goes to the server."""
        return _Client(next)

    def intercept_activity(self, next: worker.ActivityInboundInterceptor) -> worker.ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        """What an activity is asked."""
        return _Activity(next)

    def workflow_interceptor_class(
        self,
        input: worker.WorkflowInterceptorClassInput,  # noqa: A002 - the SDK's name
    ) -> type[worker.WorkflowInboundInterceptor]:
        """What a workflow is asked, and asks."""
        del input
        return _Inbound


class _Client(client.OutboundInterceptor):
    async def start_workflow(self, input: client.StartWorkflowInput) -> client.WorkflowHandle[Any, Any]:  # noqa: A002 - the SDK's name
        input.headers = put(input.headers)
        return await super().start_workflow(input)

    async def start_workflow_update(self, input: client.StartWorkflowUpdateInput) -> client.WorkflowUpdateHandle[Any]:  # noqa: A002 - the SDK's name
        input.headers = put(input.headers)
        return await super().start_workflow_update(input)

    async def start_update_with_start_workflow(
        self,
        input: client.StartWorkflowUpdateWithStartInput,  # noqa: A002 - the SDK's name
    ) -> client.WorkflowUpdateHandle[Any]:
        asked = input.update_workflow_input
        asked.headers = put(asked.headers)
        return await super().start_update_with_start_workflow(input)


class _Inbound(worker.WorkflowInboundInterceptor):
    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))

    async def execute_workflow(self, input: worker.ExecuteWorkflowInput) -> Any:  # noqa: A002 - the SDK's name
        # a process lives for years after the request that began it again
        if not isinstance(workflow.instance(), Process):
            ORIGIN.set(take(input.headers))
        return await super().execute_workflow(input)

    async def handle_update_handler(self, input: worker.HandleUpdateInput) -> Any:  # noqa: A002 - the SDK's name
        ORIGIN.set(take(input.headers))  # each handler is a task with a context of its own
        return await super().handle_update_handler(input)


class _Outbound(worker.WorkflowOutboundInterceptor):
    def start_activity(self, input: worker.StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002 - the SDK's name
        input.headers = put(input.headers)
        return super().start_activity(input)

    def start_local_activity(self, input: worker.StartLocalActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002 - the SDK's name
        input.headers = put(input.headers)
        return super().start_local_activity(input)


class _Activity(worker.ActivityInboundInterceptor):
    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        ORIGIN.set(take(input.headers))
        end = "failed"
        try:
            done = await super().execute_activity(input)
            end = "done"
        except ApplicationError as error:
            end = "refused" if error.type == "Refusal" else "failed"
            raise
        finally:
            counter = activity.metric_meter().create_counter(
                "batchwright_acts", "Activities by name and how they ended"
            )
            counter.add(1, {"act": activity.info().activity_type, "end": end})
        return done
