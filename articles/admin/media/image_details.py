"""Alt text, credit and focal point of an image, read and saved beside the text that shows it."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.admin.editing.context import as_json
from articles.admin.formatting import display_name
from articles.forms.images import ImageDetailsForm
from articles.models import Image
from articles.services.image_updates import outdated_items
from articles.services.media import image_changed
from truthlytics.audit.log import log_changes
from truthlytics.web.users import User, user_of

if TYPE_CHECKING:
    from articles.admin.media.images import ImageAdmin


@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, pk: int, admin: "ImageAdmin") -> JsonResponse:
    """Return the fields of an image and, if the user may not change them, the reason; or save them."""
    image: Image = admin.get_object(request, str(pk))
    if not admin.has_view_permission(request):
        raise PermissionDenied
    reason = "" if admin.has_change_permission(request, image) else why_not(image, user_of(request))
    if request.method != "POST":
        form = ImageDetailsForm(instance=image)
        return JsonResponse({"fields": {name: form[name].value() for name in form.fields}, "reason": reason})
    if reason:
        return JsonResponse({"says": reason}, status=403)
    form = ImageDetailsForm(request.POST, instance=image)
    if not form.is_valid():
        errors = [f"{form.fields[name].label}: {error}" for name in form.errors for error in form.errors[name]]
        return JsonResponse({"says": " ".join(errors)}, status=422)
    with log_changes(Image.objects.filter(pk=pk), by=user_of(request), message=_("Image details changed.")):
        form.save()
    image_changed(image=image, fields=form.changed_data)
    return JsonResponse({"saved": as_json(image)} | _outdated(admin, request, image))


def why_not(image: Image, user: User) -> str:
    """Return the reason for which `user` cannot change `image`."""
    if image.uploaded_by_id == user.pk:
        return _("You cannot change this image any more, because it has been published. Ask an editor.")
    if image.uploaded_by is None:
        return _("You cannot change this image. Ask an editor.")
    name = display_name(image.uploaded_by)
    return _("You cannot change this image, because %(name)s uploaded it. Ask an editor.") % {"name": name}


def _outdated(admin: "ImageAdmin", request: HttpRequest, image: Image) -> dict[str, str]:
    """Return that published texts show the earlier alt text or credit, and where to publish the new one."""
    if not outdated_items(image):
        return {}
    message = _("Image saved. Published versions still have its earlier details.")
    url = reverse("admin:articles_image_publish", args=[image.pk]) if admin.may_publish(request) else ""
    return {"outdated": message, "publish": url}
