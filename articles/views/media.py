"""Renditions by the digest of their bytes: an address never changes its picture, so a copy is kept for a year."""

from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def media(request: HttpRequest, sha256: str, extension: str) -> FileResponse:
    name = f"{sha256}.{extension}"
    try:
        file = storages["default"].open(name)
    except FileNotFoundError as error:
        raise Http404("There is no such picture.") from error
    response = FileResponse(file, content_type=TYPES[extension])
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
