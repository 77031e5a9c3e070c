"""What the tests of people share."""

import importlib
import os

import pytest


@pytest.fixture
def shipped_hashers():
    """The password hashers as the program ships them; tests use a quicker one."""
    return importlib.import_module(os.environ["DJANGO_SETTINGS_MODULE"]).PASSWORD_HASHERS
