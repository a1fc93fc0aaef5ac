"""Paywalls that no one has heard of: what wraps, cuts or hides text and is not known to be harmless closes it."""

import json
import random

from django.test import SimpleTestCase

from tests.budget import takes_longer
from truthlytics.contrib.importers.paid_words import is_paid_phrase
from truthlytics.contrib.importers.wordpress.guards import find_signs

# Of plug-ins, by name, each as a pair of the content and the custom fields.
BY_NAME = [
    ("text", {"wpf-settings": 'a:2:{s:12:"lock_content";s:1:"1";s:10:"allow_tags";a:1:{i:0;s:2:"12";}}'}),
    ("a [wpf tag='gold']b[/wpf]", {}),
    ("<!-- wp:wp-fusion/secure-block --><p>b</p><!-- /wp:wp-fusion/secure-block -->", {}),
    ("text", {"wc_pay_per_post_product_ids": 'a:1:{i:0;s:2:"51";}'}),
    ("text", {"woocommerce_ppp_product_id": "51"}),
    ("a [mpinpage]b[/mpinpage]", {}), ("a [mpoverlay]b[/mpoverlay]", {}),
    ("a [cleeng_content id='1' price='0.5']b[/cleeng_content]", {}),
    ("a [memb_has_any_tag tagid='1']b[/memb_has_any_tag]", {}),
    ("a [pc-pvt-content allow='all']b[/pc-pvt-content]", {}),
    ("text", {"urcr_allow_to": "1"}), ("text", {"urcr_meta_override_global_settings": "1"}),
    ("a [student]b[/student]", {}), ("a [course_complete course_id=4]b[/course_complete]", {}),
    ("a [i4w_m level='x']b[/i4w_m]", {}), ("a [ds_if has_product=4]b[/ds_if]", {}),
    ("a [erphpdown]b[/erphpdown]", {}), ("text", {"start_down": "1", "down_price": "3"}),
    ("text", {"posts_zibpay": 'a:2:{s:8:"pay_type";s:1:"1";s:9:"pay_price";s:1:"9";}'}),
    ("a [hidecontent type='payshow']b[/hidecontent]", {}),
    ("a [hide]b[/hide]", {}), ("a [hidepost=0]b[/hidepost]", {}), ("a [reply2view]b[/reply2view]", {}),
    ("a<!--tpmore-->b", {}), ("<!-- wp:poool/paywall /--><p>b</p>", {}),
    ('<!-- wp:convertkit/content {"tag":"7"} --><p>b</p><!-- /wp:convertkit/content -->', {}),
    ("[et_pb_section display_conditions='W3siaWQiOiJ4In1d']b[/et_pb_section]", {}),
    ("[su_guests]b[/su_guests]", {}), ("text", {"kostenpflichtig": "1"}), ("text", {"is_exclusive": "1"}),
    ("text", {"plus_artikel": "1"}), ("text", {"artikeltyp": "plus"}), ("text", {"zugang": "abo"}),
]  # fmt: skip
# Names of categories in many languages.
CATEGORIES = (
    "Abo", "Exklusiv", "Insider", "Plus", "Premium", "Nur für Abonnenten", "Mitglieder", "Kostenpflichtig", "Kurier+",
    "Kurier Plus", "Members only", "Exclusive", "VIP", "For subscribers", "Abonnés", "Réservé aux abonnés", "Payant",
    "Suscriptores", "Solo para socios", "Exclusivo", "Assinantes", "Abbonati", "Esclusiva", "Solo per abbonati",
    "Leden",
    "Abonnees", "Voor leden", "Betaald", "Prenumeranter", "För medlemmar", "Abonnenter", "Abonenci", "Płatne",
    "Tylko dla członków", "Předplatitelé", "Pro členy", "Előfizetőknek", "Tilaajille", "Подписчики", "Платный",
    "Только для подписчиков", "Эксклюзив", "Передплатники", "Συνδρομητές", "Aboneler", "Üyeler", "מנויים", "مشتركون",
    "المشتركين", "会员", "付费", "會員專區", "有料会員", "限定", "유료", "회원", "सदस्य",
)  # fmt: skip
NEWS = (
    "World", "Members of Parliament", "Premium cars", "Subscriptions and prices", "Access to justice", "Politik",
    "Gold",
    "Förderung", "C++", "Surplus", "Sports", "Culture et société", "Новости", "Private equity", "Plusminus",
    "Aboriginals",
    "Inside politics", "Registered trademarks", "Exclusion", "Gesundheit", "Pagosa Springs",
)  # fmt: skip
SWITCHES = ("1", "0", "yes", "no", "true", "on", "ja", "nein", "oui", "si", "да", "2", "-1", "gold", "plus", "only_x")
HARMLESS = (
    "[vc_row][vc_column width='1/2']b[/vc_column][/vc_row]", "[tabs][tab title='A']b[/tab][/tabs]",
    "[et_pb_section fb_built='1' display_conditions='W10='][et_pb_text]b[/et_pb_text][/et_pb_section]",
    "[fusion_builder_row hide_on_mobile='small-visibility' render_logics='W10=']b[/fusion_builder_row]",
    "[accordion][accordion-item title='A']b[/accordion-item][/accordion]",
    "[one_half]a[/one_half][one_half_last]b[/one_half_last]",
    "[su_box title='A']b[/su_box]", "a [button url='/x' text='Go'] b", "a [sic] b [and so on] c",
    "a [contact-form-7 id='3'] b",
    "[contact-form-7 id='3']", "text [/b", "[b]a[/b] [url=https://a.example]b[/url] [quote]c[/quote]",
    "[caption id='x']<img src='/a.png'> A[/caption]",
    "<!-- wp:kadence/rowlayout {\"uniqueID\":\"1\"} --><p>b</p><!-- /wp:kadence/rowlayout -->",
    "<!-- wp:columns --><!-- wp:column --><p>b</p><!-- /wp:column --><!-- /wp:columns -->",
    "a<!--more-->b<!--nextpage-->c", "<!--StartFragment--><p>b</p><!--EndFragment-->", "a<!-- Google Ad -->b",
    "<p>a</p><!-- the end of all -->", "<o:p>b</o:p><center>c</center><font>d</font>",
    "<details><summary>a</summary>b</details>",
    "<pre><x-y>b</x-y> <!--cut--> %%x%%</pre>", "The sum is $$x$$, and __init__ is a name.",
    "<div style='display:none'></div><img style='display:none' src='/p.gif'><p>b</p>",
    "<input type='hidden'><p>hidden</p>",
    "<p style='line-height:0.9;opacity:0.5'>b</p>", "<span class='screen-reader-text'>b</span>",
)  # fmt: skip
HARMLESS_FIELDS = (
    ("_edit_last", "1"), ("_pingme", "1"), ("_wp_page_template", "default"), ("_thumbnail_id", "5"), ("views", "7"),
    ("footnotes", "[]"), ("kicker", "The bridge at Varn, at last"), ("source_url", "https://a.example/x"),
    ("old_id", "48213"), ("written_on", "2024-03-02"), ("photo_by", "Ada Orr, Varn"), ("empty", ""),
    ("_x_title", "field_5f0a1b2c3d4e5"), ("dsq_thread_id", "7"), ("_wpb_vc_js_status", "true"),
    ("_et_pb_use_builder", "on"),
)  # fmt: skip


