"""The forms of the page Settings → Crawlers."""

from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from truthlytics.crawlers.directories import MAX_BYTES, directory_at, read_directory
from truthlytics.crawlers.models import SignedAgent
from truthlytics.publication.crawlers import CRAWLERS, TRUST_ATTRIBUTES
from truthlytics.publication.proxies import CrawlerSettings
from truthlytics.web.agents import Kind
from truthlytics.web.generic import ModelForm
from truthlytics.web.public_http import RefusedError
from truthlytics.web.text import split_words

MAX_LINES, MAX_LINE = 100, 300
EXCEPTIONS = {
    Kind.SEARCH: "except_search",
    Kind.ASSISTANT: "except_assistants",
    Kind.TRAINING: "except_training",
}
EXCEPTION_LABELS = {
    Kind.SEARCH: gettext_lazy("Exceptions among search engines"),
    Kind.ASSISTANT: gettext_lazy("Exceptions among assistants"),
    Kind.TRAINING: gettext_lazy("Exceptions among those that train"),
}
TRUST_LABELS = {
    "member": gettext_lazy("Your members"),
    "belongto": gettext_lazy("Associations that you belong to"),
    "control": gettext_lazy("Sites that you control"),
    "controlledby": gettext_lazy("Who controls this site"),
    "social": gettext_lazy("Your accounts in social networks"),
    "vendor": gettext_lazy("Your service providers"),
    "customer": gettext_lazy("Your customers"),
    "disclosure": gettext_lazy("Pages about ownership and standards"),
    "contact": gettext_lazy("Contact"),
}


class ExceptionsField(forms.MultipleChoiceField):
    """The names of a kind that are treated the other way round."""

    def __init__(self, kind: Kind) -> None:
        choices, label = [(name, name) for name in CRAWLERS[kind]], EXCEPTION_LABELS[kind]
        super().__init__(choices=choices, label=label, required=False, widget=forms.CheckboxSelectMultiple)


class RulesForm(ModelForm[CrawlerSettings]):
    """What each kind may do. Without saving, `instance` has it for a preview."""

    except_search = ExceptionsField(Kind.SEARCH)
    except_assistants = ExceptionsField(Kind.ASSISTANT)
    except_training = ExceptionsField(Kind.TRAINING)

    class Meta:
        model = CrawlerSettings
        fields = ["allow_search", "allow_assistants", "allow_training", "refuse_crawlers", "offers_license"]
        help_texts = {
            "allow_search": gettext_lazy("They send readers. Googlebot and bingbot are among them."),
            "allow_assistants": gettext_lazy("They open a page because someone asks them to."),
            "allow_training": gettext_lazy("They collect texts to train models with."),
            "refuse_crawlers": gettext_lazy(
                "Those that robots.txt refuses get status 403 instead of pages. Previews of links in messengers and "
                "feed readers always get them."
            ),
            "offers_license": gettext_lazy(
                "At /license.xml, in the format RSL, and named in the header of each page. It permits free of charge "
                "what you allow above, and prohibits the rest. Exceptions are not in it."
            ),
        }

    field_order = split_words(
        "allow_search except_search allow_assistants except_assistants allow_training except_training refuse_crawlers "
        "offers_license"
    )

    def __init__(self, data: QueryDict | None = None, *, instance: CrawlerSettings) -> None:
        chosen = {name.casefold() for name in instance.crawler_exceptions}
        initial = {
            field: [name for name in CRAWLERS[kind] if name.casefold() in chosen] for kind, field in EXCEPTIONS.items()
        }
        super().__init__(data, instance=instance, initial=initial)

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        self.instance.crawler_exceptions = [
            name for field in EXCEPTIONS.values() for name in self.cleaned_data.get(field, [])
        ]
        return data


class TrustForm(forms.Form):
    """The entries of trust.txt, one per line in a field for each attribute."""

    def __init__(self, data: QueryDict | None = None, *, row: CrawlerSettings) -> None:
        super().__init__(data, initial={name: "\n".join(lines) for name, lines in row.trust_txt.items()})
        self.row = row
        for name in TRUST_ATTRIBUTES:
            widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false"})
            self.fields[name] = forms.CharField(
                label=TRUST_LABELS[name], required=False, max_length=20_000, widget=widget
            )
        self.fields["contact"].help_text = _("Addresses of pages or emails.")

    def clean(self) -> dict[str, object]:
        for name in TRUST_ATTRIBUTES:
            lines = list(dict.fromkeys(str(self.cleaned_data.get(name, "")).split()))
            try:
                check_lines(lines, emails=name == "contact")
            except ValidationError as error:
                self.add_error(name, error)
            self.cleaned_data[name] = lines
        return self.cleaned_data

    def save(self) -> None:
        self.row.trust_txt = {name: lines for name in TRUST_ATTRIBUTES if (lines := self.cleaned_data[name])}
        self.row.save()


def check_lines(lines: list[str], *, emails: bool) -> None:
    """Raise ValidationError unless each line is an address on the web, or one of email if `emails`."""
    if len(lines) > MAX_LINES:
        raise ValidationError(_("Enter at most %(most)s lines.") % {"most": MAX_LINES})
    for line in lines:
        if not is_web_address(line) and not (emails and is_email(line)):
            message = _("“%(line)s” is not an address such as https://news.example/.")
            raise ValidationError(message % {"line": line[:100]})


def is_web_address(line: str) -> bool:
    try:
        parts = urlsplit(line)
        is_whole = parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and not parts.username
    except ValueError:
        return False
    return is_whole and line.isprintable() and len(line) <= MAX_LINE


def is_email(line: str) -> bool:
    try:
        validate_email(line.removeprefix("mailto:"))
    except ValidationError:
        return False
    return True


class SignedAgentForm(ModelForm[SignedAgent]):
    directory = forms.CharField(
        label=gettext_lazy("Key directory"),
        required=False,
        max_length=MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("Or paste the keys here, as JSON."),
    )

    class Meta:
        model = SignedAgent
        fields = ["name", "kind", "host"]
        help_texts = {
            "name": gettext_lazy("As in the list of crawlers above, if it is there."),
            "host": gettext_lazy(
                "Such as agent.example. Its keys are fetched from there within minutes, and every day."
            ),
        }
        widgets = {"host": forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"})}

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].strip().lower().removeprefix("https://").rstrip("/")
        try:
            if host and ("/" in host or "?" in host or "#" in host or directory_at(host) is None):
                raise RefusedError(host)
        except RefusedError as error:
            raise ValidationError(_("Enter the name of a public site, such as agent.example.")) from error
        return host

    def clean_directory(self) -> list[dict[str, object]]:
        text: str = self.cleaned_data["directory"]
        return read_directory(text) if text else []

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if not self.errors and bool(data.get("host")) == bool(data.get("directory")):
            raise ValidationError(_("Enter the site of the agent, or paste its keys: one of the two."))
        self.instance.keys = data.get("directory") or []
        self.instance.fetch_at = timezone.now() if data.get("host") else None
        return data
