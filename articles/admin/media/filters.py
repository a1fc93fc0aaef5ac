"""Filters of the image library."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from articles.models import image_uuids_in_pages
from articles.models.media import OPEN_LICENCES, Licence
from truthlytics.web.option_filters import OptionFilter


class MetadataFilter(OptionFilter):
    title = _("metadata")
    parameter_name = "metadata"
    options = {"lacking": (_("Incomplete"), Q(complete=False)), "whole": (_("Complete"), Q(complete=True))}


class UsageFilter(OptionFilter):
    title = _("usage")
    parameter_name = "use"
    options = {"none": (_("Unused"), lambda images: images.unused().exclude(uuid__in=image_uuids_in_pages()))}


class RenditionsFilter(OptionFilter):
    title = _("renditions")
    parameter_name = "sizes"
    options = {"failed": (_("Failed"), ~Q(rendition_error=""))}


class FormatFilter(OptionFilter):
    title = _("format")
    parameter_name = "kind"
    options = {
        format: (label, Q(format=format)) for format, label in (("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WebP"))
    }


class LicenceFilter(OptionFilter):
    title = _("licence")
    parameter_name = "terms"
    options = {
        "none": (_("Unknown"), Q(licence="")),
        "reserved": (_("All rights reserved"), Q(licence=Licence.RESERVED)),
        "open": (_("Creative Commons or public domain"), Q(licence__in=sorted(OPEN_LICENCES))),
    }
