"""The first page of an installation without a plant: found it, then set the administrator's own password (DESIGN 12)."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.frame.problem.errors import refusal_for
from api.frame.security import check_origin
from api.plant.routes.found import found
from api.plant.schemas import FoundInput
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.kernel.text import Text
from models.person.queries.site import site_name
from models.plant.rules import founding as rules
from models.plant.store.founded import founded
from ui.frame import record_time
from ui.frame.form.forms import Sheet, read
from ui.frame.i18n import Words
from ui.frame.parts import Option
from ui.frame.visit import REFUSING, language_of, send, shell, typed
from ui.person.page.login import WelcomePage
from ui.plant.page.found import FoundPage

router = APIRouter()
COUNTRIES = {
    "CN": Text("中国", "China"),
    "AU": Text("澳大利亚", "Australia"),
    "BR": Text("巴西", "Brazil"),
    "CA": Text("加拿大", "Canada"),
    "CH": Text("瑞士", "Switzerland"),
    "DE": Text("德国", "Germany"),
    "FR": Text("法国", "France"),
    "GB": Text("英国", "United Kingdom"),
    "IN": Text("印度", "India"),
    "JP": Text("日本", "Japan"),
    "KR": Text("韩国", "South Korea"),
    "MY": Text("马来西亚", "Malaysia"),
    "SG": Text("新加坡", "Singapore"),
    "US": Text("美国", "United States"),
}
"""Those that a person chooses from; the API and the command take every code of two letters."""
FIELDS = (
    "code", "name", "name_en", "zone", "country", "language", "administrator", "administrator_en", "login", "employee_no",
    "email", "phone",
)  # fmt: skip


@router.get("/found")
def first_page(request: Request) -> Response:
    """The form, as long as there is no plant."""
    with reading(request.app.state.engine) as session:
        if founded(session):
            return RedirectResponse("/login", 303)
    return _page(request)


@router.post("/found")
async def found_plant(request: Request) -> Response:
    """Founds the plant; whoever did it goes on to the administrator's own password, with the code that nobody else saw."""
    form = await request.form()
    try:
        check_origin(request)
        rules.check_key(request.app.state.secret, typed(form, "key"))
        given = read(FoundInput, {name: typed(form, name) for name in FIELDS})
        code = await run_in_threadpool(found, request, given)
    except REFUSING as error:
        refusal = error if isinstance(error, Refusal) else refusal_for(request, error)[0]
        return await run_in_threadpool(_page, request, form, refusal, refusal.status)
    page = WelcomePage(login=given.login, code=code, name=given.administrator)
    response = send(request, page, shell(request, language_of(request), record_time.now(request)))
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(
    request: Request, form: FormData | None = None, refusal: Refusal | None = None, status: int = 200
) -> Response:
    language = language_of(request)
    words, at = Words(language), 0 if language == "zh" else 1
    if refusal is not None and refusal.code == rules.FOUNDED.code:
        with reading(request.app.state.engine) as session:
            refusal = rules.FOUNDED(site=site_name(session))
    sheet = Sheet(words, form, refusal)
    countries = tuple(Option(value=code, label=names[at]) for code, names in COUNTRIES.items())
    languages = (Option(value="zh", label="中文"), Option(value="en", label="English"))
    plant = (
        sheet.field("name", words("found.name"), required=True),
        sheet.field("name_en", words("plant.f_english")),
        sheet.field("code", words("found.code"), default="P1", required=True),
        sheet.field("zone", words("found.zone"), default=str(request.app.state.settings.site_zone), required=True),
        sheet.field("country", words("found.country"), "choice", "CN", options=countries, required=True),
        sheet.field("language", words("found.language"), "choice", language, options=languages, required=True),
        sheet.field("phone", words("found.phone")),
    )
    administrator = (
        sheet.field("administrator", words("people.name"), required=True),
        sheet.field("administrator_en", words("people.english")),
        sheet.field("login", words("people.login"), default="admin", required=True),
        sheet.field("employee_no", words("people.employee_no")),
        sheet.field("email", words("people.email"), help=words("found.either")),
    )
    key = sheet.field("key", words("found.key"), required=True, help=words("found.key_help"))
    page = FoundPage(plant=plant, administrator=administrator, key=key, refusal=refusal)
    return send(request, page, shell(request, language, record_time.now(request)), status)
