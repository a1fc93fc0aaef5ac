"""Form of the publication's settings, with a reason for every refused file, colour and address."""

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.access import Level
from truthlytics.publication.files import store
from truthlytics.publication.models import Publication
from truthlytics.publication.svg import LARGEST_SVG, clean_svg
from truthlytics.web.lazy_import import LazyModule
from truthlytics.web.lookalikes import skeleton_words
from truthlytics.web.text import split_words

# Loads Pillow.
images = LazyModule("truthlytics.publication.images")

Clean = Callable[[bytes], tuple[bytes, int, int]]


def time_zone_choices(chosen: str) -> list[tuple[str, str]]:
    """Return the names of places, such as Europe/Berlin, and UTC; also `chosen`, if it is another."""
    names = {
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/", "right/"))
    }
    first = ["UTC"] if chosen in names else list(dict.fromkeys([chosen, "UTC"]))
    return [(name, name.replace("_", " ")) for name in [*first, *sorted(names)]]


class ShownFile(NamedTuple):
    """A file as its form field links to it: not by its name, which is a digest."""

    url: str

    def __str__(self) -> str:
        return _("this file")


class FileWidget(AdminFileWidget):
    # A label of its own for the file, rather than a group with the checkbox.
    use_fieldset = False
    clear_checkbox_label: Any = gettext_lazy("Remove")

    def get_context(self, name: str, value: Any, attrs: dict[str, str] | None) -> dict[str, object]:
        context = super().get_context(name, value, attrs)
        if context["widget"]["is_initial"]:
            context["widget"]["value"] = ShownFile(value.url)
        return context


class SettingsForm(forms.ModelForm[Publication]):
    class Meta:
        model = Publication
        fields = split_words(
            "name tagline description logo logo_dark favicon social_image language time_zone "
            "publisher legal_address contact_email tips_email social_profiles default_access comments_open "
            "comments_close_after_days who_may_comment hold_first_comments hold_links held_words four_eyes "
            "check_links authors_see_statistics"
        )
        help_texts = {
            "comments_open": gettext_lazy("If not, you can open them on individual articles under Comment settings."),
            "comments_close_after_days": gettext_lazy(
                "Counted from publication, for all articles without a closing time of their own. "
                "Leave blank to keep comments open."
            ),
            "hold_first_comments": gettext_lazy("Hold a reader’s comments until a moderator has approved one."),
            "held_words": gettext_lazy(
                "One word or phrase per line, ignoring case. Only whole words count. "
                "Similar characters are recognised, such as 1 for i."
            ),
        }
        widgets = {
            **dict.fromkeys(("logo", "logo_dark", "favicon", "social_image"), FileWidget),
            "description": forms.Textarea(attrs={"rows": 2}),
            "legal_address": forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
            "social_profiles": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
            "time_zone": forms.Select,
            "default_access": forms.Select(choices=Level.choices),
            "who_may_comment": forms.RadioSelect,
            "four_eyes": forms.RadioSelect,
            "held_words": forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "time_zone" in self.fields:
            self.fields["time_zone"].widget.choices = time_zone_choices(self.instance.time_zone)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_logo(self) -> object:
        return self._clean_file("logo", _clean_logo)

    def clean_logo_dark(self) -> object:
        return self._clean_file("logo_dark", _clean_logo)

    def clean_favicon(self) -> object:
        return self._clean_file("favicon", images.clean_icon)

    def clean_social_image(self) -> object:
        return self._clean_file("social_image", images.clean_card)

    def _clean_file(self, field: str, clean: Clean) -> object:
        """Return the name of the stored file. A file that was not changed is returned as it is."""
        file = self.cleaned_data[field]
        if not isinstance(file, UploadedFile):
            return file
        if (file.size or 0) > images.LARGEST_UPLOAD:
            raise ValidationError(_("The file is larger than 5 MB."))
        content, width, height = clean(file.read())
        extension = "svg" if content.lstrip().startswith(b"<") else "jpg" if content[:2] == b"\xff\xd8" else "png"
        return store(content, extension, width, height)

    def clean_social_profiles(self) -> str:
        urls = self.cleaned_data["social_profiles"].split()
        for url in urls:
            if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
                raise ValidationError(_("“%(url)s” is not a URL such as https://social.example/@name.") % {"url": url})
        return "\n".join(dict.fromkeys(urls))

    def clean_default_access(self) -> int:
        level: int = self.cleaned_data["default_access"]
        if level not in Level.values:
            raise ValidationError(_("Choose one of the levels."))
        return level

    def clean_comments_close_after_days(self) -> int | None:
        days: int | None = self.cleaned_data["comments_close_after_days"]
        if days == 0:
            raise ValidationError(_("Enter at least 1 day, or leave it blank to keep comments open."))
        return days

    def clean_held_words(self) -> str:
        lines = [" ".join(line.split()) for line in self.cleaned_data["held_words"].splitlines()]
        for line in lines:
            if line and not skeleton_words(line, outer_digits=True):
                raise ValidationError(_("“%(line)s” has no letters or digits.") % {"line": line})
        return "\n".join(dict.fromkeys(line for line in lines if line))

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("logo_dark") and not cleaned.get("logo") and "logo" not in self.errors:
            self.add_error("logo", _("Upload a logo for light mode, too."))
        return cleaned


def _clean_logo(data: bytes) -> tuple[bytes, int, int]:
    if b"<svg" in data[:LARGEST_SVG]:
        return clean_svg(data)
    cleaned: tuple[bytes, int, int] = images.clean_logo(data)
    return cleaned
