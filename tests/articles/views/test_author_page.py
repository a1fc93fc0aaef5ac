"""Author pages and profile links."""

from django.test import SimpleTestCase, TestCase
from django.urls import reverse

from articles.media.renditions import create_missing_renditions
from articles.models import Author
from articles.models.profile_links import MAX_LINKS, ProfileLink, parse_links
from tests.factories import make_article, make_author, make_editor, make_image
from tests.html import page_of, text_of

GOOD = (
    "Mastodon https://social.example/@ines\n\n  https://www.example.org/me  \nMy own page http://ines.example/?a=1&b=2"
)


class ReadLinksTests(SimpleTestCase):
    def test_line_holds_a_label_and_a_url_or_a_url_only(self):
        self.assertEqual(
            parse_links(GOOD),
            [
                ProfileLink("Mastodon", "https://social.example/@ines"),
                ProfileLink("example.org", "https://www.example.org/me"),
                ProfileLink("My own page", "http://ines.example/?a=1&b=2"),
            ],
        )
        self.assertEqual(parse_links(" \n "), [])


class AuthorPageTests(TestCase):
    def page(self, **fields):
        self.author = make_author(**fields)
        return self.client.get(self.author.get_absolute_url())

    def test_profile_links_have_rel_me(self):
        page = self.page(links=GOOD, expertise="Grids, Water law")
        self.assertContains(page, '<a href="https://social.example/@ines" rel="me noopener"><bdi>Mastodon</bdi></a>')
        self.assertContains(page, '<a href="http://ines.example/?a=1&amp;b=2" rel="me noopener">')
        self.assertContains(page, '<li dir="auto">Water law</li>')

    def test_structured_data_includes_links_and_expertise(self):
        page = self.page(links=GOOD, expertise="Grids, Water law")
        self.assertContains(page, '"knowsAbout":["Grids","Water law"]')
        self.assertContains(page, '"sameAs":["https://social.example/@ines","https://www.example.org/me",')

    def test_unsafe_urls_are_not_linked(self):
        page = self.page(
            links="x javascript:alert(1)\ny data:text/html,x\nz https://bank.example@evil.example/\n[ http://[\n//e"
        )
        self.assertNotContains(page, 'rel="me')
        self.assertNotContains(page, "sameAs")

    def test_author_without_details_has_a_page(self):
        page = self.page(name="يوسف الخطيب")
        (name,) = page_of(page).xpath("//h1[@dir='auto']")
        self.assertEqual(text_of(name), "يوسف الخطيب")
        self.assertNotContains(page, ">Links<")
        self.assertNotContains(page, "Covers")

    def test_portrait_has_a_credit(self):
        image = make_image(credit="Photograph: A. Name")
        with self.subTest("no renditions yet"):
            self.assertNotContains(self.page(portrait=image), "Photograph: A. Name")
        create_missing_renditions(image)
        self.assertContains(self.page(portrait=image), "Photograph: A. Name")

    def test_lists_the_newest_articles(self):
        author = make_author()
        make_article(headline="Theirs", authors=[author])
        self.assertContains(self.client.get(author.get_absolute_url()), ">Theirs</a>")


class AuthorAdminTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def save(self, links):
        author = make_author()
        fields = {"name": author.name, "slug": author.slug, "role": "", "bio": "", "expertise": "Grids", "links": links}
        url = reverse("admin:articles_author_change", args=[author.pk])
        return self.client.post(url, fields), Author.objects.get(pk=author.pk)

    def test_links_are_entered_one_per_line(self):
        response, author = self.save(GOOD + "\x00")
        self.assertEqual((response.status_code, len(author.profile_links), author.expertise), (302, 3, "Grids"))

    def test_invalid_links_are_rejected_and_kept_in_the_form(self):
        for links, message in (
            ("Mine javascript:alert(1)", "“javascript:alert(1)” is not a URL"),
            ("just words", "“words” is not a URL"),
            ("a https://x@evil.example/", "is not a URL"),
            ("a http://[", "is not a URL"),
            ("https://e.example/\n" * (MAX_LINKS + 1), f"At most {MAX_LINKS} links are allowed."),
        ):
            with self.subTest(links):
                response, author = self.save(links)
                self.assertContains(response, message)
                self.assertEqual(author.links, "")
                self.assertContains(response, links.strip().splitlines()[0])
