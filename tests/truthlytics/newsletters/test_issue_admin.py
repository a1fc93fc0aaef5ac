"""Issues in the newsroom: writing, choosing articles, previews, tests, sending, and what went wrong."""

from datetime import timedelta

from django.core import mail
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.services.publishing import publish
from subscriptions.models import Grant
from tests.factories import make_article, make_draft, make_member, make_user
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.audit.log import AuditEntry
from truthlytics.newsletters.issue_checks import Rendered, findings
from truthlytics.newsletters.models import Address, Delivery, Issue, IssueArticle, SignUp, Variant
from truthlytics.newsletters.services import decisions

LIST, ADD = reverse("admin:newsletters_issue_changelist"), reverse("admin:newsletters_issue_add")
HOUR = timedelta(hours=1)


def url(issue, page="change", *more):
    return reverse(f"admin:newsletters_issue_{page}", args=[issue.pk, *more])


def rows(*slugs, existing=()):
    """The data of the inline: existing rows as (id, slug, position), then new ones."""
    data = {"articles-TOTAL_FORMS": len(existing) + len(slugs), "articles-INITIAL_FORMS": len(existing)}
    for index, (pk, slug, position) in enumerate(existing):
        data |= {f"articles-{index}-id": pk, f"articles-{index}-article": slug, f"articles-{index}-position": position}
    for index, slug in enumerate(slugs, start=len(existing)):
        data |= {f"articles-{index}-article": slug, f"articles-{index}-position": index + 1}
    return data


class IssueAdminTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_member("Editor")
        cls.newsletter = make_newsletter(name="Weekly")
        cls.article = make_article(required_level=10, body="<p>Free words.</p><hr data-gate><p>Gated words.</p>")

    def setUp(self):
        self.client.force_login(self.editor)

    def letter(self, **fields):
        defaults = {"kind": "letter", "state": "draft", "send_at": None, "body": "<p>Dear readers.</p>"}
        return make_issue(self.newsletter, **defaults | fields)

    def start(self, **data):
        return self.client.post(ADD, {"newsletter": self.newsletter.pk} | data)


