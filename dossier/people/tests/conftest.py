"""Quick password hashing, so that a hundred sign-ins take no minute; one test uses the real one."""

import pytest


@pytest.fixture
def shipped_hashers():
    """The hashers as the program ships them."""
    from django.conf import settings

    return list(settings.PASSWORD_HASHERS)


@pytest.fixture(autouse=True)
def _quick_passwords(shipped_hashers, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *shipped_hashers]
