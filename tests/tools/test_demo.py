"""The content of the demo refers only to what exists."""

import re
import tomllib
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit

from django.core import mail
from django.test import SimpleTestCase, TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from articles.sources.extraction import cited_sources
from comments.models import Comment, Decision, Follow, Notification
from comments.models.queue import queue_counts
from subscriptions.models import Order, Payment, Subscription
from tests.budget import takes_longer
from tests.factories import make_article, make_author, make_editor, make_section, make_user
from tests.subscriptions.journeys import on_demo
from tests.transactions import TransactionTestCase
from truthlytics.newsletters.models import Issue
from truthlytics.newsletters.services.followed_emails import send_due
from truthlytics.publication.models import Publication
from truthlytics.tools.demo import content
from truthlytics.tools.demo.accounts import ACCOUNTS, load_accounts, load_plans, load_writers
from truthlytics.tools.demo.comments import load_comments
from truthlytics.tools.demo.load import IMAGES, RECORDINGS, load_article
from truthlytics.tools.demo.newsletters import load_newsletters
from truthlytics.tools.demo.subscriptions import load_subscriptions, skip_ahead_page


class ContentTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.texts = {path.stem: path.read_text() for path in (content.HERE / "articles").glob("*.html")}
        cls.heads = {slug: tomllib.loads(text.split("+++\n")[1]) for slug, text in cls.texts.items()}
        cls.public = {slug for slug, head in cls.heads.items() if head.get("age_hours", -1) > 0}

    def test_every_section_has_four_public_articles(self):
        sections = [section["slug"] for section in content.read("publication.toml")["sections"]]
        public = Counter(self.heads[slug]["section"] for slug in self.public)
        self.assertEqual(public, dict.fromkeys(sections, 4))

    def test_benefits_do_not_repeat_what_the_paywall_says(self):
        for plan in content.read("publication.toml")["plans"]:
            self.assertNotIn("cancel", " ".join(plan["benefits"]).lower())

    def test_links_lead_to_public_articles(self):
        links = {link for text in self.texts.values() for link in re.findall(r'href="/articles/([^/"]+)/"', text)}
        self.assertGreater(len(links), 5)
        self.assertEqual(links - self.public, set())

    def test_newsletters_have_public_articles(self):
        for newsletter in content.read("newsletters.toml")["newsletters"]:
            self.assertEqual(set(newsletter["articles"]) - self.public, set())

    def test_details_of_sources_belong_to_one_footnote_each(self):
        cited = Counter(source.title for text in self.texts.values() for source in cited_sources(text, gated=False))
        for details in content.read("sources.toml")["sources"]:
            with self.subTest(details["note"]):
                self.assertEqual(sum(title.startswith(details["note"]) for title in cited), 1)
        self.assertEqual(len(cited), len(content.read("sources.toml")["sources"]))

    def test_six_public_articles_have_sources_and_only_the_real_one_addresses(self):
        sources = {slug: cited_sources(self.texts[slug], gated=False) for slug in self.public}
        self.assertGreaterEqual(sum(len(found) > 1 for found in sources.values()), 6)
        real = sources.pop("the-meeting-that-did-not-happen")
        hosts = {urlsplit(source.url).hostname for source in real if source.url}
        self.assertEqual(hosts, {"news.usni.org", "history.state.gov", "www.congress.gov", "www.defense.gov"})
        self.assertEqual({source.url for found in sources.values() for source in found}, {""})

    def test_dossiers_have_several_articles_and_one_article_a_recording(self):
        for dossier in content.read("dossiers.toml")["dossiers"]:
            self.assertGreater(len(self.public & set(dossier["articles"])), 1)
        (recording,) = (head["recording"] for head in self.heads.values() if "recording" in head)
        self.assertLess((RECORDINGS / f"{recording}.mp3").stat().st_size, 400_000)

    def test_images_have_texts_and_files(self):
        texts = tomllib.loads((IMAGES / "images.toml").read_text())
        leads = {head["lead"] for head in self.heads.values() if "lead" in head}
        self.assertEqual(leads - set(texts), set())
        self.assertEqual([name for name in texts if not (IMAGES / f"{name}.png").exists()], [])

    def test_front_page_rows_have_a_lead_with_an_image_and_two_more_articles(self):
        front = content.read("front.toml")
        placed = [front["lead"], *front["secondary"], front["opinion"]]
        for row in front["rows"]:
            placed += row["articles"]
            with self.subTest(row["section"]):
                self.assertGreaterEqual(len(row["articles"]), 3)
                self.assertIn("lead", self.heads[row["articles"][0]])
                self.assertEqual({self.heads[slug]["section"] for slug in row["articles"]}, {row["section"]})
        self.assertEqual(sorted(placed), sorted(self.public))

    def test_subscriptions_name_readers_articles_and_coupons_that_exist(self):
        told = content.read("subscriptions.toml")
        stories = told["subscriptions"]
        readers = {*ACCOUNTS, *(reader["key"] for reader in content.read("comments.toml")["readers"])}
        named = {story["by"] for story in [*stories, *told["gifts"]]} | {
            gift["redeemed_by"] for gift in told["gifts"] if "redeemed_by" in gift
        }
        self.assertEqual(named - readers, set())
        self.assertEqual(len({story["by"] for story in stories}), len(stories))
        self.assertEqual({story["from"] for story in stories if "from" in story} - self.public, set())
        codes = {coupon["code"] for coupon in told["coupons"]}
        self.assertEqual({story["coupon"] for story in stories if "coupon" in story}, codes)

    def test_comments_are_on_public_articles_and_answer_earlier_comments(self):
        for thread in content.read("comments.toml")["threads"]:
            self.assertIn(thread["article"], self.public)
            ids = [comment["id"] for comment in thread["comments"]]
            for number, comment in enumerate(thread["comments"]):
                with self.subTest(comment["id"]):
                    self.assertIn(comment.get("parent", ids[0]), ids[: number + 1])


