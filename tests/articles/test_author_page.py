"""Who writes: what their page says of them, and which links it keeps to."""

from django.test import SimpleTestCase, TestCase
from django.urls import reverse

from articles.media.renditions import make_missing
from articles.models import Author
from articles.models.profile_links import LINKS_AT_MOST, Link, read_links
from tests.factories import make_article, make_author, make_editor, make_image

GOOD = (
    "Mastodon https://social.example/@ines\n\n  https://www.example.org/me  \nMy own page http://ines.example/?a=1&b=2"
)


class ReadingTests(SimpleTestCase):
    def test_a_line_is_a_name_and_an_address_or_the_address_alone(self):
        self.assertEqual(
            read_links(GOOD),
            [
                Link("Mastodon", "https://social.example/@ines"),
                Link("example.org", "https://www.example.org/me"),
                Link("My own page", "http://ines.example/?a=1&b=2"),
            ],
        )
        self.assertEqual(read_links(" \n "), [])


class AuthorPageTests(TestCase):
    def page(self, **fields):
        self.author = make_author(**fields)
        return self.client.get(self.author.get_absolute_url())

    def test_it_leads_to_their_pages_as_theirs(self):
        page = self.page(links=GOOD, expertise="Grids, Water law")
        self.assertContains(page, '<a href="https://social.example/@ines" rel="me noopener"><bdi>Mastodon</bdi></a>')
        self.assertContains(page, '<a href="http://ines.example/?a=1&amp;b=2" rel="me noopener">')
        self.assertContains(page, '<li dir="auto">Water law</li>')

    def test_machines_read_the_same(self):
        page = self.page(links=GOOD, expertise="Grids, Water law")
        self.assertContains(page, '"knowsAbout":["Grids","Water law"]')
        self.assertContains(page, '"sameAs":["https://social.example/@ines","https://www.example.org/me",')

    def test_what_is_no_web_address_never_becomes_a_link(self):
        page = self.page(
            links="x javascript:alert(1)\ny data:text/html,x\nz https://bank.example@evil.example/\n[ http://[\n//e"
        )
        self.assertNotContains(page, 'rel="me')
        self.assertNotContains(page, "sameAs")

    def test_somebody_without_anything_has_a_page_too(self):
        page = self.page(name="يوسف الخطيب")
        self.assertContains(page, 'dir="auto">يوسف الخطيب</h1>')
        self.assertNotContains(page, ">Links<")
        self.assertNotContains(page, "Covers")

    def test_their_picture_says_who_made_it(self):
        image = make_image(credit="Photograph: A. Name")
        with self.subTest("its sizes are not made yet"):
            self.assertNotContains(self.page(portrait=image), "Photograph: A. Name")
        make_missing(image)
        self.assertContains(self.page(portrait=image), "Photograph: A. Name")

    def test_it_shows_their_newest_pieces(self):
        author = make_author()
        make_article(headline="Theirs", authors=[author])
        self.assertContains(self.client.get(author.get_absolute_url()), ">Theirs</a>")


class AuthorRoomTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def save(self, links):
        author = make_author()
        fields = {"name": author.name, "slug": author.slug, "role": "", "bio": "", "expertise": "Grids", "links": links}
        url = reverse("admin:articles_author_change", args=[author.pk])
        return self.client.post(url, fields), Author.objects.get(pk=author.pk)

    def test_links_are_typed_one_a_line(self):
        answer, author = self.save(GOOD + "\x00")
        self.assertEqual((answer.status_code, len(author.elsewhere), author.expertise), (302, 3, "Grids"))

    def test_what_is_no_address_is_refused_in_words_and_kept_in_the_box(self):
        for links, sentence in (
            ("Mine javascript:alert(1)", "“javascript:alert(1)” is no address"),
            ("just words", "“words” is no address"),
            ("a https://x@evil.example/", "is no address"),
            ("a http://[", "is no address"),
            ("https://e.example/\n" * (LINKS_AT_MOST + 1), f"At most {LINKS_AT_MOST} links, please."),
        ):
            with self.subTest(links):
                answer, author = self.save(links)
                self.assertContains(answer, sentence)
                self.assertEqual(author.links, "")
                self.assertContains(answer, links.strip().splitlines()[0])