class WritingTests(IssueAdminTests):
    def test_a_letter_is_started_and_saved(self):
        issue = self.assertRedirectsToChange(self.start(kind="letter"))
        self.assertEqual((issue.kind, issue.state, issue.created_by), ("letter", "draft", self.editor))
        texts = {"subject": "Hello", "preview_text": "News", "body": "<h2>Dear</h2><p>readers<script>x</script></p>"}
        response = self.client.post(url(issue), texts | {"_preview": "1"})
        self.assertRedirects(response, url(issue, "preview"))
        issue.refresh_from_db()
        self.assertEqual((issue.subject, issue.body), ("Hello", "<h2>Dear</h2><p>readers</p>"))

    def assertRedirectsToChange(self, response):
        issue = Issue.objects.get()
        self.assertRedirects(response, url(issue))
        return issue

    def test_a_digest_starts_with_what_appeared_since_the_last_one(self):
        issue = self.assertRedirectsToChange(self.start(kind="digest"))
        self.assertEqual([row.article for row in issue.articles.all()], [self.article])
        self.assertEqual(issue.subject, self.article.headline)

    def test_articles_of_a_digest_are_chosen_and_ordered(self):
        other = make_article()
        self.start(kind="digest")
        issue = Issue.objects.get()
        first, second = issue.articles.all()
        existing = [(first.pk, first.article.slug, 2), (second.pk, second.article.slug, 1)]
        self.client.post(url(issue), {"subject": "S"} | rows(existing=existing))
        self.assertEqual([row.pk for row in issue.articles.all()], [second.pk, first.pk])
        existing = [(first.pk, "", 1), (second.pk, second.article.slug, 2)]
        third = make_article()
        self.client.post(url(issue), {"subject": "S"} | rows(third.slug, existing=existing))
        self.assertEqual({row.article for row in issue.articles.all()}, {second.article, third})
        self.assertIn(second.article, {other, self.article})

    def test_an_article_of_a_digest_has_a_sentence_instead_of_its_standfirst(self):
        self.start(kind="digest")
        issue = Issue.objects.get()
        row = issue.articles.get()
        self.assertContains(self.client.get(url(issue, "preview_page")), self.article.standfirst)
        data = {"subject": "S"} | rows(existing=[(row.pk, self.article.slug, 1)])
        self.client.post(url(issue), data | {"articles-0-sentence": "Why we\nlooked <b>twice</b>."})
        self.assertContains(self.client.get(url(issue)), "Your own words about article 1")
        for page in ("preview_page", "preview"):
            email = self.client.get(url(issue, page), {"format": "text"})
            self.assertContains(email, "Why we looked &lt;b&gt;twice&lt;/b&gt;.")
            self.assertNotContains(email, self.article.standfirst)
        response = self.client.post(url(issue), data | {"articles-0-article": "", "articles-0-sentence": "Alone."})
        self.assertContains(response, "Choose the article.")
        self.assertContains(response, "Alone.")

    def test_refilling_adds_what_is_new_and_nothing_twice(self):
        self.start(kind="digest")
        issue, new = Issue.objects.get(), make_article()
        row = issue.articles.get()
        data = {"subject": "S", "_refill": "1"} | rows(existing=[(row.pk, row.article.slug, 1)])
        self.client.post(url(issue), data)
        self.assertEqual([row.article for row in issue.articles.all()], [self.article, new])

    def test_an_article_is_in_one_issue_of_a_newsletter(self):
        make_issue(self.newsletter, self.article)
        response = self.start(kind="article", article=self.article.slug)
        self.assertContains(response, "already has an issue with this article", status_code=422)
        digest = make_issue(self.newsletter, kind="digest", state="draft", send_at=None)
        row = digest.articles.get()
        response = self.client.post(
            url(digest), {"subject": "S"} | rows(self.article.slug, existing=[(row.pk, row.article.slug, 1)])
        )
        self.assertContains(response, "already has an issue with this article")
        self.assertEqual(digest.articles.count(), 1)

    def test_bad_input_starts_nothing(self):
        for data in (
            {},
            {"kind": "spam"},
            {"kind": "article"},
            {"kind": "article", "article": "unknown"},
            {"kind": "letter", "newsletter": "x"},
            {"kind": "letter", "newsletter": 10**30},
        ):
            with self.subTest(data):
                self.assertEqual(self.start(**data).status_code, 422)
        self.assertFalse(Issue.objects.exists())

    def test_what_was_typed_too_late_is_kept_on_the_page(self):
        issue = self.letter()
        Issue.objects.update(state="preparing")
        response = self.client.post(url(issue), {"subject": "Too late", "body": "<p>x</p>"})
        self.assertContains(response, "nothing was changed")
        self.assertContains(response, "Too late")
        self.assertEqual(Issue.objects.get().subject, "Subject")
        self.assertRedirects(self.client.get(url(issue)), url(issue, "sending"))

    def test_the_list_shows_what_needs_attention(self):
        self.letter(subject="Quiet")
        self.letter(subject="Not public", pause_reason="The article is not public.")
        response = self.client.get(LIST, {"state": "attention"})
        self.assertContains(response, "Not public")
        self.assertNotContains(response, "Quiet")
        dashboard = self.client.get(reverse("admin:index"))
        self.assertContains(dashboard, "The article is not public.")

    def test_drafts_are_deleted_but_not_what_was_sent_or_made_by_schedule(self):
        draft = self.letter()
        self.client.post(url(draft, "delete"), {"post": "yes"})
        digest = make_issue(self.newsletter, kind="digest", state="waiting", send_at=None, digest_day="2026-11-29")
        sent = self.letter(state="sent", prepared_at=timezone.now())
        for issue in (digest, sent):
            self.client.post(url(issue, "delete"), {"post": "yes"})
        self.assertEqual({*Issue.objects.all()}, {digest, sent})


