"""What the file of a picture says of itself (IPTC, XMP, EXIF): proposals for its words, for a person to accept.

Named fields only. Where a picture was taken is never looked at.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from truthlytics.web.lazy_import import Later
from truthlytics.web.markup import etree
from truthlytics.web.text import without_controls

if TYPE_CHECKING:
    from PIL import Image as Pillow
    from PIL import IptcImagePlugin
else:
    IptcImagePlugin = Later("PIL.IptcImagePlugin")

# Field → the longest that its column takes.
LENGTHS = {"title": 200, "alt": 500, "caption": 500, "credit": 200, "licence": 20, "terms": 300}
LARGEST_XMP = 1024 * 1024
_SPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "iptc": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "rights": "http://ns.adobe.com/xap/1.0/rights/",
    "cc": "http://creativecommons.org/ns#",
}
# Addresses of licences → how the library calls them.
_LICENCES = {
    "creativecommons.org/licenses/by/4.0": "CC BY 4.0",
    "creativecommons.org/licenses/by-sa/4.0": "CC BY-SA 4.0",
    "creativecommons.org/publicdomain/zero/1.0": "CC0 1.0",
    "creativecommons.org/publicdomain/mark/1.0": "Public domain",
}


def proposals(picture: "Pillow.Image") -> dict[str, str]:
    """What `picture` says: any of title, alt, caption, credit, licence, terms. Never fails; what is odd is left out."""
    try:
        found = [_xmp(picture), _iptc(picture), _exif(picture)]
    # Strangers' bytes in three old formats fail in as many ways as there are programs that wrote them.
    except Exception:  # noqa: BLE001
        return {}
    first = {name: next((each[name] for each in found if each.get(name)), "") for name in _raw_names(found)}
    makers = dict.fromkeys(part for part in (first.get("by", ""), first.get("agency", "")) if part)
    first["credit"] = " / ".join(makers) or first.get("rights", "")
    first["licence"] = next((name for part, name in _LICENCES.items() if part in first.get("terms", "")), "")
    return {name: first[name][:length].strip() for name, length in LENGTHS.items() if first.get(name)}


def _raw_names(found: Iterable[Mapping[str, str]]) -> set[str]:
    return {name for each in found for name in each}


def _line(text: Any) -> str:
    return " ".join(without_controls(str(text)).split())


def _xmp(picture: "Pillow.Image") -> dict[str, str]:
    packet = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp") or b""
    packet = packet.encode() if isinstance(packet, str) else packet
    if not packet or len(packet) > LARGEST_XMP or b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        return {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    root = etree.fromstring(packet.strip(b"\x00 \r\n\t"), parser)
    if root is None:
        return {}
    return {
        "title": _of(root, "photoshop:Headline") or _of(root, "dc:title"),
        "alt": _of(root, "iptc:AltTextAccessibility"),
        "caption": _of(root, "dc:description"),
        "by": _of(root, "dc:creator"),
        "agency": _of(root, "photoshop:Credit"),
        "rights": _of(root, "dc:rights"),
        "terms": _of(root, "rights:WebStatement") or _of(root, "cc:license") or _of(root, "rights:UsageTerms"),
    }


def _of(root: Any, name: str) -> str:
    """A property, written as an element, a list in one, a resource or an attribute."""
    space, local = name.split(":")
    whole = f"{{{_SPACES[space]}}}{local}"
    for element in root.iter(whole):
        items = [_line(item.text) for item in element.iter(f"{{{_SPACES['rdf']}}}li") if item.text]
        # One of several languages, but all of several people.
        kept = items if element.find("rdf:Alt", _SPACES) is None else items[:1]
        said = ", ".join(kept) or _line(element.text or "") or _line(element.get(f"{{{_SPACES['rdf']}}}resource", ""))
        if said:
            return said
    return next((_line(each.get(whole)) for each in root.iter() if each.get(whole)), "")


def _iptc(picture: "Pillow.Image") -> dict[str, str]:
    fields = IptcImagePlugin.getiptcinfo(picture) or {}  # type: ignore[arg-type]

    def said(number: int) -> str:
        value = fields.get((2, number), b"")
        parts = value if isinstance(value, list) else [value]
        return ", ".join(filter(None, (_line(_decoded(part)) for part in parts)))

    return {
        "title": said(105) or said(5),
        "caption": said(120),
        "by": said(80),
        "agency": said(110),
        "rights": said(116),
    }


def _exif(picture: "Pillow.Image") -> dict[str, str]:
    fields = picture.getexif()
    numbers = {"caption": 0x010E, "by": 0x013B, "rights": 0x8298}
    return {name: _line(_decoded(fields.get(number, ""))) for name, number in numbers.items()}


def _decoded(value: Any) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
