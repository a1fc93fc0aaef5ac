"""What a day and a time mean by the newsroom's clocks, for a button that names them while they are typed."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.forms.schedule import FutureTimeForm


def ahead(thing: Any) -> datetime | None:
    """The planned end, while it lies ahead."""
    ends: datetime | None = thing.withdrawn_at
    return ends if ends is not None and ends > timezone.now() else None


def paths(admin: Any) -> list[Any]:
    return [path("moment/", admin.admin_site.admin_view(moment_answer), name="moment")]


@require_safe
def moment_answer(request: HttpRequest) -> JsonResponse:
    """`at` and `named` where the time exists and lies ahead, else `sentence` why not, and whether to ask `which`."""
    if not request.user.has_perm("articles.publish_article"):
        raise PermissionDenied
    form = FutureTimeForm(request.GET)
    form.is_valid()
    sentences = [str(sentence) for name in form.errors for sentence in form.errors[name]]
    answer = {"sentence": " ".join(sentences), "which": form.is_ambiguous}
    if form.at is not None:
        answer |= {"at": form.at.isoformat(), "named": form.named}
    return JsonResponse(answer)
