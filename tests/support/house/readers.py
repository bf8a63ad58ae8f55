"""Every reader of text or bytes from outside, with what it is given to see how its time grows.

A reader has a name, the longest text that is measured, and shapes of its own beside those that are tried on all.  Where a reader
takes less than a text of a request may have, `most` is its own limit, and what is longer has to be refused at once.
"""

import asyncio
import csv
import io
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from starlette.datastructures import Headers
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from api.frame.request.body import BodyMiddleware
from api.frame.request.meant import FORM
from api.frame.request.slashes import SlashMiddleware
from api.recall.schemas import AnswerIn
from models.attachment.rules import attachment as attaching
from models.attachment.rules.sniff import sniff
from models.clock import rules as moved_clock
from models.definition import document as definition
from models.definition import yaml_text as definition_yaml
from models.exposure.rules import csv_file as exposure_csv
from models.exposure.rules import exposure
from models.exposure.rules import window as exposure_window
from models.exposure.store import subjects as exposure_subjects
from models.identifier.rules import identifiers, identity
from models.identifier.rules import scanned_field as scanned
from models.importing.rules.reading import date_of, instant_of, quantity_of, words_of
from models.kernel import request as requests
from models.kernel import typed
from models.kernel.mail import addresses as mail_addresses
from models.kernel.refusal import Refusal
from models.kernel.time import moments
from models.kernel.units import units
from models.listing.rules import left_out
from models.lot.rules import lot
from models.notice.rules import links as notice_links
from models.notice.rules import list as notice_list
from models.notice.rules import receivers as recall_receivers
from models.notice.rules.lot_list import reader as lot_list
from models.packing import rules as packing
from models.person.rules import account_mail, auth, credential
from models.plant.rules import founding
from models.process.form import form as process_form
from models.process.queries.subjects import LIST
from models.recall.rules import report as recall_report
from models.resolve import rules as resolve
from models.scar import rules as scars
from models.trace.rules import as_of as trace_moment
from models.trace.rules import csv_file as trace_csv
from tests.support.house.growth import Make
from ui.frame.first_rows import Folding
from ui.frame.visit import _without_language, safe_next
from ui.production import routes as routes_production
from ui.task import form as task_form

__all__ = ["SHAPES", "TEXTS", "Reader", "shapes"]

DOOR = 200_000
"""A tenth of what a request may hold: what takes no measurable time here takes none there either, even squared."""
LITTLE_PARTS = (
    "-", "--", "- ", " ", "\t", "\n", "\r\n", "a", "1", "0", "(", ")", "[", "{", '"', "'", ",", ";", ".", "/", "\\", "%2", "&", "&amp;", "<a>", "@", "a@", "+",
    "=", "|", "_", "*", "^", "~", ":", "\x1d", "\x00", "1 ", "a1-", "1.", "1,", "1e", "a.", "A1 - ", "批", "１", "e\u0301", "\u0301", "\u200b", "\u00a0", "\ufdfa",
    "🩺", "\ud800", "http://a/", "[[", '{"a":', "(10)A", "lot:", "*a ", "&a ", "&b [*a,*a]\n",
)  # fmt: skip
NOTICES = (
    "-=", "\t ", "A1 ", "A1,", "1),", "1)-", "((A1)", "<GS>", "&lt;", "<br>", "<a ", "all ", "all-", "all of ", "lot ", "Lot of ", "lots, ", "批号", "等3批",
    "A1等3批、", "A1001+ ", "before  ", "before ", "1 to ", "A-1 - ", "except ", "非召回", "REF a1, ", "REF a1 Lot b1, ", "exp 2026-12 ", "made 2026-12, ",
    "3月4日", "1E+", "*1", "?", "1X", "(01)", "+A123", "|a", "..", "…", "年", "A_", "A/1", "no lots ", "x'", "™", "共1", "12 units ", "to and including ",
)  # fmt: skip
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
SECRET = b"a secret of thirty-two bytes ...."


