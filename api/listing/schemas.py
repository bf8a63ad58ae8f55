"""Bodies of views that people keep of lists."""

from pydantic import ConfigDict, Field

from api.frame.request.shapes import Input
from models.listing.acts.views import Keep


class KeptView(Input):
    """What a view is to be.  `query` is that of the list's address; `shared` a role of yours, `plant`, or nothing."""

    name: str = Field(max_length=200, examples=["逾期的纠正预防措施"])
    query: str = Field(default="", max_length=4000, examples=["kind=capa&state=late&sort=-opened"])
    shared: str = Field(default="", max_length=60)
    preset: bool = False

    def wanted(self) -> Keep:
        """As the act takes it."""
        return Keep(name=self.name, query=self.query, shared=self.shared, preset=self.preset)


class NewView(KeptView):
    """A new view of a list."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"list": "subjects", "name": "逾期的纠正预防措施", "query": "kind=capa&state=late", "preset": True}
            ]
        }
    )
    list: str = Field(max_length=60, examples=["subjects"])
