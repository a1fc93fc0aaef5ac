"""What the attributes of a plug-in's configuration add, and what of them is refused."""

import logging
from types import SimpleNamespace
from unittest import mock

from django.contrib.auth.models import Group
from django.db.models import TextChoices
from django.test import RequestFactory, TestCase, override_settings
from django.urls import reverse

from articles.models import Article
from subscriptions.models import EmailGroup, EmailOptIn
from tests.factories import make_editor, make_member, make_user
from tests.truthlytics.cache.visitor import FAR_FUTURE, Visitor
from truthlytics import roles
from truthlytics.backups.conversion import converted_models
from truthlytics.crawlers.files import robots_txt
from truthlytics.events import models
from truthlytics.events.services.adding import new_event
from truthlytics.jobs.groups import LIMIT
from truthlytics.jobs.groups import Group as JobGroup
from truthlytics.jobs.listed import with_extensions
from truthlytics.newsroom import navigation
from truthlytics.newsroom.navigation import all_areas
from truthlytics.privacy.deletion import delete_account
from truthlytics.privacy.export import export_data
from truthlytics.publication.models import Publication
from truthlytics.roles import grant_roles
from truthlytics.tools.styleguide import views
from truthlytics.web import plugins, slots


def tides():
    return [("High water", "articles/_month_record.html", {}), ("Low water", "nowhere.html", {})]


def ebb():
    return [("Low water", "_footer.html", {})]


@override_settings(PLUGINS=["harbour"])
class ExtensionCase(TestCase):
    def add(self, **attributes):
        config = SimpleNamespace(name="harbour", **attributes)
        for module in (plugins, navigation, roles):
            self.enterContext(mock.patch.object(module, "extension_configs", lambda: iter([config])))
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)


class LinkTests(ExtensionCase):
    def test_links_in_the_footer(self):
        self.add(footer_links=(("Tides & ebb", "contact"), ("Nowhere", "harbour:nowhere")))
        page = self.client.get("/nowhere/").content.decode()
        self.assertIn('<a href="/contact/">Tides &amp; ebb</a>', page)
        self.assertNotIn("Nowhere<", page)

    def test_paths_without_crawlers(self):
        wrong = ["tides/", "/tides/\nAllow: /admin/", "/a b", "", None, "/" + "x" * 300]
        self.add(paths_without_crawlers=("/tides/", *wrong))
        with self.assertLogs("truthlytics.web.plugins", "ERROR") as logs:
            robots = robots_txt(Publication())
        self.assertIn("Disallow: /tides/\n", robots)
        self.assertNotIn("Allow", robots.replace("Disallow", ""))
        self.assertEqual(len(logs.output), len(wrong))


class AccountTests(ExtensionCase):
    def test_pages_stand_before_the_end_of_the_navigation(self):
        self.add(account_pages=(("Tides & ebb", "contact"), ("Nowhere", "harbour:nowhere"), ("Too", "many", "parts")))
        self.client.force_login(make_user())
        with self.assertLogs("truthlytics.web.plugins", "ERROR") as logs:
            page = self.client.get("/account/saved/").content.decode()
        self.assertRegex(page, r'(?s)"/contact/"\s*>Tides &amp; ebb</a>.*"/accounts/logout/"\s*>Log out</a>')
        self.assertNotIn("Nowhere<", page)
        self.assertEqual(len(logs.output), 1)


NAME = f"{__name__}."


class Level(TextChoices):
    HIGH = "tide_high", "High water"


class WrongLevel(TextChoices):
    LOW = "Low water", "Low water"


GROUP = EmailGroup("Emails about <tides>", (Level.HIGH,), is_opt_in=True)
WRONG_GROUP = EmailGroup("Emails about ebb", (WrongLevel.LOW,))


class EmailTests(ExtensionCase):
    def test_readers_choose_emails_of_plugins(self):
        wrong = (("ebb", f"{NAME}WRONG_GROUP"), ("ebb", "nowhere.GROUP"), ("the ebb", f"{NAME}GROUP"), "ebb")
        self.add(email_groups=(("tides", f"{NAME}GROUP"), *wrong))
        self.client.force_login(make_editor())
        with self.assertLogs("truthlytics.web.plugins", "ERROR") as logs:
            page = self.client.get("/account/emails/").content.decode()
        self.assertEqual(len(logs.output), len(wrong))
        self.assertRegex(page, "(?s)Emails about comments.*Emails about &lt;tides&gt;.*work in the newsroom")
        self.assertNotIn("Emails about ebb", page)
        for wanted, kinds_on in (["tide_high"], ["tide_high"]), ([], []):
            self.client.post("/account/emails/", {"tides": wanted})
            self.assertEqual([*EmailOptIn.objects.values_list("kind", flat=True)], kinds_on)


