"""Renditions and documents by digest. The content at a URL never changes, so renditions are cached for a year."""

from django.core.files.storage import Storage, storages
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from articles.access import Level, ReaderRequest, decide
from articles.media import documents
from articles.models import Document
from truthlytics.publication.slugs import make_slug
from truthlytics.web.pages import PRIVATE, PUBLIC

CONTENT_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
IMMUTABLE = "public, max-age=31536000, immutable"


@require_safe
def media(request: HttpRequest, sha256: str, extension: str) -> FileResponse:
    response = _file(storages["default"], f"{sha256}.{extension}", CONTENT_TYPES[extension])
    response.headers["Cache-Control"] = IMMUTABLE
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_safe
def document(request: ReaderRequest, sha256: str, extension: str) -> HttpResponseBase:
    """Serve a document as a download only, so that no browser can run its content as a page of this site.

    Readers get it while a text that they may read links to it, so caches ask each time. Until then only the newsroom
    can open it.
    """
    document = get_object_or_404(Document.objects.with_required_level(), sha256=sha256, format=extension)
    if not _may_read(document, request) and not request.user.has_perm("articles.view_document"):
        raise Http404("No text that this reader may read links to this document.")
    etag = f'"{sha256}"'
    response: HttpResponseBase = get_conditional_response(request, etag) or _file(
        document.file.storage, str(document.file.name), documents.CONTENT_TYPES[extension]
    )
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = PUBLIC if document.required_level == Level.EVERYONE else PRIVATE
    name = make_slug(document.title)[:80] or "document"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _may_read(document: Document, request: ReaderRequest) -> bool:
    return document.required_level is not None and decide(document, request.access).allowed


def _file(storage: Storage, name: str, content_type: str) -> FileResponse:
    try:
        file = storage.open(name)
    except FileNotFoundError as error:
        raise Http404("File not found.") from error
    return FileResponse(file, content_type=content_type)
