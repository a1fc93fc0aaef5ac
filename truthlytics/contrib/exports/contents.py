"""What an export contains, file by file, and the reasons for what it does not contain."""

import logging
from collections.abc import Iterable

from articles.models import (
    Article,
    Author,
    Byline,
    Document,
    Dossier,
    DossierArticle,
    DossierEntry,
    HomepageDraft,
    HomepageEdition,
    Image,
    MenuEdition,
    Page,
    ReadCount,
    Recording,
    Redirect,
    ReplacedFile,
    Review,
    Reviewer,
    SavedBlock,
    Section,
    Series,
    Source,
    Topic,
    Withdrawal,
)
from articles.models.articles import TEXT_FIELDS
from articles.models.how_we_know import AI_SENTENCES
from comments.models import Comment, Thread
from subscriptions.models import EmailOptIn, EmailOptOut, Grant, Plan, Price, Subscription, Tier, User
from truthlytics.contrib.exports.special import COMMENT_FIELDS, Comments, Items, OfReaders, Readers, Sources, Threads
from truthlytics.exports.reasons import BOOKS, DERIVED, MODERATION, PERSONAL, SECRET, SERVER, STAFF, WORK
from truthlytics.exports.tables import Children, Table
from truthlytics.publication.models import Publication
from truthlytics.publication.tax_rates import TaxRate
from truthlytics.statistics.models import AgentDay, NotCounted, ReadSource, SourceDay
from truthlytics.web.plugins import exported_tables

logger = logging.getLogger(__name__)

WHOLE_TEXT = tuple(name for name in TEXT_FIELDS if name != "headline")

# In the order of the import: what versions are rendered with comes before them.
BEFORE_VERSIONS: tuple[Table, ...] = (
    Table("settings", Publication),
    Table("tax_rates", TaxRate),
    Table("tiers", Tier),
    Table("plans", Plan),
    Table("prices", Price),
    Table("sections", Section),
    Table("topics", Topic),
    Table("series", Series),
    Table("images", Image, {"uploaded_by": STAFF, "rendition_error": SERVER}),
    Table("replaced_images", ReplacedFile, {"replaced_by": STAFF}),
    Table("recordings", Recording, {"uploaded_by": STAFF}),
    Table("documents", Document, {"uploaded_by": STAFF}),
    Table("authors", Author, {"user": STAFF}),
    Sources("sources", Source),
    Items(
        "articles",
        Article,
        {"created_by": STAFF, "assignee": STAFF, "due_on": WORK, "revision_number": WORK},
        (
            Children("topics", Article.topics.through, "article", ("topic",), ("topic",), has_position=False),
            Children("bylines", Byline, "article", ("author",)),
        ),
        texts=WHOLE_TEXT,
    ),
    Items("pages", Page, {"created_by": STAFF, "revision_number": WORK}, texts=("standfirst", "body", *AI_SENTENCES)),
    Items(
        "dossiers",
        Dossier,
        {},
        (
            Children(
                "entries", DossierEntry, "dossier", ("date", "text", "article", "source"), ("date", "position", "pk")
            ),
            Children("articles", DossierArticle, "dossier", ("article",)),
        ),
        texts=("summary", *AI_SENTENCES),
        parts=("entries",),
    ),
)
OWN_AFTER_VERSIONS: tuple[Table, ...] = (
    Table("withdrawals", Withdrawal),
    Table("reviewers", Reviewer, {"user": STAFF}),
    Table("reviews", Review, {"revision_number": WORK}),
    Table("redirects", Redirect),
    Table("menus", MenuEdition, {"created_by": STAFF}),
    Table("front_pages", HomepageEdition, {"created_by": STAFF}),
    Table("front_page_draft", HomepageDraft, {"saved_by": STAFF}),
    Table("saved_blocks", SavedBlock, {"created_by": STAFF}),
    Table("read_counts", ReadCount),
    Table("read_sources", ReadSource),
    Table("source_days", SourceDay),
    Table("programs", AgentDay),
    Table("not_counted", NotCounted),
    Readers(
        "readers", User,
        {"password": SECRET, "last_login": SERVER, "is_superuser": SECRET, "is_staff": SECRET, "name_key": DERIVED,
         "newsroom_language": STAFF,
         "deleted_at": "Deleted accounts are not exported."},
        (
            Children("emails_on", EmailOptIn, "user", ("kind", "since"), ("kind",), has_position=False),
            Children("emails_off", EmailOptOut, "user", ("kind", "since"), ("kind",), has_position=False),
        ),
        for_readers=True,
    ),
    OfReaders("access", Grant, {"subscription": BOOKS, "revoked_by": STAFF}, for_readers=True),
    OfReaders(
        "subscriptions", Subscription,
        {"provider_request": SERVER, "version": SERVER, "synced_at": SERVER, "card": BOOKS, "card_expires_on": BOOKS,
         "books_since": BOOKS},
        for_readers=True, is_imported=False,
    ),
    Comments(
        "comments", Comment,
        {"imported_name": "It is the “name” of a comment without an account.", "key": SERVER, "html": DERIVED,
         "edit_requested_at": MODERATION, "edit_request": MODERATION, "picked_by": STAFF, "approved_by": STAFF,
         "removed_by": STAFF, "author": "Only with readers, under the same name."},
        extra=COMMENT_FIELDS,
    ),
    Threads("comment_settings", Thread, {"visible_count": DERIVED}),
)  # fmt: skip


