"""What is wrong with a draft, said to the person who writes it: a code, where, how bad, in both languages.

Every finding is a declared `Kind`, so that the same text is a line in the editor, a refusal at approval and a row of the
reference page.
"""

from dataclasses import dataclass
from typing import Literal

from models.kernel.refusal import Kind, Refusal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One thing to correct.  An `error` keeps a definition from being approved; a `warning` wants a look."""

    code: str
    severity: Severity
    stage: str | None
    zh: str
    en: str
    clause: str

    def sentence(self, language: str) -> str:
        """The sentence in `zh` or, for any other language, in English."""
        return self.zh if language.startswith("zh") else self.en

    def refusal(self) -> Refusal:
        """The same, as a refusal."""
        return Refusal(self.code, self.clause, self.zh, self.en, 422, {"stage": self.stage or ""})


def finding(kind: Kind, stage: str | None, severity: Severity = "error", /, **params: object) -> Finding:
    """A finding of that kind; `stage` goes into the sentence as well."""
    refusal = kind(stage=stage or "–", **params)
    return Finding(refusal.code, severity, stage, refusal.zh, refusal.en, refusal.clause)


def errors(findings: "list[Finding]") -> "list[Finding]":
    """Only those that forbid approval."""
    return [one for one in findings if one.severity == "error"]
