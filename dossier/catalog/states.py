"""Status values of products."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from dossier.core.values import choice_words


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


CLASS_WORDS: Final = choice_words(
    (one, (one.value, f"{one.value}类", f"{one.value}级", f"class{one.value}"))
    for one in ProductClass
)
"""Words sheets use for the class."""

STATUS_WORDS: Final = choice_words(
    (
        (
            ProductStatus.ON_SALE,
            "在售 上架 启用 正常 销售中 有效 是 onsale active enabled yes true 1 published".split(),
        ),
        (
            ProductStatus.DISCONTINUED,
            "停产 已停产 停售 已停售 下架 停用 淘汰 作废 否"
            " discontinued inactive disabled no false 0 archived obsolete".split(),
        ),
        (
            ProductStatus.DRAFT,
            ["草稿", "待完善", "新建", "draft", "new", "to be completed"],
        ),
    )
)
"""Words sheets use for the status."""
