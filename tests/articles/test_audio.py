"""An article read aloud: what is taken for a recording, who may hear it, and in which parts."""

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

from articles.media.audio import DAMAGED, MAX_BYTES, UNKNOWN, facts
from articles.models import Recording
from articles.services.publishing import content_of, withdraw
from tests.articles.desk import fields
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_lapsed_reader,
    make_member,
    make_recording,
    make_subscriber,
    make_user,
    make_version,
    sound_file,
)

MP3_FRAME = b"\xff\xfb\x90\x00" + b"\0" * 413


def ogg(payload: bytes, *, granule: int = 0, first: bool = False) -> bytes:
    flags = 2 if first else 4
    return b"OggS\0" + bytes([flags]) + struct.pack("<qIII", granule, 1, 0, 0) + bytes([1, len(payload)]) + payload


OPUS = ogg(b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0", first=True) + ogg(b"\0" * 20, granule=48000 * 7)


def named(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("episode.exe", data, "application/octet-stream")


class FactTests(SimpleTestCase):
    def test_a_recording_is_known_by_its_bytes_and_measured(self):
        for data, kind, seconds in (
            (sound_file(seconds=4).read(), "wav", 4), (MP3_FRAME * 200, "mp3", 5), (OPUS, "opus", 7),
        ):  # fmt: skip
            with self.subTest(kind):
                known = facts(named(data))
                self.assertEqual((known.format, known.seconds, known.size), (kind, seconds, len(data)))
                self.assertEqual(known.sha256, hashlib.sha256(data).hexdigest())

    def test_what_is_none_is_refused_in_words(self):
        for data, sentence in (
            (b"", UNKNOWN), (b"\0" * 200, UNKNOWN), (b"<html><script>", UNKNOWN), (b"\x89PNG\r\n\x1a\n" * 9, UNKNOWN),
            (b"OggS" + b"\0" * 99, UNKNOWN), (b"ID3" + b"\xff" * 90, DAMAGED),
            (b"\0\0\0\x20ftypM4A " + b"\xff" * 90, DAMAGED),
            (b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\xff" * 30, DAMAGED), (sound_file(seconds=0).read(), DAMAGED),
        ):  # fmt: skip
            with self.subTest(data[:12]), self.assertRaisesMessage(ValidationError, sentence):
                facts(named(data))

    def test_a_file_that_is_too_large_is_not_read(self):
        file = named(b"ID3" + bytes(MAX_BYTES))
        with self.assertRaisesMessage(ValidationError, "larger than 30 MB"):
            facts(file)


class HearingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.data = sound_file(seconds=2).read()
        cls.recording = make_recording(file=sound_file(seconds=2))
        cls.open = make_article(slug="open", audio=cls.recording)
        cls.gated = make_article(slug="gated", audio=cls.recording, required_level=10)

    def get(self, slug="open", **headers):
        return self.client.get(f"/articles/{slug}/audio.wav", headers=headers)

    def test_everybody_hears_what_everybody_may_read(self):
        answer = self.get()
        self.assertEqual((answer.status_code, answer.getvalue()), (200, self.data))
        self.assertEqual(answer.headers["Content-Type"], "audio/wav")
        self.assertEqual(answer.headers["Content-Length"], str(len(self.data)))
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertFalse(answer.cookies)

    def test_a_gated_piece_is_heard_by_whoever_may_read_it_and_by_nobody_else(self):
        for user in (None, make_user(), make_lapsed_reader()):
            self.client.logout()
            if user:
                self.client.force_login(user)
            for headers in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": f'"{self.recording.sha256}"'}):
                answer = self.get("gated", **headers)
                self.assertEqual(answer.status_code, 404)
                self.assertNotIn(b"RIFF", answer.content)
            page = self.client.get(self.gated.get_absolute_url())
            self.assertContains(page, "can be listened to")
            self.assertNotContains(page, "<audio")
        self.client.force_login(make_subscriber())
        answer = self.get("gated")
        self.assertEqual((answer.getvalue(), answer.headers["Cache-Control"]), (self.data, "private, no-store"))
        self.assertContains(self.client.get(self.gated.get_absolute_url()), 'src="/articles/gated/audio.wav"')

    def test_the_file_has_no_other_address(self):
        sha256 = self.recording.sha256
        for address in (
            f"/media/{sha256}.wav",
            f"/media/audio-{sha256}.wav",
            "/articles/open/audio.mp3",
            "/articles/none/audio.wav",
        ):
            self.assertEqual(self.client.get(address).status_code, 404)

    def test_what_is_withdrawn_or_has_none_is_silent(self):
        make_article(slug="without")
        withdraw(article=self.open)
        for slug, status in (("open", 410), ("without", 404)):
            self.assertEqual(self.get(slug).status_code, status)

    def test_one_span_is_sent_alone(self):
        size = len(self.data)
        for asked, first, last in (
            ("bytes=0-99", 0, 99), ("bytes=100-", 100, size - 1), ("bytes=-10", size - 10, size - 1),
            (f"bytes=5-{size * 9}", 5, size - 1), (f"bytes=-{size * 9}", 0, size - 1), ("bytes=0-0", 0, 0),
        ):  # fmt: skip
            with self.subTest(asked):
                answer = self.get(Range=asked)
                self.assertEqual(answer.status_code, 206)
                self.assertEqual(answer.headers["Content-Range"], f"bytes {first}-{last}/{size}")
                self.assertEqual(answer.getvalue(), self.data[first : last + 1])

    def test_what_is_no_single_span_is_answered_whole(self):
        for asked in (
            "bytes=9-1",
            "bytes=0-1,5-6",
            "items=0-1",
            "bytes=-",
            "bytes=-0",
            "bytes=x",
            "bytes=" + "9" * 40 + "-",
        ):
            with self.subTest(asked):
                self.assertEqual(self.get(Range=asked).status_code, 200)

    def test_a_span_behind_the_end_cannot_be_had(self):
        answer = self.get(Range=f"bytes={len(self.data)}-")
        self.assertEqual((answer.status_code, answer.headers["Content-Range"]), (416, f"bytes */{len(self.data)}"))

    def test_a_copy_is_known_by_its_bytes(self):
        etag = self.get().headers["ETag"]
        self.assertEqual(self.get(**{"If-None-Match": etag}).status_code, 304)
        self.assertEqual(self.get(**{"If-Range": etag, "Range": "bytes=0-9"}).status_code, 206)
        self.assertEqual(self.get(**{"If-Range": '"other"', "Range": "bytes=0-9"}).status_code, 200)

    def test_feeds_enclose_what_everybody_may_hear(self):
        feed = etree.fromstring(self.client.get("/feeds/rss.xml").content)
        (enclosure,) = feed.iter("enclosure")
        self.assertTrue(enclosure.get("url").endswith("/articles/open/audio.wav"))
        self.assertEqual((enclosure.get("length"), enclosure.get("type")), (str(len(self.data)), "audio/wav"))
        attached = [
            item["attachments"] for item in self.client.get("/feeds/feed.json").json()["items"] if "attachments" in item
        ]
        self.assertEqual([len(attached), attached[0][0]["duration_in_seconds"]], [1, 2])

    def test_the_record_holds_it_and_readers_see_the_version_they_are_served(self):
        facts_of_it = {"sha256": self.recording.sha256, "format": "wav", "seconds": 2, "bytes": len(self.data)}
        self.assertEqual(json.loads(self.open.live.content)["audio"], facts_of_it)
        self.assertNotIn("audio", content_of(make_draft()))
        self.assertContains(self.client.get(self.open.get_absolute_url()), "(0:02)")
        self.open.audio = None
        self.open.save()
        self.assertEqual(self.get().status_code, 200)
        make_version(self.open)
        self.assertEqual(self.get().status_code, 404)
        call_command("verify_record", served=True, verbosity=0)


class RoomTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def add(self, data, title="Read by E. Orr"):
        return self.client.post(reverse("admin:articles_recording_add"), {"file": named(data), "title": title})

    def test_a_recording_is_kept_once_and_chosen_at_the_desk(self):
        data = sound_file(tone=9).read()
        self.assertEqual(self.add(data).status_code, 302)
        recording = Recording.objects.get()
        self.assertContains(self.client.get(reverse("admin:articles_recording_changelist")), "0:03")
        self.assertContains(self.add(data), "among the recordings already, as “Read by E. Orr”")
        draft = make_draft()
        url = reverse("admin:articles_article_change", args=[draft.pk])
        self.assertContains(self.client.get(url), "Read by E. Orr")
        self.client.post(url, fields(draft, audio=recording.pk))
        draft.refresh_from_db()
        self.assertEqual(draft.audio, recording)

    def test_one_that_somebody_else_brought_in_the_same_moment_is_told_of_by_the_form(self):
        there = make_recording(title="The first")
        with there.file.open() as file:
            data = file.read()
        # Who looked before the other was there found nothing.
        unseen = replace(facts(io.BytesIO(data)), sha256="0" * 64)
        with mock.patch("articles.admin.media.recordings.facts", side_effect=[unseen, facts(io.BytesIO(data))]):
            self.assertContains(self.add(data), "among the recordings already, as “The first”")
        self.assertEqual(Recording.objects.get(), there)

    def test_what_is_none_is_refused_and_the_title_kept(self):
        for data in (b"x", b"<svg/>" * 40):
            answer = self.add(data, title="A title & more")
            self.assertContains(answer, UNKNOWN)
            self.assertContains(answer, "A title &amp; more")
        self.assertFalse(Recording.objects.exists())

    def test_one_in_use_is_kept(self):
        recording = make_recording()
        article = make_article(audio=recording)
        url = reverse("admin:articles_recording_delete", args=[recording.pk])
        for _ in ("in the row", "in the record alone"):
            self.assertContains(self.client.post(url, {"post": "yes"}, follow=True), "it cannot be deleted")
            article.audio = None
            article.save()

    def test_authors_may_add_and_not_change(self):
        recording = make_recording()
        for role, add, change in (("Author", 200, 403), ("Editor", 200, 302), ("Moderator", 403, 403)):
            self.client.force_login(make_member(role))
            self.assertEqual(self.client.get(reverse("admin:articles_recording_add")).status_code, add)
            url = reverse("admin:articles_recording_change", args=[recording.pk])
            self.assertEqual(self.client.post(url, {"title": "Taken over"}).status_code, change)