class ArticleTests(TestCase):
    """Articles of the demo, loaded as the demo loads them."""

    def load(self, slug, author, section):
        make_author(slug=author)
        make_section(slug=section)
        accounts = {"editor": make_editor(), "author": make_editor()}
        load_article(content.HERE / "articles" / f"{slug}.html", {}, accounts, timezone.now())
        return Article.objects.get()

    def test_the_wrong_spokesman_was_corrected_in_public(self):
        first, second = self.load("the-meeting-that-did-not-happen", "tomasz-wieczorek", "politics").versions.all()
        self.assertIn("Zhang Xiaogang", first.plain_all)
        self.assertNotIn("Zhang", second.content)
        self.assertEqual((second.correction.kind, second.is_corrected), ("correction", True))
        page = self.client.get(second.article.get_absolute_url())
        self.assertContains(page, "is by Wu Qian, not by Zhang Xiaogang")
        self.assertContains(page, "https://news.usni.org/")

    def test_one_article_can_be_listened_to(self):
        article = self.load("open-the-library-on-sundays", "rukmini-dasgupta", "society")
        self.assertContains(self.client.get(article.get_absolute_url()), "Listen to this article")
        url = reverse("articles:audio", args=[article.slug, "mp3"])
        self.assertEqual(self.client.get(url)["Content-Type"], "audio/mpeg")
        self.assertGreater(article.audio.seconds, 60)


class NewsletterTests(TestCase):
    def test_each_newsletter_has_sent_an_issue_and_a_reader_follows_an_author(self):
        newsletters = content.read("newsletters.toml")
        for slug in {slug for newsletter in newsletters["newsletters"] for slug in newsletter["articles"]}:
            make_article(slug=slug)
        author, now = make_author(slug="rukmini-dasgupta"), timezone.now()
        make_article(headline="The island", authors=[author], at=now - timedelta(days=3))
        accounts = {key: make_user() for key in ("editor", "subscriber", "reader")}
        load_newsletters(newsletters, accounts, now)
        self.assertEqual(list(Issue.objects.values_list("state", flat=True)), ["sent", "sent"])
        self.assertEqual(len(mail.outbox), 4)
        with self.captureOnCommitCallbacks(execute=True):
            send_due(now)
        self.assertEqual((mail.outbox[-1].to, mail.outbox[-1].subject), ([accounts["reader"].email], "The island"))


