"""Opening files, repairing their bytes, and reading values of PHP."""

import gzip
import io
import random
import tempfile
import zipfile
from pathlib import Path
from unittest import mock

from django.test import SimpleTestCase

from tests.budget import takes_longer
from tests.contrib.importers.wordpress.files import HEAD, TAIL, comment, export, item
from tests.growth import LINEAR, growth
from truthlytics.contrib.importers.records import Loss, Record
from truthlytics.contrib.importers.sources import Options, UnreadableFile
from truthlytics.contrib.importers.wordpress import archives, cleaning, php
from truthlytics.contrib.importers.wordpress.parser import WordPress


class ReadingCase(SimpleTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def read(self, *files, **options):
        """Return the records and the losses in files of these bytes."""
        paths = []
        for number, data in enumerate(files):
            paths.append(self.folder / f"{number}.xml")
            paths[-1].write_bytes(data)
        entries = list(WordPress(paths, Options(**options)).read())
        records = [entry for entry in entries if isinstance(entry, Record)]
        return records, [entry for entry in entries if isinstance(entry, Loss)]


class RepairTests(ReadingCase):
    def test_damaged_bytes_are_repaired_and_counted(self):
        cases = {
            "control characters": (export(item(title="A\x01B")), "AB"),
            "control characters removed (4)": (export(item(title="AxB")).replace(b"AxB", b"A&#1;\xef\xbf\xbfB"), "AB"),
            "invalid UTF-8 replaced (1)": (export(item(title="AxB")).replace(b"AxB", b"A\x81B"), "A\ufffdB"),
            "invalid UTF-8 replaced": (export(item(title="AxB")).replace(b"AxB", b"A\xe2\x80B"), "A\ufffdB"),
            "ampersands": (export(item(title="AxB")).replace(b"AxB", b"A & B &nbsp; C"), "A & B C"),
            "escaped": (export(item(title="AxB")).replace(b"AxB", b"A]]>B"), "A]]>B"),
            "before the XML": (b"Warning: PHP\n\n" + export(item(title="AB")), "AB"),
            "after the XML": (export(item(title="AB")) + b"<b>Fatal error</b>", "AB"),
            "converted from iso-8859-1": (
                export(item(title="Zürich")).decode().replace("UTF-8", "iso-8859-1").encode("latin1"),
                "Zürich",
            ),
        }
        for repair, (data, title) in cases.items():
            with self.subTest(repair):
                records, losses = self.read(data)
                self.assertEqual([record.title for record in records], [title])
                self.assertEqual([loss.code for loss in losses], ["repair"])
                self.assertIn(repair, losses[0].what)

    def test_bytes_of_windows_in_a_file_of_utf_8_are_converted_and_their_records_named(self):
        text = "Café – “Größe” d’été"
        broken = text.encode("cp1252")
        whole = item(2, title="Straße", content=text)
        data = export(item(1, title="TITLE", content="CONTENT"), whole, item(3, content="CONTENT"))
        data = data.replace(b"TITLE", broken).replace(b"CONTENT", broken)
        for size in (3, 64, cleaning.CHUNK_SIZE):
            with self.subTest(size), mock.patch.object(cleaning, "CHUNK_SIZE", size):
                records, losses = self.read(data)
                self.assertEqual([record.body for record in records], [text] * 3)
                self.assertEqual((records[0].title, records[1].title), (text, "Straße"))
                named = [(loss.source_id, loss.title) for loss in losses if loss.source_id]
                self.assertEqual(named, [("1", text), ("3", "The bridge")])
                self.assertIn("characters of Windows-1252 converted (27)", losses[-1].what)

    def test_files_of_utf_16_and_32_are_read(self):
        text = export(item(title="Zürich 日本", content="a\n\nb")).decode()
        for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
            for declared in ("UTF-8", "UTF-16"):
                for size in (5, cleaning.CHUNK_SIZE):
                    with self.subTest(encoding, declared=declared), mock.patch.object(cleaning, "CHUNK_SIZE", size):
                        records, losses = self.read(text.replace("UTF-8", declared, 1).encode(encoding))
                        self.assertEqual([record.title for record in records], ["Zürich 日本"])
                        self.assertIn("to UTF-8", losses[0].what)
        records, losses = self.read(text.replace("UTF-8", "UTF-16", 1).encode())
        self.assertEqual(
            (records[0].title, losses[0].what), ("Zürich 日本", "0.xml: declared as UTF-16, which it is not (1)")
        )
        bomb = text.replace("<rss", '<!DOCTYPE x [<!ENTITY a "b">]><rss').encode("utf-16")
        with self.assertRaisesMessage(UnreadableFile, "declares a document type"):
            self.read(bomb)

    def test_a_mark_of_byte_order_needs_no_repair(self):
        self.assertEqual(self.read(b"\xef\xbb\xbf" + export(item()))[1], [])

    def test_the_size_of_chunks_makes_no_difference(self):
        content = "é]] ]]&amp; & <b>x</b> ]>&#233; 日本 " * 20
        data = export(item(content=content.replace("]]>", "")), item(2, title="A]]&B")).replace(b"A]]&amp;B", b"A]]>&B")
        whole = [(record.title, record.body, record.line) for record in self.read(data)[0]]
        for size in [*range(1, 20), 64, 1000]:
            with self.subTest(size), mock.patch.object(cleaning, "CHUNK_SIZE", size):
                self.assertEqual([(r.title, r.body, r.line) for r in self.read(data)[0]], whole)

    def test_what_is_complete_before_damage_is_read_and_the_line_is_named(self):
        data = export(item(), item(2), item(3))
        records, losses = self.read(data[: data.index(b"item-3")])
        self.assertEqual(len(records), 2)
        self.assertEqual([loss.code for loss in losses], ["line"])
        self.assertGreater(losses[0].line, 15)

    def test_reading_goes_on_after_damaged_records(self):
        for name, start, end in [("misnested", b"<b><i></b>", b"</i>"), ("no end", b"", b"")]:
            data = export(item(), item(2, title="BROKEN"), item(3), item(4, title="BROKEN", content="]]"), item(5))
            if name == "no end":
                lines = data.splitlines(keepends=True)
                data = b"".join(line.replace(b"</item>", b"") if b"BROKEN" in line else line for line in lines)
            else:
                data = data.replace(b"BROKEN", start + b"BROKEN" + end)
            for size in (37, 1000, cleaning.CHUNK_SIZE):
                with self.subTest(name, size=size), mock.patch.object(cleaning, "CHUNK_SIZE", size):
                    records, losses = self.read(data)
                    self.assertEqual([record.source_id for record in records], ["1", "3", "5"])
                    self.assertEqual([record.authors for record in records], [("Ada Orr",)] * 3)
                    lines = [data[: data.index(b"item-%d/" % number)].count(b"\n") + 1 for number in (2, 4)]
                    self.assertEqual([(loss.code, loss.line) for loss in losses], [("line", line) for line in lines])

    def test_a_damaged_head_does_not_hide_the_records(self):
        data = export(item(), item(2)).replace(b"<wp:cat_name>World", b"<wp:cat_name><World")
        records, losses = self.read(data)
        self.assertEqual([record.title for record in records], ["The bridge"] * 2)
        self.assertEqual([loss.code for loss in losses], ["line"])
        broken_root = export(item()).replace(b'<rss version="2.0"', b'<rss version="2.0" version="2.0"')
        self.assertEqual(len(self.read(broken_root)[0]), 1)

    def test_random_damage_raises_nothing_else(self):
        data, generator = export(*(item(number) for number in range(1, 4))), random.Random(1)
        for _ in range(100):
            damaged = bytearray(data)
            for _ in range(4):
                damaged[generator.randrange(len(data))] = generator.randrange(256)
            try:
                self.read(bytes(damaged))
            except UnreadableFile:
                pass


class RefusalTests(ReadingCase):
    def test_dangerous_and_foreign_files_are_refused_in_a_sentence(self):
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
        external = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        start = HEAD.index("<rss")
        cases = {
            "document type": (HEAD[:start] + bomb + HEAD[start:] + item(title="&b;") + TAIL).encode(),
            "declares a document": (HEAD[:start] + external + HEAD[start:] + item() + TAIL).encode(),
            "no <rss> element": b"<html><body>Log in</body></html>",
            "nested more than": (HEAD + "<item>" + "<a>" * 200 + "</a>" * 200 + "</item>" + TAIL).encode(),
            "unknown encoding": export(item()).replace(b'"UTF-8"', b'"x-klingon"'),
            "in an unknown encoding, “rot13”": export(item()).replace(b'"UTF-8"', b'"rot13"'),
            "contains no record": (HEAD[: HEAD.index("<wp:author>")] + TAIL).encode(),
        }
        for sentence, data in cases.items():
            with self.subTest(sentence), self.assertRaisesMessage(UnreadableFile, sentence):
                self.read(data)

    def test_a_document_type_after_the_beginning_is_damage(self):
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
        records, losses = self.read(export(item(1), bomb, item(2, title="&b;"), item(3)))
        self.assertEqual([record.title for record in records], ["The bridge", "&b;", "The bridge"])
        self.assertEqual([loss.code for loss in losses], ["line", "repair"])

    @takes_longer("Large input shows how the time grows.")
    def test_loops_and_long_chains_of_categories_end(self):
        def categories(size):
            parents = {**{n: n + 1 for n in range(size)}, size: size, size + 1: size + 2, size + 2: size + 1}
            return "".join(
                f"<wp:category><wp:category_nicename>c{n}</wp:category_nicename><wp:category_parent>c{parent}"
                f"</wp:category_parent><wp:cat_name>C{n}</wp:cat_name></wp:category>"
                for n, parent in parents.items()
            )

        def read(size):
            own = f'<category domain="category" nicename="c{size + 1}">C</category>'
            return self.read(export(categories(size), item(more=own)))[0]

        self.assertEqual([record.section for record in read(5)], ["C"])
        self.assertLess(growth(read, 500, 2000), 4 * LINEAR)

    @takes_longer("Large input shows how the time grows.")
    def test_long_chains_of_comments_that_are_left_out_take_linear_time(self):
        def read(size):
            chain = [comment(n, n - 1, approved="spam") for n in range(1, size)]
            return self.read(export(item(more="".join(chain + [comment(size + n, size - 1) for n in range(size)]))))[0]

        self.assertEqual({row.parent for row in read(5)[0].comments}, {""})
        self.assertLess(growth(read, 250, 1000), 4 * LINEAR)

    def test_an_empty_file_is_refused(self):
        with self.assertRaises(UnreadableFile):
            self.read(b"")

    def test_a_record_of_extreme_size_is_refused(self):
        with mock.patch.object(cleaning, "MAX_ITEM_SIZE", 1000), self.assertRaisesMessage(UnreadableFile, "record of"):
            self.read(export(item(content="x" * 2000)))


class ArchiveTests(ReadingCase):
    def read_archive(self, data):
        path = self.folder / "export.zip"
        path.write_bytes(data)
        return [entry for entry in WordPress([path], Options()).read() if isinstance(entry, Record)]

    def zipped(self, **members):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return buffer.getvalue()

    def test_gzip_and_zip_with_several_parts(self):
        self.assertEqual(len(self.read_archive(gzip.compress(export(item())))), 1)
        parts = {
            "../../b.xml": export(item(2)),
            "a.xml": export(item(1)),
            "readme.txt": b"x",
            "c.xml.gz": gzip.compress(export(item(3))),
        }
        records = self.read_archive(self.zipped(**parts))
        self.assertEqual([record.source_id for record in records], ["2", "1", "3"])
        self.assertEqual(len({record.position for record in records}), 3)

    def test_folders(self):
        for number in (1, 2):
            (self.folder / f"{number}.xml").write_bytes(export(item(number)))
        entries = list(WordPress([self.folder], Options()).read())
        self.assertEqual(sum(isinstance(entry, Record) for entry in entries), 2)

    def test_bombs_and_damaged_archives_are_refused(self):
        bomb = HEAD.encode() + b" " * 3_000_000
        cases = {
            "unpacks to far more": gzip.compress(bomb, 1),
            "no XML file": self.zipped(**{"a.txt": b"x"}),
            "damaged zip": b"PK\x03\x04 nothing else",
            "divided zip": b"PK\x07\x08 nothing else",
        }
        for sentence, data in cases.items():
            refused = self.assertRaisesMessage(UnreadableFile, sentence)
            with self.subTest(sentence), mock.patch.object(archives, "MAX_RATIO", 2), refused:
                self.read_archive(data)


class PhpTests(SimpleTestCase):
    def test_values(self):
        cases = {
            "N;": None,
            "b:1;": 1,
            "i:-7;": -7,
            "d:0.5;": 0.5,
            's:3:"é!";': "é!",
            's:0:"";': "",
            'a:2:{i:0;s:1:"x";s:1:"k";a:1:{i:0;N;}}': {0: "x", "k": {0: None}},
        }
        for text, value in cases.items():
            with self.subTest(text):
                self.assertEqual(php.read_value(text), value)

    def test_objects_and_damaged_values_are_refused(self):
        deep = "a:1:{i:0;" * 1000 + "N;" + "}" * 1000
        cases = ['O:8:"stdClass":0:{}', 'C:3:"Foo":2:{{}}', 'a:1:{i:0;O:8:"stdClass":0:{}}', 's:9:"short";', "a:9:{}",
                 "i:x;", "", "x", "R:1;", 'a:1:{N;N;}', "i:1;i:2;", "a:99999999999:{}", deep]  # fmt: skip
        for text in cases:
            with self.subTest(text[:40]), self.assertRaises(php.InvalidValue):
                php.read_value(text)
