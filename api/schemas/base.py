"""What all requests have in common: nothing unknown is accepted, texts are trimmed and have an end."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from models.rules.identifiers import clean
from models.rules.typed import Digits, number, plain


class Input(BaseModel):
    """A request's body."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _meant(text: Any) -> Any:
    return plain(text) if isinstance(text, str) else text


def _number(told: Any) -> Any:
    """Text is read by the one reader of numbers; JSON numbers are what they are, with their digits where known."""
    if isinstance(told, Digits):
        known = number(told.text)
        return float(told) if known is None else known
    if not isinstance(told, str):
        return told
    found = number(told)
    if found is None:
        raise PydanticCustomError("decimal_parsing", "Input should be a valid decimal")
    return found


Number = Annotated[Decimal, BeforeValidator(_number)]
"""A number, however an input method or a paste wrote it, with the digits that were typed."""
Day = Annotated[str, BeforeValidator(_meant)]
"""A day or a month, likewise."""

Code = Annotated[str, StringConstraints(min_length=1), AfterValidator(clean)]
"""A number that people print and scan: ID-001 to ID-003 refuse what nobody could look for."""


def _upright(text: Any) -> Any:
    """Without marks that turn the direction of what follows: a name must not be shown as another one (Unicode TR 36)."""
    return text.translate(_TURNING) if isinstance(text, str) else text


_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])

Name = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_upright)]
Words = Annotated[str, StringConstraints(max_length=2000), BeforeValidator(_upright)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000), BeforeValidator(_upright)]
Moment = AwareDatetime
