"""Access rules of plugins that are known, and fields that are known to be harmless.

The sources are in docs/access-rules.md, which has a row for each plugin here. What is in neither list is judged by its
name (`importers.access_signs`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from truthlytics.contrib.importers.access_signs import is_telling
from truthlytics.contrib.importers.wordpress import php
from truthlytics.web.text import word_set

# Whether a value of a field means that everyone can read the text.
IsPublic = Callable[[str], bool]


def _one_of(*values: str) -> IsPublic:
    return frozenset(values).__contains__


def _never(value: str) -> bool:
    return False


OFF = _one_of("", "0", "no", "off", "false")
EMPTY = _one_of("", "a:0:{}", "[]")


def _array(value: str) -> dict[Any, Any]:
    try:
        found = php.read_value(value)
    except php.InvalidValue:
        return {"damaged": value} if value.strip() else {}
    return found if isinstance(found, dict) else {}


def _is_public_ultimate_member(value: str) -> bool:
    """Return whether the switch is off, or on for everyone (0)."""
    settings = _array(value)
    if "damaged" in settings:
        return False
    return not _is_on(settings.get("_um_custom_access_settings")) or str(settings.get("_um_accessible")) == "0"


def _is_on(value: object) -> bool:
    return str(value or "").strip().casefold() not in {"", "0", "no", "off", "false"}


def _is_public_leaky_paywall(value: str) -> bool:
    """Return whether it is always visible for everyone (-1). “default” follows settings that are not in an export."""
    settings = _array(value)
    levels = settings.get("always_visible")
    always = settings.get("visibility_type") in {"always", "onlyalways"}
    return always and isinstance(levels, dict) and "-1" in {str(level) for level in levels.values()}


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin with its fields of texts, terms and blocks.

    Names of shortcodes that end in “-” or “_” are beginnings, and so are all of blocks. `types` are those of records
    that are rules for other texts, which cannot be read. `harmless` are fields that say nothing without another one.
    """

    name: str
    fields: Mapping[str, IsPublic] = field(default_factory=dict)
    shortcodes: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()


