"""Access rules of plugins, known and unknown: what only some readers could see must not become public."""

import json
import random
import tempfile
import time
from pathlib import Path

from django.test import SimpleTestCase, TestCase

from articles.access import Level
from articles.models import Article, Page
from tests.budget import takes_longer
from tests.contrib.importers.running import import_site
from tests.contrib.importers.wordpress.files import export, item, meta
from truthlytics.contrib.importers.access_signs import is_telling, is_telling_value
from truthlytics.contrib.importers.models import ImportedObject
from truthlytics.contrib.importers.records import Record
from truthlytics.contrib.importers.sources import Options
from truthlytics.contrib.importers.wordpress import known_rules
from truthlytics.contrib.importers.wordpress.guards import find_signs
from truthlytics.contrib.importers.wordpress.parser import WordPress

DOCS = Path(__file__).parents[4] / "docs" / "access-rules.md"
PARTS = ("restrict", "member", "paywall", "subscri", "premium", "level", "access", "protect")
PHP_TRUE = 'a:2:{s:4:"mode";s:4:"full";s:10:"restricted";b:1;}'


def php_text(value):
    return f's:{len(value.encode())}:"{value}";'


def signs(content="", reusable=None, terms=(), **fields):
    values = {key: [value] for key, value in fields.items()}
    return find_signs(content, values, list(terms), (reusable or {}).get)


