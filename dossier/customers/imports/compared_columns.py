"""Columns of files of persons that are recognised by their names, and how each is compared (CUS-3)."""

from __future__ import annotations

from typing import Final

from dossier.core.imports.columns import ColumnSpec
from dossier.customers.rules.fields_alike import FieldKind

_KNOWN: Final[tuple[tuple[str, FieldKind, str], ...]] = (
    ("given_name", FieldKind.NAME, "given_name|given name|first_name|first name|firstname|forename|fname|fname_c1|名字|名"),
    ("middle_name", FieldKind.NAME, "middle_name|middle name|second_name|fname_c2|中间名"),
    ("surname", FieldKind.SURNAME, "surname|last_name|last name|lastname|family_name|family name|lname|lname_c1|姓|姓氏"),
    ("second_surname", FieldKind.SURNAME, "second_surname|maiden_name|birth_name|lname_c2|曾用名"),
    ("full_name", FieldKind.NAME, "full_name|full name|fullname|person_name|person name|姓名|人员姓名"),
    ("street_number", FieldKind.NUMBER, "street_number|street number|street_no|house_number|house number|house_no|门牌号"),
    ("address_1", FieldKind.ADDRESS, "address_1|address 1|address1|address_line_1|address line 1|street|street_address|"
     "street address|street_name|address|地址|住址|家庭住址|通讯地址"),
    ("address_2", FieldKind.ADDRESS, "address_2|address 2|address2|address_line_2|address line 2|unit"),
    ("suburb", FieldKind.TEXT, "suburb|city|town|locality|城市|市"),
    ("district", FieldKind.TEXT, "district|county|borough|区县|区"),
    ("postcode", FieldKind.CODE, "postcode|post_code|postal_code|postal code|zip|zip_code|zipcode|邮编|邮政编码"),
    ("state", FieldKind.TEXT, "state|province|region|省|省份"),
    ("date_of_birth", FieldKind.DATE, "date_of_birth|date of birth|dob|birth_date|birthdate|birthday|born|出生日期|生日|出生年月"),
    ("birth_year", FieldKind.CODE, "birth_year|year_of_birth|by|出生年"),
    ("birth_month", FieldKind.NUMBER, "birth_month|month_of_birth|bm|出生月"),
    ("birth_day", FieldKind.NUMBER, "birth_day|day_of_birth|bd|出生日"),
    ("identity_number", FieldKind.ID, "soc_sec_id|ssn|social_security_number|social security number|national_id|"
     "identity_number|id_number|id number|passport|passport_number|身份证号|身份证号码|身份证|证件号码"),
    ("phone", FieldKind.PHONE, "phone|phone_number|telephone|tel|home_phone|phone_no|电话|联系电话|固定电话"),
    ("mobile", FieldKind.PHONE, "mobile|mobile_phone|cell|cell_phone|cellphone|手机|手机号|手机号码"),
    ("email", FieldKind.EMAIL, "email|e-mail|mail|email_address|邮箱|电子邮箱|电子邮件"),
    ("gender", FieldKind.TEXT, "gender|sex|性别"),
)  # fmt: skip

KINDS: Final[dict[str, FieldKind]] = {field: kind for field, kind, _names in _KNOWN}
KINDS.update(first_name=FieldKind.NAME, last_name=FieldKind.SURNAME, name=FieldKind.NAME)
"""How a field of a map is compared where the map's [compare] does not say."""

SPECS: Final = tuple(
    ColumnSpec(field, field, tuple(names.split("|"))) for field, _kind, names in _KNOWN
)

PERSONAL: Final = frozenset({"given_name", "surname", "full_name"})
"""One of these makes a file a list of persons, unless it names companies."""
