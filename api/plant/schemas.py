"""What is said when a plant begins."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from api.frame.request.shapes import EnglishName, Input, Name, Words
from models.person.rules.auth import LOGIN_PATTERN
from models.plant.store.founding import Plant

Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
Login = Annotated[str, StringConstraints(min_length=2, max_length=64, pattern=f"^{LOGIN_PATTERN}$")]


class FoundInput(Input):
    """A plant and its first administrator."""

    code: Name
    name: Name
    zone: Name
    country: Country
    language: Literal["zh", "en"]
    administrator: Name
    login: Login
    employee_no: Words | None = None
    email: Words | None = None
    phone: Words | None = None
    name_en: EnglishName = None
    administrator_en: EnglishName = None

    def plant(self) -> Plant:
        """As the record takes it."""
        return Plant(**self.model_dump())
