"""Image metadata in files, incomplete images, image usage and renditions."""

import io

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import TestCase
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from articles.media.metadata import suggested_fields
from articles.media.renditions import create_missing_renditions
from articles.models import Image, ImageUsage
from articles.services.media import add_to_library, make_renditions, retry_renditions
from articles.services.publishing import NotReadyError, content_of, publish
from tests.budget import takes_longer
from tests.factories import image_file, make_article, make_author, make_draft, make_image, make_version

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:iptc="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" xmlns:rights="http://ns.adobe.com/xap/1.0/rights/"
 photoshop:Credit="Harbour Agency" photoshop:City="Delft" iptc:Location="Quay 7">
<dc:creator><rdf:Seq><rdf:li>Ada Ng</rdf:li><rdf:li>Bo Li</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Cranes at dusk.</rdf:li><rdf:li xml:lang="nl">Kranen.</rdf:li>
</rdf:Alt></dc:description><photoshop:Headline>The  quay</photoshop:Headline>
<iptc:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">Four cranes</rdf:li></rdf:Alt>
</iptc:AltTextAccessibility>
<rights:WebStatement>https://creativecommons.org/licenses/by/4.0/</rights:WebStatement></rdf:Description>
</rdf:RDF></x:xmpmeta>"""


def iim(*fields):
    """IPTC datasets in the Photoshop segment of a JPEG."""
    data = b"".join(b"\x1c\x02" + bytes([number]) + len(text).to_bytes(2) + text for number, text in fields)
    resource = b"8BIM\x04\x04\x00\x00" + len(data).to_bytes(4) + data + b"\x00" * (len(data) % 2)
    payload = b"Photoshop 3.0\x00" + resource
    return b"\xff\xed" + (len(payload) + 2).to_bytes(2) + payload


def jpeg(*, xmp=b"", iptc=b"", **options):
    file = io.BytesIO()
    Pillow.new("RGB", (60, 40), "olive").save(file, "JPEG", **options, **({"xmp": xmp} if xmp else {}))
    data = file.getvalue()
    return io.BytesIO(data[:2] + iptc + data[2:])


def suggestions(file):
    with Pillow.open(file) as pillow_image:
        return suggested_fields(pillow_image)


class EmbeddedMetadataTests(TestCase):
    def test_reads_all_fields_from_xmp(self):
        self.assertEqual(
            suggestions(jpeg(xmp=XMP.encode())),
            {
                "title": "The quay",
                "alt": "Four cranes",
                "caption": "Cranes at dusk.",
                "credit": "Ada Ng, Bo Li / Harbour Agency",
                "licence": "CC BY 4.0",
                "terms": "https://creativecommons.org/licenses/by/4.0/",
            },
        )

    def test_falls_back_to_iptc_and_exif(self):
        iptc = iim((120, "Kräne".encode()), (80, b"A. N\xe9"), (110, b"Wire"), (105, b"Quay"), (90, b"Delft"))
        self.assertEqual(suggestions(jpeg(iptc=iptc)), {"title": "Quay", "caption": "Kräne", "credit": "A. Né / Wire"})
        exif = Pillow.Exif()
        exif[0x010E], exif[0x8298] = "A quay", "Copyright A. Name"
        self.assertEqual(suggestions(jpeg(exif=exif)), {"caption": "A quay", "credit": "Copyright A. Name"})

    def test_reads_png_and_webp(self):
        for kind in ("PNG", "WEBP"):
            file = io.BytesIO()
            info = None
            if kind == "PNG":
                info = PngInfo()
                info.add_itxt("XML:com.adobe.xmp", XMP)
            options = {"pnginfo": info} if info else {"xmp": XMP.encode()}
            Pillow.new("RGB", (60, 40)).save(file, kind, **options)
            with self.subTest(kind):
                self.assertEqual(suggestions(file)["alt"], "Four cranes")

    def test_location_is_never_read(self):
        exif = Pillow.Exif()
        exif[0x8825] = {1: "N", 2: (52.0, 22.0, 0.0)}
        fields = str(suggestions(jpeg(xmp=XMP.encode(), exif=exif, iptc=iim((90, b"Delft"), (92, b"Quay 7")))))
        for place in ("Delft", "Quay 7", "52"):
            self.assertNotIn(place, fields)

    def test_malformed_metadata_is_ignored(self):
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
        external = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
        for xmp in (bomb, external, b"<x", b"\xff\xfe\x00", b"<a/>" * 10, b"x" * 60_000):
            with self.subTest(xmp[:20]):
                self.assertEqual(suggestions(jpeg(xmp=xmp)), {})
        self.assertEqual(
            suggestions(jpeg(iptc=iim((120, b"\x00\x01\x02"), (80, b"\x1b[31mRed")))), {"credit": "[31mRed"}
        )
        long = suggestions(jpeg(iptc=iim((120, b"x" * 2000), (80, b"y" * 900))))
        self.assertEqual((len(long["caption"]), len(long["credit"])), (500, 200))

    def test_damaged_segment_is_ignored(self):
        whole = jpeg(iptc=iim((120, b"Words"))).getvalue()
        broken = io.BytesIO(whole.replace(b"8BIM\x04\x04\x00\x00\x00\x00", b"8BIM\x04\x04\xff\xff\xff\xff", 1))
        self.assertEqual(suggestions(broken), {})
        self.assertTrue(add_to_library(file=broken).pk)


class IncompleteImageTests(TestCase):
    def test_database_computes_completeness(self):
        cases = [("a", "b", True), ("", "b", False), ("a", "", False), ("", "", False)]
        for alt, credit, complete in cases:
            image = make_image(alt=alt, credit=credit)
            self.assertEqual(image.complete, complete)
            Image.objects.filter(pk=image.pk).update(alt="x", credit="y")
            image.refresh_from_db()
            self.assertTrue(image.complete)
            Image.objects.filter(pk=image.pk).update(credit="")
        self.assertEqual(Image.objects.incomplete().count(), 4)

    def test_incomplete_image_blocks_publishing(self):
        lead, figure = make_image(alt="", credit="", title="Quay"), make_image(credit="", title="Ship")
        article = make_draft(lead=lead, body=f'<figure data-image="{figure.uuid}"></figure><p>x</p>')
        with self.assertRaises(NotReadyError) as raised:
            publish(item=article)
        self.assertEqual([reason.split("”")[0][-4:] for reason in raised.exception.reasons], ["Quay", "Quay", "Ship"])
        Image.objects.update(alt="a", credit="b")
        self.assertTrue(publish(item=article).pk)

    def test_focal_point_must_be_inside_the_image(self):
        image = make_image()
        with self.assertRaises(IntegrityError), transaction.atomic():
            Image.objects.filter(pk=image.pk).update(focal_x=101)

    def test_open_licence_is_part_of_the_credit(self):
        for licence, credit in [
            ("CC BY 4.0", "A. Name · CC BY 4.0"),
            ("All rights reserved", "A. Name"),
            ("", "A. Name"),
        ]:
            image = make_image(credit="A. Name")
            Image.objects.filter(pk=image.pk).update(licence=licence)
            article = make_draft(lead=Image.objects.get(pk=image.pk))
            self.assertEqual(content_of(article)["pictures"][str(image.uuid)]["credit"], credit)


class ImageUsageTests(TestCase):
    def usages(self, image):
        return set(image.usages.values_list("article", "version"))

    def test_usage_tracks_drafts_and_versions(self):
        lead, figure = make_image(), make_image()
        article = make_article(lead=lead, body=f'<figure data-image="{figure.uuid}"></figure><p>x</p>')
        first = article.live_id
        for image in (lead, figure):
            self.assertEqual(self.usages(image), {(article.pk, None), (article.pk, first)})
        make_version(article, lead=None)
        self.assertEqual(self.usages(lead), {(article.pk, first)})
        article.body = "<p>x</p>"
        article.save()
        self.assertEqual(self.usages(figure), {(article.pk, first), (article.pk, article.live_id)})
        self.assertEqual(set(Image.objects.unused()), set())
        with self.assertRaises(ProtectedError):
            lead.delete()

    def test_unused_images(self):
        make_author(portrait=make_image())
        make_draft(lead=make_image())
        unused = make_image()
        self.assertEqual(list(Image.objects.unused()), [unused])
        with self.assertNumQueries(1):
            list(Image.objects.unused()[:48])

    def test_saving_again_adds_no_usage(self):
        image = make_image()
        article = make_draft(lead=image, body=f'<figure data-image="{image.uuid}"></figure><p>x</p>')
        article.save()
        article.save(update_fields=["headline"])
        self.assertEqual(ImageUsage.objects.count(), 1)


class RenditionTests(TestCase):
    @takes_longer("Renditions of images are made.")
    def test_failed_renditions_are_reported_and_retried(self):
        image = make_image(file=image_file(width=300, height=200))
        name, storage = image.file.name, image.file.storage
        with storage.open(name) as file:
            data = file.read()
        image.renditions.all().delete()
        storage.delete(name)
        make_renditions.call(image.pk)
        image.refresh_from_db()
        self.assertEqual(image.rendition_error, "The original file cannot be found.")
        storage.save(name, io.BytesIO(data))
        with self.captureOnCommitCallbacks(execute=True):
            retry_renditions(image=image)
        image.refresh_from_db()
        self.assertEqual((image.rendition_error, image.progress), ("", (3, 3)))

    def test_empty_file_is_refused(self):
        with self.assertRaisesMessage(ValidationError, "This file is empty."):
            add_to_library(file=io.BytesIO())

    def test_one_pixel_image_is_accepted(self):
        image = make_image(file=image_file(width=1, height=1))
        create_missing_renditions(image)
        self.assertEqual(image.progress, (3, 3))
