"""The page that sends an issue asks what AI was used for in its text, and who has reviewed it."""

from datetime import timedelta

from django.core import mail
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.responsibility import text_digest
from tests.factories import make_article, make_editor
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.letters import letter_content
from truthlytics.newsletters.models import Issue
from truthlytics.newsletters.services import decisions

WRITTEN = "This text was written with AI, without a review by an editor."
REVIEW = {"checked": ["facts", "sources"], "role": "Editor", "is_named": "on"}


def url(issue, page):
    return reverse(f"admin:newsletters_issue_{page}", args=[issue.pk])


class SendPageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor, cls.newsletter = make_editor(), make_newsletter()
        make_address(cls.newsletter)

    def setUp(self):
        self.client.force_login(self.editor)

    def letter(self, **fields):
        defaults = {"kind": "letter", "body": "<p>Dear readers.</p>", "state": "draft", "send_at": None}
        return make_issue(self.newsletter, **defaults | fields)

    def send(self, issue, **data):
        seen = text_digest(letter_content(Issue.objects.get(pk=issue.pk)))
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(url(issue, "send"), {"when": "now", "seen_text": seen, **data})

    def test_letter_is_not_sent_before_it_is_stated(self):
        refused = self.send(self.letter())
        self.assertContains(refused, "State what AI was used for, or that none was used.", status_code=422)
        self.assertEqual((mail.outbox, Issue.objects.get().state), ([], "draft"))

    def test_label_is_shown_before_it_is_sent_and_cannot_be_switched_off(self):
        letter = self.letter()
        for confirmed in ("", "pictures", "none"):
            shown = self.send(letter, ai_uses=["draft"], confirmed_labels=confirmed)
            self.assertContains(shown, WRITTEN)
            self.assertEqual(mail.outbox, [])
        self.send(letter, ai_uses=["draft"], confirmed_labels="written")
        self.assertIn(WRITTEN, mail.outbox[0].body)
        self.assertIn(WRITTEN, mail.outbox[0].alternatives[0].content)

    def test_review_by_a_named_person_replaces_the_label(self):
        letter = self.letter()
        self.send(letter, ai_uses=["draft"], ai_draft="A model wrote it.", **REVIEW)
        self.assertNotIn(WRITTEN, mail.outbox[0].body)
        page = self.client.get(Issue.objects.get().get_absolute_url())
        self.assertContains(page, "Reviewed by Edith Orr (Editor). AI: First draft.")
        self.assertContains(page, "A model wrote it.")
        self.assertNotContains(page, letter_digest())

    def test_nobody_answers_for_a_text_that_was_saved_meanwhile(self):
        letter = self.letter()
        seen = self.client.get(url(letter, "send")).context["responsibility"].text_digest
        Issue.objects.update(body="<p>Words that Edith has not seen.</p>")
        for sent in (seen, ""):
            refused = self.send(letter, ai_uses=["draft"], seen_text=sent, **REVIEW)
            self.assertContains(refused, "The text was saved again in the meantime.", status_code=422)
        self.assertEqual((mail.outbox, Issue.objects.get().reviews), ([], []))

    def test_text_that_is_changed_after_the_review_is_sent_with_the_label(self):
        letter = self.letter()
        day = timezone.localdate() + timedelta(days=1)
        self.send(letter, when="later", day=f"{day}", hour="09:00", ai_uses=["draft"], **REVIEW)
        Issue.objects.filter(state="scheduled").update(body="<p>Other words.</p>", send_at=timezone.now())
        with self.captureOnCommitCallbacks(execute=True):
            decisions.work_on.call(issue_id=letter.pk)
        self.assertIn(WRITTEN, mail.outbox[0].body)

    def test_articles_alone_state_nothing(self):
        issue = make_issue(self.newsletter, make_article(), state="draft", send_at=None)
        self.assertIsNone(self.client.get(url(issue, "send")).context["responsibility"])
        self.assertRedirects(self.send(issue), url(issue, "sending"))

    def test_a_sentence_about_an_article_is_a_text_of_its_own(self):
        issue = make_issue(self.newsletter, make_article(), kind="digest", state="draft", send_at=None)
        issue.articles.update(sentence="Read this first.")
        self.assertEqual(self.send(issue).status_code, 422)

    def test_scheduled_issue_that_gets_a_text_becomes_a_draft(self):
        issue = make_issue(self.newsletter, make_article(), send_at=timezone.now() + timedelta(days=1))
        form = {"subject": "Subject", "preview_text": "", "body": "<p>A machine wrote this.</p>", "seen": ""}
        page = self.client.post(url(issue, "change"), form, follow=True)
        self.assertContains(page, "It is a draft again and will not be sent. State what AI was used for")
        issue.refresh_from_db()
        self.assertEqual((issue.state, issue.body), ("draft", "<p>A machine wrote this.</p>"))

    def test_what_was_sent_stays_as_it_was(self):
        letter = self.letter()
        self.send(letter, ai_uses=["draft"], confirmed_labels="written")
        decisions.state_ai_uses(issue=letter, uses=["none"], sentences={}, review={}, by=self.editor)
        self.assertEqual(Issue.objects.get().ai_uses, ["draft"])


def letter_digest():
    """Return the digest of the reviewed text, which could confirm a guess at words that were never sent."""
    [review] = Issue.objects.get().reviews
    return review["text_digest"]
