"""The page “Settings” in the newsroom, and what readers see of it."""

import json
import tempfile
from io import BytesIO
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from PIL import Image as Pillow

from tests.budget import takes_longer
from tests.factories import make_member
from truthlytics.audit.log import AuditEntry
from truthlytics.publication import get_publication, sender
from truthlytics.publication.models import Publication
from truthlytics.web.fragments import EVERY_PAGE

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 60"><path fill="#1a3f8b" d="M0 0h300v60H0z"/></svg>'
FIELDS = {
    "name": "The Harbour Review", "tagline": "News from the water’s edge", "description": "Boats, mostly.",
    "language": "en-gb", "time_zone": "Europe/Berlin",
    "publisher": "Harbour Press Ltd", "legal_address": "1 Quay Street\nPortside", "tax_id": "GB 123",
    "contact_email": "desk@harbour.example", "tips_email": "",
    "social_profiles": "https://social.example/@harbour", "default_access": "0",
    "comments_open": "on", "comments_close_after_days": "", "who_may_comment": "subscribers", "four_eyes": "never",
    "hold_first_comments": "on", "held_words": "",
}  # fmt: skip


def png(width, height, colour="#1a3f8b", extension="png"):
    output = BytesIO()
    Pillow.new("RGB", (width, height), colour).save(output, {"jpg": "JPEG"}.get(extension, extension.upper()))
    return SimpleUploadedFile(f"image.{extension}", output.getvalue())


def svg(content=SVG):
    return SimpleUploadedFile("logo.svg", content, content_type="image/svg+xml")


class SettingsTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")

    def setUp(self):
        self.client.force_login(self.publisher)

    def save(self, **fields):
        """Send the form as a publisher would; return its errors."""
        name = "change" if Publication.objects.exists() else "add"
        url = reverse(f"admin:truthlytics_publication_{name}", args=[1] if name == "change" else [])
        response = self.client.post(url, FIELDS | fields)
        if response.status_code == 302:
            return {}
        return response.context["adminform"].form.errors

    def set_accent(self, accent):
        """Change the accent colour, as the page Settings → Design does; return the publication."""
        publication = Publication.objects.get()
        publication.accent = accent
        publication.save()
        return get_publication()

    def front(self):
        self.client.logout()
        return self.client.get("/").content.decode()


class SettingsPageTests(SettingsTestCase):
    def test_the_first_save_creates_the_row_and_later_ones_change_it(self):
        self.assertEqual(self.save(), {})
        self.assertEqual(self.save(name="The  Quay"), {})
        self.assertEqual([publication.name for publication in Publication.objects.all()], ["The Quay"])
        entries = AuditEntry.objects.filter(model="truthlytics.publication").order_by("pk")
        self.assertEqual([entry.action for entry in entries], ["added", "changed"])
        self.assertEqual(entries[1].before["name"], "The Harbour Review")
        self.assertEqual(entries[1].after["name"], "The Quay")

    def test_the_entry_in_the_navigation_leads_to_the_form(self):
        page = self.client.get(reverse("admin:truthlytics_publication_changelist"), follow=True)
        self.assertContains(page, "<h1>Settings</h1>")
        self.save()
        page = self.client.get(reverse("admin:truthlytics_publication_changelist"), follow=True)
        self.assertEqual(page.redirect_chain[-1][0], reverse("admin:truthlytics_publication_change", args=[1]))

    def test_there_is_one_row(self):
        Publication.objects.create(name="One")
        for pk in (1, 2):
            with self.assertRaises(IntegrityError), transaction.atomic():
                Publication.objects.bulk_create([Publication(pk=pk)])

    @takes_longer("Long lists are made and read.")
    def test_wrong_values_are_refused(self):
        for field, value in {
            "time_zone": "Moon/Sea",
            "language": "xx",
            "default_access": "7",
            "social_profiles": "javascript:alert(1)",
            "comments_close_after_days": "0",
            "name": " ",
            "held_words": "fine\n…",
            "logo": svg(b"<svg"),
            "favicon": png(300, 200),
            "social_image": png(300, 200),
        }.items():
            with self.subTest(field):
                self.assertEqual(list(self.save(**{field: value})), [field])
        self.assertEqual(list(self.save(logo_dark=svg())), ["logo"])
        self.assertEqual(list(self.save(favicon=png(100, 100))), ["favicon"])
        self.assertEqual(list(self.save(favicon=SimpleUploadedFile("a.png", b"GIF89a"))), ["favicon"])

    def test_listed_words_are_kept_once_and_without_blank_lines(self):
        self.assertEqual(self.save(held_words=" buy  now \n\nidiot\r\nbuy now\n"), {})
        self.assertEqual(get_publication().held_words, "buy now\nidiot")
        self.assertEqual(list(self.save(held_words="x" * 4001)), ["held_words"])

    def test_files_stay_when_other_fields_are_saved_and_can_be_removed(self):
        self.save(logo=svg(), favicon=png(512, 512), social_image=png(1400, 900, extension="jpg"))
        before = get_publication()
        self.save(name="The Quay")
        after = get_publication()
        self.assertEqual(
            (after.logo, after.favicon, after.social_image), (before.logo, before.favicon, before.social_image)
        )
        self.save(**{"logo-clear": "on"})
        self.assertFalse(get_publication().logo)

    def test_new_addresses_of_colours_and_icons_follow_every_change(self):
        self.save()
        before = self.set_accent("#1a3f8b")
        self.save(tagline="Other")
        self.set_accent("#7a1f1f")
        after = get_publication()
        for address in ("theme_url", "social_image_url"):
            self.assertNotEqual(getattr(before, address), getattr(after, address))
            self.assertEqual(self.client.get(getattr(before, address)).status_code, 404)
            self.assertEqual(self.client.get(getattr(after, address)).status_code, 200)
        self.assertEqual(self.client.get(before.icons["32"]).status_code, 404)


