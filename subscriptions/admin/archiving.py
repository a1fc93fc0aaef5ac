"""Archive and restore plans and prices. Neither is deleted, because orders and subscriptions refer to them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from subscriptions.admin.support import row_for_action
from subscriptions.models import Plan, Price, Subscription
from truthlytics.audit.admin import AuditedAdmin


@require_http_methods(["GET", "HEAD", "POST"])
def archive(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """Take a plan or price off sale, after a confirmation. Existing subscriptions are unchanged."""
    row = _row(request, pk, admin)
    if request.method != "POST":
        plan = row.plan if isinstance(row, Price) else row
        live = Subscription.objects.live().filter(**{"price" if isinstance(row, Price) else "price__plan": row})
        context = {"title": _("Archive"), "opts": admin.opts, "row": row, "plan": plan, "subscribers": live.count()}
        page = admin.admin_site.each_context(request) | context
        return TemplateResponse(request, "admin/subscriptions/plan/archive.html", page)
    if row.archived_at is None:
        row.archived_at = timezone.now()
        row.save(update_fields=["archived_at"])
        admin.log_change(request, row, _("Archived."))
        text = _("%(name)s is archived. Existing subscriptions are unchanged.") % {"name": row}
        admin.message_user(request, text, messages.SUCCESS)
    return _back(row)


@require_POST
def restore(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """Put a plan or price on sale again, unless another price has its period and currency."""
    row = _row(request, pk, admin)
    if row.archived_at is not None:
        row.archived_at = None
        try:
            row.validate_constraints()
        except ValidationError as error:
            admin.message_user(request, " ".join(error.messages), messages.ERROR)
            return _back(row)
        row.save(update_fields=["archived_at"])
        admin.log_change(request, row, _("Restored."))
        admin.message_user(request, _("%(name)s is on sale again.") % {"name": row}, messages.SUCCESS)
    return _back(row)


def _row(request: HttpRequest, pk: int, admin: AuditedAdmin) -> Plan | Price:
    row: Plan | Price = row_for_action(admin, request, pk, f"subscriptions.change_{admin.opts.model_name}")
    return row


def _back(row: Plan | Price) -> HttpResponse:
    return redirect("admin:subscriptions_plan_change", row.plan_id if isinstance(row, Price) else row.pk)
