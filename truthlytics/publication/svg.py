"""Clean uploaded SVG logos: drawing elements and attributes only, and nothing that loads or runs anything."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from truthlytics.web.markup import etree
from truthlytics.web.text import word_set

SVG = "http://www.w3.org/2000/svg"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
LARGEST_SVG = 200_000
MOST_ELEMENTS = 5_000
LARGEST_SIDE = 10_000
ELEMENTS = word_set(
    "svg g defs title desc path rect circle ellipse line polyline polygon linearGradient radialGradient stop clipPath "
    "mask"
)
PRESENTATION = word_set(
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit "
    "stroke-dasharray stroke-dashoffset opacity clip-path clip-rule mask stop-color stop-opacity color display "
    "visibility"
)
GEOMETRY = word_set(
    "id d points x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy width height viewBox preserveAspectRatio transform offset "
    "gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits maskContentUnits pathLength"
)
# What to do about elements that drawing programs often write.
ADVICE = {
    "style": gettext_lazy("Export it with presentation attributes instead of CSS."),
    "text": gettext_lazy("Convert text to outlines, since browsers would set it in another font."),
    "use": gettext_lazy("Export it without symbols."),
}
LOCAL_URL = re.compile(r"url\(\s*['\"]?#[\w.-]+['\"]?\s*\)")
LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)(?:px)?\s*")


def clean_svg(data: bytes) -> tuple[bytes, int, int]:
    """Return the drawing, its width and its height. Raises ValidationError if it may contain more than a drawing."""
    if len(data) > LARGEST_SVG:
        raise ValidationError(_("The SVG is larger than 200 KB. Simplify it, or upload a PNG."))
    root = _parse(data)
    # The root is always first.
    for number, element in enumerate(list(root.iter())):
        if number > MOST_ELEMENTS:
            raise ValidationError(_("The SVG has too many parts. Simplify it, or upload a PNG."))
        if number and _is_dropped(element):
            _remove(element)
        else:
            _clean_element(element)
    width, height = _size(root)
    root.set("width", str(width))
    root.set("height", str(height))
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="utf-8"), width, height


def _parse(data: bytes) -> "etree._Element":
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValidationError(_("This is not a valid SVG file.")) from error
    if root.tag != f"{{{SVG}}}svg":
        raise ValidationError(_("This is not a valid SVG file."))
    dtd = root.getroottree().docinfo.internalDTD
    if (dtd is not None and any(True for _entity in dtd.iterentities())) or any(root.iter(etree.Entity)):
        raise ValidationError(_("The SVG defines entities, which are not allowed. Export it again without them."))
    return root


def _is_dropped(element: "etree._Element") -> bool:
    """Return whether `element` is a comment, an instruction or the metadata of a drawing program."""
    if not isinstance(element.tag, str):
        return True
    name = etree.QName(element)
    foreign = name.namespace not in {SVG, None, "http://www.w3.org/1999/xhtml"}
    return foreign or (name.namespace == SVG and name.localname == "metadata")


def _remove(element: "etree._Element") -> None:
    parent = element.getparent()
    if parent is not None:
        element.clear()
        parent.remove(element)


def _clean_element(element: "etree._Element") -> None:
    name = etree.QName(element)
    if name.namespace != SVG or name.localname not in ELEMENTS:
        message = _("The SVG contains <%(name)s>, which is not allowed.") % {"name": name.localname}
        raise ValidationError(f"{message} {ADVICE.get(name.localname, '')}".strip())
    style = element.attrib.pop("style", "")
    for declaration in style.split(";"):
        prop, _colon, value = declaration.partition(":")
        if prop.strip() in PRESENTATION:
            element.set(prop.strip(), value.strip())
    for attribute, value in list(element.attrib.items()):
        if attribute in {"href", XLINK_HREF}:
            if not value.startswith("#"):
                raise ValidationError(_("The SVG refers to another file, which is not allowed."))
        elif attribute.lower().startswith("on"):
            raise ValidationError(_("The SVG contains scripts, which are not allowed."))
        elif attribute not in PRESENTATION | GEOMETRY:
            del element.attrib[attribute]
        elif "url(" in value.lower().replace("\\", "") and not LOCAL_URL.fullmatch(value.strip()):
            raise ValidationError(_("The SVG refers to another file, which is not allowed."))
        elif "\\" in value or "/*" in value:
            del element.attrib[attribute]


def _size(root: "etree._Element") -> tuple[int, int]:
    box = root.get("viewBox", "").replace(",", " ").split()
    sides = box[2:] if len(box) == 4 else [root.get("width", ""), root.get("height", "")]
    lengths = [LENGTH.fullmatch(side) for side in sides]
    width, height = (float(length[1]) if length else 0.0 for length in lengths)
    if not (0 < width < LARGEST_SIDE and 0 < height < LARGEST_SIDE):
        raise ValidationError(_("The SVG does not say how large it is. Export it with a viewBox."))
    if len(box) != 4:
        root.set("viewBox", f"0 0 {width:g} {height:g}")
    # Small units, such as a view box of 1 × 1, would round to nothing.
    scale = max(1, 64 / height)
    return max(1, round(width * scale)), max(1, round(height * scale))
