"""What `/openapi.json` says about the answers that every operation may give, written in this one place.

A client that reads the description meets nothing it doesn't name (DESIGN 12): each refusal is a problem document, also those
of the door itself (a body that can't be read or is too large, too many tries, a part that isn't there just now).
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from api.frame.doors import Door
from api.frame.problem.errors import MEDIA_TYPE, TITLES, Problem
from models.person.rules.roles import Permission

EVERYWHERE = (400, 401, 403, 404, 409, 422, 429, 503)
WITH_BODY = (413,)
REF = "#/components/schemas/{model}"


class DescribedAPI(FastAPI):
    """An application whose description names every refusal, and what opens each of its routes."""

    doors: Mapping[str, Door | Permission]

    def openapi(self) -> dict[str, Any]:
        """The description; completed when it is made."""
        made = self.openapi_schema is None
        document = super().openapi()
        if made:
            complete(document)
            document["paths"] = dict(sorted(document["paths"].items()))  # whatever the order in which they are tried
        return document


def complete(document: dict[str, Any]) -> None:
    """Name the refusals of every operation, and what a refusal looks like."""
    schema = Problem.model_json_schema(ref_template=REF, mode="serialization")
    schemas = document["components"]["schemas"]
    schemas |= schema.pop("$defs", {}) | {Problem.__name__: schema}
    for path in document["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            answers.pop("422", None)  # the framework's own form, which no answer of ours has
            for status in EVERYWHERE + (WITH_BODY if "requestBody" in operation else ()):
                answers.setdefault(str(status), _refusal(status))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)


def _refusal(status: int) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": REF.format(model=Problem.__name__)}}}
    return {"description": TITLES[status][1], "content": content}
