"""Uploaded SVG logos are cleaned, and refused if they could load or run anything."""

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase

from truthlytics.publication.svg import clean_svg

START = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 120 40"'
ENTITY = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
HOSTILE = {
    "script": f"{START}><script>alert(1)</script></svg>",
    "script in another namespace prefix": f'{START} xmlns:s="http://www.w3.org/2000/svg"><s:script href="#a"/></svg>',
    "foreignObject": f"{START}><foreignObject><p/></foreignObject></svg>",
    "html": f'{START}><g><x:iframe xmlns:x="http://www.w3.org/1999/xhtml" src="/"/></g></svg>',
    "event handler": f'{START} onload="alert(1)"><path d="M0 0"/></svg>',
    "event handler in capitals": f'{START}><path OnClick="alert(1)" d="M0 0"/></svg>',
    "image": f'{START}><image href="https://tracker.example/a.png"/></svg>',
    "use": f'{START}><use xlink:href="#a"/></svg>',
    "external gradient": f'{START}><linearGradient xlink:href="https://a.example/b.svg#c"/></svg>',
    "javascript link": f'{START}><linearGradient href="javascript:alert(1)"/></svg>',
    "link": f'{START}><a href="https://a.example/"><path d="M0 0"/></a></svg>',
    "external fill": f'{START}><path fill="url(https://a.example/b.svg#c)" d="M0 0"/></svg>',
    "escaped fill": f'{START}><path fill="u\\rl(//a.example/b)" d="M0 0"/></svg>',
    "external fill in a style": f'{START}><path style="fill:URL(//a.example)" d="M0 0"/></svg>',
    "text, which browsers would set in another font": f"{START}><text>The Review</text></svg>",
    "style sheet": f"{START}><style>@import url(//a.example)</style></svg>",
    "animation": f'{START}><path d="M0 0"><animate attributeName="d"/></path></svg>',
    "set": f'{START}><g><set attributeName="href" to="javascript:alert(1)"/></g></svg>',
    "external entity": f"{ENTITY}{START}><title>&x;</title></svg>",
    "nested entities": f"{LAUGHS}{START}><title>&b;</title></svg>",
    "script inside metadata of a drawing program": f'{START} xmlns:i="urn:i"><i:a><script/></i:a></svg>',
    "HTML": "<html><svg/></html>",
    "not XML": "<svg",
    "no size": '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>',
    "no namespace": "<svg viewBox='0 0 1 1'/>",
    "too large": f"{START}><title>{'x' * 200_001}</title></svg>",
}


class SvgTests(SimpleTestCase):
    def test_hostile_files_are_refused(self):
        for name, text in HOSTILE.items():
            with self.subTest(name), self.assertRaises(ValidationError):
                clean_svg(text.encode())

    def test_utf_16_hides_nothing(self):
        with self.assertRaises(ValidationError):
            clean_svg(HOSTILE["script"].encode("utf-16"))

    def test_the_reason_names_the_element(self):
        with self.assertRaisesMessage(ValidationError, "<foreignObject>"):
            clean_svg(HOSTILE["foreignObject"].encode())

    def test_a_drawing_keeps_its_shapes_and_loses_the_rest(self):
        drawing = (
            '<?xml-stylesheet href="//a.example/x.css"?><!-- made with a program -->'
            f'{START} xmlns:sodi="urn:sodi" sodi:docname="/home/me/logo.svg" class="c" data-name="x">'
            "<title>The Review</title>"
            "<sodi:namedview/><metadata><sodi:x/></metadata>"
            '<defs><linearGradient id="g"><stop offset="1" stop-color="#123456"/></linearGradient></defs>'
            '<path style="fill:url(#g);-inkscape-x:1" d="M0 0h9v9z"/></svg>'
        )
        clean, width, height = clean_svg(drawing.encode())
        text = clean.decode()
        for kept in ("<title>The Review</title>", 'fill="url(#g)"', 'd="M0 0h9v9z"', 'stop-color="#123456"'):
            self.assertIn(kept, text)
        for lost in ("sodi", "metadata", "style", "class", "data-name", "<!--", "<?xml-stylesheet", "/home/me"):
            self.assertNotIn(lost, text)
        self.assertEqual((width, height), (192, 64))
        self.assertEqual(clean_svg(clean), (clean, width, height))

    def test_the_size_comes_from_the_view_box_or_the_sides(self):
        path = '<path xmlns="http://www.w3.org/2000/svg" d="M0 0"/>'
        for attributes, size in {
            'viewBox="0,0,300,100"': (300, 100),
            'viewBox="0 0 3 1" width="600" height="200"': (192, 64),
            'width="240px" height="80"': (240, 80),
        }.items():
            with self.subTest(attributes):
                svg = f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{path}</svg>'
                self.assertEqual(clean_svg(svg.encode())[1:], size)
