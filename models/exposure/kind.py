"""What the search asks about answers of co-exposures, which name themselves; no process is about one."""

from models.exposure.store import subjects
from models.resolve.rules import HitKind
from models.resolve.store.leads import Lead

KINDS = ()
LEADS = (Lead(HitKind.EXPOSURE, subjects.hits, subjects.lot_keys),)
