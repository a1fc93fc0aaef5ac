"""Adding a topic from the article editor."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from articles.admin.base import BaseAdmin
from articles.forms.articles import free_slug
from articles.models import Topic
from truthlytics.web.text import strip_control_characters


@require_POST
def add_view(request: HttpRequest, admin: BaseAdmin) -> JsonResponse:
    """Return the topic of this name as JSON, ignoring case. Create it if it does not exist."""
    if not admin.has_add_permission(request):
        raise PermissionDenied
    name = " ".join(strip_control_characters(request.POST.get("name", "")).split())
    if (topic := _existing(name)) is None:
        topic = Topic(name=name, slug=free_slug(name, model=Topic))
        try:
            topic.full_clean()
            with transaction.atomic():
                topic.save()
        except ValidationError as error:
            return JsonResponse({"says": " ".join(error.messages)}, status=422)
        except IntegrityError:  # added by another user in the meantime
            topic = _existing(name)
            if topic is None:
                return JsonResponse({"says": _("The topic was not added. Try again.")}, status=409)
        else:
            admin.log_addition(request, topic, _("Added in the article editor."))
    return JsonResponse({"pk": topic.pk, "name": topic.name})


def _existing(name: str) -> Topic | None:
    topic = Topic.objects.filter(name__iexact=name).select_related("merged_into").first()
    return topic.survivor if topic else None
