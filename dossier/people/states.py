"""Status values of people."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EmployeeStatus(models.TextChoices):
    """In post or left (ORG-1)."""

    IN_POST = "in_post", _("in post")
    LEFT = "left", _("left")
