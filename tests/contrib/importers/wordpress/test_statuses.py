"""What an import of WordPress publishes, and what waits as a draft."""

from datetime import UTC, datetime

import time_machine

from articles.access import Level
from articles.models import Article, Page, Purpose, Section
from articles.services.publishing import publish
from articles.services.standard_pages import create_standard_pages
from tests.contrib.importers.wordpress.files import comment, item, meta
from tests.contrib.importers.wordpress.test_import import CATEGORY, ImportCase
from tests.factories import make_editor
from truthlytics.contrib.importers.models import ImportedObject


@time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC))
class StatusTests(ImportCase):
    def test_nothing_becomes_more_public_than_it_was(self):
        cases = {
            "private": {"wp_status": "private"},
            "password": {"wp_post_password": "secret"},
            "draft": {"wp_status": "draft"},
            "pending": {"wp_status": "pending"},
            "unknown": {"wp_status": "in-review"},
            "none": {"wp_status": ""},
            "overdue": {"wp_status": "future"},
            "later": {"wp_status": "future", "wp_post_date_gmt": "2030-01-01 00:00:00"},
        }
        for kind in ("post", "page"):
            items = [
                item(number, wp_post_name=f"{name}", wp_post_type=kind, **fields)
                for number, (name, fields) in enumerate(cases.items(), start=1)
            ]
            self.run_import(*items)
        for model, url in ((Article, "/articles/"), (Page, "/pages/")):
            states = {row.slug: row.state() for row in model.objects.all()}
            self.assertEqual(states, dict.fromkeys(cases, "draft") | {"later": "scheduled"})
            for slug in cases:
                self.assertEqual(self.client.get(f"{url}{slug}/").status_code, 404)
        reasons = set(ImportedObject.objects.filter(status="closed").values_list("reason", flat=True))
        self.assertEqual(reasons, {"It was private.", "It was protected by a password."})

    def test_reusable_blocks_that_were_not_public_stay_out_of_public_texts(self):
        cases = {"publish": {}, "private": {}, "draft": {}, "trash": {}, "locked": {"wp_post_password": "x"}}
        blocks = [
            item(
                number,
                wp_post_type="wp_block",
                content=f"<p>From {name}.</p>",
                **({"wp_status": name} if name != "locked" else fields),
            )
            for number, (name, fields) in enumerate(cases.items(), start=11)
        ]
        references = "".join(f'<!-- wp:block {{"ref":{number}}} /-->' for number in range(11, 16))
        _, _, losses = self.run_import(*blocks, item(1, content=f"<p>Own.</p>{references}"))
        self.assertEqual(Article.objects.get().live.plain_all, "Own.\nFrom publish.")
        self.assertEqual(losses, [("block", "block")] * 4 + [("added", "2: from, publish")])

    def test_signs_of_a_paywall_or_member_area_make_drafts(self):
        signs = {
            "shortcode [members_only]": {"content": "a [members_only]b[/members_only]"},
            "shortcode [restrict]": {"content": "a [restrict level='[1]']b[/restrict]"},
            "shortcode [Private]": {"content": "a [Private]b[/Private]"},
            "block “premium-content/container”": {"content": "<!-- wp:premium-content/container -->b"},
            "block “jetpack/paywall”": {"content": "a<!-- wp:jetpack/paywall /-->b"},
            "field _jetpack_newsletter_access = paid_subscribers": {
                "more": meta("_jetpack_newsletter_access", "paid_subscribers")
            },
            "shortcode [paywall]": {"content": '<!-- wp:block {"content":{"a":{}},"ref":90} /-->'},
            "shortcode [protected]": {"wp_status": "future", "content": "[protected]b[/protected]"},
        }
        nested = item(90, wp_post_type="wp_block", content='<!-- wp:block {"ref":91} /-->')
        guarded = item(91, wp_post_type="wp_block", content="[paywall]b[/paywall]")
        items = [item(number, **fields) for number, fields in enumerate(signs.values(), start=1)]
        _, _, losses = self.run_import(nested, guarded, *items)
        reasons = [what for code, what in losses if code == "draft"]
        self.assertEqual(reasons, [f"Only some readers could see it or a part of it ({sign})." for sign in signs])
        self.assertEqual({article.state() for article in Article.objects.all()}, {"draft"})
        self.assertEqual(set(Article.objects.values_list("required_level", flat=True)), {Level.SUPPORTER})
        self.assertEqual(set(ImportedObject.objects.values_list("status", flat=True)), {"closed"})

    def test_what_only_resembles_such_signs_is_published(self):
        contents = (
            "[team_member]Ada[/team_member] [form]x[/form] [private talks followed]",
            "Members meet in private. <!-- wp:premium/heading --><!-- wp:jetpack/subscriptions /-->",
        )
        everybody = meta("_jetpack_newsletter_access", "everybody")
        self.run_import(*(item(number, content=content, more=everybody) for number, content in enumerate(contents)))
        levels = Article.objects.published().values_list("required_level", flat=True)
        self.assertEqual(list(levels), [Level.EVERYONE] * 2)

    def test_what_is_overdue_is_published_if_asked_for(self):
        self.run_import(item(wp_status="future"), overdue="publish")
        self.assertEqual(Article.objects.get().state(), "published")

    def test_the_trash_and_other_types_are_left_out_and_listed(self):
        _, _, losses = self.run_import(
            item(1, wp_status="trash"),
            item(2, wp_status="auto-draft"),
            item(3, wp_post_type="product"),
            item(4, wp_post_type="recipe"),
            types=["recipe=page"],
        )
        self.assertEqual(
            {what for code, what in losses if code == "left out"},
            {"in the trash", "never saved", "of the type “product”"},
        )
        self.assertEqual((Article.objects.count(), Page.objects.count()), (0, 1))

    def test_dates_without_gmt_are_in_the_chosen_time_zone(self):
        zero = {"wp_post_date_gmt": "0000-00-00 00:00:00"}
        self.run_import(item(1, wp_post_date="2014-07-01 12:00:00", **zero), item(2, **zero), timezone="Europe/Berlin")
        first, second = Article.objects.order_by("slug")
        self.assertEqual(first.published_at, datetime(2014, 7, 1, 10, tzinfo=UTC))
        self.assertEqual(second.published_at, datetime(2020, 3, 2, 10, tzinfo=UTC))


