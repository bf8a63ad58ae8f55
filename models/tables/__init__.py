"""All tables; importing this package fills `SQLModel.metadata`."""

from models.tables import (
    equipment,
    evidence,
    importing,
    inspections,
    items,
    lots,
    packing,
    partners,
    people,
    processes,
    production,
    pulls,
    recall_follow,
    recalls,
    shipments,
    signatures,
)

__all__ = [
    "equipment",
    "evidence",
    "importing",
    "inspections",
    "items",
    "lots",
    "packing",
    "partners",
    "people",
    "processes",
    "production",
    "pulls",
    "recall_follow",
    "recalls",
    "shipments",
    "signatures",
]