PLUGINS = (
    Plugin("ARMember", {"arm_access_plan": _never, "arm_is_paid_post": OFF}, shortcodes=("arm_restrict",)),
    Plugin(
        "Content Control", shortcodes=("content_control",), attributes=("contentControls",), types=("cc_restriction",)
    ),
    Plugin("Groups", {"groups-read": EMPTY, "groups-groups_read_post": EMPTY}, shortcodes=("groups_",)),
    Plugin(
        "Jetpack",
        {
            "_jetpack_newsletter_access": _one_of("", "everybody"),
            "_jetpack_newsletter_tier_id": _one_of("", "0"),
            "_jetpack_memberships_contains_paid_content": OFF,
            "_jetpack_memberships_contains_paywalled_content": OFF,
        },
        blocks=("premium-content/", "jetpack/paywall"),
        harmless=("_jetpack_dont_email_post_to_subs",),
    ),
    Plugin("LaterPay", {"laterpay_post_prices": EMPTY}, shortcodes=("laterpay",)),
    Plugin(
        "Leaky Paywall",
        {"_issuem_leaky_paywall_visibility": _is_public_leaky_paywall},
        shortcodes=("leaky_paywall",),
        harmless=("_issuem_leaky_paywall_show_upgrade_message",),
    ),
    Plugin(
        "LifterLMS",
        {"_llms_is_restricted": OFF},
        shortcodes=("lifterlms_hide_content", "lifterlms_membership"),
        harmless=("_llms_restricted_levels",),
    ),
    Plugin("MemberMouse", shortcodes=("MM_Member_Decision", "MM_Access_Decision"), blocks=("mm/",)),
    Plugin("MemberPress", shortcodes=("mepr-",), blocks=("memberpress/protected",), types=("memberpressrule",)),
    Plugin(
        "Memberful",
        {
            "memberful_acl": EMPTY,
            "memberful_available_to_any_registered_user": OFF,
            "memberful_available_to_anybody_subscribed_to_a_plan": OFF,
        },
        shortcodes=("memberful",),
        harmless=("memberful_marketing_content",),
    ),
    Plugin(
        "Members",
        {"_members_access_role": EMPTY, "_members_access_all_logged_in": OFF},
        shortcodes=("members_access", "members_logged_in", "access"),
        harmless=("_members_access_error",),
    ),
    Plugin(
        "Newspack",
        {"newspack_content_restriction_is_exempt": _one_of("", "1")},
        types=("np_content_gate", "np_memberships_gate"),
    ),
    Plugin(
        "Paid Member Subscriptions",
        {
            "pms-content-restrict-user-status": EMPTY,
            "pms-content-restrict-subscription-plan": EMPTY,
            "pms-content-restrict-all-subscription-plans": OFF,
        },
        shortcodes=("pms-restrict",),
        harmless=("pms-content-restrict-type", "pms-content-restrict-message*", "pms-content-restrict-custom-*"),
    ),
    Plugin(
        "Paid Memberships Pro",
        shortcodes=("membership", "pmpro_"),
        blocks=("pmpro/membership",),
        attributes=("visibilityBlockEnabled",),
    ),
    Plugin(
        "Passster",
        {"passster_activate_protection": OFF},
        shortcodes=("passster", "content_protector"),
        harmless=("passster_*", "_passster_*"),
    ),
    Plugin("Patreon", {"patreon-level": _one_of("", "0")}, harmless=("patreon-post-*",)),
    Plugin(
        "Restrict Content, Restrict Content Pro",
        {
            "_is_paid": OFF,
            "rcp_access_level": _one_of("", "0", "None"),
            "rcp_subscription_level": _one_of("", "any"),
            "rcp_user_level": _one_of("", "All"),
        },
        shortcodes=("restrict", "is_paid", "is_free", "not_logged_in"),
        harmless=("rcp_show_excerpt", "rcp_hide_from_feed"),
    ),
    Plugin("s2Member", shortcodes=("s2If", "s2Member")),
    Plugin("Simple Membership", {"_swpm_protected": OFF}, shortcodes=("swpm_",)),
    Plugin("Steady", shortcodes=("steady_paywall",), marks=("___STEADY_PAYWALL___", "<!--steady-paywall-->")),
    Plugin(
        "Ultimate Member",
        {
            "um_content_restriction": _is_public_ultimate_member,
            "_um_custom_access_settings": OFF,
            "_um_accessible": _one_of("", "0"),
        },
        shortcodes=("um_loggedin", "um_loggedout", "um_show_content"),
        attributes=("um_is_restrict",),
        harmless=("_um_access_*", "_um_restrict_*", "_um_noaccess_action", "_um_roles"),
    ),
    Plugin(
        "Ultimate Membership Pro",
        {"ihc_mb_who": _one_of("", "-1")},
        shortcodes=("ihc-hide-content", "ihc-"),
        harmless=("ihc_mb_*", "ihc_drip_*", "ihc_replace_content"),
    ),
    Plugin("WishList Member", shortcodes=("wlm_", "wlmprivate", "private")),
    Plugin(
        "WooCommerce Memberships",
        {"_wc_memberships_force_public": _one_of("yes")},
        shortcodes=("wcm_", "wcm_restrict"),
        types=("wc_membership_plan",),
        harmless=(
            "_wc_memberships_content_restricted_message",
            "_wc_memberships_use_custom_*",
            "_wc_memberships_exclude_discounts",
        ),
    ),
    Plugin("Cleeng", shortcodes=("cleeng",)),
    Plugin("DigiMember", shortcodes=("ds_",)),
    Plugin("Divi", attributes=("display_conditions",)),
    Plugin(
        "ErphpDown",
        dict.fromkeys(("start_down", "start_see", "start_see2", "start_down2", "down_price"), EMPTY),
        shortcodes=("erphpdown", "ice_"),
    ),
    Plugin("iMember360", shortcodes=("i4w_",)),
    Plugin("Kit (ConvertKit)", {"_wp_convertkit_post_meta": EMPTY}, blocks=("convertkit/content",)),
    Plugin("LearnDash", shortcodes=("student", "visitor", "course_", "ld_", "learndash_")),
    Plugin("MediaPass", shortcodes=("mpinpage", "mpoverlay", "mpvideo")),
    Plugin("Memberium", shortcodes=("memb_",)),
    Plugin(
        "Pay For Post with WooCommerce", {"wc_pay_per_post_product_ids": EMPTY, "woocommerce_ppp_product_id": EMPTY}
    ),
    Plugin("Piano (TinyPass)", shortcodes=("tinypass", "piano"), marks=("<!--tpmore-->",)),
    Plugin("Poool", shortcodes=("poool",), blocks=("poool/",)),
    Plugin("PrivateContent", {"pg_redirect": EMPTY}, shortcodes=("pc-",)),
    Plugin("Reply or login to read", shortcodes=("hide", "hidepost", "reply", "reply2view", "reply2down", "loginview")),
    Plugin("Shortcodes Ultimate", shortcodes=("su_guests", "su_members", "su_private")),
    Plugin("Thrive Leads", shortcodes=("thrive_lead_lock", "thrive_2step")),
    Plugin(
        "User Registration",
        {"urcr_meta_override_global_settings": EMPTY},
        shortcodes=("urcr_", "user_registration_"),
        harmless=("urcr_meta_content",),
    ),
    Plugin("WP Fusion", {"wpf-settings": EMPTY}, shortcodes=("wpf", "wpf_"), blocks=("wp-fusion/",)),
    Plugin("Zibpay", {"posts_zibpay": EMPTY}, shortcodes=("hidecontent", "payshow")),
    Plugin("WP-Members", {"_wpmem_block": _one_of("", "0")}, shortcodes=("wpmem_", "wp-members")),
)

