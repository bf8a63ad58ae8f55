"""Our values are written alike for every workflow, so the sandbox isn't asked about the workflow for each of them."""

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import WorkflowSerializationContext


def test_our_values_are_written_alike_whichever_workflow_they_are_of_and_kept_in_place() -> None:
    some = WorkflowSerializationContext(namespace="default", workflow_id="lot/S-19")
    assert pydantic_data_converter.with_context(some) is pydantic_data_converter
    assert pydantic_data_converter.external_storage is None