class UnknownPlugins(SimpleTestCase):
    """Plug-ins that nobody has heard of, generated from the words that access rules have in their names."""

    def setUp(self):
        self.random = random.Random(7)

    def word(self):
        return "".join(self.random.choices("abcdefghijklmnopqrstuvwxyz", k=self.random.randint(2, 7)))

    def name(self, separators="_-"):
        words = [self.word(), self.random.choice(PARTS) + self.random.choice(["", "ed", "s", self.word()]), self.word()]
        self.random.shuffle(words)
        if self.random.random() < 0.2:
            return words[0] + "".join(word.title() for word in words[1:])
        name = self.random.choice(separators).join(words)
        return self.random.choice([name, name.upper(), name.title(), f"_{name}"])

    def value(self):
        return self.random.choice(
            ["", "0", "1", "no", "yes", "-1", "2024-01-01", "gold,silver", "N;", "b:0;", PHP_TRUE]
        )

    def test_fields_with_any_value(self):
        for _ in range(600):
            key, value = self.name(), self.value()
            with self.subTest(key=key, value=value):
                self.assertTrue(signs(**{key: value}))

    def test_settings_in_serialised_and_nested_values(self):
        for _ in range(150):
            key, value = self.name(), self.random.choice(["i:1;", "b:0;", "N;", 's:4:"gold";', "a:0:{}"])
            php = f"a:1:{{{php_text(key)}{value}}}"
            for _ in range(self.random.randint(0, 5)):
                php = f"a:2:{{{php_text(self.word())}i:3;{php_text('inner')}{php}}}"
            shapes = {
                "php": php,
                "object": f'O:8:"stdClass":1:{{{php_text(key)}{value}}}',
                "damaged": php[:-1],
                "json": json.dumps({"a": [{"b": {key: 1}}]}),
                "json in json": json.dumps({"a": json.dumps({key: 0})}),
                "json in php": f"a:1:{{i:0;{php_text(json.dumps({key: True}))}}}",
                "escaped": f'{{"\\u00{ord(key[0]):02x}{key[1:]}": 1}}',
            }
            for shape, stored in shapes.items():
                with self.subTest(shape=shape, stored=stored):
                    self.assertTrue(signs(_options=stored))

    def test_keywords_in_fields_with_any_name(self):
        for value in ("members", "paid", "logged-in", "LoggedIn", "subscriber,editor", "premium", "members-only.php"):
            for stored in (value, json.dumps({"who": [value]}), f"a:1:{{i:0;{php_text(value)}}}"):
                with self.subTest(stored):
                    self.assertTrue(signs(_audience=stored))

    def test_shortcodes(self):
        for _ in range(150):
            name = self.name().lstrip("_")
            forms = (f"a [{name}]b[/{name}]", f"a [{name}] b", f"[{name} to='gold'/]", f"[{name} gold 7]x[/{name}]")
            for content in forms:
                with self.subTest(content):
                    self.assertTrue(signs(content))
            self.assertTrue(signs(f"[box {name.replace(' ', '')}='1']b[/box]"), name)
        for content in ("[show to=members]b[/show]", "[box visible='logged-in']b[/box]", "[/members_only]"):
            self.assertTrue(signs(content), content)

    def test_blocks_and_their_attributes(self):
        for _ in range(150):
            name = self.name("-").lower().strip("_")
            contents = (
                f"<!-- wp:{name} -->b<!-- /wp:{name} -->",
                f"<!-- wp:acme/{name} /-->b",
                f"<!--  wp:{name}/box {{}} -->b",
                f'<!-- wp:paragraph {{"{name}":false}} --><p>b</p>',
                f'<!-- wp:group {{"style":{{"a":[{{"{name}":["x"]}}]}}}} --><!-- wp:paragraph --><p>b</p>',
                f'<!-- wp:group {{"a":{{"{name}":1}} --><p>The closing brace is missing.</p>',
            )
            for content in contents:
                with self.subTest(content):
                    self.assertTrue(signs(content))
                    self.assertTrue(signs('<!-- wp:block {"ref":5} /-->', reusable={"5": content}))
        self.assertTrue(signs('<!-- wp:acme/box {"who":"members"} --><p>b</p>'))
        self.assertTrue(signs('<!-- wp:acme/box {"\\u006dembers":1} --><p>b</p>'))
        self.assertTrue(signs('<!-- wp:acme/box {"level":2} --><p>b</p>'))

    def test_marks_in_the_text(self):
        for content in (
            "a<!--members-only-->b",
            "<!-- PAYWALL -->",
            f"<!--acme-premium {'x' * 5000}-->",
            "a __PAYWALL__ b",
            "a {{members}} b",
            "%%subscribers_only%%",
            '<div class="x members-only y">b</div>',
            "<div id=acme_paywall></div>",
            '<p data-acme="premium content">b</p>',
            "<!--more Subscribers only-->",
        ):
            with self.subTest(content):
                self.assertTrue(signs(content))

    def test_terms(self):
        for terms in (
            [("access_level", "gold", "Gold")],
            [("category", "m", "Members only")],
            [("post_tag", "p", "Premium")],
            [("category", "x", "Nur für Abonnenten")],
        ):
            self.assertTrue(signs(terms=terms), terms)

    @takes_longer("Large input shows how the time grows.")
    def test_hostile_sizes_take_no_time(self):
        started = time.process_time()
        for content in (
            "<a " + "class=x " * 20_000,
            "_" * 50_000,
            "[" * 50_000,
            "<!--" * 25_000 + "members",
            "{{ " * 25_000 + "paid",
            "<!-- wp:a/b " + '{"level":' * 50_000,
            "[a b=" * 50_000,
        ):
            signs(content)
        signs(_a="a:1:{" * 20_000 + 's:7:"members"', _b="[" * 25_000 + '"members"')
        self.assertLess(time.process_time() - started, 2)


