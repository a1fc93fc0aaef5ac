"""An article read aloud: for those who may read all of it, and for nobody else."""

from typing import Any

from django.core.files.storage import storages
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest, decide
from articles.media.audio import TYPES
from articles.models import Article
from articles.models.recordings import recording_name
from articles.views.decorators import or_gone
from truthlytics.web.byte_range import send
from truthlytics.web.pages import depends_on, public_page


@public_page()
@require_safe
@or_gone(Article)
def audio(request: ReaderRequest, slug: str, extension: str) -> Any:
    now = timezone.now()
    article = get_object_or_404(Article.objects.published(now), slug=slug)
    version = article.as_served(now)
    recording = version.head.get("audio")
    if not recording or recording["format"] != extension or not decide(version, request.access).allowed:
        raise Http404("There is nothing to be heard here.")
    try:
        file = storages["originals"].open(recording_name(recording["sha256"], extension))
    except FileNotFoundError as error:
        raise Http404("The recording is not there.") from error
    response = send(request, file, size=recording["bytes"], etag=f'"{recording["sha256"]}"', kind=TYPES[extension])
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return depends_on(response, f"article:{article.pk}")
