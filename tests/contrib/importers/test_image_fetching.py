"""Images of an import that are fetched from the old site."""

from functools import partial
from unittest import mock

from django.core.management import CommandError
from django.test import SimpleTestCase

from articles.models import Article, Image
from tests.articles.sources.listener import PUBLIC, listening
from tests.budget import takes_longer
from tests.contrib.importers.test_images import SITE, MediaCase, attachment
from tests.contrib.importers.wordpress.files import item
from tests.factories import image_file
from truthlytics.contrib.importers import run
from truthlytics.contrib.importers.media import names, web
from truthlytics.contrib.importers.media.web import MediaHosts, valid_host

UPLOADS = "/wp-content/uploads"


class FetchCase(MediaCase):
    def setUp(self):
        super().setUp()
        self.listener = self.enterContext(listening())
        self.waits = []
        hosts = partial(
            MediaHosts, resolve=self.resolve, connect=self.listener.connect, sleep=self.waits.append, pause=0
        )
        self.enterContext(mock.patch.object(run, "MediaHosts", hosts))

    def resolve(self, host, port):
        return ["10.0.0.7"] if host.startswith("inner") else [PUBLIC]

    def serve(self, path, **options):
        self.listener.answers[f"{UPLOADS}/{path}"] = image_file(width=60, height=40, **options).getvalue()
        return f"{UPLOADS}/{path}"

    def paths(self):
        return [path for _, _, path in self.listener.requests]

    def fetch(self, *items, hosts=("old.example",), **options):
        return self.run_import(*items, media=None, fetch=list(hosts), **options)


