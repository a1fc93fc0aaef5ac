"""Office files with document types, macros, other files and bombs are refused; ordinary ones are not."""

import codecs
import io
import random
import zipfile
from unittest import mock

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase

from articles.media.documents import ODS_TYPE, inspect_document

WORKBOOK = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<workbook><sheets/></workbook>'
TYPES = b'<?xml version="1.0"?><Types><Default Extension="xml" ContentType="application/xml"/>%s</Types>'
DOCTYPES = [
    '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE\n x PUBLIC "-//X//EN" "https://example.org/x.dtd">',
    '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
    '<!DOCTYPE x [<!ENTITY % a SYSTEM "https://example.org/"> %a;]>',
]
MACRO_TYPES = ["application/vnd.ms-office.vbaProject", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"]
MACRO_TYPES += ["application/vnd.ms-excel.macrosheet+xml", "application/vnd.ms-office.activeX+xml", "x/vb&#97;Project"]


def packed(files, *, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data, zipfile.ZIP_STORED if name == "mimetype" else method)
    return file.getvalue()


def xlsx(files=None, *, types=b"", method=zipfile.ZIP_DEFLATED):
    base = {"[Content_Types].xml": TYPES % types, "xl/workbook.xml": WORKBOOK, "xl/empty.xml": b""}
    return packed(base | (files or {}), method=method)


def ods(files=None, *, method=zipfile.ZIP_DEFLATED):
    base = {"mimetype": ODS_TYPE, "content.xml": WORKBOOK, "Configurations2/accelerator/current.xml": b""}
    return packed(base | (files or {}), method=method)


def code_of(data):
    try:
        inspect_document(io.BytesIO(data))
    except ValidationError as error:
        return error.code
    return ""


class OfficeTests(SimpleTestCase):
    def test_ordinary_files_are_accepted(self):
        files = {
            "docProps/thumbnail.png": b"\x89PNG\r\n\x1a\n",
            "xl/worksheets/sheet1.xml": WORKBOOK.replace(b"sheets", b"s" * 100_000),
            "xl/worksheets/sheet2.xml": "\ufeff<worksheet/>".encode("utf-16-le"),
            "xl/drawings/vmlDrawing1.vml": b"<xml><br></xml>",
            "xl/printerSettings/printerSettings1.bin": b"\x00\x00P\x00r\x00",
            "xl/about.xml": b"<x>&lt;!DOCTYPE x&gt; <![CDATA[<!DOCTYPE x>]]></x>",
        }
        for make in (xlsx, ods):
            for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                self.assertEqual(code_of(make(files, method=method)), "")

    def test_document_types_are_found_in_every_encoding_and_place(self):
        chance = random.Random(9)
        names = ["xl/workbook.xml", "content.xml", "xl/_rels/workbook.xml.rels", "a.bin", "Object 1/content.xml"]
        befores = ["", '<?xml version="1.0"?>', "\n\t ", "<!-- <x> -->", "<?x <x>?>", "<!--" + "x" * 9000 + "-->"]
        encodings = [(b"", "utf-8"), (codecs.BOM_UTF8, "utf-8")]
        encodings += [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
        for doctype in DOCTYPES:
            for before in befores:
                for mark, encoding in encodings:
                    data = mark + f"{before}{doctype}<x>&a;</x>".encode(encoding)
                    make, name = chance.choice([xlsx, ods]), chance.choice(names)
                    method = chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
                    with self.subTest(name=name, data=data[:80]):
                        self.assertEqual(code_of(make({name: data}, method=method)), "document_type")

    def test_xml_that_cannot_be_read_is_refused(self):
        for data in ("<x/>".encode("utf-32"), "<x/>".encode("cp500"), b"<!--" + b"x" * 70_000 + b"--><x/>", b"<!-"):
            self.assertEqual(code_of(xlsx({"xl/a.xml": data})), "damaged")

    def test_macros_are_found_by_name_and_by_type(self):
        for name in ("xl/VBAproject.BIN", "x/vbaProject2.bin", "Basic/a.xml", "Object 1/Basic/a", "scripts\\x.py"):
            self.assertEqual(code_of(xlsx({name: b"x"})), "macros")
            self.assertEqual(code_of(ods({name: b"x"})), "macros")
        for kind in MACRO_TYPES:
            override = f'<Override ContentType="{kind}" PartName="/xl/picture.png"/>'.encode()
            with self.subTest(kind):
                self.assertEqual(code_of(xlsx(types=override)), "macros")
                self.assertEqual(code_of(xlsx(types=b" " * 70_000 + override)), "macros")
        self.assertEqual(code_of(xlsx(types=b" " * 1_100_000)), "damaged")

    def test_other_files_inside_are_refused(self):
        for data in (
            xlsx(),
            ods(),
            packed({}),
            b"\xd0\xcf\x11\xe0\xa1",
            b"MZ\x90",
            b"%PDF-1.7",
            b"\x1f\x8b\x08",
            b"Rar!",
        ):
            for name in ("xl/embeddings/a.xlsx", "Pictures/a.png"):
                self.assertEqual(code_of(xlsx({name: data})), "nested")
                self.assertEqual(code_of(ods({name: data})), "nested")

    def test_a_file_that_unpacks_to_far_more_is_refused_without_unpacking_it(self):
        bomb = xlsx({f"xl/{number}.xml": b"<x>" + b"0" * 3_000_000 for number in range(7)})
        with mock.patch.object(zipfile.ZipFile, "open", side_effect=AssertionError("unpacked")):
            self.assertEqual(code_of(bomb), "bomb")
        noise = random.Random(1).randbytes(300_000)
        self.assertEqual(code_of(xlsx({"xl/a.xml": b"<x>" + b"0" * 21_000_000, "a.png": noise})), "")

    def test_a_name_twice_and_other_methods_are_refused(self):
        file = io.BytesIO(xlsx())
        with zipfile.ZipFile(file, "a") as archive, self.assertWarns(UserWarning):
            archive.writestr("xl/workbook.xml", WORKBOOK)
        self.assertEqual(code_of(file.getvalue()), "damaged")
        self.assertEqual(code_of(xlsx(method=zipfile.ZIP_BZIP2)), "damaged")
