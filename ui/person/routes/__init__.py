"""Pages of people: coming in, accounts, roles."""

from api.frame.doors import Door, Doors
from models.person.rules.roles import Permission
from ui.person.routes import accounts, login, people, roles

ROUTERS = (login.router, accounts.router, people.router, roles.router)
DOORS: Doors = {
    Door.ANYBODY: """
        GET /
        GET /login
        POST /login
        GET /welcome
        POST /welcome
        GET /welcome/{token}
    """,
    Door.OWN: """
        GET /absences
        POST /absences
        POST /absences/{absence}/end
        POST /logout
        GET /password
        POST /password
    """,
    Permission.RECORD_READ: """
        GET /people
        GET /people/{person}
        GET /roles
        GET /roles/{role}
    """,
    Permission.PEOPLE_WRITE: """
        GET /people/new
        POST /people/new
        POST /people/{person}/accounts/{login}/close
        POST /people/{person}/accounts/{login}/open
        POST /people/{person}/accounts/{login}/reset
        POST /people/{person}/accounts/{login}/unlock
        POST /people/{person}/grant
        POST /people/{person}/leave
        POST /people/{person}/login
        POST /people/{person}/rename
        POST /people/{person}/return
        POST /people/{person}/roles/{role}/revoke
        POST /roles
        POST /roles/{role}
        POST /roles/{role}/active
    """,
    Permission.PEOPLE_HAND_OVER: """
        POST /people/{person}/accounts/{login}/half
    """,
    Permission.QUALIFICATION_WRITE: """
        POST /people/{person}/qualify
    """,
}
