"""Who sends a request, as its User-Agent says: a person's browser, an assistant, or a program of some other kind.

Most strings of programs are in the data of the package `crawler-user-agents`; our own lists come first. What is on no
list is a person only if it has the shape of a browser's string and none of the words by which programs give themselves
away.
"""

import json
import re
from enum import StrEnum
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple


class Kind(StrEnum):
    PERSON = "person"
    # Acts for a person who waits for the answer.
    ASSISTANT = "assistant"
    SEARCH = "search"
    # Collects text to train models with.
    TRAINING = "training"
    # Shows a preview of a link, in a message or a post.
    PREVIEW = "preview"
    FEED = "feed"
    PROGRAM = "program"


class Agent(NamedTuple):
    """A sender. People have no name; programs have the one they are known by, and "" if there is none."""

    name: str
    kind: Kind


PERSON = Agent("", Kind.PERSON)
NAMELESS = Agent("", Kind.PROGRAM)

# Characters. No browser sends more, not even those inside other applications.
MAX_AGENT, MAX_NAME = 1024, 40
# Strings remembered, each with at most so many characters.
_REMEMBERED = 4096

# Sorted by kind. The tags of the data know neither assistants nor which crawlers of AI companies only search.
_KNOWN = {
    Kind.ASSISTANT: (
        "ChatGPT-User",
        "Claude-User",
        "Perplexity-User",
        "MistralAI-User",
        "Google-Agent",
        "Google-NotebookLM",
        "NotebookLM",
        "Gemini-Deep-Research",
        "GoogleAgent-Mariner",
        "DuckAssistBot",
        "meta-externalfetcher",
        "Meta-ExternalFetcher",
        "Amzn-User",
        "PhindBot",
        "IsonAI-User",
        "LinerBot",
        "iAskBot",
        "Manus-User",
        "NovaAct",
        "Google-Read-Aloud",
        "Devin/",
        "kagi-fetcher",
        "Poggio-Citations",
        "AzureAI-SearchBot",
        "TavilyBot",
        "OAI-Operator",
        "ChatGPT Agent",
    ),
    Kind.SEARCH: (
        "OAI-SearchBot",
        "Claude-SearchBot",
        "PerplexityBot",
        "MistralAI-Index",
        "Applebot",
        "YouBot",
        "Amzn-SearchBot",
        "Google-InspectionTool",
        "DuckDuckBot",
        "Googlebot-Image",
        "Googlebot-News",
        "Googlebot-Video",
        "Googlebot",
        "bingbot",
        "YandexBot",
        "Baiduspider",
        "Bravebot",
        "Qwantbot",
        "kagibot",
        "Ecosia",
        "PetalBot",
        "meta-webindexer",
    ),
    Kind.TRAINING: (
        "GPTBot",
        "ClaudeBot",
        "anthropic-ai",
        "Claude-Web",
        "CCBot",
        "Bytespider",
        "meta-externalagent",
        "Meta-ExternalAgent",
        "FacebookBot",
        "Amazonbot",
        "cohere-ai",
        "cohere-training-data-crawler",
        "Diffbot",
        "AI2Bot",
        "ImagesiftBot",
        "Timpibot",
        "omgili",
        "Omgilibot",
        "webzio-extended",
        "PanguBot",
        "img2dataset",
        "Google-CloudVertexBot",
        "SBIntuitionsBot",
        "DeepSeekBot",
        "xAI-Bot",
        "GrokBot",
        "Spawning-AI",
        "Kangaroo Bot",
        "VelenPublicWebCrawler",
    ),
    Kind.PREVIEW: (
        "facebookexternalhit",
        "Twitterbot",
        "Slackbot",
        "Slack-ImgProxy",
        "Discordbot",
        "TelegramBot",
        "LinkedInBot",
        "Mastodon/",
        "Pleroma",
        "Misskey",
        "Bluesky Cardyb",
        "SkypeUriPreview",
        "BingPreview",
        "Iframely",
        "redditbot",
        "Pinterestbot",
        "MicrosoftPreview",
        "Google-PageRenderer",
        "SummalyBot",
        "Viber/",
        "Signal/",
    ),
    Kind.FEED: (
        "Feedly",
        "Inoreader",
        "NetNewsWire",
        "NewsBlur",
        "Miniflux",
        "FreshRSS",
        "Feedbin",
        "Tiny Tiny RSS",
        "Feedfetcher-Google",
        "Thunderbird",
        "FeedBurner",
        "Liferea",
        "Akregator",
        "newsboat",
        "QuiteRSS",
        "Reeder/",
        "AntennaPod",
        "Overcast",
        "PocketCasts",
        "Podcasts/",
        "Flipboard",
        "NewsGator",
        "Feeder/",
    ),
}
_TAGS = {
    "search-engine": Kind.SEARCH,
    "ai-crawler": Kind.TRAINING,
    "social-preview": Kind.PREVIEW,
    "feed-reader": Kind.FEED,
}