class PreviewTests(IssueAdminTests):
    def test_each_reader_sees_what_they_would_get(self):
        issue = make_issue(self.newsletter, self.article, state="draft", send_at=None)
        for reader, sees in (("visitor", False), ("registered", False), ("paying", True)):
            with self.subTest(reader):
                frame = self.client.get(url(issue, "preview_page"), {"as": reader})
                self.assertContains(frame, "Free words.")
                self.assertEqual("Gated words." in frame.text, sees)
                text = self.client.get(url(issue, "preview"), {"as": reader, "format": "text"})
                self.assertEqual("Gated words." in text.text, sees)
        self.assertFalse(issue.variants.exists())

    def test_the_frame_runs_nothing_and_is_framed_by_us_only(self):
        headers = self.client.get(url(self.letter(), "preview_page")).headers
        policy = headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertIn("frame-ancestors 'self'", policy)
        self.assertNotIn("script-src", policy)
        self.assertEqual(headers["X-Frame-Options"], "SAMEORIGIN")

    def test_a_scheduled_article_is_shown_as_it_will_be(self):
        article = make_article(at=timezone.now() + HOUR, body="<p>Tomorrow’s words.</p>")
        issue = make_issue(self.newsletter, article, state="draft", send_at=None)
        self.assertContains(self.client.get(url(issue, "preview_page")), "Tomorrow’s words.")

    def test_a_draft_article_has_no_preview_but_a_reason(self):
        issue = make_issue(self.newsletter, make_draft(), state="draft", send_at=None)
        self.assertContains(self.client.get(url(issue, "preview")), "is not public")
        self.assertEqual(self.client.get(url(issue, "preview_page")).status_code, 404)

    def test_checks_name_what_is_missing(self):
        issue = self.letter(subject="", body="")
        page = self.client.get(url(issue, "preview"))
        for sentence in (
            "It has no subject.",
            "The letter has no text.",
            "Nobody would get it",
            "Without a preview text",
        ):
            self.assertContains(page, sentence)
        issue = self.letter(subject="Long " * 20, body=f"<p>{'word ' * 30_000}</p>")
        page = self.client.get(url(issue, "preview"))
        self.assertContains(page, "Mail programs show about 60")
        self.assertContains(page, "Gmail cuts off")

    def test_images_without_alternative_text_are_counted(self):
        issue = self.letter(subject="Hello", preview_text="News")
        html = '<p><img src="/a.jpg" alt="A harbour"><img src="/b.jpg" alt=" "><img src="/c.jpg"></p>'
        found = findings(issue, Rendered([Variant(issue=issue, level=0, html=html)], []), 1)
        self.assertEqual(
            [finding.text for finding in found],
            ["2 images have no alternative text, which readers see until images are loaded."],
        )

    def test_a_test_goes_to_colleagues(self):
        colleague, reader = make_member("Author"), make_user()
        issue = self.letter(subject="Hello")
        response = self.client.post(url(issue, "test"), {"recipients": [self.editor.pk, colleague.pk]}, follow=True)
        self.assertContains(response, "Test sent to 2 people.")
        self.assertEqual({message.to[0] for message in mail.outbox}, {self.editor.email, colleague.email})
        self.assertEqual(mail.outbox[0].subject, "[Test] Hello")
        self.assertNotEqual(*(message.extra_headers["Message-ID"] for message in mail.outbox))
        for bad in ([reader.pk], ["x"], [10**30], []):
            with self.subTest(bad):
                self.client.post(url(issue, "test"), {"recipients": bad})
        self.assertEqual(len(mail.outbox), 2)
        self.assertFalse(Address.objects.exists() or Delivery.objects.exists())

    def test_a_test_goes_to_a_few_other_addresses(self):
        issue = self.letter()
        others = f"inbox@example.net; {self.editor.email.upper()}, client@example.com"
        data = {"recipients": [self.editor.pk], "others": others}
        self.assertContains(self.client.post(url(issue, "test"), data, follow=True), "Test sent to 3 people.")
        sent = {message.to[0] for message in mail.outbox}
        self.assertLessEqual({"inbox@example.net", "client@example.com"}, sent)
        self.assertIn("i…@example.net", AuditEntry.objects.about(issue).first().message)
        for bad, error in (
            ("nobody", "“nobody” isn’t an email address."), ("a@b.org\nBcc: c@d.org", "isn’t an email address"),
            (", ".join(f"r{number}@example.org" for number in range(6)), "at most five"), ("", "Choose who gets"),
        ):  # fmt: skip
            with self.subTest(bad):
                self.assertContains(self.client.post(url(issue, "test"), {"others": bad}, follow=True), error)
        self.assertEqual(len(mail.outbox), 3)


