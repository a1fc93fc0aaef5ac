"""The addresses of the files for machines."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from truthlytics.crawlers.files import license_xml, robots_txt, trust_txt
from truthlytics.publication import get_publication
from truthlytics.web.pages import public_page

PLAIN = "text/plain; charset=utf-8"
RSL = "application/rsl+xml"


@public_page()
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(robots_txt(get_publication()), content_type=PLAIN)


@public_page()
@require_safe
def machine_license(request: HttpRequest) -> HttpResponse:
    publication = get_publication()
    if not publication.offers_license:
        raise Http404("There is no licence.")
    return HttpResponse(license_xml(publication), content_type=RSL)


@public_page()
@require_safe
def trust(request: HttpRequest) -> HttpResponse:
    content = trust_txt(get_publication())
    if not content:
        raise Http404("There is no trust.txt.")
    return HttpResponse(content, content_type=PLAIN)
