"""Fetches images of pasted texts from other sites, which the browser may not do."""

from functools import partial
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from articles.admin.media.image_actions import add_to_library, alt_of
from articles.media.fetch import file_name_in
from articles.services.media import add_image_from_url
from truthlytics.web.rate_limits import allow
from truthlytics.web.users import user_of

if TYPE_CHECKING:
    from articles.admin.media.images import ImageAdmin

# Requests in ten minutes: enough for some long texts, too few to scan other networks through this server.
PER_ACCOUNT, PER_ADDRESS, WINDOW = 120, 600, 600
TOO_MANY = gettext_lazy("Too many images were fetched in a short time. Try again in ten minutes.")


@require_POST
def fetch(request: HttpRequest, admin: "ImageAdmin") -> JsonResponse:
    """Fetch the image at `url` and add it to the library with the alt text `alt`. Answers as an upload of one file."""
    if not admin.has_add_permission(request):
        raise PermissionDenied
    url = request.POST.get("url", "").strip()
    name = file_name_in(url)
    if not allow(request, "fetch-image", per_account=PER_ACCOUNT, per_address=PER_ADDRESS, seconds=WINDOW):
        refusal = {"state": "refused", "name": name, "unreachable": True, "says": str(TOO_MANY)}
        return JsonResponse({"files": [refusal]}, status=429)
    add = partial(add_image_from_url, url=url, alt=alt_of(request), by=user_of(request))
    result = add_to_library(request, admin, name=name, add=add)
    return JsonResponse({"files": [result]}, status=201 if result["state"] == "added" else 200)
