"""What every message is, and how a command tells the labels by which its batches were named.  Fields are only ever added."""

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """Immutable; unknown fields are kept out of the way so that an older worker reads a newer message."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Labelled(Message):
    """A batch that may be named by a scan: `labels` are what was scanned of it, whole, to be compared with the record."""

    labels: tuple[str, ...] = ()


class LotLabels(Labelled):
    """One of several batches that a command names by their numbers alone."""

    lot_no: str


class UnitLabels(Labelled):
    """A case or pallet."""

    unit_no: str


class Scanned(Message):
    """A command whose batches may be named by scans: of those without a line of their own, and why a label is right all the same.

    `unit_labels` are those of the cases and pallets that it names by their numbers alone.
    """

    scanned: tuple[LotLabels, ...] = ()
    unit_labels: tuple[UnitLabels, ...] = ()
    label_reason: str | None = None