class ReadersPagesTests(SettingsTestCase):
    def test_an_svg_logo_is_served_without_rights(self):
        self.save(logo=svg())
        logo = get_publication().logo
        self.assertInHTML(f'<img src="{logo.url}" alt="The Harbour Review" width="320" height="64">', self.front())
        response = self.client.get(logo.url)
        self.assertEqual(response.headers["Content-Type"], "image/svg+xml")
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(response.headers["Content-Security-Policy"], "default-src 'none'; style-src 'none'; sandbox")
        self.assertEqual(self.client.get("/publication/" + "0" * 32 + "-1x1.svg").status_code, 404)

    def test_a_logo_for_dark_mode_replaces_the_other(self):
        self.save(logo=svg(), logo_dark=png(600, 120))
        page = self.front()
        self.assertIn(f'class="only-light" src="{get_publication().logo.url}"', page)
        self.assertIn(f'class="only-dark" src="{get_publication().logo_dark.url}"', page)

    def test_without_a_logo_the_name_is_set_in_type(self):
        self.save()
        self.assertIn('<a class="wordmark" href="/">The Harbour Review</a>', self.front())

    def test_the_theme_is_a_stylesheet_of_its_own(self):
        self.assertNotIn("/publication/theme-", self.front())
        self.client.force_login(self.publisher)
        self.save()
        url = self.set_accent("#1a3f8b").theme_url
        self.assertIn(f'<link rel="stylesheet" href="{url}">', self.front())
        response = self.client.get(url)
        self.assertEqual(response.headers["Content-Type"], "text/css; charset=utf-8")
        self.assertIn("--accent: light-dark(#1a3f8b,", response.content.decode())

    def test_icons_have_their_sizes(self):
        for files in ({}, {"logo": png(400, 400)}, {"favicon": png(512, 512, "#ff0000")}):
            self.save(**files)
            for size in (32, 180, 192, 512):
                response = self.client.get(get_publication().icons[str(size)])
                with Pillow.open(BytesIO(response.content)) as icon:
                    self.assertEqual(icon.size, (size, size))
        self.assertEqual(self.client.get("/favicon.ico").headers["Content-Type"], "image/png")
        with Pillow.open(BytesIO(self.client.get("/favicon.ico").content)) as icon:
            self.assertEqual(icon.convert("RGB").getpixel((16, 16)), (255, 0, 0))

    def test_the_manifest_names_the_publication(self):
        self.save()
        self.set_accent("#1a3f8b")
        response = self.client.get("/manifest.webmanifest")
        self.assertEqual(response.headers["Content-Type"], "application/manifest+json")
        manifest = json.loads(response.content)
        self.assertEqual((manifest["name"], manifest["theme_color"]), ("The Harbour Review", "#1a3f8b"))
        for icon in manifest["icons"]:
            self.assertEqual(self.client.get(icon["src"]).status_code, 200)

    def test_the_link_preview_is_the_own_image_or_the_name_in_type(self):
        for files, kind in (({}, "PNG"), ({"social_image": png(1400, 900)}, "JPEG")):
            self.save(**files)
            response = self.client.get(get_publication().social_image_url)
            with Pillow.open(BytesIO(response.content)) as image:
                self.assertEqual((image.size, image.format), ((1200, 630), kind))

    def test_search_engines_learn_who_publishes(self):
        self.save(logo=svg())
        page = self.front()
        data = [
            json.loads(part.partition("</script>")[0]) for part in page.split('<script type="application/ld+json">')[1:]
        ]
        organisation = next(item for item in data if item["@type"] == "NewsMediaOrganization")
        self.assertEqual(organisation["legalName"], "Harbour Press Ltd")
        self.assertEqual(organisation["address"], "1 Quay Street, Portside")
        self.assertEqual(organisation["sameAs"], ["https://social.example/@harbour"])
        self.assertTrue(organisation["logo"]["url"].endswith(get_publication().logo.url))

    def test_the_footer_names_publisher_and_address(self):
        self.save()
        footer = self.front().partition("<footer")[2]
        for text in ("Harbour Press Ltd", "1 Quay Street<br>Portside", "mailto:desk@harbour.example", "social.example"):
            self.assertIn(text, footer)

    def test_security_txt_has_a_contact_and_expires_within_a_year(self):
        self.assertEqual(self.client.get("/.well-known/security.txt").status_code, 404)
        self.save()
        lines = self.client.get("/.well-known/security.txt").content.decode().splitlines()
        values = dict(line.split(": ", 1) for line in lines)
        self.assertEqual(values["Contact"], "mailto:desk@harbour.example")
        days = (parse_datetime(values["Expires"]) - timezone.now()).days
        self.assertTrue(30 < days < 365)
        self.assertTrue(values["Canonical"].endswith("/.well-known/security.txt"))