def public_page(environ, start_response):
    start_response("200 OK", [("X-Page-Expires", str(FAR_FUTURE)), ("Surrogate-Key", "x"), ("Cache-Control", "public")])
    return [b"A page"]


@override_settings(ALLOWED_HOSTS=["testserver"])
class CacheTests(ExtensionCase):
    def test_queries_are_kept_by_their_parameters(self):
        self.add(cached_queries=(("/latest/", "tide", "ebb"), ("latest/", "tide"), ("/latest/", None), ()))
        with self.assertLogs("truthlytics.web.plugins", "ERROR") as logs:
            visitor = Visitor(public_page)
        self.assertEqual(len(logs.output), 3)
        for query in ("tide=low&ebb=1", "ebb=1&tide=low", "tide=high", "flood=1", "flood=1"):
            visitor.get(f"/latest/?{query}")
        self.assertEqual(visitor.rendered, 4)

    def test_pages_with_keys_are_kept_for_visitors_only(self):
        self.add(paths_with_keys=("/lat", "latest"))
        with self.assertLogs("truthlytics.web.plugins", "ERROR"):
            visitor = Visitor(public_page)
        for path, rendered in (("/latest/", 2), ("/", 3)):
            for headers in ({}, {"HTTP_AUTHORIZATION": "Bearer x"}, {}):
                visitor.get(path, **headers)
            self.assertEqual(visitor.rendered, rendered, path)


def tables(user):
    return {"tides": user.email}


def forget(user, email, at):
    user.display_name = email
    user.save()


def fails(*args):
    raise ZeroDivisionError("no")


def unreadable(user):
    return {object()}


class Tides(TextChoices):
    TURNED = "tide.turned", "Tide turned"
    GONE = "reader.deleted", "Gone"


class Wrong(TextChoices):
    TIDE = "Tide", "No"


class NewsroomTests(ExtensionCase):
    def setUp(self):
        self.client.force_login(make_member("Editor"))

    def found(self, q):
        return self.client.get(reverse("admin:find"), {"q": q}).content.decode()

    def test_an_area_follows_the_one_that_it_names(self):
        self.add(
            label="harbour",
            verbose_name="Harbour",
            get_models=list,
            newsroom_areas=(("harbour", "Harbour", "write"), ("pier", "Pier", "nowhere"), ("write", "Again", "write")),
            newsroom_pages=(("Tides", "contact", "articles.article", "harbour"),),
        )
        areas = all_areas()
        self.assertEqual([str(area.name) for area in areas][:2], ["Write", "Harbour"])
        self.assertEqual((str(areas[-1].name), [item.name for item in areas[1].items]), ("Pier", ["Tides"]))

    def test_actions_are_found_by_those_who_may_do_them(self):
        self.add(
            label="harbour",
            get_models=list,
            newsroom_actions=(
                ("Raise the flag", "contact", "articles.change_article", "hissen"),
                ("Raise the anchor", "contact", "harbour.nothing"),
                ("Raise the sail", "harbour:nowhere", ""),
            ),
        )
        self.assertIn("Raise the flag", self.found("hissen"))
        self.assertNotIn("anchor", self.found("raise"))
        self.assertNotIn("sail", self.found("raise"))

    def test_connections_are_there_if_something_is_in_their_slot(self):
        self.client.force_login(make_member("Publisher"))
        page = reverse("admin:truthlytics_connectionsettings_changelist")
        for functions, status in (([], 404), ([lambda request: "Ebb and tide"], 200)):
            with self.subTest(status), mock.patch.dict(slots._shown, {"connections": functions}):
                answer = self.client.get(page)
                self.assertEqual(
                    (answer.status_code, "Ebb and tide" in answer.content.decode()), (status, status == 200)
                )
                settings = self.client.get(reverse("admin:truthlytics_systemsettings_changelist")).content.decode()
                self.assertEqual(f'href="{page}"' in settings, status == 200)

    def test_roles_get_permissions_of_the_app_only(self):
        pairs = (("Author", "publish_article"), ("Moderator", "change_section"), ("Captain", "change_section"))
        self.add(label="articles", role_permissions=pairs)
        with self.assertLogs("truthlytics.roles", "ERROR") as logs:
            grant_roles()
        author, moderator = (Group.objects.get(name=name) for name in ("Author", "Moderator"))
        self.assertTrue(author.permissions.filter(codename="publish_article").exists())
        self.assertTrue(moderator.permissions.filter(codename="change_section").exists())
        self.assertIn("“Captain”, which does not exist", logs.output[0])

    def test_kinds_of_events_can_be_chosen_and_have_a_name(self):
        self.add(event_kinds=(f"{NAME}Tides", f"{NAME}Wrong", f"{NAME}tables"))
        with self.assertLogs("truthlytics.web.plugins", "ERROR") as logs:
            self.assertIn(("tide.turned", "Tide turned"), models.choices())
        self.assertEqual((len(logs.output), new_event(Tides.TURNED).kind), (2, "tide.turned"))
        self.assertEqual(models.label_of("reader.deleted"), "Account deleted")
        self.assertEqual((models.label_of("tide.turned"), models.label_of("tide.gone")), ("Tide turned", "tide.gone"))


