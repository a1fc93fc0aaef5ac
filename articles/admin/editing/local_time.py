"""The local time given by the date and time fields of a form, for the label of a button while the user types."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.admin.base import BaseAdmin
from articles.forms.schedule import FutureTimeForm
from articles.services.item_types import Item


def future_expiry(item: Item) -> datetime | None:
    """Return when `item` expires, if that is in the future."""
    expires_at: datetime | None = item.withdrawn_at
    return expires_at if expires_at is not None and expires_at > timezone.now() else None


def paths(admin: BaseAdmin) -> list[URLPattern]:
    return [path("moment/", admin.admin_site.admin_view(local_time_view), name="moment")]


@require_safe
def local_time_view(request: HttpRequest) -> JsonResponse:
    """Answer `at` and `named` for a valid future time; otherwise the errors, and whether to show `which`."""
    if not request.user.has_perm("articles.publish_article"):
        raise PermissionDenied
    form = FutureTimeForm(request.GET)
    form.is_valid()
    errors = [str(error) for name in form.errors for error in form.errors[name]]
    answer = {"sentence": " ".join(errors), "which": form.is_ambiguous}
    if form.at is not None:
        answer |= {"at": form.at.isoformat(), "named": form.named}
    return JsonResponse(answer)
