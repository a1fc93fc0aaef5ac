"""Recordings of articles, for readers who can read all of the article."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest, decide
from articles.media.audio import CONTENT_TYPES
from articles.models import Article
from articles.models.recordings import Recording, recording_name
from articles.views.decorators import gone_if_withdrawn
from truthlytics.web.byte_range import file_response
from truthlytics.web.pages import depends_on, public_page


@public_page()
@require_safe
@gone_if_withdrawn(Article)
def audio(request: ReaderRequest, slug: str, extension: str) -> Any:
    now = timezone.now()
    article = get_object_or_404(Article.objects.published(now).with_versions(), slug=slug)
    version = article.as_served(now)
    recording = version.head.get("audio")
    if not recording or recording["format"] != extension or not decide(version, request.access).allowed:
        raise Http404("This article has no recording that you can listen to.")
    try:
        file = Recording._meta.get_field("file").storage.open(recording_name(recording["sha256"], extension))
    except FileNotFoundError as error:
        raise Http404("The recording was not found.") from error
    response = file_response(
        request, file, size=recording["bytes"], etag=f'"{recording["sha256"]}"', content_type=CONTENT_TYPES[extension]
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return depends_on(response, f"article:{article.pk}")