class ReaderTests(ExtensionCase):
    def test_the_file_of_a_reader_has_what_can_be_read(self):
        self.add(
            personal_data=(
                ("harbour", f"{NAME}tables", f"{NAME}forget"),
                ("pier", f"{NAME}unreadable", f"{NAME}fails"),
                ("account", f"{NAME}tables", f"{NAME}forget"),
            ),
        )
        user = make_user(email="ada@example.org")
        with override_settings(PLUGINS=["harbour", __name__]), self.assertLogs("truthlytics.web.plugins", "ERROR"):
            data = export_data(user)
        self.assertEqual((data["harbour"], data["pier"]), ({"tides": "ada@example.org"}, None))
        self.assertIn("email_addresses", data["account"])

    def test_an_account_is_deleted_even_if_a_plug_in_fails(self):
        self.add(personal_data=(("pier", f"{NAME}tables", f"{NAME}fails"),))
        user = make_user()
        with (
            override_settings(PLUGINS=["harbour", __name__]),
            self.assertLogs("truthlytics.web.plugins", "ERROR") as logs,
        ):
            self.assertTrue(delete_account(user=user, keep_comments=True))
        self.assertIn("fails failed", logs.output[0])

    def test_an_error_of_a_feature_keeps_the_account(self):
        self.add(personal_data=(("pier", f"{NAME}tables", f"{NAME}fails"),))
        with self.assertRaises(ZeroDivisionError):
            delete_account(user=make_user(), keep_comments=True)


class JobTests(ExtensionCase):
    def test_a_job_is_ended_after_its_seconds(self):
        job = f"{NAME}fails"
        self.add(jobs=(("outside", "slow", job, 20), ("outside", "usual", job), ("outside", "never", job, 0)))
        with self.assertLogs("truthlytics.web.plugins", "ERROR"):
            (group,) = with_extensions([JobGroup("outside", ())])
        self.assertEqual([(job.label, job.limit) for job in group.jobs], [("slow", 20), ("usual", LIMIT)])


class DerivedTests(ExtensionCase):
    def test_models_of_other_apps_are_never_left_out(self):
        self.add(derived_models=("articles.Article", "harbour.Nothing"))
        with self.assertLogs("truthlytics.web.plugins", "ERROR") as logs:
            self.assertIn(Article, converted_models())
        self.assertIn("it is a model of the app", logs.output[0])


class StyleTests(ExtensionCase):
    def test_pages_link_style_sheets_and_one_that_is_missing_is_left_out(self):
        self.add(site_styles=("css/feed.css", "css/tides.css"), newsroom_styles=("newsroom/css/styleguide.css",))
        with self.assertLogs("truthlytics.web.plugins", "ERROR") as logs:
            self.assertContains(
                self.client.get("/nowhere/"), 'stylesheet" href="/static/css/feed.css"', status_code=404
            )
        self.assertIn("it is the name of a static file", logs.output[0])
        self.assertEqual(plugins.newsroom_styles(), ["newsroom/css/styleguide.css"])

    def test_samples_are_shown_and_one_that_fails_shows_nothing(self):
        name = f"{__name__}."
        self.add(
            style_samples=(("ebb", "css/layers.css", f"{name}ebb"), ("tide", "css/layers.css", f"{name}tides")),
        )
        request = RequestFactory().get("/")
        request.user = make_editor()
        with (
            mock.patch.object(views, "components", return_value=[]),
            self.assertLogs("truthlytics.tools.styleguide.views", "ERROR") as logs,
        ):
            page = views.site_styles(request).content.decode()
        self.assertEqual(page.count("No sample for this component yet."), 1)
        self.assertIn('id="style-ebb"', page)
        self.assertIn("Low water", page)
        self.assertIn("The samples of “tide” cannot be shown.", logs.output[0])
