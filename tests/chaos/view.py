"""An account's messages as they lie in Redis, read in full; what lies where: common/store/lua/state.lua."""

import collections
import json
import socket
import struct

HEAD = struct.Struct(">cBHBBI6sIIH")
LETTERS = "WQSTDFCR"
FINAL = "DFC"
COUNTED, UNKNOWN, EARLIER, ERASED = 1, 2, 4, 8
ERROR_REJECTED, ERROR_EXPIRED, ERROR_OUTCOME, ERROR_VARIABLE, ERROR_CARRIER = 2, 3, 4, 9, 11


class Redis:
    """Commands in pipelines, replies as bytes, numbers and lists."""

    def __init__(self, port):
        self.file = socket.create_connection(("127.0.0.1", port), timeout=60).makefile("rwb")

    def many(self, commands):
        for at in range(0, len(commands), 500):
            batch = commands[at:at + 500]
            for words in batch:
                words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
                self.file.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words))
            self.file.flush()
            for _ in batch:
                yield self._reply()

    def one(self, *words):
        return next(self.many([words]))

    def keys(self, pattern):
        cursor, found = b"0", set()
        while True:
            cursor, keys = self.one("SCAN", cursor, "MATCH", pattern, "COUNT", 2000)
            found.update(key.decode() for key in keys)
            if cursor == b"0":
                return sorted(found)

    def hashes(self, keys):
        for key, reply in zip(keys, self.many([("HGETALL", key) for key in keys])):
            yield key, dict(zip(reply[::2], reply[1::2]))

    def _reply(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            return self.file.read(int(rest) + 2)[:-2] if int(rest) >= 0 else None
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        if kind == b":":
            return int(rest)
        assert kind == b"+", line
        return rest


class Line:
    __slots__ = ("status", "flags", "attempt", "parts", "error", "day", "digits", "send", "chunk", "id")

    def __init__(self, data, send, chunk, number):
        status, self.flags, self.attempt, self.parts, self.error, _, _, _, _, self.day = HEAD.unpack_from(data)
        self.status = status.decode()
        self.digits = data[HEAD.size:].split(b"|", 1)[0].decode()
        self.send, self.chunk = send, chunk
        self.id = _uuid(f"{send}{number:06x}")

    def __repr__(self):
        return f"{self.id} {self.status} flags {self.flags} attempt {self.attempt} error {self.error} +{self.digits}"


def _uuid(hexa):
    return f"{hexa[:8]}-{hexa[8:12]}-{hexa[12:16]}-{hexa[16:20]}-{hexa[20:]}"


class Account:
    """lines: of all messages; sends: send's digits -> fields of s:, as text; refs: customer_ref -> send's digits."""

    def __init__(self, redis, name):
        self.redis, self.name = redis, name
        self.lines, self.sends, self.refs, self.tallies = [], {}, {}, {}
        self.of_send = collections.defaultdict(list)
        self._read_singles()
        self._read_sends()
        self._read_chunks()

    def key(self, letter, rest=""):
        return f"{letter}:{{{self.name}}}{rest}"

    def _pattern(self, letter):
        return self.key(letter, ":*")

    def _add(self, line):
        self.lines.append(line)
        self.of_send[line.send].append(line)

    def _read_singles(self):
        keys = self.redis.keys(self._pattern("m"))
        for key, data in zip(keys, self.redis.many([("GET", key) for key in keys])):
            send = key.rpartition(":")[2]
            self._add(Line(data, send, None, 0))
            self._named(send, data[HEAD.size:].split(b"|", 1)[1])

    def _named(self, send, description):
        ref = json.loads(description).get("ref")
        assert ref not in self.refs, f"two sends with the reference {ref}: {self.refs[ref]}, {send}"
        self.refs[ref] = send

    def _read_sends(self):
        for key, fields in self.redis.hashes(self.redis.keys(self._pattern("s"))):
            send = key.rpartition(":")[2]
            self.sends[send] = {name.decode(): value.decode(errors="replace") for name, value in fields.items()}
            self._named(send, fields[b"send"])

    def _read_chunks(self):
        for key, fields in self.redis.hashes(self.redis.keys(self._pattern("c"))):
            send, _, chunk = key.partition("}:")[2].partition(":")
            self.tallies[send, int(chunk)] = fields.pop(b"n", b"\0" * 8)
            for place, data in fields.items():
                if place.isdigit():
                    self._add(Line(data, send, int(chunk), int(chunk) * 100 + int(place)))

    def status(self, line):
        """What waits of a cancelled send reads as CANCELLED."""
        cancelled = line.chunk is not None and "cancelled" in self.sends.get(line.send, {})
        return "C" if cancelled and line.status in "WQ" else line.status
