"""Checks of images."""

from articles.checks.images import DeletedImage, LargeImage, MissingAltText, MissingCredit, UnfinishedImage
from tests.articles.checks.base import FIGURE, IMAGE, CheckTestCase, image


class DeletedImageTests(CheckTestCase):
    check = DeletedImage

    def test_reports_deleted_image_once(self):
        self.assertEqual(self.locations(body=f"<p>Words.</p>{FIGURE}{FIGURE}"), ["body.1"])
        self.assertEqual(self.locations(lead=IMAGE, body=FIGURE), ["lead"])
        embed = f'<div data-embed="https://www.youtube.com/watch?v=dQw4w9WgXcQ" data-image="{IMAGE}"></div>'
        self.assertEqual(self.locations(body=f"<p>Words.</p>{embed}"), ["body.1"])

    def test_accepts_existing_image(self):
        self.assertEqual(self.locations(lead=IMAGE, body=FIGURE, images=image()), [])


class MissingAltTextTests(CheckTestCase):
    check = MissingAltText

    def test_reports_missing_alt_text(self):
        findings = self.findings(body=f"<p>Words.</p>{FIGURE}", images=image(alt=" "))
        self.assertEqual([(str(f.location), f.image, f.blocking) for f in findings], [("body.1", 7, True)])
        self.assertIn("The docks", findings[0].message)

    def test_accepts_alt_text(self):
        self.assertEqual(self.locations(lead=IMAGE, images=image()), [])
        self.assertEqual(self.locations(lead=IMAGE), [])


class MissingCreditTests(CheckTestCase):
    check = MissingCredit

    def test_reports_missing_credit(self):
        self.assertEqual(self.locations(lead=IMAGE, images=image(credit="")), ["lead"])

    def test_accepts_credit(self):
        self.assertEqual(self.locations(lead=IMAGE, images=image()), [])


class UnfinishedImageTests(CheckTestCase):
    check = UnfinishedImage

    def test_reports_images_without_a_size_as_a_suggestion(self):
        for failed, message in [(False, "is still being processed"), (True, "could not be processed")]:
            findings = self.findings(lead=IMAGE, body=FIGURE, images=image(can_be_shown=False, failed=failed))
            self.assertEqual([(str(f.location), f.blocking) for f in findings], [("lead", False)])
            self.assertIn(message, findings[0].message)

    def test_accepts_an_image_that_can_be_shown(self):
        self.assertEqual(self.locations(lead=IMAGE, images=image(failed=True)), [])


class LargeImageTests(CheckTestCase):
    check = LargeImage

    def test_reports_more_than_two_megabytes(self):
        findings = self.messages(lead=IMAGE, images=image(max_bytes=3 * 1024**2))
        self.assertIn("is 3.0 MB", findings[0])

    def test_accepts_two_megabytes_and_missing_renditions(self):
        for size in (0, 2 * 1024**2):
            self.assertEqual(self.locations(lead=IMAGE, images=image(max_bytes=size)), [])
