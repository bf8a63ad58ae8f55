"""In which language a problem's `detail` is said: `?lang=`, the `lang` cookie, `Accept-Language`, then the setting."""

from starlette.requests import Request


def language(request: Request) -> str:
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
