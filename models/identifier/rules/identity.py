"""A number is what people mean, not how it was typed: one key per number, by which every door and the database find it.

Half-width (NFKC), upper case, without what nobody sees; every run of dashes, blanks or underscores is one `-`.  A
separator inside is never deleted: `1-23` is not `12-3`.  What differs only in its separators is *near* (`near_key`): it
is shown for a decision and never taken for the same.  The function `identity_key` of the database (`identity.sql`)
computes the same, and a property test holds the two together (REQUIREMENTS 19; 21 CFR 820.65).
"""

import re
import unicodedata

# What nobody sees: control and format characters, fillers, variation selectors.  Written out, for the database has the same.
INVISIBLE = (
    "\\u0001-\\u0008\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f\\u00ad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2"
    "\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0"
    "\\ufff0-\\ufffb\\U000110bd\\U000110cd\\U00013430-\\U0001343f\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff"
)
# Blanks, every dash of Unicode with the minus signs, underscores.
BLANKS = "\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u2800\\u3000"
DASHES = (
    "\\u002d\\u02d7\\u058a\\u05be\\u1400\\u1806\\u2010-\\u2015\\u2043\\u207b\\u208b\\u2212\\u2500\\u2501\\u2796\\u2e17\\u2e1a\\u2e3a\\u2e3b\\u2e40"
    "\\u2e5d\\u301c\\u3030\\u30a0\\ufe31\\ufe32\\ufe58\\ufe63\\uff0d\\U00010ead"
)
UNDERSCORES = "\\u005f\\u203f\\u2040\\u2054\\ufe33\\ufe34\\ufe4d-\\ufe4f\\uff3f"

_UNSEEN = re.compile(f"[\\x00\\ud800-\\udfff{INVISIBLE}]+")
_SEPARATORS = re.compile(f"[{BLANKS}{DASHES}{UNDERSCORES}]+")
_FOLDED = re.compile(r"[A-Z0-9./]+(?:-[A-Z0-9./]+)*")
_NEAR = str.maketrans("", "", "-./")


def identity_key(typed: str) -> str:
    """The number that is meant; empty when nothing visible is left."""
    if _FOLDED.fullmatch(typed):
        return typed
    seen = unicodedata.normalize("NFKC", _UNSEEN.sub("", typed)).upper()
    return _SEPARATORS.sub("-", _UNSEEN.sub("", unicodedata.normalize("NFKC", seen))).strip("-")


def near_key(typed: str) -> str:
    """The number without any separator, strokes and points too: what only looks like it has the same."""
    return identity_key(typed).translate(_NEAR)


def folds_alike(one: str | None, other: str | None) -> bool:
    """Whether two spellings mean one number."""
    return bool(one and other) and identity_key(one or "") == identity_key(other or "") != ""
