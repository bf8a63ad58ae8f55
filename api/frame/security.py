"""Cookies of a session and the proof that a request comes from our own pages (CSRF).

`HttpOnly`, `SameSite=Lax`, and `Secure` where the pages are served over HTTPS.  A request that changes something and
comes with the cookie must carry the session's CSRF token, in `X-CSRF-Token` or the form field `csrf`; a bearer token is
never sent by a browser on its own, so machines need none.
"""

import hmac
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from models.person.rules.auth import FORGED
from models.person.store.sessions import NewSession

COOKIE = "bw_session"
HEADER = "x-csrf-token"
FIELD = "csrf"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def set_session_cookie(request: Request, response: Response, session: NewSession) -> None:
    """Give the browser its session; it ends with the browser, the record ends it earlier."""
    response.set_cookie(
        COOKIE,
        session.token,
        path="/",
        httponly=True,
        samesite="lax",
        secure=_secure(request),
        expires=session.expires_at,
    )


def clear_session_cookie(request: Request, response: Response) -> None:
    """Take the session away from the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=_secure(request))


def bearer(request: Request) -> str | None:
    """The token of `Authorization: Bearer …`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


async def csrf_given(request: Request) -> str | None:
    """The CSRF token that came with the request, from the header or the form."""
    header = request.headers.get(HEADER)
    if header is not None or request.method in SAFE:
        return header
    kind = request.headers.get("content-type", "")
    if kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        field = (await request.form()).get(FIELD)
        return field if isinstance(field, str) else None
    return None


def check_csrf(request: Request, expected: str, given: str | None) -> None:
    """Refuse a change that doesn't come from our own page; the comparison takes the same time whatever is given."""
    if request.method in SAFE:
        return
    check_origin(request)
    if given is None or not hmac.compare_digest(given.encode(), expected.encode()):
        raise FORGED()


def check_origin(request: Request) -> None:
    """Refuse a request that another site's page sent (a login has no session yet that could carry a token)."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise FORGED()


def _secure(request: Request) -> bool:
    return bool(request.app.state.settings.secure_cookies) or request.url.scheme == "https"
