"""In which language a problem's `detail` and the names that lists read are said: `?lang=`, the `lang` cookie, `Accept-Language`, then the setting."""

from starlette.requests import HTTPConnection


def language(request: HTTPConnection) -> str:
    """`zh` or `en`."""
    for wish in (request.query_params.get("lang"), request.cookies.get("lang")):
        if wish in {"zh", "en"}:
            return wish
    for part in request.headers.get("accept-language", "").split(","):
        tag = part.partition(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    settings = getattr(request.app.state, "settings", None)
    return str(getattr(settings, "language", "zh"))
