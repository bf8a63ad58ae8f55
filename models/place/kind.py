"""Places, as forms of processes refer to them."""

from models.place.tables import PLACES
from models.process.kind import Kind
from models.process.subject import named

KINDS: tuple[Kind, ...] = ()
SOURCES = (named("location", PLACES, "code"),)