class TemplatePageTests(ImportCase):
    """Setup makes drafts of pages that every site needs. The old site had some of them."""

    def setUp(self):
        super().setUp()
        create_standard_pages(by=make_editor())
        self.about = Page.objects.get(slug="about")

    def test_an_imported_page_takes_the_place_of_a_template(self):
        _, _, losses = self.run_import(item(1, wp_post_type="page", wp_post_name="about", title="Our paper"))
        page = Page.objects.get(slug="about")
        self.assertEqual(
            (page.pk, page.headline, page.purpose, page.state()),
            (self.about.pk, "Our paper", Purpose.ABOUT, "published"),
        )
        self.assertEqual(losses, [])
        self.assertEqual(self.run_import(item(1, wp_post_type="page", wp_post_name="about", title="Our paper"))[2], [])

    def test_pages_that_the_law_asks_for_wait_as_drafts(self):
        _, _, losses = self.run_import(item(1, wp_post_type="page", wp_post_name="privacy", title="Privacy"))
        page = Page.objects.get(slug="privacy")
        self.assertEqual((page.purpose, page.state(), page.body), (Purpose.PRIVACY, "draft", "<p>It was closed.</p>"))
        self.assertEqual([code for code, _ in losses], ["draft"])
        self.run_import(item(1, wp_post_type="page", wp_post_name="privacy", title="Privacy", content="New."))
        page.refresh_from_db()
        self.assertEqual((page.state(), page.body), ("draft", "<p>New.</p>"))

    def test_pages_that_somebody_worked_with_keep_their_address(self):
        publish(item=self.about, essential_checks_only=True)
        Page.objects.filter(slug="privacy").update(revision_number=1)
        self.run_import(
            *(item(number, wp_post_type="page", wp_post_name=name) for number, name in enumerate(("about", "privacy")))
        )
        self.assertEqual(Page.objects.filter(slug__in=("about-2014-05-06", "privacy-2014-05-06")).count(), 2)

    def test_a_second_page_with_the_same_slug_and_articles_do_not(self):
        self.run_import(
            item(1, wp_post_type="page", wp_post_name="about"),
            item(2, wp_post_type="page", wp_post_name="about"),
            item(3, wp_post_name="about"),
        )
        self.assertEqual(
            set(Page.objects.filter(slug__startswith="about").values_list("slug", flat=True)),
            {"about", "about-2014-05-06"},
        )
        self.assertEqual(Article.objects.get().slug, "about")

    def test_what_was_not_public_does_not(self):
        self.run_import(item(1, wp_post_type="page", wp_post_name="about", wp_status="private"))
        self.about.refresh_from_db()
        self.assertNotEqual(self.about.body, "<p>It was closed.</p>")


class PagesWithCommentsTests(ImportCase):
    def test_they_are_no_news(self):
        imprint = item(1, wp_post_type="page", title="Imprint of old", more=comment(1))
        self.run_import(imprint, item(2, title="The ferry", more=CATEGORY.format("world", "World")))
        for url in ("/", "/feeds/rss.xml", "/feeds/atom.xml", "/feeds/feed.json"):
            page = self.client.get(url)
            self.assertContains(page, "The ferry")
            self.assertNotContains(page, "Imprint of old")
        for url in ("/sections/pages/", "/latest/"):
            self.assertContains(self.client.get(url), "Imprint of old")
        Section.objects.update(is_news=True)
        self.assertContains(self.client.get("/feeds/rss.xml"), "Imprint of old")
