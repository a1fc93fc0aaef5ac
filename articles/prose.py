"""The body's vocabulary: what the editor offers is what the sanitiser lets through."""

from django_prose_editor.config import html_tags

EXTENSION_RULES = {
    "Footnote": html_tags(["sup"], {"sup": ["data-footnote"]}),
    "PullQuote": html_tags(["aside"], {"aside": ["class", "data-by"]}),
    "LibraryFigure": html_tags(["figure", "figcaption"], {"figure": ["data-image"]}),
    "Gate": html_tags(["hr"], {"hr": ["data-gate"]}),
    "NewsTools": html_tags([]),
}
ARTICLE = {
    "Menu": False,  # our own toolbar: real buttons, aria-pressed, arrow keys
    "Heading": {"levels": [2, 3]},
    "Bold": True,
    "Italic": True,
    "Link": {"enableTarget": False, "protocols": ["https", "http", "mailto"]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HardBreak": True,
    "HorizontalRule": True,
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    **dict.fromkeys(EXTENSION_RULES, True),
}
