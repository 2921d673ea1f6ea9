"""Many keep-alive connections that each send again as soon as they are answered, on one thread.

The ledger of a load is what it was promised: every send that was answered with 200. A connection that breaks, or an
answer 500, promises nothing either way; those sends are counted as unknown.
"""

import collections
import json
import selectors
import socket
import threading
import time

RECONNECT_S = 0.05  # after a connection was refused or broke
PAUSE_S = 0.2       # after an answer that says "not now"


class _Connection:
    def __init__(self):
        self.socket = None
        self.token = None  # what was asked; None: nothing is under way
        self.asked_at = 0.0
        self.inbox = b""
        self.wake_at = 0.0


class Engine:
    """Asks what source() gives, as (token, bytes), or None when there is nothing (for now), on so many connections.

    on_answer(token, status, head, body, took_s) returns how long its connection is to pause; on_lost(token) is told of
    one that was sent and whose connection broke.
    """

    def __init__(self, port, connections, source, on_answer, on_lost):
        self.address = ("127.0.0.1", port)
        self.connections = [_Connection() for _ in range(connections)]
        self.source, self.on_answer, self.on_lost = source, on_answer, on_lost
        self.selector = selectors.DefaultSelector()
        self.slept = collections.deque(self.connections)  # those that ask next, at their wake_at
        self.under_way = 0

    def turn(self):
        """One round of waiting, at most 20 ms."""
        now = time.monotonic()
        for _ in range(len(self.slept)):
            connection = self.slept.popleft()
            if connection.wake_at > now or not self._ask(connection, now):
                self.slept.append(connection)
        for key, _ in self.selector.select(0.02):
            self._read(key.data)

    def oldest_s(self):
        """How long the oldest question has waited for its answer."""
        asked = [connection.asked_at for connection in self.connections if connection.token is not None]
        return time.monotonic() - min(asked) if asked else 0.0

    def close(self):
        for connection in self.connections:
            self._drop(connection)
        self.selector.close()

    def _ask(self, connection, now):
        if connection.socket is None and not self._connect(connection, now):
            return False
        question = self.source()
        if question is None:
            return False
        connection.token, data = question
        connection.asked_at, connection.inbox = now, b""
        self.under_way += 1
        try:
            connection.socket.sendall(data)
        except OSError:
            self._lost(connection)
        return True

    def _connect(self, connection, now):
        try:
            connection.socket = socket.create_connection(self.address, timeout=5)
        except OSError:
            connection.wake_at = now + RECONNECT_S
            return False
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(connection.socket, selectors.EVENT_READ, connection)
        return True

    def _read(self, connection):
        try:
            piece = connection.socket.recv(65536)
        except OSError:
            piece = b""
        if not piece:
            self._lost(connection)
            return
        connection.inbox += piece
        inbox = connection.inbox
        end = inbox.find(b"\r\n\r\n")
        if end < 0:
            return
        head = inbox[:end].lower()
        at = head.find(b"\r\ncontent-length:")
        length = int(head[at + 17:].split(b"\r", 1)[0]) if at >= 0 else 0
        if len(inbox) >= end + 4 + length:
            self._answered(connection, head, inbox[end + 4:])

    def _answered(self, connection, head, body):
        token, connection.token = connection.token, None
        now = time.monotonic()
        self.under_way -= 1
        if b"\r\nconnection: close" in head:
            self._drop(connection)
        connection.wake_at = now + self.on_answer(token, int(head[9:12]), head, body, now - connection.asked_at)
        self.slept.append(connection)

    def _lost(self, connection):
        token, connection.token = connection.token, None
        self._drop(connection)
        connection.wake_at = time.monotonic() + RECONNECT_S
        if token is not None:  # else it was idle, and is among the slept
            self.under_way -= 1
            self.on_lost(token)
            self.slept.append(connection)

    def _drop(self, connection):
        if connection.socket is not None:
            self.selector.unregister(connection.socket)
            connection.socket.close()
            connection.socket = None


class Load(threading.Thread):
    """Sends single messages until so many were accepted."""

    def __init__(self, account, count, connections=64, first=4790000000, message="Your code is 123456"):
        super().__init__(daemon=True)
        self.account, self.count, self.message = account, count, message
        self.next_number = first
        self.accepted = {}   # message id -> number
        self.unknown = 0     # sends whose answer was lost, or that were answered 500
        self.answers = collections.Counter()  # status -> how many
        self.faults = []     # what no answer may be
        self.slowest_s = self.took_s = 0.0
        self.began = 0.0
        self.give_up = False
        self.engine = Engine(account.port, connections, self._next, self._answer, self._lost)

    def run(self):
        self.began = time.monotonic()
        while not self.give_up and (len(self.accepted) < self.count or self.engine.under_way > 0):
            self.engine.turn()
            self.slowest_s = max(self.slowest_s, self.engine.oldest_s() if self.engine.under_way < 100 else 0.0)
        self.took_s = time.monotonic() - self.began
        self.engine.close()

    def _next(self):
        if len(self.accepted) + self.engine.under_way >= self.count:
            return None
        number = f"+{self.next_number}"
        self.next_number += 1
        body = json.dumps({"to": [number], "message": self.message})
        return number, (f"POST /v1/sms/send HTTP/1.1\r\nHost: sms\r\nX-API-Key: {self.account.key}\r\n"
                        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()

    def _answer(self, number, status, head, body, took_s):
        self.slowest_s = max(self.slowest_s, took_s)
        self.answers[status] += 1
        if status == 200:
            self.accepted[json.loads(body)["sms_message_id"]] = number
            return 0
        if status == 503:
            if b"\r\nretry-after:" not in head or b"application/problem+json" not in head:
                self.faults.append((status, head, body))
        elif status == 500 and b"/v1/sms/messages/" in body:
            self.unknown += 1
        else:
            self.faults.append((status, head, body))
        return PAUSE_S

    def _lost(self, _number):
        self.answers["lost"] += 1
        self.unknown += 1

    def await_accepted(self, count, timeout_s=60):
        until = time.monotonic() + timeout_s
        while len(self.accepted) < count:
            assert self.is_alive() and time.monotonic() < until, f"{len(self.accepted)} of {count} accepted: {self}"
            time.sleep(0.005)

    def finish(self, timeout_s=120):
        """Waits for the last answer, and checks that none was wrong or late."""
        self.join(timeout_s)
        stuck = self.is_alive()
        self.give_up = True
        self.join(5)
        assert not stuck, f"not all sends were accepted within {timeout_s} s: {self}"
        assert not self.faults, f"wrong answers: {self.faults[:3]}"
        assert self.slowest_s <= 20, f"an answer took {self.slowest_s:.1f} s"

    def __str__(self):
        return f"{len(self.accepted)} accepted, answers {dict(self.answers)}, slowest {self.slowest_s:.1f} s"
