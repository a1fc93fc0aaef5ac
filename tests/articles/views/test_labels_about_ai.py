"""Texts, judged by hand: the page, a feed, structured data and emails have the label, or have none."""

import json

from django.test import TestCase
from django.utils import timezone
from lxml.html import document_fromstring

from articles.models import Article
from articles.services.publishing import content_of, publish, withdraw
from articles.services.reviews import add_review
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_dossier,
    make_draft,
    make_editor,
    make_image,
    make_page,
    make_series,
    make_version,
)
from tests.schemas import vocabulary_errors
from tests.truthlytics.newsletters.factories import make_issue
from truthlytics.newsletters.letters import letter_content
from truthlytics.newsletters.models import Issue
from truthlytics.newsletters.rendering import render_variants
from truthlytics.newsletters.services.decisions import state_ai_uses
from truthlytics.transparency.services.entries import append_due

WHOLE = ["facts", "sources"]
TRANSLATED = "This text was translated by AI, without a review by an editor."
WRITTEN = "This text was written with AI, without a review by an editor."
PICTURES = "Pictures with this text were made or changed by AI."
MADE = {"@id": "https://schema.org/TrainedAlgorithmicMediaDigitalSource"}


def reviewed(uses, *, draft=make_draft, checked=WHOLE, named=True):
    """Return an article, page or dossier that was reviewed and then published."""
    item = draft(ai_uses=uses)
    add_review(item=item, content=content_of(item), by=make_editor(), checked=checked, role="Editor", is_named=named)
    publish(item=item)
    return item


def changed_after_the_review():
    article = reviewed(["draft"])
    make_version(article, body="<p>Words that nobody has reviewed.</p>", kind="update", note="News.")
    return article


def draft_page(**fields):
    return make_page(published=False, **fields)


def draft_dossier(**fields):
    return make_dossier(make_article(ai_uses=["none"]), publish=False, **fields)


def changed(item, **words):
    make_version(item, **words)
    return item


def imported():
    article = make_draft(ai_uses=[])
    publish(item=article, essential_checks_only=True)
    return article


# What it is, the text, the labels, and the source that its structured data names.
ARTICLES = [
    ("no AI", lambda: make_article(ai_uses=["none"]), [], None),
    ("spelling only", lambda: make_article(ai_uses=["language"]), [], None),
    ("translated and reviewed", lambda: reviewed(["translation"]), [], None),
    ("translated and not reviewed", lambda: make_article(ai_uses=["translation"]), [TRANSLATED], MADE),
    ("translated, language checked", lambda: reviewed(["translation"], checked=["language"]), [TRANSLATED], MADE),
    ("draft by machine, named editor", lambda: reviewed(["draft"]), [], None),
    ("draft by machine, unnamed editor", lambda: reviewed(["draft"], named=False), [WRITTEN], MADE),
    ("pictures by AI, reviewed", lambda: reviewed(["pictures"]), [PICTURES], None),
    ("changed after the review", changed_after_the_review, [WRITTEN], MADE),
    ("imported", imported, [], None),
]
PAGES_AND_DOSSIERS = [
    ("page, not stated", make_page, [], None),
    ("page, no AI", lambda: make_page(ai_uses=["none"]), [], None),
    ("page, translated", lambda: make_page(ai_uses=["translation"]), [TRANSLATED], MADE),
    ("page, draft and reviewed", lambda: reviewed(["draft"], draft=draft_page), [], None),
    ("page, changed", lambda: changed(reviewed(["draft"], draft=draft_page), body="<p>New.</p>"), [WRITTEN], MADE),
    ("dossier, not stated", lambda: make_dossier(make_article()), [], None),
    ("dossier, pictures", lambda: make_dossier(make_article(), ai_uses=["pictures"]), [PICTURES], None),
    ("dossier, draft and reviewed", lambda: reviewed(["draft"], draft=draft_dossier), [], None),
    ("dossier, spelling checked", lambda: reviewed(["draft"], draft=draft_dossier, checked=["language"]),
     [WRITTEN], MADE),
    ("dossier, changed", lambda: changed(reviewed(["draft"], draft=draft_dossier), summary="<p>New.</p>"),
     [WRITTEN], MADE),
]  # fmt: skip