# Applications with a browser of their own that name themselves as their previews or feed readers do.
_IN_APP = re.compile(
    r"^Mozilla/5\.0 \((?:iPhone|iPad|Linux; Android|Macintosh|Windows NT|X11)[^()]*(?:\([^()]*\)[^()]*)?\) "
    r"(?:AppleWebKit|Gecko)/[\d.]+(?:[^(]|\(KHTML, like Gecko\))* "
    r"(?:\[FB|FBAN|Instagram |Barcelona |Snapchat|\[Pinterest|Pinterest|LinkedInApp|Slack/|Notion/|Daum|KAKAOTALK"
    r"|NAVER\(|Line/|MicroMessenger|Viber/|Signal/|Flipboard|GSA/|upday/|Bluesky/|Asana/|Thunderbird/|Twitter for"
    r"|BytedanceWebview|musical_ly)"
)
_WORDS = re.compile(
    r"(?<!cu)bot\b|bot[/;_-]|crawl|spider|slurp|scan(?:ner)?\b|monitor|uptime|preview|fetch|archiv|validator|headless"
    r"|lighthouse|externalhit|whatsapp/|embed|\bfeed|feed(?:er|reader|parser)|\brss|podcast|curl|wget|python|\bjava/"
    r"|okhttp|go-http|libwww-perl|http-?client|axios|\bruby|perl/|php|scrap|postman|agent/|-agent\b|checker|proxy/"
    r"|analy[sz]er|harvest|extract|probe|screenshot|indexer|phantomjs|selenium|puppeteer|playwright|https?:|www\.|@",
    re.IGNORECASE,
)
_ESCAPED, _SPECIAL, _GROUP = re.compile(r"\\(\W)"), re.compile(r"[\\\[(|^$*+?]"), re.compile(r"(?<!\\)\((?!\?)")
_USER = re.compile(r"[A-Za-z][\w.]{1,30}-User\b")
# "compatible" was part of the strings of old browsers; now only programs have it.
_COMPATIBLE = re.compile(r"\(compatible; (?!MSIE \d|Konqueror|ABrowse|iCab)|; compatible[;)]")
_BROWSER = re.compile(
    r"Mozilla/[45]\.0 \([^)]{2}|Opera/\d|(?:Lynx|w3m|Links|ELinks|Dillo|NetSurf|amaya|Emacs-w3m|BlackBerry\w*|Nokia\w*"
    r"|SonyEricsson\w*|UCWEB\w*|DoCoMo)[/ (]?[\d(]"
)
# A name at the beginning, and one that contains a word of programs.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*(?: ?[A-Z][A-Za-z0-9_-]+)?(?=/|$|[;,)( ])")
_NAME_WITH_WORD = re.compile(r"[\w.-]*(?:bot|crawl|spider|fetch|scan|feed|monitor|preview|agent|http)[\w.-]*", re.I)


