from .articles import Article, Byline, Kind
from .desk import Autosave, PageAutosave, PagePresence, PageSave, Presence, Save
from .documents import Document
from .dossiers import Dossier, DossierEntry, DossierPiece, DossierPlace, DossierVersion
from .filters import SavedFilter
from .front import FrontDraft, FrontEdition, layout_served
from .media import EarlierFile, Image, Rendition
from .menus import MenuEdition
from .pages import Page, PageVersion, Purpose, pictures_of_pages
from .people import Author
from .reads import ReadCount
from .recordings import Recording
from .redirects import OldAddress
from .remarks import Remark
from .search import ENTRY_MODELS, SearchEntry, SearchWord
from .sections import Section, Topic
from .series import Series, SeriesEntry
from .sharing import ShareLink
from .social import SocialCrop
from .uses import PictureUse
from .versions import AppendOnly, AuthorEntry, SectionEntry, TopicEntry, Version, VersionQuerySet
from .workflow import Step

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
