"""The forms of the import page: files with options, and names to map."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models import Author, Kind, Section
from truthlytics.contrib.importers.formats import import_formats
from truthlytics.contrib.importers.models import ImportUpload
from truthlytics.contrib.importers.parsing import parse_host, parse_site_url, parse_types
from truthlytics.contrib.importers.run import ImportRefused
from truthlytics.contrib.importers.uploads import is_complete, server_files, server_folders
from truthlytics.web.text import split_words, strip_control_characters
from truthlytics.web.types import JsonObject
from truthlytics.web.users import User


class FilesForm(forms.Form):
    """The files of an import: from the same request (`has_files`), from earlier uploads of `user`, or the server."""

    uploads = forms.MultipleChoiceField(
        label=gettext_lazy("Files you have uploaded"), required=False, widget=forms.CheckboxSelectMultiple
    )
    server = forms.MultipleChoiceField(
        label=gettext_lazy("Files on the server"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: QueryDict | None, *, user: User, has_files: bool = False, **kwargs: Any) -> None:
        super().__init__(data, **{"label_suffix": ""} | kwargs)
        self.has_files = has_files
        self.complete = [row for row in ImportUpload.objects.filter(owner=user) if is_complete(row)]
        self._choices("uploads", [(str(row.pk), row.name) for row in self.complete])
        self._choices("server", [(path.name, path.name) for path in server_files()])

    def _choices(self, name: str, choices: list[tuple[str, object]]) -> None:
        """Set the choices of a field; without any, there is no field."""
        field: Any = self.fields[name]
        field.choices = choices
        if not choices:
            del self.fields[name]

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if not self.has_files and not cleaned.get("uploads") and not cleaned.get("server"):
            raise forms.ValidationError(_("Choose at least one file."))
        return cleaned

    def files_chosen(self) -> list[dict[str, str]]:
        """Return the earlier uploads and files on the server as a run stores them."""
        names = {str(row.pk): row.name for row in self.complete}
        chosen = [{"upload": pk, "name": names[pk]} for pk in self.cleaned_data.get("uploads", ())]
        return chosen + [{"server": name, "name": name} for name in self.cleaned_data.get("server", ())]


class ImportForm(FilesForm):
    """What to import, and how."""

    format = forms.ChoiceField(label=gettext_lazy("Where the export comes from"), widget=forms.RadioSelect)
    section = forms.CharField(
        label=gettext_lazy("Section for articles that have none"),
        max_length=Section._meta.get_field("name").max_length,
        help_text=gettext_lazy("An existing section, or the name of a new one."),
        widget=forms.TextInput({"list": "sections", "autocomplete": "off"}),
    )
    author = forms.CharField(
        label=gettext_lazy("Author for articles without one"),
        required=False,
        max_length=Author._meta.get_field("name").max_length,
        help_text=gettext_lazy("Exports of Substack have no names of authors. Without one, such texts become drafts."),
        widget=forms.TextInput({"list": "authors", "autocomplete": "off"}),
    )
    site_url = forms.CharField(
        label=gettext_lazy("Address of the old site"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Such as https://old.example.org. Exports of Substack do not say it."),
    )
    timezone = forms.ChoiceField(
        label=gettext_lazy("Time zone of dates without one"), required=False, help_text=gettext_lazy("Of the old site.")
    )
    overdue = forms.ChoiceField(
        label=gettext_lazy("Articles scheduled for a past date"),
        choices=[("draft", gettext_lazy("Import as drafts")), ("publish", gettext_lazy("Publish"))],
    )
    shortcodes = forms.ChoiceField(
        label=gettext_lazy("Shortcodes of plugins"),
        choices=[("strip", gettext_lazy("Remove, and keep their content")), ("keep", gettext_lazy("Keep as text"))],
        help_text=gettext_lazy("WordPress only."),
    )
    types = forms.CharField(
        label=gettext_lazy("Other post types"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("WordPress only, such as: recipe=article event=page. All others are left out."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Label of articles that have none"),
        required=False,
        choices=[("", gettext_lazy("None")), *Kind.choices],
        help_text=gettext_lazy("Above the headline. Only exports in JSON Lines say what kind of article each is."),
    )
    keep_emails = forms.BooleanField(
        label=gettext_lazy("Keep the email addresses of people who commented"),
        required=False,
        help_text=gettext_lazy("So that readers with the same address can claim their comments. Nobody is shown them."),
    )
    folder = forms.ChoiceField(
        label=gettext_lazy("Folder with images"),
        required=False,
        help_text=gettext_lazy("A folder on the server, such as a copy of wp-content/uploads."),
    )
    credit = forms.CharField(
        label=gettext_lazy("Credit of images that have none"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("An article with images can only be published again if all of them have a credit."),
    )
    fetch = forms.CharField(
        label=gettext_lazy("Fetch missing images from these hosts"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Such as old.example.org or *.example.org. Leave blank to fetch nothing."),
    )

    compare = forms.CharField(
        label=gettext_lazy("Compare with the old site at this address"),
        required=False,
        max_length=300,
        help_text=gettext_lazy(
            "Each text is fetched there without a login. What a stranger cannot read there stays a draft."
        ),
    )

    def __init__(self, data: QueryDict | None, *, user: User, has_files: bool = False) -> None:
        initial = {"format": next(iter(import_formats())), "section": _("Archive")}
        super().__init__(data, user=user, has_files=has_files, initial=initial)
        self._choices("format", [(name, format.label) for name, format in import_formats().items()])
        zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        self._choices("timezone", [("", _("That of the publication")), *((zone, zone) for zone in zones)])
        folders = [path.name for path in server_folders()]
        self._choices("folder", [("", _("None")), *((name, name) for name in folders)] if folders else [])

    def clean_section(self) -> str:
        name = " ".join(strip_control_characters(self.cleaned_data["section"]).split())
        if not name:
            raise forms.ValidationError(_("Enter the name of a section."))
        return name

    def clean_author(self) -> str:
        return " ".join(strip_control_characters(self.cleaned_data["author"]).split())

    def clean_site_url(self) -> str:
        return self._address("site_url")

    def clean_compare(self) -> str:
        return self._address("compare")

    def _address(self, name: str) -> str:
        try:
            return parse_site_url(self.cleaned_data[name])
        except ImportRefused:
            raise forms.ValidationError(_("Enter an address such as https://old.example.org.")) from None

    def clean_types(self) -> list[str]:
        pairs: list[str] = self.cleaned_data["types"].split()
        try:
            parse_types(pairs)
        except ImportRefused:
            raise forms.ValidationError(_("Enter pairs such as recipe=article or event=page.")) from None
        return pairs

    def clean_fetch(self) -> list[str]:
        hosts: list[str] = self.cleaned_data["fetch"].replace(",", " ").split()
        try:
            return [parse_host(host) for host in hosts]
        except ImportRefused:
            raise forms.ValidationError(_("Enter hosts such as old.example.org or *.example.org.")) from None

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("format") == "substack" and not cleaned.get("author"):
            self.add_error("author", _("Enter an author: exports of Substack have no names of authors."))
        return cleaned

    def options(self) -> JsonObject:
        """Return the options as a run stores them."""
        names = split_words("site_url timezone overdue shortcodes types keep_emails folder fetch credit kind compare")
        chosen = {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}
        authors = {"": [self.cleaned_data["author"], ""]} if self.cleaned_data["author"] else {}
        return chosen | {"authors": authors, "sections": {"": [self.cleaned_data["section"], ""]}}


def mapped_names(sources: Iterable[str], names: Iterable[str], max_length: int) -> dict[str, list[str]]:
    """Return the names here by the names in the source, as a run stores them. Unchanged and blank ones have none.

    Raises ValidationError.
    """
    mapped = {}
    for source, typed in zip(sources, names, strict=False):
        name = " ".join(strip_control_characters(typed).split())
        if len(name) > max_length:
            message = _("“%(name)s” is too long. Use at most %(length)s characters.")
            raise forms.ValidationError(message % {"name": name[:60], "length": max_length})
        if name and name != source:
            mapped[source[:500]] = [name, ""]
    return mapped


def length_of(model: type[Author] | type[Section]) -> int:
    """Return how long names of `model` may be."""
    return model._meta.get_field("name").max_length or 100
