"""Embedded image metadata (IPTC, XMP, EXIF), offered to editors as suggested field values.

Reads named fields only. Never reads the location.
"""

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from articles.responsibility import ImageAIUse
from truthlytics.web.lazy_import import LazyModule
from truthlytics.web.markup import etree
from truthlytics.web.text import strip_control_characters

if TYPE_CHECKING:
    from PIL import Image as Pillow
    from PIL import IptcImagePlugin
else:
    IptcImagePlugin = LazyModule("PIL.IptcImagePlugin")

# Field name to the maximum length of its column.
MAX_LENGTHS = {"title": 200, "alt": 500, "caption": 500, "credit": 200, "licence": 20, "terms": 300, "ai_use": 7}
MAX_XMP_BYTES = 1024 * 1024
_NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "iptc": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "iptc_ext": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "rights": "http://ns.adobe.com/xap/1.0/rights/",
    "cc": "http://creativecommons.org/ns#",
}
# Licence URL to the licence name used in the image library.
_LICENCES = {
    "creativecommons.org/licenses/by/4.0": "CC BY 4.0",
    "creativecommons.org/licenses/by-sa/4.0": "CC BY-SA 4.0",
    "creativecommons.org/publicdomain/zero/1.0": "CC0 1.0",
    "creativecommons.org/publicdomain/mark/1.0": "Public domain",
}

# The terms of IPTC for sources that involve generative AI, at the end of an address or alone.
_AI_SOURCES = {
    "trainedalgorithmicmedia": ImageAIUse.MADE,
    "compositewithtrainedalgorithmicmedia": ImageAIUse.CHANGED,
    "compositesynthetic": ImageAIUse.CHANGED,
}


def suggested_fields(image: "Pillow.Image") -> dict[str, str]:
    """Return any of title, alt, caption, credit, licence, terms and ai_use (see ImageAIUse).

    Never raises: unreadable metadata is ignored.
    """
    try:
        sources = [_xmp(image), _iptc(image), _exif(image)]
    # Untrusted bytes in three legacy formats can raise anything.
    except Exception:  # noqa: BLE001
        return {}
    names = {name for source in sources for name in source}
    fields = {name: next((source[name] for source in sources if source.get(name)), "") for name in names}
    makers = dict.fromkeys(name for name in (fields.get("by", ""), fields.get("agency", "")) if name)
    fields["credit"] = " / ".join(makers) or fields.get("rights", "")
    fields["licence"] = next((name for url, name in _LICENCES.items() if url in fields.get("terms", "")), "")
    return {name: fields[name][:length].strip() for name, length in MAX_LENGTHS.items() if fields.get(name)}


def _single_line(text: object) -> str:
    return " ".join(strip_control_characters(str(text)).split())


def _xmp(image: "Pillow.Image") -> dict[str, str]:
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    packet = packet.encode() if isinstance(packet, str) else packet
    if not packet or len(packet) > MAX_XMP_BYTES or b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        return {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    root = etree.fromstring(packet.strip(b"\x00 \r\n\t"), parser)
    if root is None:
        return {}
    return {
        "title": _xmp_property(root, "photoshop:Headline") or _xmp_property(root, "dc:title"),
        "alt": _xmp_property(root, "iptc:AltTextAccessibility"),
        "caption": _xmp_property(root, "dc:description"),
        "by": _xmp_property(root, "dc:creator"),
        "agency": _xmp_property(root, "photoshop:Credit"),
        "rights": _xmp_property(root, "dc:rights"),
        "ai_use": _AI_SOURCES.get(_xmp_property(root, "iptc_ext:DigitalSourceType").rpartition("/")[2].lower(), ""),
        "terms": (
            _xmp_property(root, "rights:WebStatement")
            or _xmp_property(root, "cc:license")
            or _xmp_property(root, "rights:UsageTerms")
        ),
    }


def _xmp_property(root: Element, name: str) -> str:
    """Return a property, which may be written as an element, a list inside it, a resource or an attribute."""
    prefix, local_name = name.split(":")
    tag = f"{{{_NAMESPACES[prefix]}}}{local_name}"
    for element in root.iter(tag):
        items = [_single_line(item.text) for item in element.iter(f"{{{_NAMESPACES['rdf']}}}li") if item.text]
        # A list of alternatives holds translations, of which one is enough; other lists hold several people.
        items = items if element.find("rdf:Alt", _NAMESPACES) is None else items[:1]
        resource = element.get(f"{{{_NAMESPACES['rdf']}}}resource", "")
        if value := ", ".join(items) or _single_line(element.text or "") or _single_line(resource):
            return value
    return next((_single_line(element.get(tag)) for element in root.iter() if element.get(tag)), "")


def _iptc(image: "Pillow.Image") -> dict[str, str]:
    fields = IptcImagePlugin.getiptcinfo(image) or {}  # type: ignore[arg-type]

    def value(number: int) -> str:
        raw = fields.get((2, number), b"")
        values = raw if isinstance(raw, list) else [raw]
        return ", ".join(filter(None, (_single_line(_decode(value)) for value in values)))

    return {
        "title": value(105) or value(5),
        "caption": value(120),
        "by": value(80),
        "agency": value(110),
        "rights": value(116),
    }


def _exif(image: "Pillow.Image") -> dict[str, str]:
    fields = image.getexif()
    tags = {"caption": 0x010E, "by": 0x013B, "rights": 0x8298}
    return {name: _single_line(_decode(fields.get(tag, ""))) for name, tag in tags.items()}


def _decode(value: object) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
