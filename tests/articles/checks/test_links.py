"""Checks of links."""

from articles.checks.links import BrokenLink, LinkToDraft, RedirectedLink
from articles.checks.manuscript import LinkTarget
from tests.articles.checks.base import CheckTestCase


class LinkCheckMixin:
    """Tests for the checks of links, by link target."""

    targets: tuple[LinkTarget, ...]
    body = '<p>a</p><p>See <a href="/articles/x/">that <em>article</em></a>.</p>'

    def test_reports_links_to_these_targets(self):
        for target in self.targets:
            findings = self.findings(body=self.body, link_targets={"/articles/x/": target})
            self.assertEqual([str(f.location) for f in findings], ["body.1.qthat article"])
            self.assertIn("that article", findings[0].message)

    def test_accepts_other_links(self):
        for target in set(LinkTarget) - set(self.targets):
            self.assertEqual(self.locations(body=self.body, link_targets={"/articles/x/": target}), [])
        self.assertEqual(self.locations(body='<p><a href="https://other.example/">x</a></p>'), [])


class LinkToDraftTests(LinkCheckMixin, CheckTestCase):
    check, targets = LinkToDraft, (LinkTarget.DRAFT,)


class BrokenLinkTests(LinkCheckMixin, CheckTestCase):
    check, targets = BrokenLink, (LinkTarget.NOT_FOUND, LinkTarget.NEWSROOM)


class RedirectedLinkTests(LinkCheckMixin, CheckTestCase):
    check, targets = RedirectedLink, (LinkTarget.REDIRECT,)
