"""The page of the moderation queue: what it shows, to whom, and in how many queries."""

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Report
from comments.services import decide
from tests.budget import takes_longer
from tests.comments.test_moderating import AtMost
from tests.factories import make_article, make_comment, make_comments, make_member, make_user

QUEUE = "/admin/comments/queue/"


class QueueTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.moderator = make_member("Moderator", display_name="Mo")
        cls.other = make_member("Moderator", display_name="Ada")
        cls.article = make_article(headline="The harbour")
        cls.first, cls.second, cls.third = (
            cls.make(status="waiting", hold="first", text=f"Words {number}.") for number in (1, 2, 3)
        )

    @classmethod
    def make(cls, **fields):
        return make_comment(article=cls.article, **fields)

    def setUp(self):
        self.client.force_login(self.moderator)

    def url(self, comment, **query):
        return reverse("admin:comments_queue_comment", args=[comment.pk], query=query)

    def decide(self, comment, kind, seen=0, edited="", **data):
        url = reverse("admin:comments_queue_decision", args=[comment.pk])
        return self.client.post(url, {"kind": kind, "seen": seen, "edited": edited, **data})

    def undo(self, decision):
        return self.client.post(reverse("admin:comments_queue_undo", args=[decision.pk]))

    def status(self, comment):
        return Comment.objects.get(pk=comment.pk).status


class PageTests(QueueTestCase):
    def test_the_first_comment_is_shown_with_article_and_writer(self):
        page = self.client.get(QUEUE)
        self.assertEqual(page.context["comment"], self.first)
        for text in ("Words 1.", "The harbour", self.first.author.display_name, "First comment by this reader"):
            self.assertContains(page, text)

    def test_it_shows_reports_reply_quotation_and_earlier_texts(self):
        parent = self.make(text="Said before.")
        reported = self.make(parent=parent, text="Rude.", quote="never dredged", edited_at=timezone.now())
        reported.revisions.create(text="Ruder.")
        Report.objects.create(comment=reported, reporter=make_user(), reason="insult", words="An insult.")
        page = self.client.get(QUEUE)
        for text in ("Rude.", "Said before.", "never dredged", "Ruder.", "Insults or threats", "An insult."):
            self.assertContains(page, text)

    def test_the_record_of_the_writer_counts_comments_and_suspensions(self):
        writer = self.first.author
        for text in "ab":
            decide(comment=self.make(author=writer, text=text), kind="remove", by=self.other, reason="Advertising")
        decide(comment=self.make(author=writer), kind="suspend", by=self.other, reason="Insults.")
        context = self.client.get(QUEUE).context
        self.assertEqual((context["comment"].writer_visible, context["comment"].writer_removed), (None, 3))
        self.assertContains(self.client.get(QUEUE), "Suspended until it is lifted:")

    def test_text_is_escaped(self):
        self.make(status="waiting", hold="word", text="<script>alert(1)</script>", author=make_user(display_name="<b>"))
        page = self.client.get(QUEUE, {"show": "held"})
        self.assertContains(page, "&lt;script&gt;alert(1)")
        self.assertNotContains(page, "<script>alert")

    def test_tabs_show_their_part_and_numbers(self):
        held = self.make(status="waiting", hold="link")
        page = self.client.get(QUEUE, {"show": "held"})
        self.assertEqual([row for row, _url in page.context["rows"]], [held])
        self.assertEqual((page.context["counts"]["all"], page.context["counts"]["held"]), (4, 1))

    def test_next_and_previous_follow_the_order(self):
        context = self.client.get(self.url(self.second)).context
        self.assertEqual((context["previous"], context["next"]), (self.url(self.first), self.url(self.third)))

    @takes_longer("Long lists are made and read.")
    def test_long_queues_are_divided_and_every_comment_is_reached(self):
        make_comments(self.article, 60, status="waiting", hold="first")
        url, seen = QUEUE, []
        while url:
            context = self.client.get(url).context
            seen.append(context["comment"].pk)
            url = context["next"]
        self.assertEqual(seen, sorted(Comment.objects.values_list("pk", flat=True)))

    def test_earlier_parts_are_reached_too(self):
        make_comments(self.article, 60, status="waiting", hold="first")
        later = self.client.get(self.client.get(QUEUE).context["later"]).context
        earlier = self.client.get(later["previous"]).context
        self.assertEqual(earlier["rows"][0][0], self.first)
        self.assertEqual(self.client.get(earlier["next"]).context["comment"], later["comment"])

    def test_an_empty_queue_says_so(self):
        Comment.objects.update(status="visible", approved_at=timezone.now())
        self.assertContains(self.client.get(QUEUE), "Nothing to review.")

    def test_any_comment_can_be_opened_and_restored(self):
        removed = self.make()
        decide(comment=removed, kind="remove", by=self.other, reason="A mistake")
        page = self.client.get(self.url(removed))
        self.assertContains(page, "A mistake")
        self.decide(removed, "restore", seen=page.context["seen"])
        self.assertEqual(self.status(removed), "visible")

    def test_comments_of_deleted_accounts_are_shown(self):
        comment = self.make(author=None, status="waiting")
        self.assertContains(self.client.get(self.url(comment)), "The account has been deleted.")

    def test_invalid_addresses_are_no_errors(self):
        for query in ("show=x", "from=x", "from=waiting-" + "9" * 40, "before=visible-²", "from=%00waiting-1"):
            self.assertIn(self.client.get(f"{QUEUE}?{query}").status_code, {200, 400}, query)
        self.assertEqual(self.client.get(f"{QUEUE}{'9' * 40}/").status_code, 404)

    def test_five_thousand_waiting_take_at_most_twelve_queries(self):
        make_comments(self.article, 60, status="waiting", hold="word", edited_at=timezone.now())
        comment = self.make(author=self.first.author, parent=self.make(), edited_at=timezone.now())
        Report.objects.create(comment=comment, reporter=make_user(), reason="insult")
        decide(comment=self.third, kind="remove", by=self.moderator, reason="Advertising")
        for url in (QUEUE, self.url(comment), self.url(self.second), f"{QUEUE}?before=waiting-{self.second.pk}"):
            with self.subTest(url), self.assertNumQueries(AtMost(12)):
                self.client.get(url)


class AccessTests(QueueTestCase):
    def test_only_moderators_have_access(self):
        decision = decide(comment=self.first, kind="approve", by=self.other)
        for role in ("Support", "Author", "Editor"):
            self.client.force_login(make_member(role))
            self.assertEqual(self.client.get(QUEUE).status_code, 403, role)
            self.assertEqual(self.decide(self.second, "approve").status_code, 403, role)
            self.assertEqual(self.undo(decision).status_code, 403, role)
        self.client.logout()
        self.assertEqual(self.client.get(QUEUE).status_code, 302)
