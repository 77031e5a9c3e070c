"""Status values of products."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProductClass(models.TextChoices):
    """Class of a product as the company ranks it."""

    A = "A", "A"
    B = "B", "B"
    C = "C", "C"
    D = "D", "D"


class ProductStatus(models.TextChoices):
    """Whether it can be sold."""

    ON_SALE = "on_sale", _("On sale")
    DRAFT = "draft", _("To be completed")
    DISCONTINUED = "discontinued", _("Discontinued")
