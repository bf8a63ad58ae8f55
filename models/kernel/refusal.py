"""How Batchwright says no: one value with a code, a clause and a sentence in Chinese and English.

A rule module declares its refusals once as `Kind`s and raises them with the facts of the case.  The same value becomes
the HTTP problem body, the sentence on the page, the failure of a workflow update and the row in `signing_attempt`, so
a person reads the same words wherever they stand (DESIGN 2.5).
"""

from dataclasses import dataclass, field
from typing import Any, Self


@dataclass
class Refusal(Exception):  # noqa: N818 - a refusal is the domain's word; it is an answer, not an error
    """A "no" to a person.  Not frozen only because Python writes the traceback into an exception on its way.

    `code` is stable (`SIG-003`), `clause` names the law or design rule behind it, `zh` and `en` are whole sentences,
    `status` is the HTTP status (403 not allowed, 404 unknown, 409 the state forbids it, 422 the input is wrong,
    429 too many tries), `params` are the facts that went into the sentences.
    """

    code: str
    clause: str
    zh: str
    en: str
    status: int = 409
    params: dict[str, str] = field(default_factory=dict)

    __hash__ = Exception.__hash__

    def __str__(self) -> str:
        return f"{self.code}: {self.en}"

    def sentence(self, language: str) -> str:
        """The sentence in `zh` or, for any other language, in English."""
        return self.zh if language.startswith("zh") else self.en

    def as_dict(self) -> dict[str, Any]:
        """The wire form; `from_dict` reads it back."""
        return {
            "code": self.code,
            "clause": self.clause,
            "zh": self.zh,
            "en": self.en,
            "status": self.status,
            "params": dict(self.params),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read the wire form back."""
        return cls(**data)


CATALOGUE: dict[str, "Kind"] = {}


@dataclass(frozen=True)
class Kind:
    """One way to be refused.  Declared once, at module level; the reference page is generated from `CATALOGUE`."""

    code: str
    clause: str
    zh: str
    en: str
    status: int = 409

    def __post_init__(self) -> None:
        known = CATALOGUE.setdefault(self.code, self)
        if known != self:
            message = f"refusal code {self.code} is declared twice"
            raise ValueError(message)

    def __call__(self, **params: object) -> Refusal:
        """The refusal for one case; every placeholder of the sentences must be given."""
        words = {key: str(value) for key, value in params.items()}
        return Refusal(self.code, self.clause, self.zh.format(**words), self.en.format(**words), self.status, words)
