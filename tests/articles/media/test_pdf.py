"""PDFs with scripts, actions and other files are refused, however they are written; those with pages are not."""

import io
import random
import zlib
from unittest import mock

import pydyf
from django.core.exceptions import ValidationError
from django.test import SimpleTestCase
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NullObject, TextStringObject

from articles.media import pdf
from articles.media.documents import inspect_document
from tests.factories import PDF

SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
REFUSED = [
    (SCRIPT, "active"),
    (b"<< /JS 9 0 R /S /JavaScript >>", "active"),
    (b"<</Names<</JavaScript 9 0 R>>>>", "active"),
    (b"<</Type/Action\n/S\n/Launch/F(calc.exe)>>", "active"),
    (b"<</S/SubmitForm/F(https://example.org)>>", "active"),
    (b"<</S/ImportData/F(x)>>", "active"),
    (b"<</S/Rendition/JS(x)>>", "active"),
    (b"<</Subtype/RichMedia>>", "active"),
    (b"<</XFA 9 0 R>>", "active"),
    (b"<</AA<</O 9 0 R>>>>", "active"),
    (b"<</AA 9 0 R>>", "active"),
    (b"<</OpenAction<</S/URI/URI(https://example.org)>>>>", "active"),
    (b"<</OpenAction 9 0 R>>", "active"),
    (b"<</Names<</EmbeddedFiles<</Names[(a)9 0 R]>>>>>>", "attached"),
    (b"<</Type/EmbeddedFile/Length 0>>", "attached"),
    (b"<</Subtype/FileAttachment>>", "attached"),
]
NAMES = (b"JavaScript", b"JS", b"Launch", b"OpenAction", b"AA", b"EmbeddedFiles", b"EmbeddedFile", b"SubmitForm")
PAGE = b"<</Type/Page/MediaBox[0 0 612 792]>>"
PICTURE = b"<</Length 6>>\nstream\n/JS(/AA 5\nendstream"


def file_of(*objects, trailer=b"<</Root 1 0 R>>"):
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, data) for number, data in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer\n" + trailer + b"\n%%EOF\n"


def packed(*objects, keys=b"/Filter/FlateDecode", pack=zlib.compress, kind=b"/Type/ObjStm"):
    """Return an object stream with `objects`, numbered from 20 on."""
    header, offset = [], 0
    for number, data in enumerate(objects, 20):
        header.append(b"%d %d" % (number, offset))
        offset += len(data) + 1
    start = b" ".join(header) + b" "
    data = pack(start + b" ".join(objects))
    size = (len(objects), len(start), len(data), keys)
    return b"<<%s/N %d/First %d/Length %d%s>>\nstream\n%s\nendstream" % (kind, *size, data)


def escaped(data, chance):
    """Write some characters of the names of `data` as numbers."""
    for name in NAMES:
        spelled = b"".join(
            chance.choice((b"#%02x", b"#%02X")) % byte if chance.random() < 0.4 else b"%c" % byte for byte in name
        )
        data = data.replace(b"/" + name, b"/" + spelled)
    return data


def variants(data, chance):
    """Yield files with the object `data` in other places, compressed or not."""
    level = chance.randrange(10)
    stream = b"<</Length 99>>\nstream\n7 0 obj" + data + b"endobj\nendstream"
    yield file_of(data, PAGE)
    yield file_of(PAGE, PICTURE, data, PICTURE)
    yield file_of(PAGE, trailer=b"<</Root " + data + b">>")
    yield file_of(PAGE).replace(b"\n", b"\r") + file_of(data)  # appended by an incremental update
    yield file_of(PAGE, packed(PAGE, data, pack=lambda text: zlib.compress(text, level)))
    yield file_of(PICTURE, packed(data, PAGE), packed(PAGE), PICTURE)
    yield file_of(packed(data, kind=b"/Type/Obj#53tm"))
    yield file_of(packed(data, kind=b""))
    yield file_of(packed(data, keys=b"", pack=bytes))
    yield file_of(PAGE, stream)


