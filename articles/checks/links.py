"""Links to addresses of this site that do not lead a reader where they should."""

from collections.abc import Iterator

from articles.checks.base import Check, Finding, Place, Weight, shortened
from articles.checks.manuscript import Leads, Link, Manuscript


def _leading(manuscript: Manuscript, *where: Leads) -> Iterator[tuple[Link, Place]]:
    for link in manuscript.links:
        if manuscript.leads.get(link.href) in where:
            yield link, Place("body", link.block, quote=link.text)


def _called(link: Link) -> str:
    return shortened(link.text or link.href)


class LinkToDraft(Check):
    """Until that is public, readers find nothing there."""

    weight = Weight.ADVICE

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        for link, place in _leading(manuscript, Leads.DRAFT):
            yield self.found(f"“{_called(link)}” links to what is not public.", place)


class DeadLink(Check):
    """An address of our own that nothing answers, or that only the newsroom may open."""

    weight = Weight.ADVICE

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        for link, place in _leading(manuscript, Leads.NOWHERE, Leads.NEWSROOM):
            newsroom = manuscript.leads[link.href] == Leads.NEWSROOM
            what = "leads into the newsroom, which readers cannot enter" if newsroom else "leads nowhere"
            yield self.found(f"“{_called(link)}” {what}: {shortened(link.href, 60)}", place)


class OldLink(Check):
    """An old address leads on, by a way round that readers and search engines wait for."""

    weight = Weight.ADVICE

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        for link, place in _leading(manuscript, Leads.ON):
            yield self.found(f"“{_called(link)}” is an old address that leads on. Link to the new one.", place)