class HarmlessThings(SimpleTestCase):
    def test_fields_of_widespread_plugins(self):
        for key, value in (
            ("_yoast_wpseo_focuskw", "premium"), ("_yoast_wpseo_meta-robots-adv", "none"), ("_edit_lock", "1:2"),
            ("rank_math_focus_keyword", "members"), ("_jetpack_dont_email_post_to_subs", "1"), ("_wpas_mess", "paid"),
            ("_jetpack_newsletter_access", ""), ("_jetpack_memberships_contains_paid_content", ""),
            ("_jetpack_newsletter_tier_id", "0"), ("_wp_page_template", "default"), ("_thumbnail_id", "7"),
            ("_sg_subscribe-to-comments", "a@b.example"), ("_stcr@_a@b.example", "2014|Y"), ("_oembed_ab",
            "<i>paid</i>"),
            ("_elementor_data", json.dumps([{"settings": {"premium_addons_title": "x", "hide_mobile": "yes",
                                                           "eael_ext_content_protection": "no"}}])),
            ("_elementor_css", 'a:1:{s:6:"status";s:4:"file";}'), ("_access", "field_5f0a1b2c3d4e5"),
            ("_team_member", "7"), ("accessibility_note", "x"), ("heading_level", "2"), ("remember_me", "1"),
            ("photo", "a:1:{s:5:\"title\";s:12:\"Members meet\";}"), ("teaser", "Members of parliament were paid."),
        ):  # fmt: skip
            with self.subTest(key):
                self.assertEqual(signs(**{key: value}), ())

    def test_blocks_and_prose(self):
        for content in (
            '<!-- wp:heading {"level":3} --><h3>Members</h3>',
            "<!-- wp:premium/heading --><h2>Paid</h2>",
            '<!-- wp:jetpack/subscriptions {"subscribePlaceholder":"a"} /-->',
            "<!--more Continue reading-->",
            '<!-- wp:categories {"showOnlyTopLevel":true} /-->',
            '<!-- wp:kadence/advancedheading {"level":2} -->',
            '<!-- wp:paragraph {"anchor":"members","className":"intro"} --><p>The [members of it] were paid.</p>',
            '<!--[if gte mso 9]><xml><w:LsdException Locked="false"/></xml><![endif]-->',
            "[team_member]A[/team_member]",
            '[heading level="2"]Members[/heading] [gallery ids="1"]',
            '<p class="team-member accessible">Members only.</p>',
        ):
            with self.subTest(content):
                self.assertEqual(signs(content), ())

    def test_categories_of_the_news(self):
        for name in ("Members of Parliament", "Subscriptions and prices", "Access to justice", "World", "Premium cars"):
            self.assertEqual(signs(terms=[("category", "x", name)]), (), name)

    def test_words_that_only_contain_one(self):
        for name in ("remember", "accessibility", "accessories", "team-member", "toc_level", "title", "top_level"):
            self.assertFalse(is_telling(name), name)
        for name in ("remember_members", "accessibility_access", "xremember", "isAccessible", "premium_addons_premium"):
            self.assertTrue(is_telling(name), name)
        for value in ("Members meet on Monday", "https://x.example/a b", "member of the board", "unpaidwork", "2"):
            self.assertFalse(is_telling_value(value), value)


