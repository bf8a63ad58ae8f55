"""Rooms say their routers and doors themselves; what one forgets, says twice or makes up stops the start (21 CFR 11.10(d), 11.10(g))."""

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from fastapi import APIRouter

import api
import ui
import ui.frame.rooms
from api.frame import rooms
from api.frame.doors import API, Door
from api.frame.rooms import Room
from models.nouns import NOUNS
from models.person.rules.roles import Permission

ALL = (*rooms.rooms(), *ui.frame.rooms.rooms())
SAID: Mapping[Door | Permission, str] = {
    Door.OWN: "GET /recipes\nPOST /recipes",
    Permission.RECORD_READ: "GET /steel/{no}",
}


def routed(*more: str, prefix: str = "") -> APIRouter:
    """A router with the routes that `SAID` opens, and more."""
    router = APIRouter(prefix=prefix)
    for one in ("GET /recipes", "POST /recipes", "GET /steel/{no}", *more):
        method, path = one.split(" ")
        router.add_api_route(path, lambda: "steel", methods=[method])
    return router


def room(*routers: APIRouter, said: Mapping[Door | Permission, str] = SAID) -> Room:
    return Room("ui.recipe", routers, said)


def test_what_opens_a_route_is_what_its_room_says() -> None:
    assert room(routed()).doors() == {
        "GET /recipes": Door.OWN,
        "POST /recipes": Door.OWN,
        "GET /steel/{no}": Permission.RECORD_READ,
    }


def test_a_route_that_nobody_opens_stops_the_start() -> None:
    with pytest.raises(RuntimeError, match=r"ui\.recipe: routes without a door: \['GET /secret'\]$"):
        room(routed("GET /secret")).doors()


def test_a_door_that_leads_nowhere_stops_the_start() -> None:
    with pytest.raises(RuntimeError, match=r"doors without a route: \['GET /gone'\]$"):
        room(routed(), said={**SAID, Door.ANYBODY: "GET /gone"}).doors()


def test_a_door_that_two_things_open_stops_the_start() -> None:
    with pytest.raises(RuntimeError, match=r"twice: \['GET /recipes'\]$"):
        room(routed(), said={**SAID, Door.ANYBODY: "GET /recipes"}).doors()


def test_a_route_that_there_is_twice_stops_the_start() -> None:
    with pytest.raises(RuntimeError, match=r"twice: \['GET /recipes'\]$"):
        room(routed("GET /recipes")).doors()


def test_a_route_of_two_rooms_stops_the_start() -> None:
    assert len(rooms.doors([room(routed())])) == 3
    with pytest.raises(RuntimeError, match=r"another room's: .*GET /recipes"):
        rooms.doors([room(routed()), room(routed())])


def test_a_door_is_that_of_the_whole_address() -> None:
    with pytest.raises(RuntimeError, match=r"routes without a door: .*GET /api/v1/recipes.*doors without a route"):
        room(routed(prefix=API)).doors()


@pytest.fixture
def side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of rooms that isn't ours."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made = tmp_path / "third_side"
    made.mkdir()
    (made / "__init__.py").touch()
    for name in [name for name in sys.modules if name.partition(".")[0] == made.name]:
        monkeypatch.delitem(sys.modules, name)
    return made


ROOM = """
from fastapi import APIRouter
from api.frame.doors import Door
router = APIRouter()
router.get("/{name}")(lambda: "steel")
ROUTERS = (router,)
DOORS = {{Door.OWN: "GET /{name}"}}
"""


def test_rooms_are_found_by_their_names_in_the_order_of_the_nouns(side: Path) -> None:
    """A module, or a package with routes; one whose parts stand on other pages has none."""
    (side / "lot.py").write_text(ROOM.format(name="lot"))
    for name in ("item", "hold", "frame"):
        (side / name).mkdir()
        (side / name / "__init__.py").touch()
    (side / "item" / "routes.py").write_text(ROOM.format(name="item"))
    (side / "kitchen.py").write_text(ROOM.format(name="kitchen"))
    found = rooms.collect(side.name, ("kitchen",))
    assert [one.name for one in found] == ["third_side.item.routes", "third_side.lot", "third_side.kitchen"]
    assert [*rooms.doors(found)] == ["GET /item", "GET /lot", "GET /kitchen"]


def test_a_room_of_no_noun_stops_the_start(side: Path) -> None:
    (side / "lots.py").write_text(ROOM.format(name="lots"))
    with pytest.raises(RuntimeError, match=r"rooms of no noun: \['lots'\]; no rooms: \['kitchen'\]"):
        rooms.collect(side.name, ("kitchen",))


def test_a_room_that_says_nothing_stops_the_start(side: Path) -> None:
    (side / "lot.py").touch()
    with pytest.raises(AttributeError, match="ROUTERS"):
        rooms.collect(side.name, ())


def test_no_router_is_forgotten() -> None:
    """Whatever module makes one, its room hands it in."""
    handed_in = {id(router) for one in ALL for router in one.routers}
    made = {
        f"{module}.{name}": id(value)
        for side in (api, ui)
        for module in [one.name for one in walk_packages(side.__path__, f"{side.__name__}.")]
        for name, value in vars(import_module(module)).items()
        if isinstance(value, APIRouter)
    }
    assert [name for name, one in made.items() if one not in handed_in] == []
    assert len(handed_in) == len(set(made.values())) > 50


def test_each_room_says_its_doors_and_the_application_has_them_all() -> None:
    assert ui.frame.rooms.doors() == rooms.doors(ALL)
    assert len(ui.frame.rooms.doors()) > 370
    assert not {*rooms.BESIDE, *ui.frame.rooms.BESIDE} & {*NOUNS}