def form_of(*, attributes=None, xfa=False):
    """Return a PDF with a form that has one field, with more `attributes`."""
    writer, file = PdfWriter(), io.BytesIO()
    page = writer.add_blank_page(612, 792)
    field = {"/Type": "/Annot", "/Subtype": "/Widget", "/FT": "/Tx"}
    field = DictionaryObject({NameObject(key): NameObject(value) for key, value in field.items()})
    field[NameObject("/T")] = TextStringObject("Date")
    field.update(attributes or {})
    fields = ArrayObject([field])
    page[NameObject("/Annots")] = fields
    form = {NameObject("/Fields"): fields} | ({NameObject("/XFA"): NullObject()} if xfa else {})
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(form)
    writer.write(file)
    return file.getvalue()


def action(name):
    return DictionaryObject({NameObject("/S"): NameObject(name), NameObject("/JS"): TextStringObject("AFDate()")})


def code_of(data):
    try:
        inspect_document(io.BytesIO(data))
    except ValidationError as error:
        return error.code
    return ""


class RefusedTests(SimpleTestCase):
    def test_scripts_actions_and_files_are_found_in_every_spelling_and_place(self):
        chance = random.Random(44)
        for data, code in REFUSED * 6:
            files = list(variants(escaped(data, chance), chance))
            # In the bytes of a stream, /AA alone says nothing: pictures contain it by chance.
            for file in files[:-1] if data.startswith(b"<</AA") else files:
                with self.subTest(file):
                    self.assertEqual(code_of(file), code)

    def test_a_form_that_calculates_or_sends_is_refused_with_what_to_do(self):
        format_date = DictionaryObject({NameObject("/F"): action("/JavaScript")})
        files = [form_of(attributes={NameObject("/AA"): format_date}), form_of(xfa=True)]
        files.append(form_of(attributes={NameObject("/A"): action("/SubmitForm")}))
        for file in files:
            with self.subTest(file), self.assertRaisesMessage(ValidationError, "Print it into a new PDF"):
                inspect_document(io.BytesIO(file))

    def test_an_invoice_with_its_data_is_accepted_once_only_its_pages_are_saved(self):
        writer, invoice, printed = PdfWriter(), io.BytesIO(), io.BytesIO()
        writer.add_blank_page(612, 792)
        writer.add_attachment("factur-x.xml", b"<invoice/>")
        writer.write(invoice)
        with self.assertRaisesMessage(ValidationError, "upload the other files separately"):
            inspect_document(invoice)
        pages = PdfWriter()
        pages.add_page(PdfReader(invoice).pages[0])
        pages.write(printed)
        self.assertEqual(code_of(printed.getvalue()), "")

    def test_text_that_looks_like_a_string_hides_no_object(self):
        for text in (b"(5 0 obj/JavaScript)", b"(5+0obj/JavaScript)", b"% (\n/JavaScript %)", b"\\(/Launch (\\)"):
            self.assertEqual(code_of(file_of(PAGE, text)), "active")

    def test_what_cannot_be_read_is_refused(self):
        def broken(text):
            return zlib.compress(text)[:-3]

        def in_digits(text):
            return zlib.compress(text.hex(" ").encode())

        streams = [
            packed(SCRIPT, keys=b"/Filter/LZWDecode", pack=lambda text: b"\x80\x0b" + text[::-1]),
            packed(
                SCRIPT,
                keys=b"/Filter[/FlateDecode/ASCIIHexDecode]",
                pack=in_digits,
            ),
            packed(SCRIPT, keys=b"/Filter[/Flate#44ecode/#41HxDecode]", pack=zlib.compress),
            packed(SCRIPT, keys=b"/Filter/FlateDecode/DecodeParms<</Predictor 12>>"),
            packed(SCRIPT, keys=b"/Filter 9 0 R"),
            packed(SCRIPT, pack=broken),
            packed(PAGE, keys=b"%stream\n/Filter/FlateDecode"),
        ]
        for stream in streams:
            with self.subTest(stream):
                self.assertEqual(code_of(file_of(PAGE, stream)), "unreadable")

    def test_object_streams_are_unpacked_up_to_a_limit(self):
        bomb = file_of(packed(b" " * 100_000), packed(b" " * 100_000))
        self.assertEqual(code_of(bomb), "")
        with mock.patch.object(pdf, "MAX_UNPACKED_BYTES", 150_000):
            self.assertEqual(code_of(bomb), "unreadable")
        with mock.patch.object(pdf, "MAX_STREAMS", 1):
            self.assertEqual(code_of(bomb), "unreadable")

    def test_an_action_that_opens_something_is_found_behind_its_number(self):
        harmless, other = b"<</S/GoTo/D[1 0 R/Fit]>>", b"<</S/URI/URI(https://example.org)>>"
        catalog = b"<</OpenAction 20 0 R>>"
        self.assertEqual(code_of(file_of(catalog, packed(harmless))), "")
        self.assertEqual(code_of(file_of(catalog, packed(other))), "active")
        self.assertEqual(code_of(file_of(catalog, packed(harmless), packed(other))), "active")
        self.assertEqual(code_of(file_of(catalog, packed(b"7", harmless))), "active")
        self.assertEqual(code_of(file_of(b"<</OpenAction 21 0 R>>", packed(b"7", harmless))), "")
        self.assertEqual(code_of(file_of(b"<</OpenAction 2 0 R>>", harmless)), "")
        self.assertEqual(code_of(file_of(b"<</OpenAction 2 0 R>>", other)), "active")