class KnownPlugins(SimpleTestCase):
    CLOSED = {
        "_wpmem_block": ["1", "2"], "patreon-level": ["1",
        "5"], "_is_paid": ["1"], "rcp_subscription_level": ["any-paid"],
        "um_content_restriction": [
            'a:2:{s:26:"_um_custom_access_settings";b:1;s:14:"_um_accessible";i:2;}', "a:1:{damaged",
            'a:2:{s:26:"_um_custom_access_settings";s:1:"1";s:14:"_um_accessible";s:1:"1";}',
        ],
        "_um_custom_access_settings": ["1"], "groups-read": ["3"], "groups-groups_read_post": ["groups_read_post"],
        "memberful_acl": ['a:1:{s:12:"subscription";a:1:{i:0;i:5;}}'], "_wc_memberships_force_public": ["no", ""],
        "memberful_available_to_any_registered_user": ["1"], "ihc_mb_who": ["all", "3"], "arm_access_plan": ["0", "2"],
        "_issuem_leaky_paywall_visibility": [
            'a:1:{s:15:"visibility_type";s:4:"only";}', 'a:1:{s:15:"visibility_type";s:7:"default";}',
        ],
        "_llms_is_restricted": ["yes"], "passster_activate_protection": ["1"], "_members_access_role": ["subscriber"],
        "_jetpack_newsletter_access": ["paid_subscribers"], "laterpay_post_prices": ['a:1:{s:4:"type";s:1:"i";}'],
        "pms-content-restrict-user-status": ["loggedin"], "pms-content-restrict-subscription-plan": ["9"],
        "_mepr_unauthorized_message_type": ["default"], "_swpm_protected": ["1"],
    }  # fmt: skip
    OPEN = {
        "_wpmem_block": ["0", ""], "patreon-level": ["0", ""], "rcp_user_level": ["All"], "ihc_mb_who": ["-1", ""],
        "um_content_restriction": [
            'a:2:{s:26:"_um_custom_access_settings";b:0;s:14:"_um_accessible";i:2;}',
            'a:2:{s:26:"_um_custom_access_settings";s:1:"1";s:14:"_um_accessible";s:1:"0";}', "",
        ],
        "_wc_memberships_force_public": ["yes"], "_llms_is_restricted": ["no"], "memberful_acl": ["a:0:{}"],
        "_issuem_leaky_paywall_visibility": [
            'a:2:{s:15:"visibility_type";s:6:"always";s:14:"always_visible";a:1:{i:0;s:2:"-1";}}',
        ],
        "passster_password": ["abc"], "pms-content-restrict-type": ["default"], "_um_access_roles": ["a:0:{}"],
        "memberful_marketing_content": ["Join us!"], "rcp_show_excerpt": ["1"],
    }  # fmt: skip
    CONTENTS = (
        "a ___STEADY_PAYWALL___ b",
        "a<!--steady-paywall-->b",
        "[steady_paywall]",
        "[content_control]b[/content_control]",
        "[um_loggedin]b[/um_loggedin]",
        "[groups_can capability='x']b[/groups_can]",
        "[s2If is_user_logged_in()]b[/s2If]",
        "[mepr-active rule='1']b[/mepr-active]",
        "[passster password='x']b[/passster]",
        "[wcm_nonmember]b[/wcm_nonmember]",
        "[MM_Member_Decision isMember='true']b[/MM_Member_Decision]",
        "[is_paid]b[/is_paid]",
        "[wlmprivate 'A']b[/wlmprivate]",
        "[wpmem_logged_in]b[/wpmem_logged_in]",
        "[ihc-hide-content ihc_mb_who='2']b[/ihc-hide-content]",
        "[swpm_protected]b[/swpm_protected]",
        "[membership level='1']b[/membership]",
        "[memberful has_subscription='1']b[/memberful]",
        '<!-- wp:memberpress/protected-content {"rule":3} -->b',
        "<!-- wp:pmpro/membership -->b",
        "<!-- wp:jetpack/paywall /-->",
        '<!-- wp:paragraph {"contentControls":{"enabled":true}} --><p>b</p>',
        '<!-- wp:paragraph {"um_is_restrict":true,"um_who_access":"1"} --><p>b</p>',
        '<!-- wp:paragraph {"visibilityBlockEnabled":true,"levels":["1"]} --><p>b</p>',
        '<!-- wp:group {"metadata":{"blockVisibility":false}} --><p>b</p>',
    )

    def test_values_that_close_a_text(self):
        for key, values in self.CLOSED.items():
            for value in values:
                with self.subTest(key=key, value=value):
                    self.assertTrue(signs(**{key: value}))

    def test_values_that_mean_everybody(self):
        for key, values in self.OPEN.items():
            for value in values:
                with self.subTest(key=key, value=value):
                    self.assertEqual(signs(**{key: value}), ())

    def test_contents(self):
        for content in self.CONTENTS:
            with self.subTest(content):
                self.assertTrue(signs(content))

    def test_each_plugin_is_in_the_docs_with_its_source(self):
        rows = {
            line.split("|")[1].strip(): line for line in DOCS.read_text(encoding="utf-8").splitlines() if "|" in line
        }
        for plugin in known_rules.PLUGINS:
            with self.subTest(plugin.name):
                self.assertIn("https://", rows[plugin.name])
                names = (
                    *plugin.fields,
                    *plugin.shortcodes,
                    *plugin.blocks,
                    *plugin.attributes,
                    *plugin.types,
                    *plugin.marks,
                )
                self.assertEqual([name for name in names if f"`{name}" not in rows[plugin.name]], [])