class CommentTests(TestCase):
    """Some of the demo's comments with their articles, loaded as the demo loads them."""

    SLUGS = (
        "the-courts-memory-was-in-one-drawer",
        "the-queue-is-the-price",
        "half-a-raise",
        "one-reservoir-two-promises",
        "four-seconds-late-for-the-green",
        "a-fifth-of-us-did-not-hear-the-alarm",
    )

    @classmethod
    def setUpTestData(cls):
        publication, told, now = content.read("publication.toml"), content.read("comments.toml"), timezone.now()
        Publication.objects.create(**publication["settings"])
        for section in publication["sections"]:
            make_section(**section)
        for author in publication["authors"]:
            make_author(name=author["name"], slug=author["slug"])
        cls.accounts = load_accounts(now)
        writers = load_writers(now, cls.accounts)
        for slug in cls.SLUGS:
            load_article(content.HERE / "articles" / f"{slug}.html", {}, cls.accounts, now)
        threads = [thread for thread in told["threads"] if thread["article"] in cls.SLUGS]
        load_comments(told | {"threads": threads}, cls.accounts, writers, now)

    def test_the_queue_has_reported_and_waiting_comments(self):
        counts = queue_counts()
        self.assertEqual((counts["reported"], counts["new"], counts["appeals"]), (1, 1, 1))
        self.assertEqual(
            Comment.objects.exclude(edit_requested_at=None).get().author.display_name, "Kenji Watanabe-Ross"
        )

    def test_the_decisions_are_past_and_need_no_emails(self):
        now = timezone.now()
        self.assertEqual(
            set(Decision.objects.values_list("kind", flat=True)), {"approve", "remove", "ask", "suspend", "pick"}
        )
        self.assertFalse(Decision.objects.filter(created_at__gt=now - timedelta(minutes=1)).exists())
        self.assertFalse(Decision.objects.filter(emailed_at=None, kind__in=["remove", "ask", "suspend"]).exists())

    def test_the_long_thread_has_picks_votes_and_quotations(self):
        thread = Comment.objects.filter(article__slug=self.SLUGS[0])
        self.assertGreaterEqual(thread.visible().count(), 60)
        self.assertEqual(sorted(thread.exclude(picked_at=None).values_list("picked_beside", flat=True)), [False, True])
        self.assertEqual(thread.exclude(quote="").filter(quote_edited_from=None).count(), 3)
        self.assertEqual(thread.order_by("-helpful_count")[0].author.display_name, "Birgit Amsel")

    def test_a_passage_that_was_edited_since_is_on_version_2(self):
        edited = Comment.objects.exclude(quote_edited_from=None)
        self.assertEqual(sorted(edited.values_list("quote_number", flat=True)), [1, 2])

    def test_only_the_subscriber_is_emailed_about_a_reply(self):
        note = Notification.objects.get()
        self.assertEqual((note.user, note.kind), (self.accounts["subscriber"], Notification.Kind.REPLY))
        self.assertTrue(Follow.objects.filter(user=note.user).exists())


@on_demo
class SubscriptionTests(TransactionTestCase):
    """Some of the demo's subscriptions, loaded as the demo loads them."""

    READERS = ("grete", "verrall", "nadia", "fenna", "matteo", "subscriber")

    @takes_longer("Months of trade pass.")
    def test_past_months_happen_through_the_services(self):
        publication = content.read("publication.toml")
        Publication.objects.create(**publication["settings"])
        load_plans(publication["plans"])
        users = {key: make_user(email=ACCOUNTS.get(key, [f"{key}@demo.test"])[0]) for key in self.READERS}
        told = content.read("subscriptions.toml")
        stories = [story for story in told["subscriptions"] if story["by"] in self.READERS]
        load_subscriptions(told | {"subscriptions": stories}, users, timezone.now())
        found = {row.user.email.split("@")[0]: row for row in Subscription.objects.select_related("user")}
        statuses = {name: row.status for name, row in found.items()}
        self.assertEqual(
            statuses,
            {"grete": "active", "verrall": "past_due", "nadia": "ended", "matteo": "active", "subscriber": "active"},
        )
        self.assertEqual(found["matteo"].provider, "gift")
        paid = Payment.objects.filter(user=users["subscriber"], order__kind="subscription")
        self.assertLess(paid.get().recorded_at, timezone.now() - timedelta(days=100))
        self.assertEqual(Order.objects.get(status="open").user, users["fenna"])
        succeeded = Payment.objects.filter(status="succeeded")
        self.assertEqual(set(succeeded.values_list("tax_kind", "tax_rate", "country")), {("rate", 700, "DE")})
        self.assertFalse(Order.objects.filter(start_agreed_at=None).exists())
        self.assertIn("/demo/subscription/", skip_ahead_page())
