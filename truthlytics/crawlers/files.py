"""The files in which machines read what they may do: robots.txt, a licence in RSL, and trust.txt."""

from xml.etree import ElementTree

from django.urls import reverse

from articles.seo.meta import absolute_url
from truthlytics.publication.crawlers import TRUST_ATTRIBUTES
from truthlytics.publication.models import Publication
from truthlytics.web.agents import Kind
from truthlytics.web.plugins import paths_without_crawlers
from truthlytics.web.text import split_words

DISALLOWED_PATHS = split_words(
    "/admin/ /accounts/ /account/ /cart/ /checkout/ /comments/ /search/ /articles/*/report-error/"
)
NAMESPACE = "https://rslstandard.org/rsl"
# What each kind does with a text, in the words of RSL 1.0.
USAGES = {Kind.SEARCH: "search", Kind.ASSISTANT: "ai-input ai-index", Kind.TRAINING: "ai-train"}


def robots_txt(publication: Publication) -> str:
    """Return robots.txt (RFC 9309). Crawlers that are refused may read the files that say what they may do."""
    paths = [*DISALLOWED_PATHS, *paths_without_crawlers()]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in paths), ""]
    if names := publication.refused_names:
        lines += [f"User-agent: {name}" for name in names]
        lines += [f"Allow: {path}" for path in public_files(publication)]
        lines += ["Disallow: /", ""]
    sitemaps = (reverse("articles:sitemap"), reverse("articles:sitemap_news"))
    lines += [*(f"Sitemap: {absolute_url(path)}" for path in sitemaps), ""]
    return "\n".join(lines)


def public_files(publication: Publication) -> list[str]:
    """Return the paths of the other files of this module that exist."""
    names = ["license"] if publication.offers_license else []
    names += ["trust", "well_known_trust"] if publication.trust_txt else []
    return [reverse(name) for name in names]


def license_xml(publication: Publication) -> bytes:
    """Return the licence for all pages (Really Simple Licensing 1.0), made of what kinds of crawlers may do."""
    root = ElementTree.Element("rsl", xmlns=NAMESPACE)
    content = ElementTree.SubElement(root, "content", url="/")
    terms = ElementTree.SubElement(content, "license")
    for element, is_allowed in (("permits", True), ("prohibits", False)):
        usages = [usage for kind, usage in USAGES.items() if publication.allows_kind(kind) == is_allowed]
        if usages:
            ElementTree.SubElement(terms, element, type="usage").text = " ".join(usages)
    owner = ElementTree.SubElement(content, "copyright", type="organization")
    owner.text = publication.publisher_name
    if publication.contact_email:
        owner.set("contactEmail", publication.contact_email)
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def trust_txt(publication: Publication) -> str:
    """Return trust.txt (JournalList), or "" if nothing was entered."""
    entries = publication.trust_txt
    if not entries:
        return ""
    lines = [f"{name}={value}" for name in TRUST_ATTRIBUTES for value in entries.get(name, [])]
    training = "yes" if publication.allow_training else "no"
    return "\n".join([*lines, f"datatrainingallowed={training}", ""])