def _over_and_over(part: str, before: str = "", after: str = "") -> Make:
    room = len(before) + len(after)
    return lambda size: before + (part * (size // len(part) + 1))[: max(size - room, 0)] + after


def shapes(parts: Iterable[str]) -> Iterator[tuple[str, Make]]:
    """Each part over and over."""
    return ((repr(part), _over_and_over(part)) for part in parts)


def _enclosed(parts: Iterable[str]) -> Iterator[tuple[str, Make]]:
    """Behind a beginning that many readers take, and before an end that many don't: what matched so far is tried again."""
    return ((f"1{part!r}!", _over_and_over(part, "1", "!")) for part in parts)


SHAPES = (*_enclosed(LITTLE_PARTS), *shapes(LITTLE_PARTS[::3]))


@dataclass(frozen=True)
class Reader:
    """How a reader is asked; `parts` are shapes of its own, `made` whole texts of a size; `most` characters are measured."""

    read: Callable[[Any], object]
    most: int = DOOR
    parts: tuple[str, ...] = ()
    made: tuple[tuple[str, Make], ...] = ()
    seconds: float = 3
    """What the longest measured text may take: many times what it does, for another machine."""


def _code(text: str) -> object:
    for asked in scanned.Asked:
        with suppress(Refusal):
            scanned.read(text, asked)
    return scanned.held(text), scanned.searched(text, *scanned.Asked)


def _rows(size: int) -> str:
    return "\n".join(f"市第{n}医院; 王医生; qa{n}@x.test; {n + 1}" for n in range(size // 30))


def _sheet(head: str) -> tuple[tuple[str, Make], ...]:
    """A table whose cells are empty, quoted, or many in a line."""
    return (
        ("cells", lambda size: head + "\r\n" + '"",' * (size // 3)),
        ("a quoted cell", lambda size: head + '\r\n"' + '""' * (size // 2)),
        ("lines", lambda size: head + "\r\n" + "head\r\n" * (size // 6)),
    )


def _answering(read: Callable[[str], object]) -> Callable[[str], object]:
    """A reader of our own files, which answers another file by the errors of the libraries."""

    def asked(text: str) -> object:
        with suppress(ValueError, KeyError, TypeError, AttributeError, csv.Error):
            return read(text)
        return None

    return asked


def _nested(size: int) -> str:
    """A cursor that holds brackets in brackets."""
    return urlsafe_b64encode(b"[" * (size * 3 // 4)).decode().rstrip("=")


def _words(text: str) -> object:
    """Small expressions that ask what a word is: a login, a key, a level of a trace, numbers between commas."""
    return (
        re.fullmatch(auth.LOGIN_PATTERN, text),
        exposure_subjects._UUID.fullmatch(text),
        re.fullmatch(r"[+-]?[0-9]{1,6}", text),
        routes_production.SEVERAL.split(text),
    )


def _page_parts(text: str) -> object:
    text = text.encode("utf-8", "replace").decode()  # as a server hands an address on
    return Folding.of("/lots?" + text), _without_language("/lots/" + text, text), safe_next("/" + text)


def _stage() -> definition.Stage:
    """A step that asks for one thing of every kind."""
    fields = [
        {"key": f"f_{kind}", "title": {"zh": "值", "en": "Value"}, "type": kind.value}
        for kind in definition.FieldType
        if kind is not definition.FieldType.CHOICE
    ]
    return definition.Stage.model_validate(
        {
            "key": "s",
            "kind": "task",
            "title": {"zh": "步", "en": "Step"},
            "role": "inspector",
            "form": fields,
            "next": "e",
        }
    )


STAGE = _stage()


def _form(text: str) -> object:
    return process_form.read_form(STAGE, {field.key: text for field in STAGE.form})


def _typed_rows(text: str) -> object:
    return task_form.cells({text: text}, "a"), task_form.changed({text: text}, text)


def _moments(text: str) -> object:
    for read in (
        lambda: exposure_window.window(text, None, "Asia/Shanghai"),
        lambda: trace_moment.moment(text, "Asia/Shanghai", NOW),
        lambda: moved_clock.read(text, NOW, ZONE),
        lambda: recall_report.read_day(text),
        lambda: lot.parse_expiry(text),
    ):
        with suppress(Refusal):
            read()
    return moments.PrintedDate.read(text)


def _cells(text: str) -> object:
    for read in (words_of, date_of, instant_of, quantity_of):
        with suppress(Refusal):
            read({"cell": text}, "cell")
    return None


def _json_body(text: str) -> object:
    with suppress(ValueError, RecursionError):
        return json.loads(text, parse_float=typed.Digits)
    return None


def _answer(text: str) -> object:
    """A request's shape, with the text in every place where a text fits."""
    with suppress(ValidationError):
        AnswerIn.model_validate(dict.fromkeys(AnswerIn.model_fields, text))
    with suppress(ValidationError):
        AnswerIn.model_validate(dict.fromkeys(AnswerIn.model_fields, text), context=FORM)
    return None


async def _sent(app: Any, scope: dict[str, Any], body: bytes = b"") -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(_message: Any) -> None:
        pass

    await app(scope, receive, send)


async def _nothing(_scope: Any, _receive: Any, _send: Any) -> None:
    pass


def _address(text: str) -> object:
    raw = b"/api/v1/lots/" + text.encode("utf-8", "replace")
    scope = {"type": "http", "method": "GET", "path": raw.decode("utf-8", "replace"), "raw_path": raw, "headers": []}
    return asyncio.run(_sent(SlashMiddleware(_nothing), scope))


def _body(text: str) -> object:
    app = SimpleNamespace(state=SimpleNamespace())
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b"", "app": app}
    return asyncio.run(_sent(BodyMiddleware(_nothing), scope, text.encode("utf-8", "replace")))


def _page_form(text: str, kind: str) -> object:
    headers = Headers({"content-type": kind})

    async def stream() -> AsyncGenerator[bytes, None]:
        yield text.encode("utf-8", "replace")

    async def parse() -> object:
        parser = FormParser(headers, stream()) if "multipart" not in kind else MultiPartParser(headers, stream())
        with suppress(MultiPartException):
            return await parser.parse()
        return None

    return asyncio.run(parse())


TEXTS: dict[str, Reader] = {
    "account_mail.read": Reader(lambda text: account_mail.read(SECRET, text)),
    "attachment name": Reader(attaching.name_of),
    "attachment content": Reader(
        lambda text: sniff(io.BytesIO(text.encode("utf-8", "surrogatepass"))),
        parts=("PK\x03\x04", "PK\x05\x06", "PK\x01\x02", "\x00\x00\x00\x18ftyp", "<!doctype", "a,b\n", "\ufeff"),
    ),
    "api body": Reader(_body, parts=("\\\\", "\\u0000", "\\u000")),
    "api json": Reader(_json_body, parts=("[", '{"a":', '"\\u0041', "1.5,", "[1.0,", "-", '"a":1,')),
    "api address": Reader(_address, parts=("%2f", "%2F%", "%%2", "/")),
    "api shapes": Reader(_answer),
    "api/page forms": Reader(
        lambda text: _page_form(text, "application/x-www-form-urlencoded"), parts=("a=1&", "%", "&&", "=;", "+")
    ),
    "api/page multipart": Reader(
        lambda text: _page_form("--b\r\n" + text, "multipart/form-data; boundary=b"),
        parts=("--b\r\n", "\r\n--", "\r\n\r", "Content-Disposition: form-data; name=a\r\n\r\n\r\n--b\r\n", "x: y\r\n"),
    ),
    "credential.mail_key": Reader(credential.mail_key, parts=("+a", "a+@")),
    "credential.name_key": Reader(credential.name_key),
    "definition_yaml.read": Reader(
        definition_yaml.read,
        most=definition_yaml.LARGEST,
        parts=(
            "a: b\n",
            "- a\n",
            "- - ",
            "? ",
            "- {a: 1}\n",
            "|\n a\n",
            "!!x ",
            "---\n",
            "- 1:1:1\n",
            "0x1",
            "1_",
            "{a: ",
            "# ",
        ),
        seconds=15,
    ),
    "exposure.read_identifier": Reader(exposure.read_identifier, parts=("equipment:", "exposure:", "/*/*")),
    "exposure.read_reference": Reader(exposure.read_reference, parts=("equipment:", "person: ")),
    "exposure_csv.from_csv": Reader(
        _answering(exposure_csv.from_csv), made=_sheet(",".join(exposure_csv.COLUMNS)), parts=('"', "head,", ",\n")
    ),
    "founding.check_key": Reader(lambda text: founding.check_key(SECRET, text)),
    "identifiers.parse": Reader(
        identifiers.parse,
        most=identifiers.LIMIT,
        parts=(
            "urn:epc:id:sgtin:",
            "1.",
            "(10)A",
            "+A123$",
            "]C1",
            "01",
            "/01/",
            "^",
            "LOT:",
            "批号：",
            "MA.156.M0.",
            ". ",
        ),
    ),
    "identity.identity_key": Reader(identity.identity_key, parts=("a-_ ", "ß", "İ", "\u0345", "ŉ")),
    "identity.near_key": Reader(identity.near_key, parts=("a-./",)),
    "importing cells": Reader(_cells, parts=("2026-", "1E", "T00:", "12_")),
    "lot_list.parse": Reader(lot_list.parse, most=lot_list.LIMIT, parts=NOTICES, seconds=30),
    "listing.left_out": Reader(
        lambda text: left_out(LIST, text), parts=("a=b&", "sort=", "%E4%B8", "&&", "=", "state=late&", "+")
    ),
    "moments": Reader(_moments, parts=("2026-", "1d", "12:", "T", "+08:", "0001-01-01")),
    "scars.read": Reader(lambda text: scars.read(SECRET, text), parts=("AAAA", "=")),
    "notice_links.read": Reader(lambda text: notice_links.read(SECRET, text), parts=("AAAA", "=")),
    "notice_list.read": Reader(
        lambda text: notice_list.read(["list:lot:" + text]), parts=("list:lot:A1 – ", "@|", "a|", "list:all:@", "A1 – ")
    ),
    "notice_mail.addresses": Reader(
        mail_addresses.addresses, parts=("a@b.", "a@b-", "a@b.c,", "<a@", "a.b.", "-.", ".a")
    ),
    "packing.read_number": Reader(packing.read_number, most=identifiers.LIMIT, parts=("00", "(00)", "]C100")),
    "process_form.read_form": Reader(_form, parts=("1.", "2026-", "０")),
    "recall_receivers.read": Reader(
        recall_receivers.read,
        most=recall_receivers.LONGEST,
        parts=(
            ";",
            "；",
            "a;",
            "1,234",
            "1,",
            "a;1\n",
            ";\t",
            "@;",
            "pcs",
            "a;1.0000",
            "\x85",
            "\u2028",
            "a; b; c@d; 1\n",
        ),
        made=(("rows", _rows),),
    ),
    "requests.read_cursor": Reader(
        lambda text: requests.read_cursor(text, (str, int)),
        parts=("AAAA", "W1tb", "=", "_-"),
        made=(("nested", _nested),),
    ),
    "resolve.read_reference": Reader(resolve.read_reference, parts=("lot:", "lot: ", "serial:a ")),
    "scanned": Reader(_code, most=identifiers.LIMIT, parts=("(10)A", "]C1", "+H1", "\x1d10")),
    "trace_csv.from_csv": Reader(
        _answering(trace_csv.from_csv), made=_sheet(",".join(trace_csv.COLUMNS)), parts=('"', "head,", ",\n")
    ),
    "typed.number": Reader(typed.number, parts=("1", "０", "。", "+", "1。")),
    "task_form.cells": Reader(_typed_rows, parts=("a[1].", "a[", "-a[1]", "_", "a[111].a")),
    "ui parts of a page": Reader(_page_parts, parts=("?a=1&", "//", "%E4%B8", "&show=", "a=b&")),
    "words of a page": Reader(_words, parts=("1-", "a.", "a_", "0123abcd-", "、 ")),
    "units.split": Reader(units.split, parts=("1 ", "1e", "1.", "1,", "m", "1m", " m", "e+", "１")),
}
"""By what they read; `tests/house/code/test_readers.py` finds a module that reads text and isn't here."""
