"""What all requests have in common: nothing unknown is accepted, texts are trimmed and have an end."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

from models.rules.identifiers import clean


class Input(BaseModel):
    """A request's body."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


Code = Annotated[str, StringConstraints(min_length=1), AfterValidator(clean)]
"""A number that people print and scan: ID-001 to ID-003 refuse what nobody could look for."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(max_length=2000)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Moment = AwareDatetime
