"""Bodies of the plant's owner rules."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.frame.request.shapes import Input, KnownSupplier, Name, Reason
from models.process.store.owner_rules import RuleRow, Wanted


class OwnerRuleInput(Input):
    """Whose new matters of a kind are; what is left out doesn't narrow it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "lot", "supplier_no": "S-1", "role": "inspector", "reason": "该供方由检验负责"}]
        }
    )

    kind: Annotated[Name, Field(description="Kind of subject: `lot`, `nonconformance`, …")]
    family: Annotated[Name | None, Field(description="Family (category) of the item")] = None
    supplier_no: KnownSupplier | None = None
    shift: Name | None = None
    role: Annotated[Name, Field(description="The role that owns them")]
    person: Annotated[Name | None, Field(description="Login or id, where it is one person's")] = None
    reason: Reason

    def wanted(self) -> Wanted:
        """As the store takes it."""
        return Wanted(**self.model_dump(exclude={"reason"}))


class OwnerRuleEndInput(Input):
    """Why a rule ends."""

    reason: Reason


class OwnerRuleList(BaseModel):
    """All rules."""

    items: tuple[RuleRow, ...]
