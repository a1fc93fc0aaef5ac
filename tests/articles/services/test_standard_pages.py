"""The standard pages: drafts with a template text."""

import re

from django.conf import settings
from django.test import TestCase
from django.utils import translation

from articles.models import Page
from articles.services.publishing import publish
from articles.services.standard_pages import STANDARD_PAGES, create_standard_pages
from tests.factories import make_member, make_page, make_price
from truthlytics.checks import check_required_pages, check_standard_pages
from truthlytics.publication.models import Publication

LIST = "/admin/articles/page/"


class StandardPageTests(TestCase):
    def test_pages_are_drafts_that_name_the_publication(self):
        Publication.objects.create(name="The Harbour Review")
        pages = create_standard_pages(by=None)
        self.assertEqual(len(pages), len(STANDARD_PAGES))
        self.assertFalse(Page.objects.published().exists())
        text = "".join(page.body for page in pages)
        self.assertIn("A subscription to The Harbour Review gives you access", text)
        self.assertNotIn("Truthlytics", text)
        self.assertNotIn("{{", text)
        for page in pages:
            publish(item=page)
            self.assertContains(self.client.get(page.get_absolute_url()), page.headline)

    def test_existing_pages_are_kept(self):
        make_page(slug="terms", headline="Our own terms")
        make_page(slug="who-we-are", purpose="AboutPage")
        self.assertEqual(
            {page.slug for page in create_standard_pages(by=None)},
            {"imprint", "withdrawal", "privacy", "comment-rules", "corrections-policy"},
        )
        self.assertEqual(create_standard_pages(by=None), [])
        self.assertEqual(Page.objects.get(slug="terms").headline, "Our own terms")

    def test_a_deployment_is_warned_about_public_pages_with_the_template_s_text(self):
        warnings = lambda: [str(warning.msg) for warning in check_standard_pages(None)]  # noqa: E731
        create_standard_pages(by=None)
        self.assertEqual(warnings(), [])
        pages = {page.slug: page for page in Page.objects.all()}
        for slug in ("about", "privacy", "terms"):
            publish(item=pages[slug])
        (text,) = warnings()
        for slug in ("about", "privacy", "terms"):
            self.assertIn(pages[slug].get_absolute_url(), text)
        for slug in ("privacy", "terms"):
            pages[slug].body += "<p>Per Holm is responsible.</p>"
            pages[slug].save()
            publish(item=pages[slug])
        self.assertIn("/terms/", warnings()[0])
        for slug in ("about", "privacy", "terms"):
            pages[slug].body = re.sub(r"\[[^\]]+\]", "Our own words.", pages[slug].body) + "<p>Indeed.</p>"
            pages[slug].save()
            publish(item=pages[slug])
        self.assertEqual(warnings(), [])

    def test_editors_are_warned_before_and_after_they_publish_instructions_to_them(self):
        Publication.objects.create(name="Die Hafenzeitung", language="de")
        page = next(page for page in create_standard_pages(by=None) if page.slug == "terms")
        self.client.force_login(make_member("Editor"))
        self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en-gb"
        publish_page = self.client.get(f"{LIST}{page.pk}/publish/")
        self.assertContains(publish_page, "is an instruction to you", count=6)
        self.assertContains(publish_page, "[Lassen Sie diese Seite")
        self.assertNotContains(self.client.get("/admin/"), "Pages with instructions to you")
        publish(item=page)
        self.assertContains(self.client.get("/admin/"), "Pages with instructions to you")

    def test_a_page_with_a_placeholder_cannot_be_published(self):
        page = make_page(slug="agb", purpose="terms", published=False, body="<p>We are [name and address].</p>")
        aside = make_page(slug="about", published=False, body="<p>We are [sic] the [old and tested] paper.</p>")
        self.client.force_login(make_member("Editor"))
        for item, public in [(page, False), (aside, True)]:
            self.client.post(f"{LIST}{item.pk}/publish/", {"when": "now", "last": 0, "ai_uses": "none"})
            self.assertEqual(Page.objects.published().filter(pk=item.pk).exists(), public)

    def test_what_is_needed_to_sell_and_not_public_is_listed_while_prices_are_on_sale(self):
        warnings = lambda: [str(warning.msg) for warning in check_required_pages(None)]  # noqa: E731
        self.client.force_login(make_member("Editor"))
        self.assertEqual(warnings(), [])
        self.assertNotContains(self.client.get("/admin/"), "Pages you need to sell")
        make_price()
        make_page(slug="agb", purpose="terms")
        make_page(slug="privacy", purpose="privacy", published=False)
        self.assertIn("not public: Imprint, Privacy, Right of withdrawal", warnings()[0])
        self.assertContains(self.client.get("/admin/"), "Pages you need to sell")
        publish(item=Page.objects.get(purpose="privacy"))
        for purpose in ("imprint", "withdrawal"):
            make_page(slug=purpose, purpose=purpose)
        self.assertEqual(warnings(), [])

    def test_titles_are_in_the_language_of_the_site(self):
        with translation.override("de"):
            titles = {str(page.title) for page in STANDARD_PAGES}
        self.assertNotIn("Comment rules", titles)

    def test_editors_add_them_from_the_list_of_pages(self):
        self.client.force_login(make_member("Editor"))
        self.assertContains(self.client.get(LIST), "Add as drafts with template text")
        self.assertContains(self.client.post(f"{LIST}standard/", follow=True), "7 pages added as drafts.")
        self.assertNotContains(self.client.get(LIST), "Add as drafts")

    def test_only_those_who_may_add_pages(self):
        self.client.force_login(make_member("Author"))
        self.assertEqual(self.client.post(f"{LIST}standard/").status_code, 403)
        self.client.force_login(make_member("Editor"))
        self.assertEqual(self.client.get(f"{LIST}standard/").status_code, 405)
        self.assertFalse(Page.objects.exists())
