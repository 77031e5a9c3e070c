"""What looks like a sensitive value in a sheet whose columns nobody has declared (ORG-4).

The field lists say of each field how it is covered; of other columns only their name and what stands
in them can tell. In doubt a value is covered: covering too much costs a click, too little a leak.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from dossier.core.fields import Mask

_MOBILE_TITLES: Final = re.compile(r"手机|移动电话|mobile|cell|小灵通")
_NUMBER_TITLES: Final = re.compile(
    r"身份证|证件|护照|驾驶证|社保|账号|帐号|账户|帐户|卡号|identity|passport|licen[cs]e|"
    r"\bid (?:card|no|number)|social security|iban|account"
)
_PERSONAL_TITLES: Final = re.compile(
    r"微信|qq|旺旺|抖音|wechat|whatsapp|telegram|\bim\b|chat|生日|出生|年龄|婚|配偶|爱人|子女|孩子|家庭|"
    r"家人|家属|住址|学历|学位|毕业|教育|履历|简历|工作经历|工作背景|性格|脾气|兴趣|爱好|嗜好|特长|宗教|"
    r"信仰|民族|籍贯|政治|健康|疾病|工资|薪|个人|私人|宅电|birth|\bage\b|marital|married|spouse|wife|"
    r"husband|child|famil|home (?:address|phone|tel)|education|degree|school|background|resume|"
    r"personal|character|hobb|interest|abilit|religi|ethnic|politic|health|illness|salary|private"
)
_PERSONS_NUMBER: Final = re.compile(
    r"(?:法人|法定代表人|负责人|联系人|老板|经理|contact|person|owner|manager).*(?:电话|phone|tel)"
)
_MOBILE: Final = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_LONG_NUMBER: Final = re.compile(r"(?<![\dA-Z])(?:\d[ -]?){14,18}[\dX](?![\dA-Z])")


def looks_sensitive(title: str, text: str) -> Mask | None:
    """How the value of a column is covered by the column's name or by what it holds; None: not at all."""
    name = unicodedata.normalize("NFKC", title).casefold().replace("_", " ")
    value = unicodedata.normalize("NFKC", text).upper().strip()
    if _MOBILE.fullmatch(value):
        return Mask.PHONE
    if _LONG_NUMBER.fullmatch(value):
        return Mask.TAIL
    if _MOBILE.search(value) or _LONG_NUMBER.search(value) or _PERSONAL_TITLES.search(name):
        return Mask.ALL
    if _MOBILE_TITLES.search(name) or _PERSONS_NUMBER.search(name):
        return Mask.PHONE
    return Mask.TAIL if _NUMBER_TITLES.search(name) else None