class WholeSites(SimpleTestCase):
    """Rules outside the text that they close."""

    def records(self, *items, head="", **options):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.xml"
            path.write_bytes(export(head, *items))
            entries = list(WordPress([path], Options(**options)).read())
        return [entry for entry in entries if isinstance(entry, Record)]

    def test_a_rule_of_a_category_closes_its_texts(self):
        rule = 'a:2:{s:26:"_um_custom_access_settings";b:1;s:14:"_um_accessible";i:2;}'
        head = (
            "<wp:category><wp:category_nicename>gold</wp:category_nicename><wp:cat_name>Gold</wp:cat_name>"
            f"<wp:termmeta><wp:meta_key>um_content_restriction</wp:meta_key><wp:meta_value>{rule}</wp:meta_value>"
            "</wp:termmeta></wp:category>"
        )
        gold = '<category domain="category" nicename="gold">Gold</category>'
        one, other = self.records(item(1, more=gold), item(2), head=head)
        self.assertEqual((one.status, other.status), ("closed", "published"))
        self.assertIn("term “Gold”", one.reason)

    def test_rules_for_the_whole_site_close_everything_until_they_are_called_harmless(self):
        for kind in ("memberpressrule", "cc_restriction", "wc_membership_plan", "acme_access_rule"):
            rule = item(9, wp_post_type=kind)
            sign = f"records of the type “{kind}”"
            (closed,) = self.records(item(1), rule)
            self.assertEqual((closed.status, closed.signs), ("closed", (sign,)))
            (opened,) = self.records(item(1), rule, harmless=frozenset({sign}))
            self.assertEqual((opened.status, opened.level, opened.signs), ("published", Level.EVERYONE, (sign,)))
        for kind in ("shop_subscription", "team_member", "memberpressproduct", "nav_menu_item"):
            (record,) = self.records(item(1), item(9, wp_post_type=kind))
            self.assertEqual(record.status, "published", kind)

    def test_all_signs_of_a_text_have_to_be_harmless(self):
        text = item(1, content="[acme_members]b[/acme_members]", more=meta("_acme_level", "1"))
        for harmless, status in (
            ({"field _acme_level"}, "closed"),
            ({"field _acme_level = 2"}, "closed"),
            ({"field _acme_level = 1", "shortcode [acme_members]"}, "published"),
        ):
            (record,) = self.records(text, harmless=frozenset(harmless))
            self.assertEqual(record.status, status, harmless)


class CommandTests(TestCase):
    def run_import(self, *items, **options):
        """Return what was printed."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.xml"
            path.write_bytes(export(*items))
            return import_site("wordpress", path, **options)[1]

    ITEMS = (
        item(1, more=meta("_acme_restricted", "0")),
        item(2, more=meta("_acme_restricted", "1")),
        item(3, wp_post_type="page", more=meta("_acme_restricted", "0")),
    )

    def test_a_dry_run_names_each_sign_with_the_number_of_its_texts(self):
        output = self.run_import(*self.ITEMS, dry_run=True)
        self.assertIn("2 texts: field _acme_restricted = 0", output)
        self.assertIn("1 text: field _acme_restricted = 1", output)
        freed = self.run_import(*self.ITEMS, dry_run=True, harmless=["field _acme_restricted"])
        self.assertNotIn("1 text: field _acme", freed)
        self.assertIn("hidden words, that you called harmless: 3", freed)

    def test_a_sign_that_is_harmless_opens_what_was_imported_as_drafts(self):
        self.run_import(*self.ITEMS)
        self.assertEqual(set(ImportedObject.objects.values_list("status", flat=True)), {"closed"})
        self.run_import(*self.ITEMS, harmless=["field _acme_restricted = 0"])
        self.assertEqual([article.state() for article in Article.objects.order_by("slug")], ["published", "draft"])
        self.assertEqual(Page.objects.get().state(), "published")
        self.assertEqual(Article.objects.published().get().required_level, Level.EVERYONE)

    def test_what_was_imported_as_public_is_named_in_each_run_once_it_is_not(self):
        self.run_import(*self.ITEMS, harmless=["field _acme_restricted"])
        for _ in range(2):
            self.assertIn(
                "Articles and pages that are still public here, although they would be imported as drafts now: 3",
                self.run_import(*self.ITEMS),
            )
        self.assertEqual(Article.objects.published().count(), 2)
