"""Bodies of what an administrator changes about roles."""

from pydantic import ConfigDict, Field

from api.frame.request.shapes import Input, Name, Reason, Words
from models.kernel.text import Text
from models.person.rules.role_change import Wanted
from models.person.rules.roles import Duty, Permission


class RoleChangeInput(Input):
    """What a role shall be called and permit; `version` is the one that was seen."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 1,
                    "zh": "销售",
                    "en": "Sales",
                    "permissions": ["record.read", "return.book"],
                    "reason": "销售登记退货",
                }
            ]
        }
    )

    version: int = Field(ge=1)
    zh: Name
    en: Name
    permissions: tuple[Permission, ...] = ()
    quality: bool = False
    reason: Reason

    def wanted(self) -> Wanted:
        """As the rule takes it."""
        return Wanted(name=Text(self.zh, self.en), permissions=frozenset(self.permissions), quality=self.quality)


class NewRoleInput(Input):
    """A role of the plant's own."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": "clean_room",
                    "zh": "洁净室管理员",
                    "en": "Clean room keeper",
                    "permissions": ["record.read"],
                    "reason": "新洁净室",
                }
            ]
        }
    )

    key: Words
    zh: Name
    en: Name
    duty: Duty = Duty.BUSINESS
    permissions: tuple[Permission, ...] = ()
    quality: bool = False
    reason: Reason

    def wanted(self) -> Wanted:
        """As the rule takes it."""
        return Wanted(name=Text(self.zh, self.en), permissions=frozenset(self.permissions), quality=self.quality)


class RoleActiveInput(Input):
    """A role is set aside or taken up again; `version` is the one that was seen."""

    version: int = Field(ge=1)
    active: bool
    reason: Reason
