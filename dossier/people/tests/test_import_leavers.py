"""A sheet that marks people as left does no less than the page: sign-ins closed, an administrator kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dossier.core.errors import Refusal
from dossier.people.models import Account, SignInSession
from dossier.people.services import employee_return
from tests.factories import actor_for, client_for, make_account, make_employee, make_team
from tests.imports import found, import_file, sheet

pytestmark = pytest.mark.usefixtures("committed_db")

HEADER = ["工号", "姓名", "状态", "离职日期"]


def left(*employees, actor=None):
    rows = [[one.number, one.name, "离职", "2026-01-31"] for one in employees]
    return import_file("employees", sheet(HEADER, *rows), actor=actor)


def test_the_last_administrator_does_not_leave_by_a_sheet():
    admin = make_account(roles=["system_administrator"], employee=make_employee("管理员"))
    with pytest.raises(Refusal) as refused:
        left(admin.employee)
    assert refused.value.code == "last_administrator"
    admin.employee.refresh_from_db()
    assert admin.employee.in_post


def test_nobody_brings_in_his_own_leaving():
    admin = make_account(roles=["system_administrator"], employee=make_employee("甲"))
    make_account(roles=["system_administrator"], employee=make_employee("乙"))
    with pytest.raises(Refusal) as refused:
        left(admin.employee, actor=actor_for(admin))
    assert refused.value.code == "locks_yourself_out"


def test_sign_ins_of_leavers_are_closed_and_stay_closed_on_return():
    make_account(roles=["system_administrator"])
    seller = make_account(roles=["salesperson"], employee=make_employee("丙"))
    client = client_for(seller)
    assert client.get("/me/sessions/").status_code == 200
    assert left(seller.employee).updated == 1
    assert not SignInSession.objects.filter(account=seller).exists()
    assert client.get("/me/sessions/").status_code == 302
    assert not Account.objects.get(pk=seller.pk).is_active
    admin = make_account(roles=["system_administrator"])
    employee_return(actor=actor_for(admin), employee_id=seller.employee_id)
    assert not Account.objects.get(pk=seller.pk).is_active


def test_what_leaving_takes_with_it_is_the_same_as_on_the_page():
    make_account(roles=["system_administrator"])
    chief, middle, leaver = make_employee("甲"), make_employee("乙"), make_employee("丙")
    leaver.supervisor, middle.supervisor = middle, chief
    leaver.save()
    middle.save()
    report = make_employee("丁", supervisor=leaver)
    team = make_team("一部", leader=leaver)
    assert left(middle, leaver).updated == 2
    report.refresh_from_db()
    team.refresh_from_db()
    assert team.leader is None
    assert report.supervisor == chief  # the nearest above who is in post


def test_a_day_to_come_shuts_nobody_out_before_it():
    make_account(roles=["system_administrator"])
    seller = make_account(roles=["salesperson"], employee=make_employee("丙"))
    later = timezone.localdate() + timedelta(days=1)
    rows = [[seller.employee.number, seller.employee.name, "离职", later.isoformat()]]
    result = import_file("employees", sheet(HEADER, *rows))
    assert found(result, "leaves_later", "left_on") == [2]
    seller.refresh_from_db()
    assert seller.is_active
    assert seller.employee.in_post
    assert seller.employee.left_on is None
