"""Recordings of articles: accepted files, access, byte ranges and the admin."""

import hashlib
import io
import json
import struct
from dataclasses import replace
from unittest import mock

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import SimpleTestCase, TestCase
from django.urls import reverse
from lxml import etree

from articles.media.audio import DAMAGED, MAX_BYTES, UNKNOWN, inspect_audio
from articles.models import Recording
from articles.services.publishing import content_of, withdraw
from tests.articles.admin.editor import form_data
from tests.factories import (
    audio_file,
    make_article,
    make_draft,
    make_editor,
    make_image,
    make_lapsed_reader,
    make_member,
    make_recording,
    make_subscriber,
    make_user,
    make_version,
)

MP3_FRAME = b"\xff\xfb\x90\x00" + b"\0" * 413


def ogg(payload: bytes, *, granule: int = 0, first: bool = False) -> bytes:
    flags = 2 if first else 4
    return b"OggS\0" + bytes([flags]) + struct.pack("<qIII", granule, 1, 0, 0) + bytes([1, len(payload)]) + payload


OPUS = ogg(b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0", first=True) + ogg(b"\0" * 20, granule=48000 * 7)


def upload(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("episode.exe", data, "application/octet-stream")


class InspectAudioTests(SimpleTestCase):
    def test_format_and_duration_are_read_from_the_content(self):
        for data, audio_format, seconds in (
            (audio_file(seconds=4).read(), "wav", 4),
            (MP3_FRAME * 200, "mp3", 5),
            (OPUS, "opus", 7),
        ):
            with self.subTest(audio_format):
                info = inspect_audio(upload(data))
                self.assertEqual((info.format, info.seconds, info.size), (audio_format, seconds, len(data)))
                self.assertEqual(info.sha256, hashlib.sha256(data).hexdigest())

    def test_invalid_files_are_rejected_with_a_reason(self):
        for data, message in (
            (b"", UNKNOWN),
            (b"\0" * 200, UNKNOWN),
            (b"<html><script>", UNKNOWN),
            (b"\x89PNG\r\n\x1a\n" * 9, UNKNOWN),
            (b"OggS" + b"\0" * 99, UNKNOWN),
            (b"ID3" + b"\xff" * 90, DAMAGED),
            (b"\0\0\0\x20ftypM4A " + b"\xff" * 90, DAMAGED),
            (b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\xff" * 30, DAMAGED),
            (audio_file(seconds=0).read(), DAMAGED),
        ):
            with self.subTest(data[:12]), self.assertRaisesMessage(ValidationError, str(message)):
                inspect_audio(upload(data))

    def test_file_that_is_too_large_is_rejected(self):
        file = upload(b"ID3" + bytes(MAX_BYTES))
        with self.assertRaisesMessage(ValidationError, "larger than 30 MB"):
            inspect_audio(file)


class AudioViewTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.data = audio_file(seconds=2).read()
        cls.recording = make_recording(file=audio_file(seconds=2))
        cls.open = make_article(slug="open", audio=cls.recording)
        cls.gated = make_article(slug="gated", audio=cls.recording, required_level=10)

    def get(self, slug="open", **headers):
        return self.client.get(f"/articles/{slug}/audio.wav", headers=headers)

    def test_recording_of_a_free_article_is_public(self):
        response = self.get()
        self.assertEqual((response.status_code, response.getvalue()), (200, self.data))
        self.assertEqual(response.headers["Content-Type"], "audio/wav")
        self.assertEqual(response.headers["Content-Length"], str(len(self.data)))
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
        self.assertFalse(response.cookies)

    def test_recording_of_a_gated_article_requires_access(self):
        for user in (None, make_user(), make_lapsed_reader()):
            self.client.logout()
            if user:
                self.client.force_login(user)
            for headers in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": f'"{self.recording.sha256}"'}):
                response = self.get("gated", **headers)
                self.assertEqual(response.status_code, 404)
                self.assertNotIn(b"RIFF", response.content)
            page = self.client.get(self.gated.get_absolute_url())
            self.assertContains(page, "can listen to this article")
            self.assertNotContains(page, "<audio")
        self.client.force_login(make_subscriber())
        response = self.get("gated")
        self.assertEqual((response.getvalue(), response.headers["Cache-Control"]), (self.data, "private, no-store"))
        self.assertContains(self.client.get(self.gated.get_absolute_url()), 'src="/articles/gated/audio.wav"')

    def test_recording_has_no_other_url(self):
        sha256 = self.recording.sha256
        for url in (
            f"/media/{sha256}.wav",
            f"/media/audio-{sha256}.wav",
            "/articles/open/audio.mp3",
            "/articles/none/audio.wav",
        ):
            self.assertEqual(self.client.get(url).status_code, 404)

    def test_withdrawn_article_is_gone_and_article_without_recording_is_not_found(self):
        make_article(slug="without")
        withdraw(item=self.open)
        for slug, status in (("open", 410), ("without", 404)):
            self.assertEqual(self.get(slug).status_code, status)

    def test_single_range_is_served_as_partial_content(self):
        size = len(self.data)
        for range_header, first, last in (
            ("bytes=0-99", 0, 99),
            ("bytes=100-", 100, size - 1),
            ("bytes=-10", size - 10, size - 1),
            (f"bytes=5-{size * 9}", 5, size - 1),
            (f"bytes=-{size * 9}", 0, size - 1),
            ("bytes=0-0", 0, 0),
        ):
            with self.subTest(range_header):
                response = self.get(Range=range_header)
                self.assertEqual(response.status_code, 206)
                self.assertEqual(response.headers["Content-Range"], f"bytes {first}-{last}/{size}")
                self.assertEqual(response.getvalue(), self.data[first : last + 1])

    def test_invalid_or_multiple_ranges_get_the_whole_file(self):
        for range_header in (
            "bytes=9-1",
            "bytes=0-1,5-6",
            "items=0-1",
            "bytes=-",
            "bytes=-0",
            "bytes=x",
            "bytes=" + "9" * 40 + "-",
        ):
            with self.subTest(range_header):
                self.assertEqual(self.get(Range=range_header).status_code, 200)

    def test_range_after_the_end_is_not_satisfiable(self):
        response = self.get(Range=f"bytes={len(self.data)}-")
        self.assertEqual((response.status_code, response.headers["Content-Range"]), (416, f"bytes */{len(self.data)}"))

    def test_conditional_requests_use_the_digest_as_etag(self):
        etag = self.get().headers["ETag"]
        self.assertEqual(self.get(**{"If-None-Match": etag}).status_code, 304)
        self.assertEqual(self.get(**{"If-Range": etag, "Range": "bytes=0-9"}).status_code, 206)
        self.assertEqual(self.get(**{"If-Range": '"other"', "Range": "bytes=0-9"}).status_code, 200)

    def test_feeds_enclose_recordings_of_free_articles_only(self):
        feed = etree.fromstring(self.client.get("/feeds/rss.xml").content)
        (enclosure,) = feed.iter("enclosure")
        self.assertTrue(enclosure.get("url").endswith("/articles/open/audio.wav"))
        self.assertEqual((enclosure.get("length"), enclosure.get("type")), (str(len(self.data)), "audio/wav"))
        attached = [
            item["attachments"] for item in self.client.get("/feeds/feed.json").json()["items"] if "attachments" in item
        ]
        self.assertEqual([len(attached), attached[0][0]["duration_in_seconds"]], [1, 2])

    def test_recording_is_part_of_the_published_version(self):
        expected = {"sha256": self.recording.sha256, "format": "wav", "seconds": 2, "bytes": len(self.data)}
        self.assertEqual(json.loads(self.open.live.content)["audio"], expected)
        self.assertNotIn("audio", content_of(make_draft()))
        self.assertContains(self.client.get(self.open.get_absolute_url()), "(0:02)")
        self.open.audio = None
        self.open.save()
        self.assertEqual(self.get().status_code, 200)
        make_version(self.open)
        self.assertEqual(self.get().status_code, 404)
        call_command("verify_record", served=True, verbosity=0)


class RecordingAdminTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def add(self, data, title="Read by E. Orr"):
        return self.client.post(reverse("admin:articles_recording_add"), {"file": upload(data), "title": title})

    def test_duplicate_upload_is_refused_and_recording_can_be_chosen_in_the_editor(self):
        data = audio_file(tone=9).read()
        self.assertEqual(self.add(data).status_code, 302)
        recording = Recording.objects.get()
        self.assertContains(self.client.get(reverse("admin:articles_recording_changelist")), "0:03")
        self.assertContains(self.add(data), "already in the library, as “Read by E. Orr”")
        draft = make_draft()
        url = reverse("admin:articles_article_change", args=[draft.pk])
        self.assertContains(self.client.get(url), "Read by E. Orr")
        self.client.post(url, form_data(draft, audio=recording.pk))
        draft.refresh_from_db()
        self.assertEqual(draft.audio, recording)

    def test_page_has_a_player_the_file_and_where_it_is_used(self):
        recording = make_recording(title="Read by E. Orr", file=audio_file(seconds=65))
        make_draft(headline="The queue", audio=recording)
        published = make_article(headline="The plug", audio=recording)
        published.audio = None
        published.save()
        page = self.client.get(reverse("admin:articles_recording_change", args=[recording.pk]))
        url = reverse("admin:articles_recording_file", args=[recording.pk])
        for text in (f'src="{url}"', "1:05", "WAV", "The queue", "The plug"):
            self.assertContains(page, text)
        file = self.client.get(url, headers={"Range": "bytes=0-3"})
        self.assertEqual((file.status_code, b"".join(file), file.headers["Content-Type"]), (206, b"RIFF", "audio/wav"))
        self.client.logout()
        self.assertEqual(self.client.get(url).status_code, 302)

    def test_changes_name_the_recording_and_the_lead_image(self):
        article = make_article(audio=make_recording(title="Read by E. Orr"))
        article.audio, article.lead = make_recording(title="Read again"), make_image(title="Cranes")
        article.save()
        page = self.client.get(reverse("admin:articles_article_publish", args=[article.pk]))
        for title in ("“Read by E. Orr”", "“Read again”", "“Cranes”"):
            self.assertContains(page, title)

    def test_concurrent_duplicate_upload_shows_a_form_error(self):
        existing = make_recording(title="The first")
        with existing.file.open() as file:
            data = file.read()
        # The first lookup happens before the other upload is saved.
        other = replace(inspect_audio(io.BytesIO(data)), sha256="0" * 64)
        results = [other, inspect_audio(io.BytesIO(data))]
        with mock.patch("articles.admin.media.recordings.inspect_audio", side_effect=results):
            self.assertContains(self.add(data), "already in the library, as “The first”")
        self.assertEqual(Recording.objects.get(), existing)

    def test_invalid_file_is_refused_and_the_title_is_kept(self):
        for data in (b"x", b"<svg/>" * 40):
            response = self.add(data, title="A title & more")
            self.assertContains(response, UNKNOWN)
            self.assertContains(response, "A title &amp; more")
        self.assertFalse(Recording.objects.exists())

    def test_recording_in_use_cannot_be_deleted(self):
        recording = make_recording()
        article = make_article(audio=recording)
        url = reverse("admin:articles_recording_delete", args=[recording.pk])
        for _ in ("in the draft", "in a published version only"):
            self.assertContains(self.client.post(url, {"post": "yes"}, follow=True), "cannot be deleted")
            article.audio = None
            article.save()

    def test_authors_may_add_but_not_change_recordings(self):
        recording = make_recording()
        for role, add, change in (("Author", 200, 403), ("Editor", 200, 302), ("Moderator", 403, 403)):
            self.client.force_login(make_member(role))
            self.assertEqual(self.client.get(reverse("admin:articles_recording_add")).status_code, add)
            url = reverse("admin:articles_recording_change", args=[recording.pk])
            self.assertEqual(self.client.post(url, {"title": "Taken over"}).status_code, change)
