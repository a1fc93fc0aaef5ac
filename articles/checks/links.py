"""Checks of links to pages of this site."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from articles.checks.base import Check, Finding, Location, Severity, truncate
from articles.checks.manuscript import BodyLink, LinkTarget, Manuscript


def _links_to(manuscript: Manuscript, *targets: LinkTarget) -> Iterator[tuple[BodyLink, Location]]:
    for link in manuscript.links:
        if manuscript.link_targets.get(link.href) in targets:
            yield link, Location("body", link.block, quote=link.text)


def _label(link: BodyLink) -> str:
    return truncate(link.text or link.href)


class LinkToDraft(Check):
    """Readers cannot open the page until it is published."""

    severity = Severity.ADVICE

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for link, location in _links_to(manuscript, LinkTarget.DRAFT):
            yield self.finding(_("“%(label)s” links to a page that is not public.") % {"label": _label(link)}, location)


class BrokenLink(Check):
    """The page does not exist, or only staff can open it."""

    severity = Severity.ADVICE

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for link, location in _links_to(manuscript, LinkTarget.NOT_FOUND, LinkTarget.NEWSROOM):
            newsroom = manuscript.link_targets[link.href] == LinkTarget.NEWSROOM
            problem = _("links to the newsroom, which readers cannot open") if newsroom else _("is a broken link")
            yield self.finding(
                _("“%(label)s” %(problem)s: %(href)s")
                % {"label": _label(link), "problem": problem, "href": truncate(link.href, 60)},
                location,
            )


class RedirectedLink(Check):
    """Redirects slow down readers and search engines."""

    severity = Severity.ADVICE

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for link, location in _links_to(manuscript, LinkTarget.REDIRECT):
            yield self.finding(
                _("“%(label)s” links to an old URL that redirects. Use the new URL.") % {"label": _label(link)},
                location,
            )
