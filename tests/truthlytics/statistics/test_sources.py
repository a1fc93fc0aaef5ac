"""Where people come from: a host and never a path, or what the link says of itself."""

from django.test import SimpleTestCase, override_settings

from truthlytics.statistics.models import MAX_SOURCE_NAME
from truthlytics.statistics.sources import source_of

GOOGLE_APP = "com.google.android.googlequicksearchbox"
FOUND = {
    ("", ""): ("direct", ""),
    ("https://news.example/latest/", "after=x"): ("site", ""),
    ("https://www.google.com/", ""): ("search", "google.com"),
    ("https://www.google.co.uk/search?q=secret", ""): ("search", "google.co.uk"),
    ("https://duckduckgo.com/", ""): ("search", "duckduckgo.com"),
    ("android-app://com.google.android.googlequicksearchbox/", ""): (
        "search",
        "com.google.android.googlequicksearchbox",
    ),
    ("https://mail.google.com/mail/u/0/", ""): ("host", "mail.google.com"),
    ("https://google.com.evil.example/", ""): ("host", "google.com.evil.example"),
    ("https://www.Other.example:8443/private/path?user=7#x", ""): ("host", "other.example"),
    ("https://user:password@other.example/", ""): ("host", "other.example"),
    ("https://feedly.com/i/latest", ""): ("feed", ""),
    ("https://other.example/", "utm_source=reader&utm_medium=RSS"): ("feed", ""),
    ("https://other.example/", "campaign=weekly-2026-11-29"): ("newsletter", "weekly-2026-11-29"),
    ("", "campaign=autumn"): ("campaign", "autumn"),
    ("", "utm_source=letter&utm_medium=email&utm_campaign=autumn"): ("newsletter", "autumn"),
    ("", "utm_source=poster"): ("campaign", "poster"),
    ("https://other.example/", "gift=abc&utm_source=x"): ("gift", ""),
    ("", "utm_source=%3Cscript%3E&utm_campaign=%00"): ("direct", ""),
    ("https://other.example/", "utm_source=&campaign="): ("host", "other.example"),
    ("https://[", ""): ("direct", ""),
    ("javascript:alert(1)", ""): ("direct", ""),
    ("https://" + "a" * 300 + ".example/", ""): ("direct", ""),
    ("https://ex ample/\0", "&&==;&%"): ("direct", ""),
}


@override_settings(SITE_URL="https://news.example")
class SourceTests(SimpleTestCase):
    def test_each_source_has_a_kind_and_a_name_of_safe_length(self):
        self.assertEqual({key: source_of(*key) for key in FOUND}, FOUND)

    def test_names_are_short_plain_text(self):
        for text in ("x" * 5000, "\0\n\t", "%F0%9F%8C%89" * 99, "<b>" * 99):
            _kind, name = source_of("", f"utm_campaign={text}&utm_source={text}")
            self.assertLessEqual(len(name), MAX_SOURCE_NAME)
            self.assertTrue(name.isprintable() and "<" not in name)
        self.assertEqual(source_of("", "&".join(["a=1"] * 1000)), ("direct", ""))