def exported_by_extensions(own: Iterable[Table]) -> tuple[Table, ...]:
    """Return the tables of features and plug-ins. One with the name of another is left out and logged."""
    names, found = {table.name for table in own}, []
    for table in exported_tables():
        if table.name in names:
            logger.error("“%s” is exported twice.", table.name)
        else:
            names.add(table.name)
            found.append(table)
    return tuple(found)


AFTER_VERSIONS = (*OWN_AFTER_VERSIONS, *exported_by_extensions((*BEFORE_VERSIONS, *OWN_AFTER_VERSIONS)))
TABLES = (*BEFORE_VERSIONS, *AFTER_VERSIONS)

# Models by label.
NOT_EXPORTED = {
    "articles.AuthorEntry": DERIVED,
    "articles.Autosave": WORK,
    "articles.Citation": DERIVED,
    "articles.DocumentLink": DERIVED,
    "articles.DossierVersionArticle": DERIVED,
    "articles.ErrorReport": "Contains what readers wrote in confidence. Backups have it.",
    "articles.GiftLink": SECRET,
    "articles.ImageUsage": DERIVED,
    "articles.Presence": WORK,
    "articles.Remark": WORK,
    "articles.Remark_mentions": WORK,
    "articles.Rendition": DERIVED,
    "articles.Revision": WORK,
    "articles.SavedArticle": PERSONAL,
    "articles.SavedFilter": WORK,
    "articles.SearchEntry": DERIVED,
    "articles.SearchWord": DERIVED,
    "articles.SectionEntry": DERIVED,
    "articles.SeriesEntry": DERIVED,
    "articles.ShareLink": SECRET,
    "articles.SocialCrop": DERIVED,
    "articles.TopicEntry": DERIVED,
    "articles.WorkflowStep": WORK,
    "comments.Appeal": MODERATION,
    "comments.ChangedVotes": DERIVED,
    "comments.Decision": MODERATION,
    "comments.Follow": PERSONAL,
    "comments.ImportedEmail": PERSONAL,
    "comments.ModeratorEmails": STAFF,
    "comments.Mute": PERSONAL,
    "comments.Notification": PERSONAL,
    "comments.Report": MODERATION,
    "comments.Revision": MODERATION,
    "comments.Suspension": MODERATION,
    "comments.Vote": PERSONAL,
    "statistics.ArticleHour": "The counts of each day have the same sums.",
    "statistics.Hour": "The counts of each day have the same sums.",
    "statistics.RecentRead": "The counts of each day have the same sums.",
    "subscriptions.AccountNote": STAFF,
    "subscriptions.BillingProfile": PERSONAL,
    "subscriptions.Cart": PERSONAL,
    "subscriptions.CartLine": PERSONAL,
    "subscriptions.CheckoutFailure": SERVER,
    "subscriptions.Coupon": SECRET,
    "subscriptions.Coupon_plans": SECRET,
    "subscriptions.Declaration": BOOKS,
    "subscriptions.EmailChange": PERSONAL,
    "subscriptions.Gift": SECRET,
    "subscriptions.IgnoredWebhook": SERVER,
    "subscriptions.LedgerContract": BOOKS,
    "subscriptions.LedgerEntry": BOOKS,
    "subscriptions.LoginProvider": SERVER,
    "subscriptions.LoginProvider_roles": SERVER,
    "subscriptions.NameChange": PERSONAL,
    "subscriptions.Order": BOOKS,
    "subscriptions.OrderLine": BOOKS,
    "subscriptions.Payment": BOOKS,
    "subscriptions.ProviderCustomer": BOOKS,
    "subscriptions.Receipt": BOOKS,
    "subscriptions.ReceiptSeries": BOOKS,
    "subscriptions.Redemption": BOOKS,
    "subscriptions.Refund": BOOKS,
    "subscriptions.SentEmail": PERSONAL,
    "subscriptions.Statement": BOOKS,
    "subscriptions.SubscriptionChange": BOOKS,
    "subscriptions.TrialUse": BOOKS,
    "subscriptions.User_groups": STAFF,
    "subscriptions.User_user_permissions": STAFF,
    "truthlytics.AuditEntry": "Says who of the newsroom did what. Backups have it.",
    "truthlytics.BackupRun": SERVER,
    "truthlytics.CdnPurge": SERVER,
    "truthlytics.CrawlerDay": SERVER,
    "truthlytics.DesignDraft": WORK,
    "truthlytics.DesignEdition": "Says who published which design. The settings have the design that readers see.",
    "truthlytics.JobProblem": SERVER,
    "truthlytics.Message": "Contains what readers wrote in confidence. Backups have it.",
    "truthlytics.PageChange": SERVER,
    "truthlytics.SignedAgent": SERVER,
    "truthlytics.SlowPage": SERVER,
}
