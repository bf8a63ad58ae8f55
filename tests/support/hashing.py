"""Comparing a password is made to take long, and every login and signature of a test does it: here it takes little."""

from argon2 import PasswordHasher

from models.person.store import passwords

SHIPPED = passwords.HASHER
"""What ships, for the test that looks at it."""


def cheaply() -> None:
    """Hash and compare with the least that argon2 does, in this process."""
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