class _Data(NamedTuple):
    # Text that a string contains, and what it is then: first that of our lists, and the longest first.
    texts: list[tuple[str, Agent]]
    # The same of our lists of crawlers in lower case, for other spellings of a name.
    small_texts: list[tuple[str, Agent]]
    # One alternation of the patterns that are more than a text, each in a group of its own, and what each group means.
    pattern: re.Pattern[str]
    agents: list[Agent]


@lru_cache(_REMEMBERED)
def _agent_of(user_agent: str) -> Agent:
    if in_app := _IN_APP.match(user_agent):
        # A program that pretends to be one of these applications has its own name in the rest.
        rest = user_agent[in_app.end() :]
        return NAMELESS if _WORDS.search(rest) else PERSON
    data = _data()
    for text, agent in data.texts:
        if text in user_agent:
            return agent
    small = user_agent.lower()
    for text, agent in data.small_texts:
        if text in small:
            return agent
    if user := _USER.search(user_agent):
        return Agent(user[0][:MAX_NAME], Kind.ASSISTANT)
    if (match := data.pattern.search(user_agent)) and match.lastindex:
        return data.agents[match.lastindex - 1]
    if _WORDS.search(user_agent) or _COMPATIBLE.search(user_agent) or not _BROWSER.match(user_agent):
        return Agent(_name_in(user_agent), Kind.PROGRAM)
    return PERSON


def agent_of(user_agent: str) -> Agent:
    """Return who says `user_agent` of itself. An empty one, and one longer than any browser's, is a program."""
    if not user_agent or len(user_agent) > MAX_AGENT:
        return NAMELESS
    return _agent_of(user_agent)


@cache
def _data() -> _Data:
    """Read the lists: 25 ms, once in a process, when the first request is counted. Only what is needed is kept."""
    texts = {text: Agent(text.rstrip("/"), kind) for kind, names in _KNOWN.items() for text in names}
    patterns: list[tuple[str, Agent]] = []
    for entry in _entries():
        pattern = entry["pattern"]
        kind = next((kind for tag, kind in _TAGS.items() if tag in entry["tags"]), Kind.PROGRAM)
        # Most patterns only escape a slash or a dot.
        text = _ESCAPED.sub(r"\1", pattern)
        agent = Agent(_plain(text), kind)
        if _SPECIAL.search(_ESCAPED.sub("", pattern)):
            patterns.append((_GROUP.sub("(?:", pattern), agent))
        else:
            texts.setdefault(text, agent)
    alternation = "|".join(f"({pattern})" for pattern, _agent in patterns)
    ours = {text for names in _KNOWN.values() for text in names}
    ordered = sorted(texts.items(), key=lambda item: (item[0] not in ours, -len(item[0])))
    crawlers = {Kind.ASSISTANT, Kind.SEARCH, Kind.TRAINING}
    small = [(text.lower(), agent) for text, agent in ordered if text in ours and agent.kind in crawlers]
    return _Data(ordered, small, re.compile(alternation), [agent for _pattern, agent in patterns])


def _entries() -> list[dict[str, str]]:
    # Not imported: the package would keep the whole file in memory.
    spec = find_spec("crawleruseragents")
    folders = (spec.submodule_search_locations or []) if spec else []
    (folder,) = folders
    entries: list[dict[str, str]] = json.loads((Path(folder) / "crawler-user-agents.json").read_bytes())
    return entries


def _plain(text: str) -> str:
    """Return the name in a pattern."""
    return (
        re.sub(r"\[([A-Za-z])[A-Za-z]\]", r"\1", text).strip("^$/ \\(").partition("|")[0].partition("(")[0][:MAX_NAME]
    )


def _name_in(user_agent: str) -> str:
    """Return the name of a program that is on no list, as it gives it; "" if none is to be seen."""
    if match := _NAME_WITH_WORD.search(user_agent) if user_agent.startswith("Mozilla/") else _NAME.match(user_agent):
        return match[0].strip(".-_ ")[:MAX_NAME]
    return ""
