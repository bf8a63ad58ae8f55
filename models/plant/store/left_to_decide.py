"""What earlier versions let through and rules of now leave to people, in one list (REQUIREMENTS 121).

Nothing of a record is changed or lost by an upgrade: what a newer rule would refuse stands here until somebody decides.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.lot.store import lots
from models.person.store import credentials
from models.recall.store import recalls
from models.register.store import keyset
from models.resolve.store import stored_labels
from models.resolve.store.stored_labels import Stored
from models.stock.store import serials

PLACES = text("select code, said(name, name_en) as name from location where kind = 'undecided' order by code")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftToDecide:
    """Five lists, each for whoever keeps the thing."""

    alike: tuple[tuple[str, ...], ...]
    """Numbers of batches, serials, orders and master data that mean the same to a reader, group by group."""
    places: tuple[tuple[str, str], ...]
    """Places, by code and name, of which nobody has said what kind of goods belongs there."""
    recalls: tuple[tuple[str, int], ...]
    """Open recalls, with how many batches in house they don't hold."""
    logins: tuple[dict[str, Any], ...]
    """Logins whose password somebody else may know, or whose owner hasn't confirmed who they are: they can't sign."""
    labels: tuple[Stored, ...]
    """Whole labels that stand where a number belongs, with what they say."""

    @property
    def count(self) -> int:
        """How many decisions that is."""
        return len(self.alike) + len(self.places) + len(self.recalls) + len(self.logins) + len(self.labels)


def read(session: Session) -> LeftToDecide:
    """Everything that waits; a fixed number of statements."""
    return LeftToDecide(
        alike=(*lots.alike(session), *keyset.alike(session), *serials.alike(session)),
        places=tuple((row.code, row.name) for row in session.connection().execute(PLACES)),
        recalls=tuple(recalls.uncontained(session)),
        logins=tuple(credentials.uncertified(session)),
        labels=tuple(stored_labels.listed(session)),
    )
