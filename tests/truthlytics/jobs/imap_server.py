"""A mailbox for tests, at an address of its own, which answers once the test lets it."""

import re
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread


class Handler(StreamRequestHandler):
    def handle(self):
        self.say("* OK ready")
        for line in self.rfile:
            tag, command, *words = line.decode().split()
            self.server.may_answer.wait(60)
            getattr(self, command.lower(), self.other)(words)
            self.say(f"{tag} OK done")

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def other(self, words):
        """Nothing to say."""

    def capability(self, words):
        self.say("* CAPABILITY IMAP4REV1")

    def select(self, words):
        self.say(f"* {len(self.server.messages)} EXISTS")

    def search(self, words):
        flagged = "UNFLAGGED" not in words
        flags = self.server.flags.items()
        found = [str(number) for number, own in flags if "Deleted" not in own and ("Flagged" in own) == flagged]
        self.say(" ".join(["* SEARCH", *found]))

    def fetch(self, words):
        number, size = int(words[0]), int(re.search(r"<0\.(\d+)>", words[1])[1])
        content = self.server.messages[number - 1][:size]
        self.wfile.write(f"* {number} FETCH (BODY[]<0> {{{len(content)}}}\r\n".encode() + content + b")\r\n")

    def store(self, words):
        own, flag = self.server.flags[int(words[0])], words[2].strip("()\\")
        (own.add if words[1].startswith("+") else own.discard)(flag)


class Mailbox(ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, messages):
        super().__init__(("127.0.0.1", 0), Handler)
        self.messages, self.may_answer = messages, Event()
        self.flags = {number: set() for number in range(1, len(messages) + 1)}
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"imap://u:p@127.0.0.1:{self.server_address[1]}/INBOX"
