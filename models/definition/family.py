"""Which family a process belongs to: the part of its key that the floor rules go by.

`release`, `release-sterile` and `sterile-release` are release processes; so with `inspection` and `batch-lifecycle`.
"""

RELEASED = "released"
PERFORMERS = frozenset({"lot.inspectors", "lot.operators"})
"""The groups of people who may never sign the release of what they made or inspected."""


def _of(family: str, key: str | None) -> bool:
    return key is not None and (key == family or key.startswith(f"{family}-") or key.endswith(f"-{family}"))


def is_release(key: str | None) -> bool:
    """Whether it is a release process."""
    return _of("release", key)


def is_inspection(key: str | None) -> bool:
    """Whether it is an inspection process."""
    return _of("inspection", key)


def is_incoming(key: str | None) -> bool:
    """Whether it is the inspection of bought material."""
    return _of("incoming-inspection", key)


def is_lifecycle(key: str | None) -> bool:
    """Whether it is the life of a batch."""
    return _of("batch-lifecycle", key)


def is_recall(key: str | None) -> bool:
    """Whether it is a recall, which a drill is too."""
    return _of("recall", key)
