"""Steps inside Tryton's database: run by Tryton's own Python, in its own environment.

    python tryton_steps.py company RECORDS    # records.json of `bench.peers.records`
    python tryton_steps.py orders RECORDS COMPANY  # when the customers are there; what `company` printed

Each prints what a client must know, as JSON. The accounts come from Tryton's own minimal chart; orders
make neither invoice nor delivery unless they say so, as Dossier's make none so far.
"""

# The database is told by TRYTOND_DATABASE_URI. This file must not import anything of the project.
from __future__ import annotations

import datetime
import json
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import (
    create_payment_term,
    set_fiscalyear_invoice_sequences,
)
from trytond.modules.company.tests.tools import create_company, get_company
from trytond.pool import Pool
from trytond.transaction import Transaction

DATABASE = "tryton"
_BATCH = 200  # orders in a transaction


def company(given: dict) -> dict:
    """Company, accounts, fiscal year, people, products, through Tryton's own client library."""
    config.set_trytond(DATABASE)
    create_company(currency=_currency())
    made = get_company()
    create_chart(made)
    fiscal_year = set_fiscalyear_invoice_sequences(create_fiscalyear(made))
    fiscal_year.click("create_period")
    term = create_payment_term()
    term.save()
    _employee(made, given["people"][0])
    settings = Model.get("sale.configuration")(1)
    settings.sale_invoice_method = "manual"
    settings.sale_shipment_method = "manual"
    settings.save()
    units, products = _products(given["products"], get_accounts(made))
    return {
        "company": made.id,
        "currency": made.currency.id,
        "payment_term": term.id,
        "products": products,
        "units": units,
    }


def orders(given: dict, made: dict) -> dict:
    """Past orders as drafts through Tryton's models, then written as confirmed at once.

    Confirming them one by one takes a quarter of a second each, and leaves the same rows for a report.
    """
    by_order = defaultdict(list)
    for line in given["lines"]:
        by_order[line["order"]].append(line)
    Pool.start()
    pool = Pool(DATABASE)
    pool.init()
    with Transaction().start(DATABASE, 1, context={"company": made["company"]}):
        # plain keys: records would be read anew after every commit
        parties = {one["code"]: one for one in _values("party.party", ["code", "addresses"])}
        goods = {one["code"]: one for one in _values("product.product", ["code", "default_uom"])}
        Sale = pool.get("sale.sale")  # noqa: N806 - a class
        waiting = list(by_order.items())
        for start in range(0, len(waiting), _BATCH):
            drafts = Sale.create(
                [
                    _order(number, lines, parties, goods, made)
                    for number, lines in waiting[start : start + _BATCH]
                ]
            )
            Sale.write(drafts, {"state": "confirmed"})
            Transaction().commit()
    return {"orders": len(waiting)}


def _values(model: str, fields: list[str]) -> list[dict]:
    return Pool().get(model).search_read([], fields_names=fields)


def _order(number, lines, parties, goods, made) -> dict:
    party = parties[lines[0]["customer"]]
    address = next(iter(party["addresses"]), None)
    return {
        "company": made["company"],
        "currency": made["currency"],
        "party": party["id"],
        "invoice_address": address,
        "shipment_address": address,
        "payment_term": made["payment_term"],
        "reference": number,
        "sale_date": datetime.date.fromisoformat(lines[0]["day"]),
        "lines": [
            (
                "create",
                [
                    {
                        "type": "line",
                        "product": goods[line["product"]]["id"],
                        "unit": goods[line["product"]]["default_uom"],
                        "quantity": float(line["quantity"]),
                        "unit_price": Decimal(line["unit_price"]),
                    }
                    for line in lines
                ],
            )
        ],
    }


def _currency():
    currency = Model.get("currency.currency")(
        name="Renminbi", symbol="¥", code="CNY", rounding=Decimal("0.01"), digits=2
    )
    currency.save()
    rate = Model.get("currency.currency.rate")
    rate(date=datetime.date(2000, 1, 1), rate=Decimal(1), currency=currency).save()
    return currency


def _employee(company, name: str) -> None:
    """The administrator acts as the first of the company's people."""
    party = Model.get("party.party")(name=name)
    party.save()
    employee = Model.get("company.employee")(party=party, company=company)
    employee.save()
    user = Model.get("res.user")(config.get_config().user)
    user.employees.append(employee)
    user.employee = employee
    user.save()


def _products(given: list[dict[str, str]], accounts) -> tuple[dict[str, int], dict[str, int]]:
    """(unit, key) of each product by its code."""
    category = Model.get("product.category")(name="Goods", accounting=True)
    category.account_expense = accounts["expense"]
    category.account_revenue = accounts["revenue"]
    category.save()
    [unit] = Model.get("product.uom").find([("symbol", "=", "u")])
    template = Model.get("product.template")
    made = {}
    for one in given:
        record = template(name=one["name"], default_uom=unit, type="goods", salable=True)
        record.list_price = Decimal(one["list_price"])
        record.account_category = category
        record.products[0].suffix_code = one["code"]
        record.save()
        made[one["code"]] = record.products[0].id
    return dict.fromkeys(made, unit.id), made


if __name__ == "__main__":
    _given = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    _made = map(json.loads, sys.argv[3:])
    json.dump({"company": company, "orders": orders}[sys.argv[1]](_given, *_made), sys.stdout)
