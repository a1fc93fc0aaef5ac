"""Uploads for the import page. A script sends a file in parts, and after an interruption asks where to go on."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from truthlytics.contrib.importers import uploads
from truthlytics.contrib.importers.models import ImportUpload
from truthlytics.contrib.importers.newsroom.access import importer_of
from truthlytics.contrib.importers.uploads import MAX_PART, UploadRefused, WrongOffset
from truthlytics.web.types import JsonObject


@require_POST
def begin(request: HttpRequest) -> JsonResponse:
    """Begin or continue the upload of the file `name` of `size` bytes. Returns its URL and what is received."""
    owner, size = importer_of(request), request.POST.get("size", "")
    if not size.isdecimal() or len(size) > 15:
        return _refusal(_("The size of the file is missing."))
    try:
        upload = uploads.begin_upload(owner=owner, name=request.POST.get("name", ""), size=int(size))
    except UploadRefused as error:
        return _refusal(str(error))
    return JsonResponse(_state(upload))


@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, upload_id: UUID) -> JsonResponse:
    """Return how much is received; on POST, first append the body, a part that begins at `offset` of the file."""
    upload = get_object_or_404(ImportUpload, pk=upload_id, owner=importer_of(request))
    if request.method != "POST":
        return JsonResponse(_state(upload))
    offset, length = request.GET.get("offset", ""), request.GET.get("length", "")
    if not offset.isdecimal() or not length.isdecimal() or len(offset) > 15 or len(length) > 15:
        return _refusal(_("The position of the part is missing."))
    data = request.read(MAX_PART + 1)
    if len(data) != int(length) or len(data) > MAX_PART:
        return _refusal(_("The part did not arrive completely. Send it again."))
    try:
        uploads.add_part(upload, int(offset), data)
    except WrongOffset:
        return JsonResponse(_state(upload), status=409)
    except UploadRefused as error:
        return _refusal(str(error))
    return JsonResponse(_state(upload))


@require_POST
def delete(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    uploads.delete_upload(get_object_or_404(ImportUpload, pk=upload_id, owner=importer_of(request)))
    return redirect("admin:imports")


def _state(upload: ImportUpload) -> JsonObject:
    return {
        "id": str(upload.pk),
        "url": reverse("admin:import_upload", args=[upload.pk]),
        "received": uploads.received(upload),
        "size": upload.size,
    }


def _refusal(message: str) -> JsonResponse:
    return JsonResponse({"error": message}, status=400)