# Fields of WordPress and widespread plugins, by name or beginning, that have such a word but are no rules.
HARMLESS_FIELDS = (
    # WordPress: the lock of an editor, the template of a page (read as a value), files, menus, embeds.
    "_edit_*", "_wp_attached_file", "_wp_attachment_*", "_menu_item_*", "_oembed_*", "_wp_old_*", "_thumbnail_id",
    "enclosure", "footnotes", "_wp_suggested_privacy_policy_content",
    # Search engines.
    "_yoast_wpseo_*", "_yst_*", "yst_*", "rank_math_*", "_aioseo_*", "_aioseop_*", "_seopress_*", "_genesis_*",
    # Sharing, statistics, subscriptions to comments.
    "_wpas_*", "_publicize_*", "_sg_subscribe-to-comments", "_stcr@_*", "_monsterinsights_*",
    # Page builders. Their values are read, see below.
    "_elementor_*", "_fl_builder_*", "_et_pb_*", "_wpb_*", "_fusion*", "_kad_*", "_astra*", "_generate-*",
)  # fmt: skip
# Data of page builders: what is switched on in them counts.
BUILDER_FIELDS = ("_elementor_data", "_elementor_page_settings", "_fl_builder_data", "_fusion", "fusion_")
# Shortcodes and blocks with such a word that show a form or a list to everyone.
HARMLESS_SHORTCODES = word_set(
    "accessibility blog_subscription_form jetpack_subscription_form mailpoet_form subscribe subscribe2 "
    "subscription_form team_member team_members teammember teammembers"
)
HARMLESS_BLOCKS = word_set(
    "core/loginout loginout jetpack/donations jetpack/payment-buttons jetpack/payments-intro "
    "jetpack/recurring-payments jetpack/subscriber-login jetpack/subscriptions mailpoet/subscription-form-block"
)
FIELDS = {key: (plugin.name, is_public) for plugin in PLUGINS for key, is_public in plugin.fields.items()}
_HARMLESS = (*HARMLESS_FIELDS, *(key for plugin in PLUGINS for key in plugin.harmless))
_HARMLESS_NAMES = frozenset(key for key in _HARMLESS if not key.endswith("*"))
_HARMLESS_BEGINNINGS = tuple(key[:-1] for key in _HARMLESS if key.endswith("*"))
SHORTCODES = tuple((shortcode.casefold(), plugin.name) for plugin in PLUGINS for shortcode in plugin.shortcodes)
BLOCKS = tuple((block, plugin.name) for plugin in PLUGINS for block in plugin.blocks)
ATTRIBUTES = {attribute: plugin.name for plugin in PLUGINS for attribute in plugin.attributes}
TYPES = {kind: plugin.name for plugin in PLUGINS for kind in plugin.types}
MARKS = tuple(mark for plugin in PLUGINS for mark in plugin.marks)


_RULE = re.compile(r"rule|restrict|gate|paywall|access|plan|level|protect", re.IGNORECASE)


def is_rule_type(post_type: str) -> bool:
    """Return whether records of this type are access rules for other texts."""
    return post_type in TYPES or (is_telling(post_type) and bool(_RULE.search(post_type)))


def is_harmless_field(key: str) -> bool:
    return key in _HARMLESS_NAMES or key.startswith(_HARMLESS_BEGINNINGS)
