"""Shortcodes, blocks and fields of WordPress and widespread plugins that say nothing about access.

They are not signs because of what they are. Their names, values and settings are read all the same: those that look
like an access rule close a text (`importers.access_signs`).
"""

from truthlytics.web.text import split_words, word_set

# Layout builders, by the beginning of their names. Two characters may begin anybody's: of these, only names of
# which the code or the builder's own text is public, such as
# https://github.com/wp-plugins/shortcodes-ultimate/blob/HEAD/inc/core/data.php and
# https://github.com/KriesiMedia/enfold-library.
_BUILDERS = split_words(
    "vc_ et_pb_ fusion_ nectar_ qode_ mkdf_ edgtf_ eltd_ tatsu_ fl_builder_ themify_ ult_ ultimate_ porto_ woodmart_ "
    "thb_ wgl_ dfd_ tdc_ td_block_ vcex_"
)
_OF_BUILDERS = {
    "su_": "accordion animate audio box button carousel column custom_gallery dailymotion divider document dropcap "
    "dummy_image dummy_text expand feed frame gmap heading highlight label lightbox lightbox_content list media menu "
    "meta note permalink post posts pullquote qrcode quote row screenr service siblings slider spacer spoiler subpages "
    "tab table tabs tooltip video vimeo youtube youtube_advanced",
    "av_": "section one_full one_half one_third two_third one_fourth three_fourth one_fifth two_fifth three_fifth "
    "cell_one_full cell_one_half cell_one_third cell_two_third cell_one_fourth cell_three_fourth cell_one_fifth "
    "cell_two_fifth cell_three_fifth cell_four_fifth row cell textblock heading hr toggle_container toggle "
    "tab_container tab tab_sub_section codeblock slideshow slideshow_full slideshow_accordion slide_section "
    "slide_sub_section image gallery masonry_gallery horizontal_gallery button buttonrow icon_box iconlist "
    "iconlist_item promobox notification font_icon headline_rotator blog postslider contact video audio player embed "
    "timeline layerslider fullscreen comments_list",
    "x_": "blockquote callout counter custom_headline extra feature_headline lightbox recent_posts slider video_embed "
    "widget_area",
    "cs_": "content content_seo countdown element_accordion element_global_block element_headline fa icon_list social "
    "tabs testimonials",
    "mk_": "button clearboth divider fancy_title image padding_divider",
    "ux_": "banner banner_grid hotspot image instagram_feed product_gallery slider text",
    "kc_": "row column column_text",
    "us_": "btn carousel cta grid iconbox separator sharing text",
    "cz_": "title",
    "dt_": "code counter_up nav_menu social social_icons vc_list_item",
}
_NAMES_OF_BUILDERS = frozenset(f"{start}{name}" for start, names in _OF_BUILDERS.items() for name in names.split())
# A public theme or plugin has each of these, and what it shows is the same for everyone.
_SHORTCODES = word_set(
    # Columns, boxes, tabs and other layout.
    "row inner_row col column columns section container wrap wrapper div span clear clearfix divider spacer gap "
    "separator hr br grid half one_half one_half_last one_third one_third_last two_third two_third_last two_thirds "
    "two_thirds_last one_fourth one_fourth_last three_fourth three_fourth_last one_fifth one_sixth full_width "
    "threecol_one threecol_two twocol_one box boxes infobox info_box textbox frame well panel card cards callout "
    "notice note alert message info warning success error tip tabs tab tabgroup tabset toggle toggles accordion "
    "accordions accordion-item accordion_item collapse collapsibles collapsible expand spoiler faq slider slides "
    "slide carousel carousel_item lightbox popup modal tooltip timeline steps step list list_item listitem checklist "
    "icon_list ul ol li table tr td th pricing_table testimonial testimonials blockquote quote pullquote pull_quote "
    "pullleft pullright highlight dropcap drop_cap label badge tagline heading title headline subtitle subheading "
    "header footer intro lead text text_block textblock p b i u s strong em center left right small big sub sup color "
    "colour size font style align url link button buttons btn cta img image images figure icon icons iconbox icon_box "
    "photo media caption wp_caption gallery playlist embed audio video youtube vimeo tweet twitter instagram facebook "
    "iframe map googlemap google_map gmap maps soundcloud spotify "
    # Code, formulas, footnotes, dates.
    "code sourcecode source php html css js javascript xml sql python bash pre raw latex math tex fn ref footnote "
    "footnotes efn_note references bibliography cite abbr term glossary verse poem lyrics recipe ingredients toc "
    "ez-toc lwptoc anchor date year clear_both "
    # Forms, lists and other widgets.
    "accessibility blog_subscription_form jetpack_subscription_form mailpoet_form subscribe subscribe2 form field "
    "subscription_form team_member team_members teammember teammembers contact-form contact-form-7 contact_form "
    "contact-field ninja_form ninja_forms gravityform gravityforms wpforms formidable caldera_form forminator_form "
    "fluentform mc4wp_form newsletter newsletter_form newsletter_signup_form poll polldaddy ngg nggallery singlepic "
    "imagebrowser slideshow rev_slider layerslider metaslider smartslider3 soliloquy envira-gallery foogallery "
    "wonderplugin_gallery chart wpdatatable visualizer wpcode adrotate ad ads adsense the_ad related_posts "
    "recent_posts recent-posts archives sitemap display-posts postlist jetpack-related-posts sharing addtoany "
    "social_share woocommerce_cart woocommerce_checkout product products product_page add_to_cart download "
    "purchase_link googlemaps events_calendar tribe_events print_link hcard dailymotion ted scribd slideshare "
    "crowdsignal flickr bandcamp gist github getty archiveorg presentation ooyala wpvideo videopress"
)
# Blocks of WordPress itself, and former ones: https://developer.wordpress.org/block-editor/reference-guides/core-blocks/
_CORE = word_set(
    "accordion accordion-heading accordion-item accordion-panel archives audio avatar block breadcrumbs button "
    "buttons calendar categories classic code column columns comment-author-avatar comment-author-name "
    "comment-content comment-date comment-edit-link comment-reply-link comment-template comments comments-pagination "
    "comments-pagination-next comments-pagination-numbers comments-pagination-previous comments-title cover details "
    "embed file footnotes form form-input form-submission-notification form-submit-button freeform gallery group "
    "heading home-link html icon image latest-comments latest-posts legacy-widget list list-item loginout math "
    "media-text missing more navigation navigation-link navigation-submenu nextpage page-list page-list-item "
    "paragraph pattern post-author post-author-biography post-author-name post-comment post-comments "
    "post-comments-count post-comments-form post-comments-link post-content post-date post-excerpt "
    "post-featured-image post-navigation-link post-template post-terms post-time-to-read post-title preformatted "
    "pullquote query query-no-results query-pagination query-pagination-next query-pagination-numbers "
    "query-pagination-previous query-title query-total quote read-more rss search separator shortcode site-logo "
    "site-tagline site-title social-link social-links spacer subhead table table-of-contents tab tabs tab-panel "
    "tab-panels tag-cloud template-part term-count term-description term-name term-template terms-query text-columns "
    "verse video widget-group"
)
# Blocks of widespread plugins, by the beginning of their names.
_BLOCKS = split_words(
    "core-embed/ kadence/ generateblocks/ uagb/ ugb/ stackable/ essential-blocks/ atomic-blocks/ genesis-blocks/ "
    "coblocks/ getwid/ themeisle-blocks/ premium/ ultimate-post/ gutentor/ qubely/ eedee/ advgb/ maxi-blocks/ "
    "greenshift-blocks/ spectra/ blockart/ woocommerce/ yoast/ yoast-seo/ rank-math/ aioseo/ jetpack/ a8c/ "
    "crowdsignal-forms/ videopress/ contact-form-7/ wpforms/ gravityforms/ ninja-forms/ fluentfom/ formidable/ "
    "mailpoet/ mailchimp-for-wp/ tablepress/ tribe/ luckywp/ gutena/ ub/ bcn/ flexible-table-block/ bod/ amp/ "
    "newspack-blocks/ ghostkit/ wpzoom-recipe-card/ wp-tasty/ wp-recipe-maker/ divi/ fl-builder/ imagely/ "
    "activitypub/ webmention/ syntaxhighlighter/ enlighter/ mathml/ wp-bootstrap-blocks/ cloudinary/"
)
# Fields that belong to WordPress, its themes and widespread plugins, by name or beginning. An unknown one is a sign if
# it has a switch, a number or a word; of these only what looks like an access rule is. Where two characters or
# common words begin fields of a plugin, only its own longer beginnings are here.
_FIELDS = (
    # WordPress and hosts.
    "_wp_page_template _wp_* _pingme _encloseme _thumbnail_id _thumbnail_* _format_* _customize_* _starter_* "
    "_dp_original _trash* jabber_published geo_* _menu_* hide_post_title _hide_title publicize_* reddit "
    "email_notification delicious _wpcom_* _rest_api_* _ping* "
    # Search engines, sharing, statistics, translations, caches.
    "_seopress* seopress* _amt_* _headspace_* _su_* _sq_* slim_seo* _wds_* autodescription* ilj_* _links_to* "
    "_facebook_* _twitter_* _pinterest_* _linkedin_* essb_* _essb_* swp_* _swp_cache* _swp_recover* _swp_post* "
    "_addtoany* sharing_disabled switch_like_status _jetpack_post_* _jetpack_related* _jetpack_blogging* "
    "_jetpack_feature_* jetpack_* post_views_count views _post_views _views post_view* wpb_post_views* _ga_* "
    "pvc_views _count-views* tie_views _wpml_* _icl_* wpml_* _translation* qtranslate* _polylang* trp_* _wpmf_* "
    "ratings_* _kksr_* kksr_* _like* dsq_* _dsq_* disqus* syndication_* rss_* wprss_* _feedwordpress* amazon* _wpr_* "
    "_litespeed* litespeed* _rocket* _smush* _imagify* _autoptimize* wpdiscuz* _akismet* akismet* _antispam* "
    # Themes, builders, sliders, tables of contents.
    "site-* ast-* theme-* _astra* stick-header-meta header-* footer-* _kadence_* _kad_* _generate-* _oceanwp_* "
    "ocean_* butterbean_* _neve_* neve_* blocksy_* _blocksy* td_post_* jnews_* _jnews* penci_* _bunyad_* bunyad_* "
    "mkdf_* qode_* eltdf_* edgtf_* _nectar_* nectar_* pyre_* sbg_* avada_* _avada* _cornerstone_* _x_entry_* avia_* "
    "_avia* layout _layout layout_* _layout_* post_layout* page_layout* _page_layout* sidebar sidebar_* _sidebar* "
    "slide_template rs_page_bg_color us_header_id us_footer_id us_titlebar_id uncode_* _uncode* _vc_post_settings "
    "_wpb_* _et_pb_* et_enqueued* _elementor_* _bricks_* ct_builder_* oxygen_* _fl_builder_* _themify* "
    "builder_switch* brizy* _brizy* tve_* thrive_* tcb* _tcb* panels_data siteorigin* _ez-toc* _lwptoc* "
    "featured_image_* _featured_image* fifu_* _fifu* featured_media* _uag_* ub_ctt_* classic-editor-remember "
    "_gutenberg* _stackable* _genesis_* _post_image_* _post_theme_* "
    # Media, podcasts, events, recipes, shops.
    "enclosure enclosure* _enclosure* audio_file* podPress* _podPress* powerpress* episode_* filesize* duration "
    "date_recorded castos* _Event* _event_* _tribe_* tribe_* _ecp_* _wprm_* wprm_* _recipe* _sku _stock* _product_* "
    "_tax_* _virtual _downloadable* _manage_stock _sold_* _backorders _regular_price _sale_price _price total_sales "
    "_wc_* "
    # Redirects, imports, editorial work, forms, duplicates.
    "_links_* _wp_rp_* _crp_* _relevanssi* _yarpp* yarpp* _blogger_* blogger_* _fgd2wp* original_post_id _cmb* "
    "rank_math* _edit_* _ef_* _pp_statuses* workflow_* _oasis* _pre_oasis* _revision* _expiration-date* _wpcf7_* "
    "_form* _mail _messages _additional_settings _locale _hash _dsq_needs_sync ampforwp* amp_* _amp* "
    "instant_articles* apple_news* _apple_news* onesignal* _onesignal* "
    # Categories and tags.
    "order tax_position thumbnail_id display_type product_count* wpseo_* term_color color image_id"
)
_EXACT_FIELDS = frozenset(name for name in _FIELDS.split() if not name.endswith("*"))
_FIELD_BEGINNINGS = tuple(name[:-1] for name in _FIELDS.split() if name.endswith("*"))


def is_known_shortcode(name: str) -> bool:
    """Return whether a shortcode, in lower case, only formats, or shows something to everyone."""
    return name in _SHORTCODES or name in _NAMES_OF_BUILDERS or name.startswith(_BUILDERS)


def is_known_block(name: str) -> bool:
    return name.removeprefix("core/") in _CORE or name.startswith(_BLOCKS)


def is_known_field(key: str) -> bool:
    return key in _EXACT_FIELDS or key.startswith(_FIELD_BEGINNINGS)
