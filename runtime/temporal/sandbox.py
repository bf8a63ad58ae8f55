"""Temporal's determinism sandbox, entered to run a workflow and not to ask how its values are written.

For each value that a workflow hands out or is handed, the SDK asks the workflow four times about itself, so that a converter
may write the values of one workflow otherwise than another's and a store may keep large ones elsewhere.  Each question compiles
and runs a line inside the sandbox: a quarter of a worker's main thread.  Ours are written alike for all, and kept in place.
"""

from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import Info

IN_PLACE = StorageDriverStoreContext(target=None)


class Sandbox(SandboxedWorkflowRunner):
    """Runs workflows as the SDK's does."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """A workflow in its own sandbox."""
        return _WrittenAlike(super().create_instance(det))


class _WrittenAlike(WorkflowInstance):
    """A workflow whose values are written like every other's."""

    def __init__(self, inside: WorkflowInstance) -> None:
        self._inside = inside

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """Run it."""
        return self._inside.activate(act)

    def get_serialization_context(self, command_info: Any) -> None:
        """Nothing that a converter would write differently for."""

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:  # noqa: ARG002 - asked of every workflow
        """Nowhere else."""
        return IN_PLACE

    def get_info(self) -> Info:
        """What is known of it."""
        return self._inside.get_info()

    def get_thread_id(self) -> int | None:
        """The thread that it runs on, for the report of one that stands still."""
        return self._inside.get_thread_id()
