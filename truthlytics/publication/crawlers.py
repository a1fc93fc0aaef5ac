"""What crawlers may do, as columns of the publication's row. The page is *Settings → Crawlers*."""

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from truthlytics.web.agents import Agent, Kind
from truthlytics.web.text import split_words

# The columns that allow a kind as a whole.
CLASSES = {
    Kind.SEARCH: "allow_search",
    Kind.ASSISTANT: "allow_assistants",
    Kind.TRAINING: "allow_training",
}
# Names for robots.txt of well-known crawlers. Google-Extended and Applebot-Extended send no requests: robots.txt tells
# with these names whether Google and Apple may train with what Googlebot and Applebot have fetched.
# fmt: off
CRAWLERS = {
    Kind.SEARCH: (
        "Googlebot", "Googlebot-Image", "Googlebot-News", "Googlebot-Video", "bingbot", "DuckDuckBot", "Applebot",
        "YandexBot", "Baiduspider", "Bravebot", "Qwantbot", "kagibot", "PetalBot", "OAI-SearchBot", "Claude-SearchBot",
        "PerplexityBot", "MistralAI-Index", "YouBot", "Amzn-SearchBot", "meta-webindexer",
    ),
    Kind.ASSISTANT: (
        "ChatGPT-User", "Claude-User", "Perplexity-User", "MistralAI-User", "Google-NotebookLM", "DuckAssistBot",
        "meta-externalfetcher", "Amzn-User", "PhindBot", "LinerBot", "iAskBot", "kagi-fetcher", "TavilyBot",
    ),
    Kind.TRAINING: (
        "GPTBot", "ClaudeBot", "anthropic-ai", "Claude-Web", "CCBot", "Google-Extended", "Applebot-Extended",
        "Bytespider", "meta-externalagent", "FacebookBot", "Amazonbot", "cohere-ai", "cohere-training-data-crawler",
        "Diffbot", "AI2Bot", "ImagesiftBot", "Timpibot", "omgili", "Omgilibot", "webzio-extended", "PanguBot",
        "img2dataset", "Google-CloudVertexBot", "DeepSeekBot", "GrokBot",
    ),
}
# fmt: on
# The attributes of trust.txt (JournalList) that are entered, in the order of its specification.
TRUST_ATTRIBUTES = split_words("member belongto control controlledby social vendor customer disclosure contact")


class CrawlerChoices(models.Model):
    """Base of the publication. With its defaults, robots.txt refuses no crawler."""

    allow_search = models.BooleanField(_("allow search engines"), default=True, db_default=True)
    allow_assistants = models.BooleanField(_("allow assistants"), default=True, db_default=True)
    allow_training = models.BooleanField(_("allow the training of AI"), default=True, db_default=True)
    # Names of known crawlers that are treated the other way round than their kind.
    crawler_exceptions = models.JSONField(default=list, blank=True, db_default=[], editable=False)
    refuse_crawlers = models.BooleanField(_("refuse those that ignore robots.txt"), default=False, db_default=False)
    offers_license = models.BooleanField(_("publish a licence for machines"), default=False, db_default=False)
    # Lists of addresses by the attributes of trust.txt.
    trust_txt = models.JSONField(default=dict, blank=True, db_default={}, editable=False)

    class Meta:
        abstract = True

    def allows_kind(self, kind: Kind) -> bool:
        """Return whether crawlers of this kind are allowed as a whole. Only those in `CLASSES` can be refused."""
        return kind not in CLASSES or bool(getattr(self, CLASSES[kind]))

    def allows_crawler(self, agent: Agent) -> bool:
        """Return whether `agent` may fetch pages: as its kind, unless it is an exception."""
        is_exception = agent.kind in CLASSES and agent.name.casefold() in self.exceptional_names
        return self.allows_kind(agent.kind) != is_exception

    @cached_property
    def exceptional_names(self) -> frozenset[str]:
        return frozenset(name.casefold() for name in self.crawler_exceptions)

    @property
    def refused_names(self) -> list[str]:
        """The names of all crawlers that robots.txt refuses."""
        crawlers = (Agent(name, kind) for kind, names in CRAWLERS.items() for name in names)
        return [crawler.name for crawler in crawlers if not self.allows_crawler(crawler)]
