"""Bodies of what a person does with a task before completing it."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.frame.request.shapes import Input, Name, Reason, Words


class DelegateInput(Input):
    """To whom."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "wu.jingli", "reason": "外出审核"}]})

    to: Annotated[Name, Field(description="The colleague's login or id")]
    reason: Words = ""


class ReassignInput(Input):
    """To whom, and why; without `to` the task goes back to its role."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "chen.pi", "reason": "原责任人休假"}]})

    to: Name | None = None
    reason: Reason


class DraftInput(Input):
    """What has been typed so far, as it is: a draft isn't checked."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"form": {"remark": "待复核"}}]})

    form: dict[str, Any]