def letter(**fields):
    return make_issue(kind="letter", body="<p>Dear readers.</p>", **fields)


def reviewed_letter(*, checked=WHOLE, named=True, **changes):
    """Return a letter of which a machine wrote the draft, reviewed, and then changed."""
    issue, by = letter(ai_uses=["draft"]), make_editor()
    review = {"content": letter_content(issue), "checked": checked, "role": "Editor", "is_named": named}
    state_ai_uses(issue=issue, uses=["draft"], sentences={}, review=review, by=by)
    Issue.objects.filter(pk=issue.pk).update(**changes)
    return Issue.objects.get(pk=issue.pk)


LETTERS = [
    ("letter, not stated", letter, []),
    ("letter, no AI", lambda: letter(ai_uses=["none"]), []),
    ("letter, draft", lambda: letter(ai_uses=["draft"]), [WRITTEN]),
    ("letter, draft and reviewed", reviewed_letter, []),
    ("letter, spelling checked", lambda: reviewed_letter(checked=["language"]), [WRITTEN]),
    ("letter, unnamed editor", lambda: reviewed_letter(named=False), [WRITTEN]),
    ("letter, changed", lambda: reviewed_letter(body="<p>New.</p>"), [WRITTEN]),
    ("letter, other subject", lambda: reviewed_letter(subject="New"), [WRITTEN]),
    ("introduction of an article", lambda: make_issue(body="<p>Read this.</p>", ai_uses=["translation"]), [TRANSLATED]),
    ("digest of articles only", lambda: make_issue(kind="digest"), []),
]


