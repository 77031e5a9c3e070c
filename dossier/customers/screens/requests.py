"""Small readers of requests that this department's pages share."""

from __future__ import annotations

from typing import Any

from dossier.core.errors import Refusal, Refusals
from dossier.core.screens.forms import RecordForm


def place(
    refusal: Refusal, form: RecordForm, others: dict[str, tuple[RecordForm, str]] | None = None
) -> None:
    """Put a service's refusals on the inputs they name; ``others`` maps foreign names to other forms."""
    for one in refusal.refusals if isinstance(refusal, Refusals) else [refusal]:
        target, name = (others or {}).get(one.field or "", (form, one.field or ""))
        target.refuse(Refusal(one.code, one._message, field=name or None, params=one.params))


def crumbs(*steps: tuple[Any, str]) -> list[dict[str, Any]]:
    """Breadcrumbs from (label, address) pairs."""
    return [{"label": label, "url": url} for label, url in steps]
