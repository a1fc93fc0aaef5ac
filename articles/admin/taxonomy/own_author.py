"""Creating one’s own author page from the article editor, where the byline of a first article has no one to choose."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from articles.admin.base import BaseAdmin
from articles.forms.articles import free_slug
from articles.models import Author
from truthlytics.web.users import user_of


@require_POST
def create_view(request: HttpRequest, admin: BaseAdmin) -> JsonResponse:
    """Return the author of this user as JSON. Create it if there is none."""
    if not admin.has_add_permission(request):
        raise PermissionDenied
    user = user_of(request)
    name = user.display_name
    if not name:
        return JsonResponse({"says": _("Enter your name in your account first.")}, status=422)
    author, created = Author.objects.get_or_create(
        user_id=user.pk, defaults={"name": name, "slug": free_slug(name, model=Author)}
    )
    if created:
        admin.log_addition(request, author, _("Added in the article editor."))
    return JsonResponse({"pk": author.pk, "name": author.name})
