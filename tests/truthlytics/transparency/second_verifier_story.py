"""The second verifier: checkpoints, and the story that the entries of a log tell."""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HOUR = timedelta(hours=1)
NUMBERED = {"version", "correction", "removal", "deletion"}
PLAIN = {"withdrawal", "restoration"}


class Wrong(Exception):
    """Something is wrong."""


def require(condition, what):
    if not condition:
        raise Wrong(what)


def sha(data):
    return hashlib.sha256(data).digest()


def dump(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def time_of(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def merkle(leaves):
    if len(leaves) < 2:
        return sha(b"\0" + leaves[0]) if leaves else sha(b"")
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1" + merkle(leaves[:half]) + merkle(leaves[half:]))


def signed(note, key):
    """Return the parts of a note that `key` signed: origin, size and root."""
    name, _number, encoded = key.split("+", 2)
    data = base64.b64decode(encoded)
    text, lines = note.rstrip("\n").rsplit("\n\n", 1)
    for line in lines.split("\n"):
        _dash, signer, signature = line.split(" ")
        raw = base64.b64decode(signature)
        if signer == name and raw[:4] == sha(name.encode() + b"\n" + data)[:4]:
            message, raw = f"{text}\n", raw[4:]
            if data[0] == 4:
                message, raw = f"cosignature/v1\ntime {int.from_bytes(raw[:8])}\n{message}", raw[8:]
            try:
                Ed25519PublicKey.from_public_bytes(data[1:]).verify(raw, message.encode())
            except InvalidSignature as error:
                raise Wrong("signature") from error
            origin, size, root = text.split("\n")[:3]
            return origin, int(size), base64.b64decode(root)
    raise Wrong("not signed")


def well_formed(leaf):
    try:
        entry = json.loads(leaf)
        require(isinstance(entry, dict) and dump(entry) == leaf, "form")
        names = set(entry) - {"imported"}
        kind = entry["kind"]
        require(time_of(entry["time"]).strftime("%Y-%m-%dT%H:%M:%SZ") == entry["time"], "form")
        if kind in NUMBERED | PLAIN:
            wanted = {"kind", "time", "item", "uuid"} | ({"number", "digest"} if kind in NUMBERED else set())
            require(names == wanted and entry["item"] in {"article", "page", "dossier"}, "form")
            require(re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", entry["uuid"]), "form")
            require(entry.get("imported", True) is True and (kind != "deletion" or "imported" not in entry), "form")
            if kind in NUMBERED:
                require(type(entry["number"]) is int and entry["number"] >= 1, "form")
                require(re.fullmatch("[0-9a-f]{64}", entry["digest"]), "form")
            require(kind != "correction" or entry["item"] == "article", "form")
        else:
            wanted = {"key": {"key", "signature"}, "log": {"previous", "size", "root"}}[kind]
            require(set(entry) == wanted | {"kind", "time"}, "form")
    except (ValueError, KeyError, TypeError) as error:
        raise Wrong("form") from error
    return entry


class Story:
    """What the entries of a log tell, event by event. Raises Wrong at the first that the rules do not allow."""

    def __init__(self, origin, key, before=None):
        self.origin, self.before, self.keys = origin, before, [(0, key)]
        self.events = []
        self.versions, self.gone = {}, set()

    def about(self, uuid, *kinds):
        return [event for event in self.events if event.get("uuid") == uuid and (not kinds or event["kind"] in kinds)]

    def tell(self, leaves):
        for leaf in leaves:
            entry = well_formed(leaf)
            first = not self.events
            require((entry["kind"] == "log") == (first and self.before is not None) or not first, "log")
            if "imported" not in entry:
                earlier = [time_of(e["time"]) for e in self.events if "imported" not in e]
                require(not earlier or time_of(entry["time"]) >= max(earlier) - HOUR, "time")
            getattr(self, entry["kind"])(entry)
            self.events.append(entry)
        if self.before is not None:
            require(self.events, "log")
            require(self.before.versions.keys() - self.before.gone <= self.versions.keys(), "log")
        for place, event in enumerate(self.events):
            if "imported" in event:
                for after in self.events[place:]:
                    ok = "imported" in after or time_of(event["time"]) <= time_of(after["time"]) + HOUR
                    require(ok, "time")

    def version(self, entry):
        own, key = self.about(entry["uuid"], "version"), (entry["uuid"], entry["number"])
        require(key not in self.versions, "once")
        require(all(event["item"] == entry["item"] for event in own), "once")
        require(all(event["number"] < entry["number"] for event in own), "order")
        require(all(event["time"] <= entry["time"] for event in own), "order")
        require(not own or any((entry["uuid"], event["number"]) not in self.gone for event in own), "deletion")
        former = self.before.versions.get(key) if self.before else None
        require(former is None or former["digest"] == entry["digest"], "log")
        native = former["native"] if former else "imported" not in entry
        self.versions[key] = {**entry, "native": native}

    def found(self, entry):
        key = entry["uuid"], entry["number"]
        require(key in self.versions and key not in self.gone, "order")
        require(self.versions[key]["item"] == entry["item"], "order")
        return self.versions[key]

    def correction(self, entry):
        version = self.found(entry)
        require(all(e["number"] != entry["number"] for e in self.about(entry["uuid"], "correction")), "once")
        last = self.about(entry["uuid"])[-1]
        require(last["kind"] == "version" and last["number"] == entry["number"], "order")
        require(version["time"] == entry["time"] and ("imported" in version) == ("imported" in entry), "order")

    def removal(self, entry):
        version = self.found(entry)
        require(all(e["number"] != entry["number"] for e in self.about(entry["uuid"], "removal")), "once")
        require(version["digest"] == entry["digest"], "removal")
        newest = max(e["number"] for e in self.about(entry["uuid"], "version"))
        require(newest != entry["number"] or self.withdrawn(entry["uuid"]) or "imported" in entry, "removal")

    def deletion(self, entry):
        require(self.found(entry)["digest"] == entry["digest"], "deletion")
        own = [version for (uuid, _number), version in self.versions.items() if uuid == entry["uuid"]]
        require(not any(version["native"] for version in own), "deletion")
        require(not self.about(entry["uuid"], *PLAIN), "deletion")
        self.gone.add((entry["uuid"], entry["number"]))

    def withdrawn(self, uuid):
        changes = self.about(uuid, *PLAIN)
        return bool(changes) and changes[-1]["kind"] == "withdrawal"

    def withdrawal(self, entry):
        own = self.about(entry["uuid"], "version")
        require(any((entry["uuid"], event["number"]) not in self.gone for event in own), "order")
        require(own[0]["item"] == entry["item"], "order")
        require(self.withdrawn(entry["uuid"]) == (entry["kind"] == "restoration"), "order")

    restoration = withdrawal

    def key(self, entry):
        _size, old = self.keys[-1]
        require(entry["key"] not in [key for _size, key in self.keys], "key")
        note = f"{self.origin}\nkey {entry['key']}\n"
        name, _number, encoded = old.split("+", 2)
        new_name, new_number, new_encoded = entry["key"].split("+", 2)
        new = base64.b64decode(new_encoded)
        require(new_name == name and len(new) == 33 and new[0] == 1, "key")
        require(sha(new_name.encode() + b"\n" + new)[:4].hex() == new_number, "key")
        try:
            signature = base64.b64decode(entry["signature"])
            require(signature[:4] == sha(name.encode() + b"\n" + base64.b64decode(encoded))[:4], "key")
            public_key = Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)[1:])
            public_key.verify(signature[4:], note.encode())
        except (InvalidSignature, ValueError) as error:
            raise Wrong("key") from error
        # The state with this entry is the last that the old key signs.
        self.keys.append((len(self.events) + 2, entry["key"]))

    def log(self, entry):
        require(self.before is not None and not self.events, "log")
        require(entry["previous"] == self.before.origin, "log")

    def key_at(self, size):
        return [key for start, key in self.keys if start <= size][-1]


def check_row(row, key, story):
    logged = story.versions[key]
    require(key not in story.gone, "deleted")
    require((logged["item"], logged["digest"]) == (row["type"], row["digest"]), "row")
    require(logged["time"] == row["public_from"], "date")
    require(not logged["native"] or time_of(row["created_at"]) <= time_of(row["public_from"]) + HOUR, "date")
    for kind, said in (("correction", row.get("correction")), ("removal", row.get("removed") or None)):
        entries = [event for event in story.about(row["uuid"], kind) if event["number"] == row["number"]]
        require(bool(entries) == (said is not None), kind)
        require(kind != "correction" or not entries or entries[0]["digest"] == said, kind)
