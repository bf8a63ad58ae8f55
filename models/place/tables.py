"""Places: where things are and what may lie there."""

from models.kernel.columns import UUID, SQLModel, key, public_key, ref, subject_key, words
from models.register.rules import Register


class Location(SQLModel, table=True):
    """A place where stock lies or work is done."""

    __tablename__ = "location"
    id: int = key()
    subject_id: int = subject_key("location")
    public_id: UUID = public_key()
    code: str = words(unique=True)
    name: str = words()
    name_en: str | None = words(nullable=True)
    kind: str = words("storage")
    parent_id: int | None = ref("location.id", nullable=True)
    site_id: int | None = ref("site.id", nullable=True)
    origin: str = words("native")


PLACES = Register(Location.code)