class FetchTests(FetchCase):
    def test_images_are_fetched_once_the_original_before_its_size(self):
        self.serve("2014/05/a.png")
        self.listener.answers[f"{UPLOADS}/gone.png"] = 404
        items = (
            item(1, content=f'<img src="{SITE}/2014/05/a-300x200.png"><img src="{SITE}/gone.png" alt="Map">'),
            item(2, content=f'<img src="{SITE}/2014/05/a-300x200.png">'),
        )
        out, losses = self.fetch(*items)
        self.assertCountEqual(self.paths(), [f"{UPLOADS}/2014/05/a.png", f"{UPLOADS}/gone.png"])
        self.assertEqual({agent.partition(" ")[0] for agent in self.listener.agents}, {"site-import"})
        self.assertEqual(
            (Image.objects.get().terms, losses), (f"{SITE}/2014/05/a.png", [("image", "Map (status 404)")])
        )
        self.assertIn("1 media file added", out)
        # Only what is missing is tried again.
        self.listener.requests.clear()
        self.serve("gone.png", color="red")
        self.fetch(*items)
        self.assertEqual(self.paths(), [f"{UPLOADS}/gone.png"])
        self.assertEqual(Article.objects.get(slug="item-1").body.count("<figure"), 2)

    def test_a_picture_that_is_too_large_is_fetched_in_the_size_of_the_text(self):
        self.serve("2014/05/a.png")
        self.listener.answers[f"{UPLOADS}/2014/05/a-300x200.png"] = image_file(width=30, height=20).getvalue()
        with mock.patch("articles.media.renditions.MAX_PIXELS", 60 * 40 - 1):
            _, losses = self.fetch(item(1, content=f'<img src="{SITE}/2014/05/a-300x200.png">'))
        self.assertEqual((losses, Image.objects.get().width), ([], 30))
        self.assertEqual(self.paths(), [f"{UPLOADS}/2014/05/{name}.png" for name in ("a", "a-300x200")])

    def test_only_hosts_that_were_named_are_asked(self):
        self.serve("a.png")
        _, losses = self.fetch(attachment(9, "a.png"), hosts=["cdn.old.example", "*.old.example"])
        self.assertEqual(self.listener.requests, [])
        self.assertEqual(losses, [("media", f"{SITE}/a.png (The host old.example was not named)")])

    def test_all_hosts_below_a_name(self):
        hosts = MediaHosts(["*.old.example", "other.example"])
        for host in ("a.old.example", "a.b.old.example", "other.example"):
            self.assertTrue(hosts.allows(host), host)
        for host in ("old.example", "xold.example", "a.other.example", "example", ""):
            self.assertFalse(hosts.allows(host), host)

    @takes_longer("Renditions of images are made.")
    def test_redirects_are_followed_three_times_to_named_public_hosts_only(self):
        path = self.serve("z.png")
        targets = {
            "a": "https://evil.example/x.png",
            "b": "http://inner.old.example/x.png",
            "c": "http://[::1]/",
            "d": "file:///etc/passwd",
            "e": "http://old.example:8080/",
            "f": f"{UPLOADS}/f.png",
        }
        for name, target in targets.items():
            self.listener.answers[f"{UPLOADS}/{name}.png"] = (302, target)
        self.listener.answers |= {f"{UPLOADS}/g.png": (301, "/1"), "/1": (302, "/2"), "/2": (307, path)}
        media = [attachment(number, f"{name}.png") for number, name in enumerate("abcdefg", start=10)]
        _, losses = self.fetch(*media, hosts=["old.example", "inner.old.example"])
        self.assertEqual(len(losses), 6)
        self.assertEqual([image.terms for image in Image.objects.all()], [f"{SITE}/g.png"])
        self.assertEqual({host for _, host, _ in self.listener.requests}, {"old.example"})

    def test_the_content_decides_what_a_file_is(self):
        self.listener.answers |= {f"{UPLOADS}/a.png": b"<html>", f"{UPLOADS}/b.png": image_file(kind="JPEG").getvalue()}
        _, losses = self.fetch(attachment(8, "a.png"), attachment(9, "b.png"))
        self.assertEqual((Image.objects.get().format, len(losses)), ("jpeg", 1))

    def test_files_that_are_too_large_are_refused(self):
        self.serve("a.png")
        with mock.patch.object(web, "MAX_BYTES", 50):
            _, losses = self.fetch(attachment(9, "a.png"))
        self.assertEqual(losses, [("media", f"{SITE}/a.png (too large)")])

    @takes_longer("Renditions of images are made.")
    def test_a_host_that_asks_to_wait_is_given_time(self):
        path = self.serve("a.png")
        answers, image = iter([429, 503]), self.listener.answers[path]
        self.listener.headers[path] = {"Retry-After": "7"}
        sleep = self.waits.append

        def wait(seconds):
            sleep(seconds)
            self.listener.answers[path] = next(answers, image)

        self.listener.answers[path] = 429
        with mock.patch.object(run, "MediaHosts", partial(run.MediaHosts, sleep=wait)):
            self.fetch(attachment(9, "a.png"))
        self.assertEqual([round(seconds) for seconds in self.waits[:1]], [7])

    def test_a_host_that_asks_for_too_much_time_is_left_alone(self):
        for number in range(10, 20):
            self.listener.answers[f"{UPLOADS}/{number}.png"] = 429
            self.listener.headers[f"{UPLOADS}/{number}.png"] = {"Retry-After": "86400"}
        _, losses = self.fetch(*(attachment(number, f"{number}.png") for number in range(10, 20)))
        self.assertEqual(len(losses), 10)
        self.assertLessEqual(len(self.listener.requests), web.AT_A_TIME)

    def test_a_host_that_does_not_answer_is_left_alone(self):
        def refuse(address, timeout):
            self.waits.append(address)
            raise ConnectionRefusedError("refused")

        with mock.patch.object(run, "MediaHosts", partial(run.MediaHosts, connect=refuse)):
            _, losses = self.fetch(*(attachment(number, f"{number}.png") for number in range(10, 30)))
        self.assertEqual(len(losses), 20)
        self.assertLess(len(self.waits), web.MAX_FAILURES + web.AT_A_TIME)

    def test_a_dry_run_fetches_nothing(self):
        self.serve("a.png")
        out, _ = self.fetch(attachment(9, "a.png"), item(1, content=f'<img src="{SITE}/a.png">'), dry_run=True)
        self.assertEqual(self.listener.requests, [])
        self.assertIn("0 media files found (0\xa0bytes), 1 to fetch, 0 missing", out)

    def test_what_is_no_host_is_refused(self):
        for host in (
            "https://old.example",
            "old.example/x",
            "*",
            "*.*.example",
            "localhost",
            "a b.example",
            "",
            "x:80",
        ):
            with self.subTest(host), self.assertRaises(CommandError):
                self.fetch(item(1), hosts=[host])
        self.assertEqual(valid_host("*.Müller.example"), "*.xn--mller-kva.example")


class NameTests(SimpleTestCase):
    def test_addresses_of_services_that_resize(self):
        url = "https://old.example/wp-content/uploads/a.jpg"
        cases = {
            "https://i0.wp.com/old.example/wp-content/uploads/a.jpg?resize=300%2C200&ssl=1": url,
            f"{url}?w=300": url,
            "https://old.example/wp-content/uploads/a-300x200.jpg": url,
            "https://blog.example/content/images/size/w600/2020/01/b.jpg": "https://blog.example/content/images/2020/01/b.jpg",
            "https://substackcdn.com/image/fetch/w_1456,c_limit,f_auto/https%3A%2F%2Fs3.example%2Fpublic%2Fc.png": "https://s3.example/public/c.png",
        }
        for given, expected in cases.items():
            self.assertEqual(names.addresses(given)[0], expected)

    def test_strange_addresses(self):
        for url in (
            "",
            "http://[",
            "//",
            "javascript:alert(1)",
            "data:image/png;base64,AAAA",
            "http://a.example:x/",
            "x" * 5000,
        ):
            with self.subTest(url[:20]):
                names.addresses(url)
                self.assertLessEqual(len(names.key_of_url(url)), 400)
                self.assertIn(names.absolute(url, "") or url, {url})
