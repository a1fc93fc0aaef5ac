"""Renditions and documents by the digest of their bytes: an address never changes what it gives, so a copy is kept for
a year."""

from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from articles.media import documents
from articles.models import Document

TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def media(request: HttpRequest, sha256: str, extension: str) -> FileResponse:
    response = _file(f"{sha256}.{extension}", TYPES[extension])
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_safe
def document(request: HttpRequest, sha256: str, extension: str) -> FileResponse:
    """To be kept, never to be opened in our name: whatever is in it, no browser runs it as a page of this site."""
    found = get_object_or_404(Document, sha256=sha256, format=extension)
    response = _file(str(found.file.name), documents.TYPES[extension])
    name = slugify(found.title)[:80] or "document"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # It may say what stands behind a gate: who has the address may have it, a search engine need not.
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _file(name: str, kind: str) -> FileResponse:
    try:
        file = storages["default"].open(name)
    except FileNotFoundError as error:
        raise Http404("There is no such file.") from error
    response = FileResponse(file, content_type=kind)
    response.headers["Cache-Control"] = FOR_EVER
    return response