class DecidingTests(IssueAdminTests):
    def test_the_page_says_to_how_many_and_from_whom(self):
        user = make_user()
        Grant.objects.create(user=user, level=10, starts_at=timezone.now() - HOUR, ends_at=timezone.now() + HOUR)
        make_address(self.newsletter), make_address(self.newsletter, email=user.email, user=user)
        issue = make_issue(self.newsletter, self.article, state="draft", send_at=None)
        page = self.client.get(url(issue, "send"))
        self.assertContains(page, "Send now to 2 readers")
        self.assertContains(page, "Subscribers, the whole article")
        self.assertContains(page, "From")

    def test_sending_now_sends_and_logs_who_did(self):
        make_address(self.newsletter)
        issue = self.letter()
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(url(issue, "send"), {"when": "now", "ai_uses": "none"})
        self.assertRedirects(response, url(issue, "sending"))
        issue.refresh_from_db()
        self.assertEqual((issue.state, issue.approved_by, len(mail.outbox)), ("sent", self.editor, 1))
        self.assertTrue(AuditEntry.objects.about(issue).filter(message="Sent.").exists())
        self.client.post(url(issue, "send"), {"when": "now"})
        self.assertEqual(len(mail.outbox), 1)

    def test_an_issue_is_scheduled_postponed_and_unscheduled(self):
        make_address(self.newsletter)
        issue = self.letter()
        for days in (1, 2):
            day = timezone.localdate() + timedelta(days=days)
            self.client.post(url(issue, "send"), {"when": "later", "day": f"{day}", "hour": "09:00", "ai_uses": "none"})
            issue.refresh_from_db()
            self.assertEqual((issue.state, timezone.localtime(issue.send_at).date()), ("scheduled", day))
        self.assertContains(self.client.get(url(issue, "send")), f"{day}")
        self.client.post(url(issue, "unschedule"))
        issue.refresh_from_db()
        self.assertEqual((issue.state, issue.send_at, mail.outbox), ("draft", None, []))

    def test_nothing_is_sent_while_checks_block_it(self):
        issue = self.letter(subject="")
        response = self.client.post(url(issue, "send"), {"when": "now"})
        self.assertContains(response, "It has no subject.", status_code=422)
        for data in ({}, {"when": "later"}, {"when": "later", "day": "x", "hour": "99:99"}):
            make_address(self.newsletter)
            Issue.objects.update(subject="Now it has")
            self.assertEqual(self.client.post(url(issue, "send"), data).status_code, 422)
        self.assertEqual(Issue.objects.get().state, "draft")

    def test_a_digest_that_waits_is_approved_or_cancelled(self):
        make_address(self.newsletter)
        digest = make_issue(self.newsletter, self.article, kind="digest", state="waiting", send_at=None)
        self.assertContains(self.client.get(reverse("admin:index")), "waits for approval")
        self.client.post(url(digest, "cancel"))
        digest.refresh_from_db()
        self.assertEqual(digest.state, "cancelled")
        self.assertFalse(IssueArticle.objects.exists())
        digest = make_issue(self.newsletter, self.article, kind="digest", state="waiting", send_at=None)
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(url(digest, "send"), {"when": "now"})
        digest.refresh_from_db()
        self.assertEqual((digest.state, digest.approved_by), ("sent", self.editor))


