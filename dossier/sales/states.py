"""Status values of sales orders."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderSource(models.TextChoices):
    """Where the order came from."""

    ENTERED = "entered", _("Entered here")
    IMPORTED = "imported", _("Brought in from a file")


class OrderStatus(models.TextChoices):
    """A recorded order counts; a void one stays visible and counts nowhere. The full flow comes later."""

    RECORDED = "recorded", _("Recorded")
    VOID = "void", _("Void")
