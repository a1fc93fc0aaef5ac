"""Editors narrow who of a newsletter's readers gets an issue. Nobody else ever gets it."""

from datetime import timedelta

from django.core import mail
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    make_author,
    make_draft,
    make_member,
    make_price,
    make_subscription,
    make_topic,
    make_user,
)
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter, sent_with_correction
from truthlytics.newsletters.models import Follow, Issue
from truthlytics.newsletters.services.audiences import Audience
from truthlytics.newsletters.services.decisions import schedule
from truthlytics.newsletters.services.preparing import recipients

DAY = timedelta(days=1)


class AudienceCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter(name="Weekly")
        cls.price, cls.other_price = make_price(), make_price()
        cls.author, cls.topic = make_author(name="Ada Lovelace"), make_topic(name="Energy")
        cls.paying, cls.leaving = (cls.reader(days=days) for days in (1, 400))
        make_subscription(cls.paying.user, price=cls.price)
        make_subscription(cls.leaving.user, price=cls.other_price)
        cls.free, cls.visitor = cls.reader(days=400), make_address(cls.newsletter)
        Follow.objects.create(address=cls.visitor, author=cls.author)
        Follow.objects.create(address=cls.paying, topic=make_topic(name="Power", merged_into=cls.topic))
        # They follow and pay, and do not get the newsletter.
        outsider = make_address(user=make_user(last_login=None))
        make_subscription(outsider.user, price=cls.price)
        Follow.objects.create(address=outsider, author=cls.author)

    @classmethod
    def reader(cls, *, days):
        return make_address(cls.newsletter, user=make_user(last_login=timezone.now() - days * DAY))


class AudienceTests(AudienceCase):
    def got(self, **conditions):
        issue = Issue(newsletter=self.newsletter, audience=Audience(**conditions).stored)
        return {*recipients(issue, timezone.now())}

    def test_without_a_condition_everyone_gets_it(self):
        self.assertEqual(self.got(), {self.paying, self.leaving, self.free, self.visitor})

    def test_subscribers_of_plans_and_readers_without_a_subscription(self):
        one, other = self.price.plan_id, self.other_price.plan_id
        self.assertEqual(self.got(plans=(one,)), {self.paying})
        self.assertEqual(self.got(plans=(one, other)), {self.paying, self.leaving})
        self.assertEqual(self.got(is_unsubscribed=True), {self.free, self.visitor})
        self.assertEqual(self.got(plans=(one,), is_unsubscribed=True), {self.paying, self.free, self.visitor})

    def test_who_has_not_paid_yet_has_no_subscription(self):
        make_subscription(self.free.user, price=self.price, status="pending")
        self.assertEqual(self.got(plans=(self.price.plan_id,)), {self.paying})
        self.assertEqual(self.got(is_unsubscribed=True), {self.free, self.visitor})

    def test_followers_also_of_a_topic_that_was_merged(self):
        self.assertEqual(self.got(followed=("author", self.author.pk)), {self.visitor})
        self.assertEqual(self.got(followed=("topic", self.topic.pk)), {self.paying})

    def test_accounts_without_a_recent_login(self):
        never = make_address(self.newsletter, user=make_user())
        since = timezone.now() - 100 * DAY
        self.assertEqual(self.got(inactive_since=since), {self.leaving, self.free, never})
        self.assertEqual(self.got(inactive_since=since, is_unsubscribed=True), {self.free, never})

    def test_what_no_longer_exists_never_widens_it(self):
        for gone in ({"plans": (10**6,)}, {"followed": ("author", 10**6)}, {"followed": ("planet", 1)}):
            with self.subTest(gone):
                self.assertEqual(self.got(**gone), set())

    def test_a_correction_goes_to_all_who_got_the_mistake(self):
        issue, correction = sent_with_correction(self.newsletter)
        issue.deliveries.create(address=self.free, level=0, state="submitted")
        letter = Issue(newsletter=self.newsletter, corrects=issue, correction=correction)
        letter.audience = Audience(is_unsubscribed=False, plans=(self.price.plan_id,)).stored
        self.assertEqual({*recipients(letter, timezone.now())}, {self.free})


