from articles.models.articles import Article, Byline, Kind
from articles.models.authors import Author
from articles.models.documents import Document
from articles.models.dossiers import Dossier, DossierEntry, DossierPiece, DossierPlace, DossierVersion
from articles.models.homepage import FrontDraft, FrontEdition, layout_served
from articles.models.image_usage import PictureUse
from articles.models.media import EarlierFile, Image, Rendition
from articles.models.menus import MenuEdition
from articles.models.pages import Page, PageVersion, Purpose, pictures_of_pages
from articles.models.read_counts import ReadCount
from articles.models.recordings import Recording
from articles.models.redirects import OldAddress
from articles.models.remarks import Remark
from articles.models.revisions import Autosave, PageAutosave, PagePresence, PageSave, Presence, Save
from articles.models.saved_filters import SavedFilter
from articles.models.search import ENTRY_MODELS, SearchEntry, SearchWord
from articles.models.sections import Section, Topic
from articles.models.series import Series, SeriesEntry
from articles.models.share_links import ShareLink
from articles.models.social_crops import SocialCrop
from articles.models.versions import AppendOnly, AuthorEntry, SectionEntry, TopicEntry, Version, VersionQuerySet
from articles.models.workflow import Step

__all__ = [
    "ENTRY_MODELS",
    "AppendOnly",
    "Article",
    "Author",
    "AuthorEntry",
    "Autosave",
    "Byline",
    "Document",
    "Dossier",
    "DossierEntry",
    "DossierPiece",
    "DossierPlace",
    "DossierVersion",
    "EarlierFile",
    "FrontDraft",
    "FrontEdition",
    "Image",
    "Kind",
    "MenuEdition",
    "OldAddress",
    "Page",
    "PageAutosave",
    "PagePresence",
    "PageSave",
    "PageVersion",
    "PictureUse",
    "Presence",
    "Purpose",
    "ReadCount",
    "Recording",
    "Remark",
    "Rendition",
    "Save",
    "SavedFilter",
    "SearchEntry",
    "SearchWord",
    "Section",
    "SectionEntry",
    "Series",
    "SeriesEntry",
    "ShareLink",
    "SocialCrop",
    "Step",
    "Topic",
    "TopicEntry",
    "Version",
    "VersionQuerySet",
    "layout_served",
    "pictures_of_pages",
]