def signs(content="", terms=(), **fields):
    return find_signs(content, {key: [value] for key, value in fields.items()}, list(terms), {}.get)


def php(value):
    return f's:{len(value.encode())}:"{value}";'


class Forms:
    """Forms with names that mean nothing."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def name(self, separators=("_", "-", "")):
        words = ["".join(self.random.choices("bcdfghjklmnpqrstvwxyz", k=self.random.randint(3, 6))) for _ in range(2)]
        return self.random.choice(separators).join(words)

    def contents(self):
        """Return texts of which a part is wrapped, cut or hidden, by the kind of what does it."""
        one, ns = self.name(), f"{self.name(('-',))}/{self.name(('-',))}"
        attributes = self.random.choice(["", " x='1'", ' to="b c"', " 7"])
        yield "shortcode", f"Free.\n[{one}{attributes}]Closed to some.[/{one}]\nMore."
        yield "shortcode", f"<p>Free. [{one}{attributes}]Closed[/{one}]</p>"
        yield "shortcode that cuts", f"Free.\n\n[{one}]\n\nClosed to some."
        yield "shortcode that cuts", f"<p>Free.</p>\n<p>[{one} x='3']</p>\n<p>Closed.</p>"
        yield "block", f"<!-- wp:{ns} --><p>Closed.</p><!-- /wp:{ns} -->"
        yield (
            "block",
            f'<!-- wp:{ns} {{"a":"b"}} --><!-- wp:paragraph --><p>c</p><!-- /wp:paragraph --><!-- /wp:{ns} -->',
        )
        yield "block", f"<!-- wp:{self.name(('-', ''))} --><p>Closed.</p><!-- /wp:x -->"
        yield "block that cuts", f"<p>Free.</p><!-- wp:{ns} /--><p>Closed.</p>"
        yield "comment", f"<p>Free.</p><!--{one}--><p>Closed.</p>"
        yield "comment", f"<p>Free.</p><!-- {one} begin --><p>Closed.</p><!-- {one} end -->"
        yield "comment", f"<p>Free.</p><!-- {self.name()} {self.name()} {self.name()} --><p>Closed.</p>"
        yield "comment", f"Free. <!--/{one}--> More."
        yield "element", f"<p>Free.</p><{self.name(('-',))}>Closed.</{one}>"
        yield "element", f"<p>Free.</p><{one} a='b'><p>Closed.</p></{one}>"
        opening, closing = self.random.choice(
            [("%%", "%%"), ("__", "__"), ("{{", "}}"), ("{", "}"), ("##", "##"), ("@@", "@@"),
             ("||", "||"), ("[[", "]]"),
             ("==", "=="), ("$$", "$$"), ("<<", ">>"), ("{%", "%}"), ("~~", "~~"), ("::", "::")]
        )  # fmt: skip
        yield "mark", f"Free.\n\n{opening}{self.name(('_',))}{closing}\n\nClosed."
        yield "mark", f"<p>Free.</p><p>{opening} {self.name(('_',))} {closing}</p><p>Closed.</p>"
        opening, closing = self.random.choice([("{{", "}}"), ("{", "}"), ("{%", "%}"), ("%%", "%%")])
        yield "mark", f"Free. {opening}{one}{closing}Closed.{opening}/{one}{closing} More."
        yield "mark", f"Free. {{% {one} %}}Closed.{{% end{one} %}} More."
        style = self.random.choice(["display:none", "display : NONE", "visibility:hidden", "opacity:0", "font-size:0",
                                    "text-indent:-9999px", "position:absolute;left:-5000px", "height:0"])  # fmt: skip
        yield "hidden", f'<p>Free.</p><div class="{one}" style="{style}"><p>Closed.</p></div>'
        yield (
            "hidden",
            f"<p>Free.</p><section {self.random.choice(['hidden', "class='x hidden'", "hidden=''"])}>b</section>",
        )

    def fields(self):
        value = self.random.choice(SWITCHES)
        yield value
        yield f"a:1:{{{php(self.name())}{self.random.choice(['b:1;', 'b:0;', 'i:1;', php(value)])}}}"
        yield f"a:1:{{i:0;a:1:{{i:0;{php(value)}}}}}"
        yield json.dumps({self.name(): [{"a": self.random.choice([True, False, 1, value])}]})
        yield f"a:1:{{{php(self.name())}i:1"


# Beginnings of names that layout builders have, and others too.
SHORT = (
    "su_",
    "av_",
    "x_",
    "cs_",
    "mk_",
    "ux_",
    "kc_",
    "us_",
    "cz_",
    "dt_",
    "ts_",
    "bs_",
    "bb_",
    "fw_",
    "stm_",
    "wpb_",
)
OF_BUILDERS = (
    "av_one_half",
    "su_box",
    "x_callout",
    "cs_content",
    "mk_fancy_title",
    "ux_text",
    "kc_column_text",
    "us_text",
)


class UnknownForms(SimpleTestCase):
    def test_a_name_that_only_begins_like_that_of_a_builder_closes_a_text(self):
        forms = Forms(46)
        for start in SHORT:
            for name in (forms.name(("_",)), "scheduler", "guests"):
                self.assertTrue(signs(f"Free. [{start}{name}]Closed.[/{start}{name}]"), f"{start}{name}")
        for name in OF_BUILDERS:
            self.assertEqual(signs(f"Free. [{name}]Open.[/{name}]"), (), name)
        for namespace in ("otter", "elementor", "editorskit", "ht-blocks", "nextgen-gallery"):
            self.assertTrue(signs(f"<!-- wp:{namespace}/x --><p>Closed.</p><!-- /wp:{namespace}/x -->"), namespace)

    def test_a_field_that_only_begins_like_that_of_a_theme_closes_a_text(self):
        forms = Forms(47)
        for start in (
            "cs_",
            "x_",
            "us_",
            "bs_",
            "ct_",
            "ub_",
            "mk_",
            "td_",
            "_pp_",
            "redirect_",
            "import_",
            "cat_",
            "ao_",
        ):
            key = start + forms.name(("_",))
            self.assertTrue(signs(**{key: "1"}), key)

    @takes_longer("Some thousand texts are read.")
    def test_whatever_wraps_cuts_or_hides_text_closes_it(self):
        forms = Forms(44)
        for _ in range(60):
            for kind, content in forms.contents():
                with self.subTest(kind=kind, content=content):
                    self.assertTrue(signs(content))

    def test_fields_with_a_switch_close_a_text_whatever_their_names_are(self):
        forms = Forms(45)
        for _ in range(120):
            key = forms.random.choice(["", "_"]) + forms.name()
            for value in forms.fields():
                with self.subTest(key=key, value=value):
                    self.assertTrue(signs(**{key: value}))

    def test_plugins_by_name(self):
        for content, fields in BY_NAME:
            with self.subTest(content=content, **fields):
                self.assertTrue(signs(content, **fields))

    def test_categories_and_tags_in_many_languages(self):
        for name in CATEGORIES:
            for taxonomy in ("category", "post_tag", "rubrik"):
                self.assertTrue(signs(terms=[(taxonomy, "x", name)]), name)
        self.assertTrue(
            signs(terms=[("category", "nur-fuer-abonnenten-abo", "Für Sie"), ("category", "abo", "Für Sie")])
        )

    def test_categories_of_the_news_are_open(self):
        for name in NEWS:
            self.assertEqual(signs(terms=[("category", "x", name), ("post_tag", "y", name)]), (), name)
            self.assertFalse(is_paid_phrase(name))

    def test_layout_and_usual_fields_are_open(self):
        for content in HARMLESS:
            with self.subTest(content):
                self.assertEqual(signs(content), ())
        for key, value in HARMLESS_FIELDS:
            with self.subTest(key):
                self.assertEqual(signs(**{key: value}), ())

    def test_conditions_of_known_layout_close_a_text(self):
        for content in (
            "[vc_row el_condition='x']b[/vc_row]", "[vc_column show_to='x']b[/vc_column]",
            "[fusion_text render_logics='W3siZmllbGQiOiJ4In1d']b[/fusion_text]", "[tab role='x']b[/tab]",
            '<!-- wp:kadence/column {"kadenceConditional":{"a":1}} --><p>b</p>',
            '<!-- wp:group {"displayConditions":[1]} --><p>b</p>', "[su_box class='members-only']b[/su_box]",
        ):  # fmt: skip
            with self.subTest(content):
                self.assertTrue(signs(content))

    def test_one_sign_is_for_all_texts_with_it(self):
        self.assertEqual(signs("[qwx a='1']b[/qwx] [qwx a='2']c[/qwx]"), ("shortcode [qwx]",))
        self.assertEqual(signs("a<!-- two words here -->b"), ("comment of several words = two words here",))
        self.assertEqual(signs(artikeltyp="plus"), ("field artikeltyp = plus",))
