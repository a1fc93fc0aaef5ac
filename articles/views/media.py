"""Renditions and documents by digest. The content at a URL never changes, so it is cached for a year."""

from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from articles.media import documents
from articles.models import Document

CONTENT_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
IMMUTABLE = "public, max-age=31536000, immutable"


@require_safe
def media(request: HttpRequest, sha256: str, extension: str) -> FileResponse:
    response = _file(f"{sha256}.{extension}", CONTENT_TYPES[extension])
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_safe
def document(request: HttpRequest, sha256: str, extension: str) -> FileResponse:
    """Serve a document as a download only, so that no browser can run its content as a page of this site."""
    document = get_object_or_404(Document, sha256=sha256, format=extension)
    response = _file(str(document.file.name), documents.CONTENT_TYPES[extension])
    name = slugify(document.title)[:80] or "document"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # A gated article may link to it. Anyone with the URL may open it, but it should not appear in search results.
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _file(name: str, content_type: str) -> FileResponse:
    try:
        file = storages["default"].open(name)
    except FileNotFoundError as error:
        raise Http404("File not found.") from error
    response = FileResponse(file, content_type=content_type)
    response.headers["Cache-Control"] = IMMUTABLE
    return response