class AcceptedTests(SimpleTestCase):
    def test_ordinary_files_are_accepted(self):
        link = b"<</A<</S/URI/URI(https://example.org/Web/JavaScript/Launch)>>>>"
        files = [
            PDF,
            file_of(PAGE, PICTURE),
            file_of(PAGE, link, packed(PAGE, link)),
            file_of(b"<</OpenAction[1 0 R/XYZ null null 0]>>", PAGE),
            file_of(b"<</OpenAction <</Type/Action /S /GoTo /D [1 0 R /Fit]>>>>", PAGE),
            file_of(b"<</Type/Outlines/First 2 0 R>>", PAGE, PICTURE),
            file_of(b"<</BaseFont/AAAAAA+JSans/AAB 4>>", b"<</Title(JavaScript and Launch)>>"),
        ]
        for file in files:
            with self.subTest(file):
                self.assertEqual(code_of(file), "")

    def test_a_form_that_people_only_fill_in_is_accepted(self):
        reset = DictionaryObject({NameObject("/S"): NameObject("/ResetForm")})
        for attributes in ({}, {NameObject("/FT"): NameObject("/Sig")}, {NameObject("/A"): reset}):
            self.assertEqual(code_of(form_of(attributes=attributes)), "")

    def test_files_of_libraries_are_accepted(self):
        for compressed in (False, True):
            document, file = pydyf.PDF(), io.BytesIO()
            document.add_page(pydyf.Dictionary({"Type": "/Page", "Parent": document.pages.reference}))
            document.write(file, version=b"1.7", compress=compressed)
            self.assertEqual(code_of(file.getvalue()), "")
        writer, file = PdfWriter(), io.BytesIO()
        page = writer.add_blank_page(612, 792)
        writer.add_outline_item(title="Chapter", page_number=0)
        writer.open_destination = page
        writer.write(file)
        self.assertEqual(code_of(file.getvalue()), "")
        writer.add_attachment("a.txt", b"Text")
        writer.write(file := io.BytesIO())
        self.assertEqual(code_of(file.getvalue()), "attached")

    def test_a_large_picture_is_no_script_by_chance(self):
        noise = random.Random(7).randbytes(1_000_000) + b"/JS(/AA<<"
        picture = b"<</Subtype/Image/Length %d>>\nstream\n%s\nendstream" % (len(noise), noise)
        self.assertEqual(code_of(file_of(PAGE, picture)), "")
