"""Every write of products and their families (ORD-1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from dossier.catalog.access import FAMILY, PRODUCT
from dossier.catalog.derived import Derived, derive
from dossier.catalog.fields import PRODUCT_FIELDS, may_see_cost
from dossier.catalog.models import Product, ProductFamily
from dossier.catalog.states import ProductStatus
from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, Refusal, Refusals, Stale
from dossier.core.money import CURRENCIES
from dossier.core.services import command, once
from dossier.core.values import halfwidth, text

_NAMES = frozenset(spec.name for spec in PRODUCT_FIELDS)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def product_create(
    *, actor: Actor, values: Mapping[str, Any], new_family: str = "", submission: str = ""
) -> Product:
    """Enter a product. ``values`` by field name; ``new_family`` names a family to make with it;
    ``submission`` makes a repeated form do nothing."""
    actor.require(PRODUCT.key, "add")
    try:
        with command(actor, why="product_create"):
            claim = (
                once(actor=actor, key=submission, what="catalog.product") if submission else None
            )
            if claim is not None and claim.result:
                found: Product = Product.objects.reachable(actor, claim.result)
                return found
            product = Product()
            _assign(product, _with_family(actor, values, new_family), actor)
            product.save(force_insert=True)
            if claim is not None:
                claim.result = str(product.pk)
                claim.save(update_fields=["result"])
            return product
    except IntegrityError as error:
        raise _taken(error) from error


def product_update(
    *,
    actor: Actor,
    product_id: int,
    expected_version: int,
    values: Mapping[str, Any],
    new_family: str = "",
    why: str = "",
) -> Product:
    """Change the fields given; refused with ``Stale`` when somebody else saved meanwhile."""
    try:
        with command(actor, why=why or "product_update"):
            product = _locked(actor, product_id, expected_version, values)
            before = {name: getattr(product, name) for name in _columns()}
            _assign(product, _with_family(actor, values, new_family), actor)
            changed = [name for name, old in before.items() if getattr(product, name) != old]
            if changed:
                product.version += 1
                product.save(update_fields=[*changed, "version", "updated_at"])
            return product
    except IntegrityError as error:
        raise _taken(error) from error


def product_discontinue(*, actor: Actor, product_id: int, expected_version: int) -> Product:
    """Take a product off sale; what was sold stays as it is. Doing it twice changes nothing."""
    return product_update(
        actor=actor,
        product_id=product_id,
        expected_version=expected_version,
        values={"status": ProductStatus.DISCONTINUED},
        why="product_discontinue",
    )


def product_resume(*, actor: Actor, product_id: int, expected_version: int) -> Product:
    """Put a discontinued product on sale again."""
    return product_update(
        actor=actor,
        product_id=product_id,
        expected_version=expected_version,
        values={"status": ProductStatus.ON_SALE},
        why="product_resume",
    )


def family_get_or_create(*, actor: Actor, name: str, parent_id: int | None = None) -> ProductFamily:
    """The family of this name (case does not count), made when there is none yet."""
    name = text(name)
    if not name or len(name) > 100:
        raise Refusal(
            "bad_name", _("A family needs a name of at most 100 characters."), field="family"
        )
    rows = ProductFamily.objects.for_user(actor).annotate(folded=Lower("name"))
    family = rows.filter(folded=name.lower(), parent_id=parent_id).first()
    if isinstance(family, ProductFamily):
        return family
    actor.require(FAMILY.key, "change")
    with command(actor, why="family_create"):
        made: ProductFamily = ProductFamily.objects.create(name=name, parent_id=parent_id)
        return made


def _locked(
    actor: Actor, product_id: int, expected_version: int, values: Mapping[str, Any]
) -> Product:
    Product.objects.reachable(actor, product_id, "change")
    product: Product = Product.objects.select_for_update().get(pk=product_id)
    if product.version != expected_version:
        raise Stale(
            "stale",
            _("Somebody else saved this product meanwhile."),
            params={
                "theirs": {
                    n: getattr(product, n) for n in values if getattr(product, n) != values[n]
                }
            },
        )
    return product


def _with_family(actor: Actor, values: Mapping[str, Any], new_family: str) -> Mapping[str, Any]:
    """The values with the family named anew, which is made in the same command or not at all."""
    if not new_family:
        return values
    return {**values, "family": family_get_or_create(actor=actor, name=new_family)}


def _columns() -> list[str]:
    return [
        field.attname
        for field in Product._meta.concrete_fields
        if field.name not in ("id", "version", "created_at", "updated_at")
    ]


def _assign(product: Product, values: Mapping[str, Any], actor: Actor) -> None:
    """Put the values on the product, check them all, and renew what follows from them."""
    unknown = set(values) - _NAMES
    if unknown:
        raise Refusal(
            "unknown_field", _("There is no field “%(name)s”."), params={"name": min(unknown)}
        )
    if "cost" in values and not may_see_cost(actor):
        raise NotAllowed("not_allowed", _("Your role does not include seeing cost."), field="cost")
    for name, value in values.items():
        setattr(product, name, _clean(name, value))
    refusals = _faults(product)
    if refusals:
        raise Refusals(refusals)
    derived = derive(code=product.code, name=product.name, specification=product.specification)
    product.sort_key, product.search_text, product.search_terms = derived


def _clean(name: str, value: Any) -> Any:
    if name == "code":
        return halfwidth(value)
    if name == "currency":
        return halfwidth(value).upper()
    if name in ("name", "specification", "unit"):
        return text(value)
    return value


def _faults(product: Product) -> list[Refusal]:
    refusals = []
    if product.code and _CONTROL.search(product.code):
        refusals.append(
            Refusal("bad_code", _("The code holds characters that cannot be typed."), field="code")
        )
    try:
        product.clean_fields(exclude=[*Derived._fields, "family"])
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            refusals.extend(Refusal("invalid", message, field=name) for message in messages)
    if product.currency not in CURRENCIES:
        refusals.append(
            Refusal(
                "unknown_currency",
                _("This currency is not known. Use its three letters, for example CNY."),
                field="currency",
            )
        )
    for name in ("cost", "list_price", "safety_stock"):
        number = getattr(product, name)
        if isinstance(number, Decimal) and (not number.is_finite() or number < 0):
            refusals.append(Refusal("negative", _("This cannot be less than zero."), field=name))
    rate = product.tax_rate
    if rate is not None and not 0 <= rate < 1:
        refusals.append(
            Refusal(
                "bad_rate",
                _("A tax rate lies between 0 and 100 percent. Write 13% or 0.13."),
                field="tax_rate",
            )
        )
    return refusals


def _taken(error: IntegrityError) -> Exception:
    if "catalog_product_code" in str(error):
        return Refusal(
            "taken", _("There is already a product of this code. Choose another."), field="code"
        )
    return error