class CurrentPublicationTests(TestCase):
    def test_it_costs_no_query_until_it_changes(self):
        self.assertEqual(get_publication().name, "Truthlytics")
        with self.assertNumQueries(0):
            get_publication()
        Publication.objects.create(name="The Quay")
        self.assertEqual(get_publication().name, "The Quay")

    def test_a_rolled_back_change_is_forgotten(self):
        try:
            with transaction.atomic():
                Publication.objects.create(name="The Quay")
                self.assertEqual(get_publication().name, "The Quay")
                raise ValueError
        except ValueError:
            self.assertEqual(get_publication().name, "Truthlytics")

    def test_other_workers_read_it_again(self):
        from truthlytics.publication import current

        with (
            tempfile.TemporaryDirectory() as folder,
            override_settings(TESTING=False, PAGE_CACHE_FILE=Path(folder) / "generations"),
        ):
            current._generations.cache_clear()
            current.forget_publication()
            try:
                get_publication()
                with self.assertNumQueries(0):
                    get_publication()
                current._generations().bump([EVERY_PAGE])
                with self.assertNumQueries(1):
                    get_publication()
            finally:
                current._generations.cache_clear()
        current.forget_publication()
        get_publication()

    def test_emails_have_its_name_unless_the_operator_set_one(self):
        Publication.objects.create(name="The Harbour Review")
        with override_settings(DEFAULT_FROM_EMAIL="post@harbour.example"):
            self.assertEqual(sender(), "The Harbour Review <post@harbour.example>")
        with override_settings(DEFAULT_FROM_EMAIL="Desk <desk@harbour.example>"):
            self.assertEqual(sender(), "Desk <desk@harbour.example>")
