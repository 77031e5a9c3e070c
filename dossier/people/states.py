"""Status values of people."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from dossier.core.values import choice_words


class EmployeeStatus(models.TextChoices):
    """In post or left (ORG-1)."""

    IN_POST = "in_post", _("in post")
    LEFT = "left", _("left")


STATUS_WORDS: Final = choice_words(
    (
        (
            EmployeeStatus.IN_POST,
            "在职 在岗 在编 是 正常 试用 试用期 转正 正式 启用"
            " active inpost yes true 1 employed current".split(),
        ),
        (
            EmployeeStatus.LEFT,
            "离职 已离职 离岗 辞职 退休 否 停用 禁用"
            " left inactive no false 0 terminated resigned disabled former suspended".split(),
        ),
    )
)
"""Words sheets use for them."""
