"""The field list of an employee."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dossier.core.fields import FieldSpec, Kind, Mask, Surface, field, sheet_column
from dossier.people.states import STATUS_WORDS

GROUPS = {"person": _("Person"), "post": _("Post held"), "more": _("Remarks")}

EMPLOYEE: tuple[FieldSpec, ...] = (
    field(
        "number",
        Kind.TEXT,
        off=[Surface.FILTER],
        group="person",
        sort=True,
        must=True,
        default_column=True,
        sheet="工号, 员工编号, 员工编码, 员工号, 职员编号, 职员编码, 人员编码, 人员编号, 编号, 编码, "
        "代码, employee number, employee no, employee id, employee code, staff id, staff no, "
        "number, no, code, id, Employee",
    ),
    field(
        "name",
        Kind.TEXT,
        off=[Surface.FILTER],
        group="person",
        sort=True,
        must=True,
        default_column=True,
        sheet="姓名, 员工姓名, 职员姓名, 人员姓名, 员工名称, 职员名称, 人员名称, 员工, 职员, 名字, "
        "业务员, 销售员, name, full name, employee name, staff name, display name",
    ),
    field(
        "mobile",
        Kind.PHONE,
        off=[Surface.FILTER],
        group="person",
        mask=Mask.PHONE,
        default_column=True,
        sheet="手机, 手机号, 手机号码, 移动电话, 联系电话, 电话, 联系方式, 手机号（登录名）, mobile, "
        "mobile phone, cell, cell phone, cell number, work mobile, phone, phone number, "
        "telephone, work phone",
    ),
    field(
        "email",
        Kind.EMAIL,
        off=[Surface.FILTER],
        group="person",
        default_column=True,
        sheet="邮箱, 电子邮箱, 电子邮件, 邮件, 邮箱地址, e-mail, email, mail, email address, "
        "work email, company email",
    ),
    field(
        "team",
        Kind.REF,
        group="post",
        lookup="team",
        default_column=True,
        sheet="部门, 所属部门, 部门名称, 所在部门, 团队, 所属团队, 小组, 销售组, 科室, department, "
        "team, default team, teams, sales team, dept, group, unit",
    ),
    field(
        "position",
        Kind.TEXT,
        off=[Surface.FILTER],
        group="post",
        default_column=True,
        sheet="职务, 职位, 岗位, 岗位名称, 职称, 职务名称, position, job title, title, job position, "
        "designation, post, job",
    ),
    field(
        "supervisor",
        Kind.REF,
        off=[Surface.FILTER],
        group="post",
        lookup="employee",
        sheet="直接主管, 主管, 上级, 直属上级, 直接上级, 上级主管, 直属主管, 汇报对象, 部门负责人, "
        "supervisor, manager, reports to, line manager, direct manager",
    ),
    field(
        "hired_on",
        Kind.DATE,
        group="post",
        sort=True,
        sheet="入职日期, 入职时间, 到岗日期, 参加工作日期, 到职日期, 进入公司日期, hire date, "
        "hired on, date of joining, joining date, start date, joined, join date, employed since",
    ),
    field(
        "status",
        Kind.CHOICE,
        off=[Surface.FORM],
        group="post",
        default_column=True,
        words=STATUS_WORDS,
        sheet="状态, 在职状态, 员工状态, 人员状态, 是否在职, 在职, status, active, employment status, "
        "state",
    ),
    field(
        "left_on",
        Kind.DATE,
        off=[Surface.FORM, Surface.FILTER],
        group="post",
        sheet="离职日期, 离职时间, 离岗日期, 离开日期, left on, leave date, leaving date, "
        "relieving date, end date, departure date, termination date",
    ),
    field(
        "remark",
        Kind.LONG,
        off=[Surface.LIST, Surface.FILTER],
        group="more",
        wide=True,
        sheet="备注, 备注说明, 说明, 附注, remark, remarks, note, notes, comment, comments",
    ),
)


EMPLOYEE_SHEET_ONLY: tuple[FieldSpec, ...] = (
    sheet_column(
        "last_name",
        "姓, 姓氏, last name, family name, surname",
        label=_("Family name"),
    ),
    sheet_column(
        "first_name",
        "名, first name, given name, forename",
        label=_("Given name"),
    ),
    sheet_column(
        "login",
        "登录名, 登录账号, 用户名, 账号, 帐号, 账户, login, user name, username, user id, "
        "account, user",
        label=_("Login"),
        kept=True,
    ),
)
"""Columns of a sheet of employees that are no field: the halves of a name, and a login, which gives none."""

SHEET_DECOYS = (
    "birth date, home phone, title of courtesy, 姓名拼音, 家庭电话, 紧急联系人电话, 紧急联系电话"
)
"""Names in a sheet of employees that only look like a field."""


def specs(surface: Surface) -> list[FieldSpec]:
    """The fields on a surface."""
    return [spec for spec in EMPLOYEE if spec.on(surface)]
