"""The field lists of what stands on a profile several times: contacts and bank accounts."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dossier.core.fields import FieldSpec, Kind, Mask, Surface, field

_LIST, _FILTER, _IMPORT = Surface.LIST, Surface.FILTER, Surface.IMPORT
_OWN_PART: Final = (_LIST, _FILTER)
_NOT_IN_FILES: Final = (_LIST, _FILTER, _IMPORT)
_TRAIT: Final = _NOT_IN_FILES  # personal traits are entered one by one, never poured in (ORG-4)

CONTACT_FIELDS: Final[tuple[FieldSpec, ...]] = (
    field(
        "name",
        Kind.TEXT,
        off=(_FILTER,),
        must=True,
        label=pgettext_lazy("of a person", "Name"),
        sheet_field="contact",
        sheet_label=_("Contact"),
        sheet="联系人, 联系人姓名, 主要联系人, 首要联系人, 姓名, 联络人, 对接人, contact, "
        "contact name, contact person, primary contact, attention",
    ),
    field("is_main", Kind.BOOL, off=(_FILTER, _IMPORT)),
    field("is_active", Kind.BOOL, off=_NOT_IN_FILES),
    field("kind", Kind.CHOICE, off=_NOT_IN_FILES, must=True),
    field(
        "post",
        Kind.TEXT,
        na=True,
        off=(_FILTER,),
        sheet_field="contact_post",
        sheet_label=_("Post of the contact"),
        sheet="职务, 职位, 联系人职务, 联系人职位, 岗位, 称呼, contact title, job position, job title, "
        "position, title, designation, post of the contact, post",
    ),
    field(
        "phone",
        Kind.PHONE,
        na=True,
        off=(_FILTER,),
        sheet_field="contact_phone",
        sheet_label=_("Landline of the contact"),
        sheet="联系人座机, 联系人固定电话, 联系人办公电话, 联系人直线, landline of the contact, "
        "contact landline, contact telephone, contact office phone",
    ),
    field(
        "mobile",
        Kind.PHONE,
        na=True,
        off=(_FILTER,),
        mask=Mask.PHONE,
        sheet="手机, 手机号, 手机号码, 移动电话, 联系人手机, 联系手机, mobile, mobile phone, "
        "cell phone, cell, mobile no, mobile number",
    ),
    field(
        "email",
        Kind.EMAIL,
        off=(_FILTER,),
        na=True,
        sheet="E-mail, email, 电子邮箱, 邮箱, 电子邮件, 邮件, 邮箱地址, email address, email id, mail",
    ),
    field(
        "decision_role",
        Kind.TEXT,
        off=_OWN_PART,
        na=True,
        sheet="决策角色, 联系人角色, 采购角色, decision role, buying role, contact role",
    ),
    field("gender", Kind.CHOICE, na=True, off=_TRAIT),
    field("birthday", Kind.DATE, off=_TRAIT, mask=Mask.ALL, na=True),
    field("education", Kind.TEXT, off=_TRAIT, mask=Mask.ALL, na=True),
    field("work_background", Kind.LONG, off=_TRAIT, mask=Mask.ALL, na=True, wide=True),
    field("personality", Kind.TEXT, off=_TRAIT, mask=Mask.ALL, na=True),
    field("interests", Kind.TEXT, off=_TRAIT, mask=Mask.ALL, na=True),
    field("family", Kind.TEXT, off=_TRAIT, mask=Mask.ALL, na=True),
    field("ability", Kind.TEXT, off=_TRAIT, mask=Mask.ALL, na=True),
    field(
        "remark",
        Kind.LONG,
        off=_OWN_PART,
        wide=True,
        sheet_field="contact_remark",
        sheet_label=_("Remark on the contact"),
        sheet="联系人备注, 联系人说明, remark on the contact, contact remark, contact note, "
        "contact notes",
    ),
)

BANK_ACCOUNT_FIELDS: Final[tuple[FieldSpec, ...]] = (
    field(
        "bank",
        Kind.TEXT,
        off=(_FILTER,),
        sheet="开户银行, 开户行, 银行, 银行名称, 开户行名称, bank, bank name, bank branch, "
        "bank of deposit",
    ),
    field(
        "number",
        Kind.TEXT,
        off=(_FILTER,),
        mask=Mask.TAIL,
        sheet_field="bank_account",
        sheet_label=_("Bank account number"),
        sheet="账号, 银行账号, 银行帐号, 帐号, 开户账号, 开户帐号, 银行账户, 卡号, bank account, "
        "account no, bank account number, bank account no, iban",
    ),
    field("is_usual", Kind.BOOL, off=(_FILTER, _IMPORT)),
    field("is_active", Kind.BOOL, off=_NOT_IN_FILES),
    field("remark", Kind.TEXT, off=_NOT_IN_FILES),
)