class LabelTests(TestCase):
    def page(self, address):
        return document_fromstring(self.client.get(address).content)

    def graph(self, page):
        [script] = page.xpath('(//script[@type="application/ld+json"])[1]')
        return json.loads(script.text)

    @takes_longer("Ten articles are published and read in six forms.")
    def test_page_feed_structured_data_and_email(self):
        for name, make, labels, source in ARTICLES:
            article = make()
            with self.subTest(name):
                self.assert_labels(Article.objects.get(pk=article.pk), labels, source)

    def assert_labels(self, article, labels, source):
        page = self.page(article.get_absolute_url())
        self.assertEqual([label.text for label in page.xpath('//p[@class="ai-label"]')], labels)
        data = self.graph(page)
        self.assertEqual((data.get("digitalSourceType"), data.get("creditText", "")), (source, " ".join(labels)))
        self.assertEqual(vocabulary_errors([data]), [])
        [item] = [
            item
            for item in json.loads(self.client.get("/feeds/feed.json").content)["items"]
            if item["id"].endswith(str(article.uuid))
        ]
        [variant] = render_variants(make_issue(article=article), timezone.now())
        markdown = self.client.get(f"{article.get_absolute_url().rstrip('/')}.md").content.decode()
        atom = self.client.get("/feeds/atom.xml").content.decode()
        for where in (item["content_html"], variant.html, variant.text, markdown):
            self.assertEqual([text for text in (TRANSLATED, WRITTEN, PICTURES) if text in where], sorted(labels))
        for label in labels:
            self.assertIn(label, atom)

    @takes_longer("Ten pages and dossiers are published and read in two forms.")
    def test_pages_and_dossiers(self):
        for name, make, labels, source in PAGES_AND_DOSSIERS:
            item = make()
            with self.subTest(name):
                page = self.page(item.get_absolute_url())
                self.assertEqual([label.text for label in page.xpath('//p[@class="ai-label"]')], labels)
                data = self.graph(page)
                self.assertEqual(data.get("digitalSourceType"), source)
                self.assertEqual(vocabulary_errors([data]), [])
                by = "Reviewed by Edith Orr (Editor)" in page.text_content()
                self.assertEqual(by, item.reviews.exists())

    @takes_longer("Ten issues are rendered and read.")
    def test_letters_and_their_pages(self):
        for name, make, labels in LETTERS:
            issue = make()
            with self.subTest(name):
                [variant] = render_variants(issue, timezone.now())
                for where in (variant.html, variant.text):
                    self.assertEqual([text for text in (TRANSLATED, WRITTEN) if text in where], labels)
                Issue.objects.filter(pk=issue.pk).update(prepared_at=timezone.now(), slug="2026-12-01", state="sent")
                page = self.page(Issue.objects.get(pk=issue.pk).get_absolute_url())
                self.assertEqual([label.text for label in page.xpath('//p[@class="ai-label"]')], labels)

    def test_line_at_the_end_names_the_entry_of_the_record(self):
        article = make_article(ai_uses=["draft"])
        append_due(timezone.now())
        page = self.page(article.get_absolute_url())
        [link] = page.xpath('//p[contains(@class, "responsibility-line")]/a')
        self.assertRegex(link.text_content().strip(), r"^Entry \d+ in the record$")

    def test_withdrawn_article_shows_nothing(self):
        article = make_article(ai_uses=["draft"])
        withdraw(item=article)
        page = self.client.get(article.get_absolute_url())
        self.assertEqual(page.status_code, 410)
        self.assertNotContains(page, WRITTEN, status_code=410)
        self.assertNotIn(WRITTEN, self.client.get("/feeds/feed.json").content.decode())

    def test_marked_picture_in_a_page_is_labelled_as_long_as_it_is_marked(self):
        image = make_image()
        page = make_page(body=f'<p>We.</p><figure data-image="{image.uuid}"></figure>')
        for use, labels in [("made", [PICTURES]), ("", [])]:
            image.ai_use = use
            image.save()
            shown = self.page(page.get_absolute_url())
            self.assertEqual([label.text for label in shown.xpath('//p[@class="ai-label"]')], labels)

    def test_teasers_in_a_digest_have_it_too(self):
        issue = make_issue(kind="digest", article=make_article(ai_uses=["draft"]))
        [variant] = render_variants(issue, timezone.now())
        self.assertIn(WRITTEN, variant.html)
        self.assertIn(WRITTEN, variant.text)

    def test_reviewer_is_in_structured_data_only_while_the_text_is_the_reviewed_one(self):
        data = self.graph(self.page(reviewed(["draft"]).get_absolute_url()))
        [person] = data["mainEntityOfPage"]["reviewedBy"]
        self.assertEqual(person, {"@type": "Person", "name": "Edith Orr"})
        self.assertEqual(vocabulary_errors([data]), [])
        changed = self.graph(self.page(changed_after_the_review().get_absolute_url()))
        self.assertIsInstance(changed["mainEntityOfPage"], str)

    def test_name_that_was_not_given_is_nowhere(self):
        article = reviewed(["draft"], named=False)
        for path in ("", "history/", "versions/1/evidence.json"):
            response = self.client.get(f"{article.get_absolute_url()}{path}", follow=True)
            self.assertNotContains(response, "Edith Orr")

    def test_lists_with_the_headline_have_it(self):
        article = make_article(ai_uses=["draft"], headline="Quokkas", series=make_series(slug="quokkas"), series_part=1)
        for address in ("/", article.section.get_absolute_url(), "/latest/", "/search/?q=Quokkas", "/series/quokkas/"):
            with self.subTest(address):
                self.assertContains(self.client.get(address), WRITTEN)

    def test_old_version_keeps_its_label(self):
        article = make_article(ai_uses=["draft"])
        make_version(article, ai_uses=["none"], note="Nothing in it was by AI.")
        old = self.page(f"{article.get_absolute_url()}versions/1/")
        self.assertEqual([label.text for label in old.xpath('//p[@class="ai-label"]')], [WRITTEN])
        self.assertEqual(self.page(article.get_absolute_url()).xpath('//p[@class="ai-label"]'), [])
