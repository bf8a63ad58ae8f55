"""Numbered floor rules: what no process definition can edit away."""

from models.rules.definition import Definition
from models.rules.definition_findings import Finding


def check(definition: Definition) -> list[Finding]:
    """Every floor rule that the definition breaks."""
    del definition
    return []