class ProgressTests(IssueAdminTests):
    def prepared(self, **fields):
        return self.letter(**{"state": "sending", "prepared_at": timezone.now(), "slug": "2026-11-29"} | fields)

    def delivery(self, issue, state, email="nadia@example.org", **fields):
        address = make_address(email=email)
        return Delivery.objects.create(issue=issue, address=address, level=0, state=state, **fields)

    def test_the_page_counts_by_state(self):
        issue = self.prepared()
        now = timezone.now()
        for number, state in enumerate(("submitted", "submitted", "queued", "rejected", "uncertain", "skipped")):
            at = now if state == "submitted" else None
            self.delivery(issue, state, f"reader{number}@example.org", submitted_at=at)
        page = self.client.get(url(issue, "sending"))
        self.assertEqual(
            page.context["total"],
            {"recipients": 6, "submitted": 2, "open": 1, "rejected": 1, "uncertain": 1, "skipped": 1},
        )
        self.assertEqual(page.context["time_left"], "less than a minute")
        self.assertContains(page, "83% done")
        part = self.client.get(url(issue, "sending"), {"part": "1"})
        self.assertContains(part, 'data-live="1"')
        self.assertNotContains(part, "<html")

    def test_an_issue_that_is_not_on_its_way_is_shown_in_the_editor(self):
        for fields in ({}, {"state": "waiting"}, {"state": "scheduled", "send_at": timezone.now() + HOUR}):
            with self.subTest(fields):
                issue = self.letter(**fields)
                self.assertRedirects(self.client.get(url(issue, "sending")), url(issue))
        due = self.letter(state="scheduled", send_at=timezone.now())
        self.assertContains(self.client.get(url(due, "sending")), "It begins in a moment.")

    def test_it_is_paused_resumed_and_stopped(self):
        issue = self.prepared()
        delivery = self.delivery(issue, "queued")
        for page, state in (("pause", "paused"), ("resume", "sending"), ("pause", "paused"), ("stop", "stopped")):
            with self.subTest(page), self.settings(NEWSLETTER_PER_DAY=0):
                if page == "resume":
                    Delivery.objects.update(retry_at=timezone.now() + HOUR)
                self.client.post(url(issue, page))
                issue.refresh_from_db()
                self.assertEqual(issue.state, state)
        delivery.refresh_from_db()
        self.assertEqual((delivery.state, mail.outbox), ("skipped", []))
        self.assertContains(self.client.post(url(issue, "pause"), follow=True), "is not being sent")

    def test_emails_in_doubt_are_listed_and_addresses_are_masked_for_editors(self):
        issue = self.prepared()
        self.delivery(issue, "uncertain", answer="The connection was lost.")
        page = self.client.get(url(issue, "deliveries"), {"state": "uncertain"})
        self.assertContains(page, "The connection was lost.")
        self.assertContains(page, "n…@example.org")
        self.assertNotContains(page, "nadia@example.org")
        self.client.force_login(make_member("Publisher"))
        self.assertContains(self.client.get(url(issue, "deliveries"), {"state": "uncertain"}), "nadia@example.org")
        for state in ("queued", "x"):
            self.assertEqual(self.client.get(url(issue, "deliveries"), {"state": state}).status_code, 404)
        self.assertEqual(
            self.client.get(url(issue, "deliveries"), {"state": "rejected", "page": "99"}).status_code, 200
        )

    def test_the_report_counts_who_left_and_which_version_they_got(self):
        issue = make_issue(self.newsletter, self.article, state="sent", prepared_at=timezone.now(), slug="2026-11-29")
        issue.articles.update(version=self.article.served())
        for level in (0, 10):
            issue.variants.create(level=level, html="", text="")
        Delivery.objects.create(issue=issue, address=make_address(), level=10, state="submitted")
        SignUp.objects.create(
            address=make_address(), newsletter=self.newsletter, source="page", ended_at=timezone.now(), ended_by=issue
        )
        page = self.client.get(url(issue, "sending"))
        self.assertEqual(page.context["unsubscribed"], 1)
        self.assertContains(page, "Subscribers, the whole article: 1 reader")
        self.assertContains(page, "version 1")

    def test_a_correction_is_sent_once_to_those_who_got_the_mistake(self):
        address = make_address(self.newsletter)
        article = make_article(body="<p>It cost 5 million.</p>")
        issue = make_issue(self.newsletter, article, state="draft", send_at=None)
        with self.captureOnCommitCallbacks(execute=True):
            decisions.schedule(issue=issue, at=None, by=self.editor)
        make_address(self.newsletter)
        self.assertNotContains(self.client.get(url(issue, "sending")), "Send this correction")
        article.body = "<p>It cost 7 million.</p>"
        article.save()
        version = publish(item=article, by=self.editor, kind="correction", note="It cost 7 million, not 5.")
        page = self.client.get(url(issue, "sending"))
        self.assertContains(page, "Send this correction to those who got it")
        path = url(issue, "correct", version.correction.pk)
        response = self.client.post(path)
        letter = Issue.objects.get(corrects=issue)
        self.assertRedirects(response, url(letter, "send"))
        self.assertContains(self.client.get(url(letter, "send")), "Send now to 1 reader")
        self.client.post(path)
        self.assertEqual(Issue.objects.filter(corrects=issue).count(), 1)
        mail.outbox.clear()
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(url(letter, "send"), {"when": "now", "ai_uses": "none"})
        self.assertEqual([message.to for message in mail.outbox], [[address.email]])
        self.assertIn("It cost 7 million, not 5.", mail.outbox[0].body)
        self.assertNotContains(self.client.get(url(issue, "sending")), "Send this correction")
        self.assertEqual(self.client.post(path).status_code, 404)
        self.assertEqual(self.client.post(url(issue, "correct", 10**6)).status_code, 404)
