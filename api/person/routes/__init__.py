"""Accounts and people over HTTP: who comes in, who they are, what they may do."""

from api.frame.doors import Door, Doors
from api.person.routes import auth, me, people, roles
from models.person.rules.roles import Permission

ROUTERS = (auth.router, me.router, people.router, roles.router)
DOORS: Doors = {
    Door.ANYBODY: """
        POST /api/v1/auth/first-sign-in
        POST /api/v1/auth/login
    """,
    Door.OWN: """
        POST /api/v1/auth/change-password
        POST /api/v1/auth/logout
        GET /api/v1/me
        POST /api/v1/me/accounts
        GET /api/v1/me/delegations
        POST /api/v1/me/delegations
        DELETE /api/v1/me/delegations/{delegation}
        GET /api/v1/me/notices
        POST /api/v1/me/notices/seen
    """,
    Permission.RECORD_READ: """
        GET /api/v1/people
        GET /api/v1/people/{person}
        GET /api/v1/roles
    """,
    Permission.PEOPLE_WRITE: """
        POST /api/v1/accounts/{login}/disable
        POST /api/v1/accounts/{login}/enable
        POST /api/v1/accounts/{login}/reset-password
        POST /api/v1/accounts/{login}/unlock
        POST /api/v1/people
        POST /api/v1/people/{person}/accounts
        POST /api/v1/people/{person}/active
        POST /api/v1/people/{person}/name
        POST /api/v1/people/{person}/roles
        DELETE /api/v1/people/{person}/roles/{role}
        POST /api/v1/people/{person}/tokens
        POST /api/v1/roles
        POST /api/v1/roles/{role}
        POST /api/v1/roles/{role}/active
        GET /api/v1/security-notices
    """,
    Permission.PEOPLE_HAND_OVER: """
        POST /api/v1/accounts/{login}/halves
    """,
    Permission.QUALIFICATION_WRITE: """
        POST /api/v1/people/{person}/qualifications
    """,
}
