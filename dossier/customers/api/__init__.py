"""Customers through the API: files, contacts, bank accounts, questions, categories (CUS-1 … CUS-7, SYS-3)."""

from dossier.customers.api import categories as categories
from dossier.customers.api import parts as parts
from dossier.customers.api import profiles as profiles
