"""Every page that somebody can come to by the links of the pages, and the letters of another script that stand on it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import httpx

from runtime.ports import NO_TLS
from ui.frame.rooms import doors

CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef「」]")
READ = ("title", "aria-label", "aria-description", "placeholder", "alt", "value", "label", "content", "summary")
"""Attributes that a person reads or hears; of `data-…` every one, for scripts show what stands there."""
FORMS_MANY = 8
"""So many addresses that differ only in what is asked of a page (`?sort=…&before=…`)."""
LEADS = ("href", "hx-get", "action")
OUTSIDE = ("/static", "/api", "/inbox/stream", "/logout", "/operation/temporal")
DIGESTED = re.compile(r"/recalls/[^/]+/reports/")
"""Reports to an authority have a digest: they keep the plant's own names, whoever reads them."""
WORDS = frozenset(word for door in doors() for word in door.partition(" ")[2].split("/") if "{" not in word)
"""What an address can have between its strokes that is no number or name of something."""
CHOICE = re.compile("[a-z_]+=[a-z_]*")
"""Something asked of a page that is one of few: `direction=forward`, `view=mine`."""


def kind(path: str) -> str:
    """The kind of an address: `/lots/S-2611-20/facts?cursor=7` is `/lots/*/facts?cursor`."""
    page, _, query = path.partition("?")
    named = "/".join(word if word in WORDS else "*" for word in page.split("/"))
    return f"{named}?{'&'.join(one if CHOICE.fullmatch(one) else one.partition('=')[0] for one in query.split('&'))}"


class Page(HTMLParser):
    """The texts of a page that somebody reads, and where its links lead."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.links: list[str] = []
        self._silent = 0
        self._chinese: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Attributes that are read, and links."""
        known = {name: value or "" for name, value in attrs}
        self._silent += tag == "style"
        said_so = known.get("lang", "").startswith("zh")  # said to be Chinese: the switch to it, a name in Chinese
        if said_so and tag != "input":  # nothing ends that one
            self._chinese.append(tag)
        if tag == "input" and known.get("type") == "hidden":
            return
        for name, value in known.items():
            if (name in READ or name.startswith("data-")) and not (self._chinese or said_so):
                self.texts.append(value)
            if name in LEADS and (name != "action" or known.get("method", "get").lower() == "get"):
                self.links.append(value)

    def handle_endtag(self, tag: str) -> None:
        """Out of what isn't read."""
        self._silent -= tag == "style"
        if self._chinese and self._chinese[-1] == tag:
            self._chinese.pop()

    def handle_data(self, data: str) -> None:
        """Text between tags, that of scripts too: pictures are drawn from it."""
        if not self._silent and not self._chinese and data.strip():
            self.texts.append(data.strip())


@dataclass
class Reader:
    """Who walks, and where this one has been."""

    login: str
    own: tuple[str, ...]
    seen: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)


@dataclass
class Walk:
    """What was seen: each address once for each reader who has something of their own there.

    With `few`, of the addresses of one kind that links lead to only so many; which, their digest says.
    """

    address: str
    password: str
    language: str
    few: int | None = None
    kinds: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    found: dict[str, list[str]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    pages: int = 0

    def by(self, login: str, begin: Iterable[str], own: tuple[str, ...] = ()) -> None:
        """Follow every link from `begin`; pages under `own` once more, even if somebody else has been there."""
        with httpx.Client(base_url=self.address, timeout=60, trust_env=False, verify=NO_TLS) as client:
            answer = client.post("/api/v1/auth/login", json={"login": login, "password": self.password})
            assert answer.status_code == 200, answer.text
            client.cookies.set("lang", self.language)
            reader = Reader(login, own)
            fresh = list(self._fresh(reader, begin))
            with ThreadPoolExecutor(3) as several:
                while fresh:
                    left: list[str] = []
                    for path, answer in zip(fresh, several.map(client.get, fresh), strict=True):
                        left += self._look(login, path, answer)
                    fresh = list(self._few(reader, self._fresh(reader, left)))

    def _fresh(self, reader: Reader, left: Iterable[str]) -> Iterator[str]:
        for path in left:
            page, _, query = path.partition("?")
            again = path in self.seen and not page.startswith(reader.own)
            if path in reader.seen or again or reader.asked[page] > FORMS_MANY:
                continue
            reader.asked[page] += bool(query)
            reader.seen.add(path)
            self.seen.add(path)
            yield path

    def _few(self, reader: Reader, fresh: Iterable[str]) -> Iterator[str]:
        """So many of each kind; every reader has other ones of their own, whatever is asked of the page."""
        if self.few is None:
            yield from fresh
            return
        for path in sorted(fresh, key=lambda path: sha256(f"{reader.login} {path}".encode()).digest()):
            mine = path.startswith(reader.own)
            of, counted = (kind(path.partition("?")[0]), reader.kinds) if mine else (kind(path), self.kinds)
            counted[of] += 1
            if counted[of] <= self.few:
                yield path

    def _look(self, login: str, path: str, answer: httpx.Response) -> list[str]:
        self.pages += 1
        if answer.status_code >= 500:
            self.broken.append(f"{path}: {answer.status_code}")
        if not answer.headers.get("content-type", "").startswith("text/"):
            return []
        # the columns of a table to carry away are named in both languages
        page = Page(answer.text.partition("\n")[2] if path.partition("?")[0].endswith(".csv") else answer.text)
        for text in page.texts:
            if CHINESE.search(text):
                self.found.setdefault(text, []).append(f"{login} {unquote(path)}")
        return [one for link in page.links if (one := self._inside(path, link))]

    def _inside(self, page: str, link: str) -> str:
        parts = urlsplit(str(httpx.URL(self.address + page).join(link)) if not link.startswith("#") else "")
        path = parts.path
        if (
            not path
            or f"{parts.scheme}://{parts.netloc}" != self.address
            or path.startswith(OUTSIDE)
            or DIGESTED.match(path)
            or "lang=" in parts.query
        ):
            return ""
        return path + (f"?{parts.query}" if parts.query else "")
