"""Set up the site: `manage.py setup` asks; with `--noinput` everything comes from options."""

import os
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from getpass import getpass

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from truthlytics.publication.language import LANGUAGES
from truthlytics.publication.mail import send_test_email
from truthlytics.setup.access import is_set_up
from truthlytics.setup.forms import FREE, PAID, SetupForm
from truthlytics.setup.service import AlreadySetUp, set_up
from truthlytics.web.mail_errors import EmailError

PASSWORD_VARIABLE = "SETUP_PASSWORD"  # noqa: S105 - the name of a variable
QUESTIONS = ("name", "language", "section", "display_name", "email")
CODES = ", ".join(f"{code} for {name}" for code, name in LANGUAGES)


class Command(BaseCommand):
    help = (
        "Set up the site: the publication's name, the first account, a section and a plan. Asks for what no option "
        f"says. The password is asked, or read from {PASSWORD_VARIABLE}."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        form = SetupForm()
        for name in QUESTIONS:
            label = f"{form.fields[name].label}{f': {CODES}' if name == 'language' else ''}"
            parser.add_argument(f"--{name.replace('_', '-')}", help=label)
        parser.add_argument(
            "--time-zone", default=settings.TIME_ZONE, help="such as Europe/Berlin (default: TIME_ZONE)"
        )
        parser.add_argument("--price", help="monthly price of the first plan, or “free” (default: free)")
        parser.add_argument("--test-email", action="store_true", help="send a test email and report the outcome")
        parser.add_argument("--noinput", action="store_false", dest="interactive", help="ask nothing")

    def handle(self, *args: object, **options: object) -> None:
        try:
            if is_set_up():
                raise CommandError("The site is set up: there is a staff account.")
        except DatabaseError as error:
            raise CommandError("The database has no tables yet. Run `manage.py migrate` first.") from error
        form = self.ask(options) if options["interactive"] else self.read(options)
        fields = form.cleaned_data
        try:
            names = (*QUESTIONS, "time_zone", "password")
            user = set_up(**{name: fields[name] for name in names}, minor=form.minor)
        except AlreadySetUp as error:
            raise CommandError("The site was set up in the meantime.") from error
        self.stdout.write(f"{fields['name']} is set up. Log in at /admin/ as {user.email}.")
        if fields["test_email"]:
            try:
                send_test_email(user.email)
            except EmailError as problem:
                self.stdout.write(f"The test email was not sent: {problem}")
            else:
                self.stdout.write("The test email was accepted.")

    def read(self, options: dict[str, object]) -> SetupForm:
        """Return the valid form of the options. Raises CommandError with everything that is wrong."""
        password = os.environ.get(PASSWORD_VARIABLE, "")
        form = self.form({name: options[name] for name in QUESTIONS}, options, password)
        if not form.is_valid():
            lines = self.lines({name: errors for name, errors in form.errors.items() if name != "password" or password})
            raise CommandError("\n".join(lines if password else [*lines, f"Password: Set {PASSWORD_VARIABLE}."]))
        return form

    def ask(self, options: dict[str, object]) -> SetupForm:
        """Ask for what is missing or wrong, each until its answer is right."""
        answers = {name: options[name] for name in QUESTIONS}
        password = os.environ.get(PASSWORD_VARIABLE, "")
        fields = SetupForm().fields
        for name in QUESTIONS:
            label = f"{fields[name].label}{f' ({CODES})' if name == 'language' else ''}"
            while answers[name] is None or self.is_wrong(name, answers, options, password):
                answers[name] = self.question(label, str(fields[name].initial or ""))
        while not password or self.is_wrong("password", answers, options, password):
            password = self.new_password()
        while options["price"] is None or self.is_wrong("price", answers, options, password):
            options["price"] = self.question("Price per month, or “free”", FREE)
        form = self.form(answers, options, password)
        form.full_clean()
        if not options["test_email"]:
            form.cleaned_data["test_email"] = self.question("Send a test email? (y/n)", "y").lower() == "y"
        return form

    def is_wrong(self, name: str, answers: dict[str, object], options: dict[str, object], password: str) -> bool:
        """Return whether this answer is not valid, and say why."""
        errors = self.form(answers, options, password).errors
        for line in self.lines({name: errors[name]} if name in errors else {}):
            self.stderr.write(line)
        return name in errors

    def new_password(self) -> str:
        """Ask for the password twice, since a typing error would lock its owner out."""
        while True:
            password = getpass("Password: ")
            if getpass("Password again: ") == password:
                return password
            self.stderr.write("The passwords differ. Enter them again.")

    def question(self, label: str, default: str) -> str:
        return input(f"{label}{f' [{default}]' if default else ''}: ").strip() or default

    def form(self, answers: dict[str, object], options: dict[str, object], password: str) -> SetupForm:
        price = str(options["price"] or FREE)
        initial = SetupForm().fields
        data = {name: initial[name].initial if value is None else value for name, value in answers.items()}
        data |= {
            "time_zone": options["time_zone"],
            "password": password,
            "test_email": options["test_email"],
            "plan": FREE if price == FREE else PAID,
        }
        return SetupForm(data | ({} if price == FREE else {"price": price}))

    def lines(self, errors: Mapping[str, Iterable[object]]) -> list[str]:
        labels = SetupForm().fields
        return [f"{labels[name].label}: {' '.join(map(str, found))}" for name, found in errors.items()]
