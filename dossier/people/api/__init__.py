"""People through the API: employees, teams, territories, roles and accounts (ORG-1 … ORG-3, SYS-3)."""

from dossier.people.api import employees as employees  # isort: split

from dossier.people.api import organisation as organisation  # isort: split

from dossier.people.api import accounts as accounts