class SendPageTests(AudienceCase):
    def setUp(self):
        self.client.force_login(make_member("Editor"))
        self.issue = make_issue(self.newsletter, kind="letter", body="<p>x</p>", state="draft", send_at=None)
        self.url = reverse("admin:newsletters_issue_send", args=[self.issue.pk])

    def post(self, **data):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.url, {"when": "now", "ai_uses": "none"} | data)

    def counted(self, page):
        return page.context["form"]["counted"].value()

    def test_another_choice_is_counted_before_anything_is_sent(self):
        self.assertContains(self.client.get(self.url), "Send now to 4 readers")
        page = self.post(subscriptions="none")
        self.assertContains(page, "Send now to 2 readers", status_code=422)
        self.assertEqual(mail.outbox, [])
        self.post(subscriptions="none", counted=self.counted(page))
        self.assertEqual({message.to[0] for message in mail.outbox}, {self.free.email, self.visitor.email})
        report = self.client.get(reverse("admin:newsletters_issue_sending", args=[self.issue.pk]))
        self.assertContains(report, "Subscription: without a subscription")

    def test_the_button_counts_and_changes_nothing(self):
        page = self.post(followed=f"author-{self.author.pk}", count="1")
        self.assertContains(page, "Send now to 1 reader")
        self.assertContains(page, "Ada Lovelace")
        self.issue.refresh_from_db()
        self.assertEqual((self.issue.state, self.issue.audience), ("draft", None))

    def test_a_choice_that_nobody_fits_sends_nothing_and_can_be_changed(self):
        page = self.post(followed=f"topic-{self.topic.pk}", subscriptions="none", count="1")
        self.assertContains(page, "none of its readers belongs to those whom you chose")
        self.assertContains(page, 'name="subscriptions"')
        self.assertEqual(self.post(followed=f"topic-{self.topic.pk}", subscriptions="none").status_code, 422)
        self.assertEqual(mail.outbox, [])

    def test_days_that_cannot_be_meant_are_refused(self):
        for day in ("9999-12-31", "0001-01-01", f"{timezone.localdate() + DAY}"):
            with self.subTest(day):
                page = self.post(inactive_since=day)
                self.assertContains(page, "Choose a day in the past.", status_code=422)

    def test_the_choice_is_kept_while_it_is_scheduled(self):
        since = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - 30 * DAY
        audience = Audience(inactive_since=since, followed=("author", self.author.pk))
        schedule(issue=self.issue, at=timezone.now() + DAY, by=None, audience=audience)
        self.assertEqual(Audience.of(Issue.objects.get().audience), audience)
        page = self.client.get(self.url)
        self.assertContains(page, f'value="{since.date()}"')
        self.assertContains(page, f'<option value="author-{self.author.pk}" selected>')

    def test_the_number_of_queries_does_not_grow(self):
        before = self.queries()
        for _ in range(3):
            address = self.reader(days=1)
            make_subscription(address.user, price=make_price())
            Follow.objects.create(address=address, author=make_author())
        self.assertEqual(self.queries(), before)

    def queries(self):
        with CaptureQueriesContext(connection) as captured:
            self.client.get(self.url)
        return len(captured)


class PublishPageTests(AudienceCase):
    def setUp(self):
        self.client.force_login(make_member("Editor"))
        self.article = make_draft()

    def post(self, **data):
        fields = {
            "when": "now",
            "last": 0,
            "ai_uses": "none",
            "email-newsletter": self.newsletter.pk,
            "email-subject": "Read this",
        }
        with self.captureOnCommitCallbacks(execute=True):
            url = reverse("admin:articles_article_publish", args=[self.article.pk])
            return self.client.post(url, fields | {f"email-{name}": value for name, value in data.items()})

    def test_an_article_is_sent_to_some_of_the_readers(self):
        choice = {"subscriptions": self.price.plan_id}
        page = self.post(**choice, count="1")
        self.assertContains(page, "Recipients: 1 reader")
        self.assertFalse(self.article.versions.exists())
        (form,) = page.context["more_forms"]
        self.post(**choice, counted=form["counted"].value())
        self.assertEqual([message.to for message in mail.outbox], [[self.paying.email]])

    def test_nothing_is_published_before_another_choice_is_counted(self):
        page = self.post(subscriptions="none")
        self.assertContains(page, "Your choice has changed the number of recipients.", status_code=422)
        self.assertFalse(self.article.versions.exists() or Issue.objects.exists())
