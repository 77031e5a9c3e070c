"""Who reads and exports reports. The rows behind a figure are cut by the scope on orders."""

from django.utils.translation import gettext_lazy as _

from dossier.core.access import ObjectKind, declare

REPORT = declare(
    ObjectKind(
        key="reports.report", label=_("reports"), actions={"view": _("see"), "export": _("export")}
    )
)
