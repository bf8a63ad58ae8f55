"""What the modules of `models` are by where they stand: pure, or with a hand on the database."""

from pathlib import Path

MODELS = Path(__file__).parents[3] / "models"
REACHING = frozenset({"tables", "store", "queries", "acts", "columns"})
"""Layers that know the database."""
OTHER = frozenset({"migrations", "paper", "papers", "kind", "subject", "context", "kinds", "run", "nouns", "metadata"})
"""What is neither: migrations, paper, and what ties nouns to the engine."""


def of(path: Path) -> frozenset[str]:
    """The names on the way to a module, its own included."""
    return frozenset(path.relative_to(MODELS).with_suffix("").parts[:-1]) | {path.stem}


def pure() -> list[Path]:
    """Rules and messages of every noun."""
    found = [path for path in sorted(MODELS.rglob("*.py")) if not of(path) & (REACHING | OTHER)]
    assert len(found) > 100, "all nouns are there"
    return found


def reaching() -> list[Path]:
    """Stores, queries and acts of every noun."""
    found = [path for path in sorted(MODELS.rglob("*.py")) if of(path) & REACHING and "migrations" not in of(path)]
    assert len(found) > 100, "all nouns are there"
    return found
