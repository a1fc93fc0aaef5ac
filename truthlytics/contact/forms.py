"""The contact form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from truthlytics.contact.models import MAX_LENGTH, Message
from truthlytics.web.form_fields import choice_field


class MessageForm(forms.ModelForm[Message]):
    # Hidden from people; programs that fill in every field give themselves away.
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    class Meta:
        model = Message
        fields = ("subject", "text", "name", "email")
        labels = {
            "subject": _("What is it about?"),
            "text": _("Your message"),
            "name": _("Your name"),
            "email": _("Your email address"),
        }
        help_texts = {"email": _("Fill this in only if you would like an answer.")}
        widgets = {
            "subject": forms.RadioSelect,
            "text": forms.Textarea(attrs={"class": "input", "rows": 10}),
            "name": forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
        }
        error_messages = {
            "subject": {"required": _("Choose what it is about.")},
            "text": {"required": _("Write your message."), "max_length": _("Use at most %(limit_value)d characters.")},
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice_field(self, "subject").choices = Message.Subject.choices
        self.fields["text"].widget.attrs["maxlength"] = MAX_LENGTH

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.cleaned_data.get("website"))
