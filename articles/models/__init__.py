from articles.models.articles import Article
from articles.models.authors import Author
from articles.models.bylines import Byline
from articles.models.corrections import ChangedFact, ChangeKind, Correction
from articles.models.documents import Document, DocumentLink
from articles.models.dossiers import Dossier, DossierArticle, DossierEntry, DossierVersion, DossierVersionArticle
from articles.models.error_reports import ErrorReport, ReportState
from articles.models.gift_links import GiftLink
from articles.models.homepage import HomepageDraft, HomepageEdition, layout_served
from articles.models.image_usage import ImageUsage
from articles.models.kinds import Kind
from articles.models.media import Image, Rendition, ReplacedFile
from articles.models.menus import MenuEdition
from articles.models.pages import Page, PageVersion, Purpose, image_uuids_in_pages
from articles.models.read_counts import Counts, ReadCount
from articles.models.recordings import Recording
from articles.models.redirects import Redirect
from articles.models.remarks import Remark
from articles.models.reviews import Review, Reviewer
from articles.models.revisions import Autosave, Presence, Revision
from articles.models.saved import SavedArticle, SavedBlock, SavedFilter
from articles.models.search import ENTRY_MODELS, SearchEntry, SearchWord
from articles.models.sections import Section, Topic
from articles.models.series import Series, SeriesEntry
from articles.models.share_links import ShareLink
from articles.models.social_crops import SocialCrop
from articles.models.sources import Citation, Source
from articles.models.versions import AuthorEntry, SectionEntry, TopicEntry, Version, VersionQuerySet, with_articles
from articles.models.withdrawals import Withdrawal
from articles.models.workflow import WorkflowStep
