"""The forms of what follows a recall: draw, ask, book, decide, file; each with what it is about above it (REQ 75-82)."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.process.sign.sign import NEEDED
from models.process.store.signed_acts import Shown
from models.recall.queries.returned import ReturnRow
from models.recall.queries.views import NoticeRow, RecallView
from models.recall.rules.checks import CHANNELS, LEVELS
from models.recall.rules.decide import KINDS as WAYS
from models.recall.rules.filings import FILINGS
from models.recall.store.checks import CheckRow
from models.returns.rules import KINDS
from ui.frame.form.forms import Sheet
from ui.frame.form.lines import local
from ui.frame.i18n import Words
from ui.frame.parts import Draft, Fact, FormField, Option, SignaturePanel
from ui.frame.visit import new_key
from ui.frame.words.numbers import quantity
from ui.lot.view.list import choice
from ui.recall.page.follow_up import FollowForm
from ui.recall.view.list import href

FEW = 12
"""Batches named on a form."""


class Forms:
    """The forms of one recall, in one language, with what was typed and refused."""

    def __init__(
        self,
        words: Words,
        found: RecallView,
        now: datetime,
        zone: str,
        given: FormData | None,
        refusal: Refusal | None,
        blocked: Refusal | None,
    ) -> None:
        self.words, self.found, self.zone = words, found, zone
        self.now = local(now, zone)
        self.refusal, self.blocked, self.given = refusal, blocked, given
        self.sheet = Sheet(words, given, refusal)
        self.base = href(found.row.recall_no)

    def draw(self) -> FollowForm:
        """Choose the level."""
        w, s = self.words, self.sheet
        fields = (
            s.field(
                "level",
                w("follow.level_label"),
                "choice",
                required=True,
                options=tuple(Option(value=one, label=w(f"follow.level_{one.lower()}")) for one in LEVELS),
            ),
            s.field("share", w("follow.share_label"), "decimal", unit="%"),
        )
        return self._page("checks/new", w("follow.draw"), w("follow.draw"), fields, note=w("follow.draw_note"))

    def check(self, row: CheckRow, history: Sequence[str]) -> FollowForm:
        """One try to reach a drawn customer."""
        w, s = self.words, self.sheet
        about = [Fact(label=w("follow.customer_label"), text=f"{row.customer} · {row.customer_no}")]
        contact = " · ".join(part for part in (row.contact, row.phone, row.email) if part)
        if contact:
            about.append(Fact(label=w("shipment.contact"), text=contact))
        if row.sent_at:
            about.append(Fact(label=w("recall.notified_at"), moment=row.sent_at))
        needed = w("follow.only_reached")
        fields = (
            s.field("reached", w("follow.reached_label"), "boolean", required=True),
            s.field(
                "channel",
                w("follow.channel_label"),
                "choice",
                "telephone",
                required=True,
                options=tuple(Option(value=one, label=w(f"follow.channel_{one}")) for one in CHANNELS),
            ),
            s.field("contacted_at", w("follow.contacted_label"), "datetime", self.now, required=True),
            s.field("spoken_with", w("follow.spoken_label"), help=needed),
            s.field("notice_received", w("follow.received_label"), "boolean", help=needed),
            s.field("acted", w("follow.acted_label"), "boolean", help=needed),
            s.field("remark", w("follow.remark"), "long_text"),
        )
        title = w("follow.check", customer=row.customer)
        return self._page(f"checks/{row.id}", title, w("follow.ask"), fields, tuple(about), history=tuple(history))

    def book(self, customers: tuple[Option, ...], locations: tuple[Option, ...]) -> FollowForm:
        """Goods come back; the unit stands beside the quantity where all batches of the scope are counted in one."""
        units = {one["uom"] for one in self.found.scope["lots"]}
        unit = units.pop() if len(units) == 1 else ""
        w, s = self.words, self.sheet
        fields = (
            choice(s, "customer_no", w("follow.customer_label"), customers, required=True),
            s.field("lot_no", w("follow.lot_label"), "lot", required=True),
            s.field(
                "quantity",
                w("follow.quantity_label"),
                "decimal",
                required=True,
                help="" if unit else w("follow.own_unit"),
                unit=w.known(f"unit.{unit.lower()}", unit),
            ),
            s.field("serial_no", w("follow.serial_label")),
            choice(s, "location", w("follow.location_label"), locations, required=True),
            s.field("received_at", w("follow.received_at_label"), "datetime", self.now, required=True),
            s.field("reference", w("follow.reference_label")),
            s.field("remark", w("follow.remark"), "long_text"),
        )
        return self._page("returns/new", w("follow.book"), w("follow.book"), fields, note=w("follow.book_note"))

    def decide(self, row: ReturnRow, shown: Shown | None = None) -> FollowForm:
        """Decide about a return; what would be scrapped is shown before it is signed."""
        w, s = self.words, self.sheet
        about = (
            Fact(label=w("follow.customer_label"), text=f"{row.customer} · {row.customer_no}"),
            Fact(label=w("follow.lot_label"), text=row.lot_no, code=True),
            Fact(label=w("follow.quantity_label"), text=quantity(w, row.quantity, row.uom)),
            Fact(label=w("follow.undecided"), text=quantity(w, row.left, row.uom)),
            Fact(label=w("follow.location_label"), text=row.location, code=True),
        )
        options = tuple(
            Option(
                value=one,
                label=w(f"follow.kind_{one}"),
                hint=w("follow.kind_restock_hint") if one == "restock" else "",
            )
            for one in KINDS
        )
        fields = (
            s.field("kind", w("follow.kind_label"), "choice", required=True, options=options),
            s.field(
                "quantity",
                w("follow.quantity_label"),
                "decimal",
                f"{row.left.normalize():f}",
                required=True,
                unit=w.known(f"unit.{row.uom.lower()}", row.uom),
            ),
            s.field("reason", w("follow.reason_label"), "long_text", required=True),
            s.field("reference", w("follow.reference_label")),
        )
        title = w("follow.decide_title", lot=row.lot_no)
        page = self._page(f"returns/{row.id}", title, w("follow.decide"), fields, about, note=w("follow.decide_note"))
        if shown is None:
            return page
        much = quantity(w, Decimal(json.loads(shown.canonical)["scrapped"]), row.uom)
        warning = w("follow.to_scrap", much=much, lot=row.lot_no, customer=row.customer, place=row.location)
        return self._to_sign(page, shown, warning)

    def decide_lots(self, shown: Shown | None = None) -> FollowForm:
        """What becomes of the batches in house; what would be scrapped is shown, with its count, before it is signed."""
        w, s = self.words, self.sheet
        waiting = self.found.undecided
        named = w("list.comma").join(waiting[:FEW]) + (" …" if len(waiting) > FEW else "")
        about = (Fact(label=w("follow.waiting_label"), text=f"{len(waiting):,} · {named}" if waiting else "–"),)
        options = tuple(Option(value=one, label=w(f"follow.way_{one}")) for one in WAYS)
        fields = (
            s.field("kind", w("follow.kind_label"), "choice", required=True, options=options),
            s.field("lots", w("follow.lots_label"), "long_text"),
            s.field("reason", w("follow.reason_label"), "long_text", required=True),
            s.field("reference", w("follow.reference_label")),
        )
        title = w("follow.decide_lots")
        page = self._page("decisions/new", title, title, fields, about, note=w("follow.decide_lots_note"))
        return page if shown is None else self._to_sign(page, shown, self._lots_to_scrap(json.loads(shown.canonical)))

    def _lots_to_scrap(self, record: dict[str, Any]) -> str:
        """How many batches, how much of what unit, at how many places; and the first of them."""
        w = self.words
        much: dict[str, Decimal] = {}
        for one in record["lots"]:
            much[one["uom"]] = much.get(one["uom"], Decimal(0)) + Decimal(one["quantity"])
        names = [one["lot_no"] for one in record["lots"]]
        return w(
            "follow.lots_to_scrap",
            n=len(names),
            much=" + ".join(quantity(w, value, unit) for unit, value in sorted(much.items())),
            places=len(record["places"]),
            names=w("list.comma").join(names[:FEW]) + (" …" if len(names) > FEW else ""),
        )

    def _to_sign(self, page: FollowForm, shown: Shown, warning: str) -> FollowForm:
        """The form again with what is signed; that a signature is needed is no refusal any more."""
        refused = self.refusal if self.refusal is not None and self.refusal.code != NEEDED.code else None
        panel = SignaturePanel(meaning=shown.act.title(self.words.language), digest=shown.digest)
        return replace(page, refusal=refused, warning=warning, signature=panel)

    def answer(self, notice: NoticeRow, uom: str) -> FollowForm:
        """What a customer said by telephone or on paper; `uom` is the unit of all its batches, empty of several."""
        w, s = self.words, self.sheet
        about = (
            Fact(label=w("follow.customer_label"), text=f"{notice.customer} · {notice.customer_no}"),
            Fact(label=w("follow.shipped"), text=quantity(w, notice.shipped, uom).strip()),
        )
        numbers = ("received", "on_hand", "used", "will_return")
        unit = w.known(f"unit.{uom.lower()}", uom)
        further = (
            s.field("passed_on", w("notice.passed_on"), "decimal", unit=unit),
            s.field("receivers", w("follow.receivers_label"), "long_text"),
        )
        fields = (
            s.field("name", w("follow.spoken_label"), required=True),
            *(s.field(key, w(f"notice.{key}"), "decimal", required=True, unit=unit) for key in numbers),
            *further,
            s.field("remark", w("follow.remark"), "long_text"),
        )
        title = w("follow.answer")
        return self._page(f"notices/{notice.id}/answer", title, title, fields, about, note=w("follow.answer_note"))

    def receivers(self, notice: NoticeRow, uom: str) -> FollowForm:
        """To whom a customer passed goods on, said after their answer."""
        w, s = self.words, self.sheet
        about = (
            Fact(label=w("follow.customer_label"), text=f"{notice.customer} · {notice.customer_no}"),
            Fact(label=w("notice.passed_on"), text=quantity(w, notice.passed_on or Decimal(0), uom).strip()),
            Fact(label=w("follow.unnamed_label"), text=quantity(w, notice.unnamed, uom).strip()),
        )
        fields = (
            s.field("name", w("follow.spoken_label"), required=True),
            s.field("receivers", w("follow.receivers_label"), "long_text", required=True),
        )
        title = w("follow.receivers")
        return self._page(
            f"notices/{notice.id}/receivers", title, title, fields, about, note=w("follow.receivers_note")
        )

    def file(self) -> FollowForm:
        """A report was filed."""
        w, s = self.words, self.sheet
        closed = self.found.row.status == "closed"
        kinds = tuple(
            Option(value=one, label=w(f"follow.filing_{one}"))
            for one, filing in FILINGS.items()
            if closed or not filing.after_closing
        )
        where = tuple(Option(value=one, label=w(f"recall.where_{one.lower()}")) for one in ("CN", "US", "EU"))
        fields = (
            s.field("kind", w("follow.filing_label"), "choice", required=True, options=kinds),
            s.field("jurisdiction", w("follow.jurisdiction_label"), "choice", "CN", required=True, options=where),
            s.field("filed_at", w("follow.filed_at_label"), "datetime", self.now, required=True),
            s.field("authority", w("follow.authority_label"), required=True),
            s.field("reference", w("follow.report_reference_label"), required=True),
            s.field("estimated_on", w("follow.estimated_label"), "date"),
            s.field("remark", w("follow.remark"), "long_text"),
        )
        return self._page("reports/new", w("follow.file"), w("follow.file"), fields, note=w("follow.file_note"))

    def classify(self) -> FollowForm:
        """An agency's letter came."""
        w, s = self.words, self.sheet
        where = tuple(Option(value=one, label=w(f"recall.where_{one.lower()}")) for one in ("US",))
        levels = tuple(Option(value=one, label=w(f"recall.class_{one.lower()}")) for one in ("I", "II", "III"))
        fields = (
            s.field("market", w("recall.market_label"), "choice", "US", required=True, options=where),
            s.field("level", w("recall.level"), "choice", required=True, options=levels),
            s.field("authority", w("follow.authority_label"), required=True),
            s.field("reference", w("follow.report_reference_label"), required=True),
            s.field("classified_at", w("recall.classified_at"), "datetime", self.now, required=True),
        )
        title = w("recall.classify")
        return self._page("classes/new", title, title, fields, note=w("recall.classify_note"))

    def _page(
        self,
        path: str,
        title: str,
        button: str,
        fields: tuple[FormField, ...],
        about: tuple[Fact, ...] = (),
        *,
        note: str = "",
        history: tuple[str, ...] = (),
    ) -> FollowForm:
        number = self.found.row.recall_no
        return FollowForm(
            number=number,
            title=title,
            action=f"{self.base}/{path}",
            button=button,
            back=self.base,
            drill=self.found.row.mode == "drill",
            about=about,
            fields=fields,
            note=note,
            history=history,
            refusal=self.refusal,
            blocked=self.blocked,
            draft=Draft(key=f"{number}-{path}"),
            command_key=new_key(),
        )
