"""A number that is typed otherwise is the thing's own at every step of an act: form, API, Temporal, record, notice (REQ 19)."""

from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import httpx

from runtime.ports import NO_TLS
from tests.support.plant.plant import PASSWORD
from tests.support.servers.site import Site


async def test_the_command_travels_with_the_numbers_of_the_record_and_the_page_says_what_was_understood(
    site: Site,
) -> None:
    await site.before.material("R-FOLD")
    await site.before.make("H-FOLD-1", "R-FOLD")
    await site.before.release("H-FOLD-1")
    async with httpx.AsyncClient(base_url=site.address, trust_env=False, verify=NO_TLS) as client:
        answer = await client.post("/api/v1/auth/login", json={"login": "li.cang", "password": PASSWORD})
        csrf = answer.json()["csrf"]
        client.headers["X-CSRF-Token"] = csrf
        body: dict[str, Any] = {}
        for key, lot, customer in (("fold-1", "h_fold_1", "c_1"), ("fold-2", "H–FOLD–1", "C 1")):
            body = {
                "shipment_no": f"sh_{key}",
                "customer_no": customer,
                "lines": [{"lot_no": lot, "quantity": "1", "location": None}],
            }
            sent = await client.post("/api/v1/shipments", json=body, headers={"Idempotency-Key": key})
            assert sent.status_code == 201, sent.text
        shipped = site.plant.scalar(
            "select string_agg(s.shipment_no || ' ' || c.customer_no || ' ' || l.lot_no, ', ' order by s.shipment_no)"
            " from shipment s join customer c on c.id = s.customer_id join shipment_line x on x.shipment_id = s.id"
            " join lot l on l.id = x.lot_id where s.shipment_no like 'sh_fold%'"
        )
        assert shipped == "sh_fold-1 C-1 H-FOLD-1, sh_fold-2 C-1 H-FOLD-1"

        near = await client.post("/api/v1/shipments", json={**body, "shipment_no": "SH-N", "customer_no": "C1"})
        assert (near.status_code, near.json()["code"]) == (404, "ID-033")
        assert "C-1" in near.json()["detail"]

        form = {
            "csrf": csrf,
            "idempotency_key": str(uuid4()),
            "shipment_no": "SH-FOLD-3",
            "customer_no": "c＿1",
            "ship_lot": "h fold 1",
            "ship_quantity": "1",
        }
        done = await client.post("/shipments/new", data=form)
        assert (done.status_code, done.headers["location"]) == (303, "/shipments/SH-FOLD-3"), done.text[:2000]
        assert "“c_1”即 C-1" in unquote(done.headers["set-cookie"])
