"""Programs are told from people by what they say of themselves, also those that are on no list."""

import random
import time

from django.test import SimpleTestCase

from tests.truthlytics.web.browsers import BROWSERS, WINDOWS
from truthlytics.web import agents
from truthlytics.web.agents import MAX_AGENT, MAX_NAME, Kind, agent_of

KNOWN = {
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot": (
        "ChatGPT-User", Kind.ASSISTANT),
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)": (
        "Claude-User", Kind.ASSISTANT),
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Perplexity-User/1.0; +https://perplexity.ai/)": (
        "Perplexity-User", Kind.ASSISTANT),
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; MistralAI-User/1.0; +https://docs.mistral.ai/)": (
        "MistralAI-User", Kind.ASSISTANT),
    "Mozilla/5.0 (Linux; Android 6.0.1) AppleWebKit/537.36 Chrome/141 (compatible; Google-Agent; +https://g.co)": (
        "Google-Agent", Kind.ASSISTANT),
    "Google-NotebookLM": ("Google-NotebookLM", Kind.ASSISTANT),
    "Mozilla/5.0 (compatible; Some-User/2.0)": ("Some-User", Kind.ASSISTANT),
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": ("Googlebot", Kind.SEARCH),
    "Mozilla/5.0 (compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot)": ("OAI-SearchBot", Kind.SEARCH),
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)": (
        "GPTBot", Kind.TRAINING),
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)": (
        "ClaudeBot", Kind.TRAINING),
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)": (
        "facebookexternalhit", Kind.PREVIEW),
    "WhatsApp/2.23.20.0": ("WhatsApp", Kind.PREVIEW),
    "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers)": ("Feedly", Kind.FEED),
    "curl/8.5.0": ("curl", Kind.PROGRAM),
    "python-requests/2.32": ("python-requests", Kind.PROGRAM),
    "Acme Harvester/3.1": ("Acme Harvester", Kind.PROGRAM),
    f"{WINDOWS}Chrome/142.0.0.0 Safari/537.36 AcmeScraperBot/1.0": ("AcmeScraperBot", Kind.PROGRAM),
}  # fmt: skip


class AgentTests(SimpleTestCase):
    def test_browsers_are_people(self):
        self.assertGreaterEqual(len(BROWSERS), 40)
        found = {agent: agent_of(agent) for agent, _headers in BROWSERS}
        self.assertEqual({agent: who for agent, who in found.items() if who != agents.PERSON}, {})

    def test_at_most_two_percent_of_known_programs_are_taken_for_people(self):
        examples = [example for entry in agents._entries() for example in entry["instances"]]
        people = [example for example in examples if agent_of(example).kind is Kind.PERSON]
        self.assertGreater(len(examples), 2000)
        self.assertLessEqual(len(people), len(examples) * 0.02, people)

    def test_known_programs_have_a_name_and_a_kind(self):
        self.assertEqual({agent: tuple(agent_of(agent)) for agent in KNOWN}, KNOWN)

    def test_programs_on_no_list_are_not_people(self):
        chance = random.Random(7)
        letters = "abcdefghijklmnopqrstuvwxyz"
        shapes = (
            "{}Bot/1.0", "{}/2.3", "{}", "Mozilla/5.0 (compatible; {}/1.0)", "{}-crawler (+https://{}.example/)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; {}; +https://{}.example) Chrome/130 Safari",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/130.0 Safari/537.36 {}",
            "Mozilla/5.0 {}", "Mozilla/5.0 (Windows NT 10.0) {}Spider", "{} {}",
        )  # fmt: skip
        for number in range(300):
            name = "".join(chance.choices(letters, k=chance.randint(4, 14)))
            agent = shapes[number % len(shapes)].replace("{}", name)
            self.assertNotEqual(agent_of(agent).kind, Kind.PERSON, agent)

    def test_a_program_does_not_hide_behind_the_name_of_an_application(self):
        for agent in (
            f"{WINDOWS}Slack/4.46.101 AcmeBot/1.0",
            "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "Mozilla/5.0 (Macintosh) AppleWebKit/600.2.5 (KHTML, like Gecko) Version/8.0.2 Safari/600.2.5"
            " (Applebot/0.1; +http://www.apple.com/go/applebot)",
        ):
            self.assertNotEqual(agent_of(agent).kind, Kind.PERSON, agent)

    def test_empty_and_huge_strings_are_programs(self):
        for agent in (
            "",
            " ",
            "\0",
            "Mozilla/5.0 (" * 20_000,
            "(" * 100_000,
            "A" * 100_000,
            f"{WINDOWS}{'a' * 100_000}",
        ):
            self.assertEqual(agent_of(agent).kind, Kind.PROGRAM, agent[:40])

    def test_no_string_takes_long_or_has_a_long_name(self):
        parts = ("a(", "a-", "a ", "A", "(KHTML, like Gecko)", "-User", "bot", "\\", "aA ", "()", ") ")
        starts = ("", "Mozilla/5.0 (iPhone;", "Mozilla/5.0 (iPhone) AppleWebKit/1 ", "Mozilla/5.0 ", "(compatible; ")
        started = time.perf_counter()
        for start in starts:
            for part in parts:
                agent = (start + part * MAX_AGENT)[:MAX_AGENT]
                self.assertLessEqual(len(agent_of(agent).name), MAX_NAME)
        self.assertLess(time.perf_counter() - started, 2)
