"""Clients that mean no good: what they do is bounded, and meanwhile the others are served."""

import contextlib
import http.client
import json
import re
import selectors
import socket
import subprocess
import threading
import time

import pytest

from api import Account, call
from stack import eventually, pid_alive

WITNESS = "127.0.0.2"  # who behaves has an address of its own
MOST_S = 3             # that its requests may take meanwhile
UNKNOWN = "/v1/sms/messages/0198c0de-7000-7abc-8def-000000000000"

# Of an api with little room, beside that of the stack.
PLACES, PER_ADDRESS, READ_S, IDLE_S, BODY_LIMIT = 160, 40, 1, 3, 64 * 1024


def connect(port, source="127.0.0.1", timeout_s=10):
    return socket.create_connection(("127.0.0.1", port), timeout=timeout_s, source_address=(source, 0))


class Witness(threading.Thread):
    """Asks for something again and again, each time on a new connection."""

    def __init__(self, account):
        super().__init__(daemon=True)
        self.account = account
        self.took, self.wrong, self.done = [], [], False

    def run(self):
        while not self.done:
            began = time.monotonic()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.account.port, timeout=20,
                                                        source_address=(WITNESS, 0))
                connection.request("GET", UNKNOWN, None, {"X-API-Key": self.account.key})
                status = connection.getresponse().status
                connection.close()
            except OSError as error:
                status = repr(error)
            self.took.append(time.monotonic() - began)
            if status != 404:
                self.wrong.append(status)
            time.sleep(0.02)


@contextlib.contextmanager
def others_are_served(account):
    witness = Witness(account)
    witness.start()
    yield
    time.sleep(0.1)
    witness.done = True
    witness.join(30)
    assert not witness.wrong and not witness.is_alive(), witness.wrong[:3]
    assert witness.took and max(witness.took) < MOST_S, f"the slowest answer to others took {max(witness.took):.1f} s"


def resident_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) / 1024


@pytest.fixture(autouse=True)
def unharmed(stack, account):
    """The api is the same process afterwards, logged nothing in alarm, and accepts sends."""
    pid, size = stack.pid("api-1"), stack.log_size("api-1")
    yield
    assert stack.pid("api-1") == pid and pid_alive(pid)
    assert "level=error" not in stack.log_since("api-1", size)
    account.send("+4799999980")


@pytest.fixture(scope="module")
def narrow(stack):
    """An api of the same stack with little room, as the account sees it."""
    settings = {"SMS_API_PORT": stack.base + 90, "SMS_ADMIN_PORT": stack.base + 91, "SMS_REPORTS_PORT": stack.base + 92,
                "SMS_HEALTH_PORT": stack.base + 93, "SMS_API_MAX_CONNECTIONS": PLACES,
                "SMS_API_MAX_CONNECTIONS_PER_ADDRESS": PER_ADDRESS, "SMS_API_READ_TIMEOUT": f"{READ_S}s",
                "SMS_API_IDLE_TIMEOUT": f"{IDLE_S}s", "SMS_API_BODY_LIMIT": f"{BODY_LIMIT}b"}
    script = (stack.directory / "start" / "api-1").read_text()
    changes = "".join(f"export {name}={value}\n" for name, value in settings.items())
    script = script.replace("\nexec", f"\n{changes}exec")
    with open(stack.directory / "logs" / "api-narrow.log", "wb") as log:
        process = subprocess.Popen(["bash", "-c", script], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def ready():
        try:
            return call(f"http://127.0.0.1:{stack.base + 93}", "GET", "/readyz").status == 200
        except OSError:
            return False
    eventually("the api with little room is ready", 30, ready)
    yield Account(f"http://127.0.0.1:{stack.base + 90}", stack.env["SMS_API_KEY"])
    assert process.poll() is None, f"it ended with {process.returncode}"
    process.terminate()
    assert process.wait(40) == 0


class Crowd:
    """Connections that all do the same: send their bytes, then dribble more, until they are closed."""

    def __init__(self, port, count, first, drop=b"", source=lambda i: "127.0.0.1"):
        self.began = time.monotonic()
        self.drop = drop
        self.got = {}
        self.selector = selectors.DefaultSelector()
        for i in range(count):
            connection = connect(port, source(i))
            self.got[connection] = b""
            with contextlib.suppress(OSError):
                connection.sendall(first)
            connection.setblocking(False)
            self.selector.register(connection, selectors.EVENT_READ)
        self.open = set(self.got)

    def watch(self, seconds):
        """Until all are closed, or so long."""
        until = time.monotonic() + seconds
        while self.open and time.monotonic() < until:
            for key, _ in self.selector.select(0.1):
                try:
                    piece = key.fileobj.recv(65536)
                except OSError:
                    piece = b""
                self.got[key.fileobj] += piece
                if not piece:
                    self.selector.unregister(key.fileobj)
                    self.open.discard(key.fileobj)
            for connection in self.open if self.drop else ():
                with contextlib.suppress(OSError):
                    connection.send(self.drop)
        return time.monotonic() - self.began

    def close(self):
        for connection in self.got:
            connection.close()
        self.selector.close()


# --- slow ones ---

HEAD = b"POST /v1/sms/send HTTP/1.1\r\nHost: sms\r\n"


@pytest.mark.parametrize("first, drop, most_s", [
    (b"P", b"O", IDLE_S + READ_S),
    (HEAD, b"x", READ_S),
    (HEAD, b"X-Slow: 1\r\n", READ_S),
    (HEAD + b"Content-Length: 5000\r\n\r\n{", b" ", READ_S),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", READ_S),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0", READ_S),
], ids=["request_line", "header", "headers", "body", "chunks", "chunk_size"])
def test_a_slow_request_is_cut_off(narrow, first, drop, most_s):
    with others_are_served(narrow):
        crowd = Crowd(narrow.port, PER_ADDRESS, first, drop)
        took = crowd.watch(most_s + 5)
        crowd.close()
    assert not crowd.open, f"{len(crowd.open)} are still open after {took:.1f} s"
    assert took < most_s + 2


def test_a_slow_import_is_cut_off(narrow):
    """It may take as long as it wants as a whole, but not for the next piece of it."""
    first = (f"POST /v1/contacts/import HTTP/1.1\r\nHost: sms\r\nX-API-Key: {narrow.key}\r\nContent-Type: text/csv\r\n"
             "Content-Length: 50000000\r\n\r\nphone_number,name\n").encode()
    with others_are_served(narrow):
        crowd = Crowd(narrow.port, PER_ADDRESS, first, b"nobody,x\n")
        took = crowd.watch(READ_S + 8)
        crowd.close()
    assert not crowd.open, f"{len(crowd.open)} are still open after {took:.1f} s"


@pytest.mark.parametrize("first, most_s", [(b"", IDLE_S), (b"GET / HT", IDLE_S), (HEAD, READ_S),
                                           (HEAD + b"Content-Length: 5000\r\n\r\n{", READ_S)],
                         ids=["nothing", "half_a_line", "half_a_head", "half_a_body"])
def test_a_silent_connection_is_closed(narrow, first, most_s):
    with others_are_served(narrow):
        crowd = Crowd(narrow.port, PER_ADDRESS, first)
        took = crowd.watch(most_s + 5)
        crowd.close()
    assert not crowd.open, f"{len(crowd.open)} are still open after {took:.1f} s"
    assert took < most_s + 2


def test_one_that_will_send_no_more_is_closed(narrow):
    for first in (b"", HEAD, HEAD + b"Content-Length: 5000\r\n\r\n{"):
        with connect(narrow.port) as connection:
            connection.sendall(first)
            connection.shutdown(socket.SHUT_WR)
            began = time.monotonic()
            while connection.recv(65536):
                pass
            assert time.monotonic() - began < READ_S + 1


def test_an_answer_that_is_not_read_holds_nobody_up(narrow):
    """Requests are not answered faster than their answers are taken, and whoever takes none is cut off."""
    ask = f"GET /openapi.json HTTP/1.1\r\nHost: sms\r\n\r\n".encode()
    with others_are_served(narrow):
        opened = [connect(narrow.port) for _ in range(10)]
        for connection in opened:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.setblocking(False)
        began, left = time.monotonic(), set(opened)
        while left and time.monotonic() - began < 60:
            for connection in list(left):
                try:
                    while connection.send(ask * 100):
                        pass
                except BlockingIOError:
                    pass
                except OSError:
                    left.discard(connection)
            time.sleep(0.1)
        for connection in opened:
            connection.close()
    assert not left, f"{len(left)} are still open"


# --- many ---

def test_thousands_of_idle_connections_from_one_address(account, stack):
    limit = 1024
    before = stack.metric("api-1", "sms_http_connections")
    opened = []
    with others_are_served(account):
        for _ in range(3000):
            opened.append(connect(account.port))
        eventually("only so many are left", 10,
                   lambda: limit - 20 <= stack.metric("api-1", "sms_http_connections") - before <= limit + 20)
        for connection in opened:
            connection.close()
        eventually("all are gone", 10, lambda: stack.metric("api-1", "sms_http_connections") <= before + 20)


def test_idle_connections_from_many_addresses_make_room(narrow):
    with others_are_served(narrow):
        crowd = Crowd(narrow.port, PLACES + 50, b"", source=lambda i: f"127.0.1.{1 + i % 20}")
        crowd.watch(2.5)
        left = len(crowd.open)
        crowd.close()
    assert PLACES / 2 < left <= PLACES


def test_many_requests_in_a_row_are_answered_in_order(account):
    count = 3000
    ask = f"GET {UNKNOWN} HTTP/1.1\r\nHost: sms\r\nX-API-Key: {account.key}\r\n\r\n".encode()
    last = ask.replace(b"GET /v1/sms/messages", b"GET /v1/sms/nowhere").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with others_are_served(account), connect(account.port, timeout_s=30) as connection:
        writer = threading.Thread(target=connection.sendall, args=(ask * count + last,))
        writer.start()
        got = b""
        while piece := connection.recv(1 << 20):
            got += piece
        writer.join()
    details = re.findall(rb'"detail":"([^"]*)"', got)
    assert len(details) == count + 1
    assert set(details[:-1]) == {b"There is no message with this id."}
    assert details[-1] == b"There is nothing at this address."


# --- large ---

def body_of_100_mb(connection, head, piece):
    """How much of it was taken, and what was answered."""
    sent, got = 0, b""
    with contextlib.suppress(OSError):
        connection.sendall(head)
        while sent < 100 << 20:
            connection.sendall(piece)
            sent += len(piece)
    with contextlib.suppress(OSError):
        while more := connection.recv(65536):
            got += more
    return sent, got


@pytest.mark.parametrize("length, piece", [
    (b"Content-Length: 104857600", b"x" * 65536),
    (b"Transfer-Encoding: chunked", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    (b"Transfer-Encoding: chunked", b"1\r\nx\r\n" * 10000),
], ids=["length", "chunks", "tiny_chunks"])
def test_bodies_of_100_mb_are_not_taken(account, stack, length, piece):
    head = HEAD + b"X-API-Key: " + account.key.encode() + b"\r\n" + length + b"\r\n\r\n"
    before, results = resident_mb(stack.pid("api-1")), []

    def upload():
        with connect(account.port) as connection:
            results.append(body_of_100_mb(connection, head, piece))
    with others_are_served(account):
        clients = [threading.Thread(target=upload) for _ in range(8)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    for sent, got in results:
        assert sent < 20 << 20, f"{sent >> 20} MB were taken"
        assert not got or got.startswith(b"HTTP/1.1 413 "), got[:200]
    assert len(results) == 8
    assert resident_mb(stack.pid("api-1")) - before < 100


def test_a_body_a_little_too_long_is_answered(narrow):
    """What is only a little longer than allowed is read to its end, so that its sender gets to see why it is refused."""
    for i in range(20):
        body = b"x" * (BODY_LIMIT + 1 + i * 20000)
        answer = call(narrow.url, "POST", "/v1/sms/send", body, {"X-API-Key": narrow.key})
        assert answer.status == 413 and answer.headers["content-type"] == "application/problem+json"


def test_whoever_asks_first_need_not_send_a_body_that_is_too_long(account):
    with connect(account.port) as connection:
        connection.sendall(HEAD + b"Content-Length: 104857600\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("lines", [
    b"X-Much: " + b"x" * (1 << 20) + b"\r\n",
    b"x" * (1 << 20) + b": much\r\n",
    b"A: b\r\n" * 100000,
    b"".join(b"X-%d: b\r\n" % i for i in range(50000)),
    b"Cookie: " + b"a=b; " * 100000 + b"\r\n",
    b"X-Folded: a\r\n" + b" b\r\n" * 100000,
], ids=["value", "name", "same_headers", "headers", "cookies", "folds"])
def test_a_flood_of_headers_is_refused(account, stack, lines):
    before = resident_mb(stack.pid("api-1"))
    with others_are_served(account):
        for _ in range(20):
            with connect(account.port) as connection:
                with contextlib.suppress(OSError):
                    connection.sendall(f"GET {UNKNOWN} HTTP/1.1\r\nHost: sms\r\n".encode() + lines + b"\r\n")
                got = b""
                with contextlib.suppress(ConnectionResetError):
                    while piece := connection.recv(65536):
                        got += piece
            assert not got or got[9:12] in (b"400", b"413", b"431"), got[:200]
    assert resident_mb(stack.pid("api-1")) - before < 50


def test_a_hundred_headers_are_no_flood(account):
    headers = {f"X-{i}": "value" * 5 for i in range(100)}
    assert account.call("GET", UNKNOWN, None, headers).status == 404


@pytest.mark.parametrize("query", ["a&" * 100000, "&".join(f"a{i}={i}" for i in range(50000)), "a=" + "x" * (1 << 20),
                                   "?" * 100000, "&" * 100000, "%61=%62&" * 50000],
                         ids=["names", "pairs", "value", "marks", "ands", "escapes"])
def test_a_flood_of_query_parameters_is_refused(account, query):
    with others_are_served(account):
        with connect(account.port) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(f"GET {UNKNOWN}?{query} HTTP/1.1\r\nHost: sms\r\nX-API-Key: {account.key}\r\n"
                                   "Connection: close\r\n\r\n".encode())
            got = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := connection.recv(65536):
                    got += piece
        assert not got or got[9:12] in (b"400", b"413", b"414", b"431"), got[:200]


@pytest.mark.parametrize("count", [150, 160, 170, 200, 250, 300, 1000, 4000])
def test_what_nearly_fills_a_connections_memory_is_answered(account, stack, count):
    """What gets to a handler has room for its answer; the rest is refused."""
    sizes = [{"X-Long": "x" * (count * 4)}, {f"X-{i}": "x" for i in range(min(count, 400))}, {"Cookie": "a=b;" * count}]
    for query in ("a&" * count, "&" * count, "a=" + "x" * count * 4):
        assert account.call("GET", f"{UNKNOWN}?{query}").status in (404, 414, 431)
    for headers in sizes:
        with contextlib.suppress(OSError):  # nothing was done
            assert account.call("GET", UNKNOWN, None, headers).status in (400, 404, 431)
    body = {"to": ["+4799999971"], "message": "Hello"}
    for headers in sizes:
        before = stack.metric("api-1", "sms_messages_accepted_total")
        try:
            accepted = call(account.url, "POST", "/v1/sms/send", body, {"X-API-Key": account.key, **headers}).status == 200
        except OSError:
            accepted = False
        assert stack.metric("api-1", "sms_messages_accepted_total") - before == accepted


# --- JSON ---

def much(count):
    return "".join(f'"a{i}":{i},' for i in range(count))


@pytest.mark.parametrize("body", [
    "[" * 500000,
    '{"a":' * 100000,
    '{"to":' + "[" * 300000 + "]" * 300000 + ',"message":"Hello"}',
    '{"to":["+4799999999"],"message":' + '{"a":' * 2000 + "1" + "}" * 2000 + "}",
    "[" * 300000 + "1" + "]" * 300000,
    "{" + much(40000) + '"a":1}',
    "{" + '"a":1,' * 90000 + '"a":1}',
    '{"to":["+4799999999"],"message":"Hello","customer_ref":{"a":1,"a":2}}',
    '{"to":["+4799999999"],"message":"Hello","\\u006dessage":"Bye"}',
    '"' + "\\u0041" * 100000 + '"',
    " " * 900000,
    "9" * 900000,
    '{"to":[' + "1," * 200000 + '1],"message":"Hello"}',
    '{"to":["+4799999999"],"message":"' + "\\n" * 400000 + '"}',
], ids=["lists", "objects", "a_deep_list", "a_deep_object", "closed_lists", "names", "same_names", "inner_names",
        "escaped_name", "escapes", "spaces", "digits", "numbers", "line_feeds"])
def test_hostile_json_is_refused_quickly(account, body):
    with others_are_served(account):
        for _ in range(5):
            answer = account.post(body)
            assert answer.status in (400, 422), answer
            assert answer.headers["content-type"] == "application/problem+json"
            assert len(answer.body) < 65536
            answer.json["detail"].encode()


@pytest.mark.parametrize("name", ["æ" * 300, "€" * 300, "x" + "😀" * 300, "a/~" * 100, '"\\' * 100, "\x01" * 200, "x" * 100000],
                         ids=["two_bytes", "three_bytes", "four_bytes", "pointers", "quotes", "controls", "long"])
def test_names_from_strangers_are_shown_as_they_may_be(account, name):
    number = "+4799999972"
    for path, body in (("/v1/sms/send", {"to": [number], "message": "Hello", name: 1}),
                       ("/v1/sms/send", {"recipients": [{"to": number, name: 1}], "message": "Hello"}),
                       ("/v1/sms/send", {"recipients": [{"to": number, "variables": {name: 1}}], "message": "Hello"}),
                       ("/v1/sms/send", {"to": [name], "message": "Hello"}),
                       ("/v1/sms/send", {"to": [number], "message": "{{" + name + "}}" * 1000}),
                       ("/v1/sms/send", {"to": [number], "message": "Hello", "timezone": name, "sender_id": name}),
                       ("/v1/sms/send", {"to": [name], "message": "Hello", "skip_invalid": True}),
                       ("/v1/contacts", {"name": "x", "attributes": {name: 1}}),
                       ("/v1/contacts", {"name": name * 10, "tags": [name], name: 1}),
                       ("/v1/contacts/groups", {"name": name * 10, name: 1}),
                       ("/v1/sms/keywords", {"keyword": name, name: 1}),
                       ("/v1/sms/sender-profiles", {"name": name * 10, "sender_id": name, name: 1})):
        answer = account.call("POST", path, body)
        assert answer.status in (422, 413), (path, answer)
        assert answer.json["detail"].encode() and len(answer.body) < 65536


NUMBERS = ["1e400", "-1e400", "1e-400", "1e99999999999", "123456789012345678901234567890", "-9223372036854775809",
           "9223372036854775808", "0.1e1", "-0", "1E5", "NaN", "Infinity", "-Infinity", "0x10", "01", "+1", "1.", ".5", "1e"]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_is_none_or_too_large_is_refused(account, number):
    for body in (f'{{"to":[{number}],"message":"Hello"}}', f'{{"to":["+4799999999"],"message":{number}}}',
                 f'{{"to":["+4799999999"],"message":"Hello","scheduled_at":{number}}}',
                 f'{{"to":["+4799999999"],"message":"Hello","customer_ref":{number}}}', f'{{"a":{number}}}', number):
        answer = account.post(body)
        assert answer.status in (400, 422), (body, answer)
        assert answer.headers["content-type"] == "application/problem+json"


# --- bytes ---

WRONG_UTF8 = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xe2\x82", b"\x80", b"\xf4\x90\x80\x80"]


@pytest.mark.parametrize("wrong", WRONG_UTF8, ids=lambda value: value.hex())
def test_bytes_that_are_not_utf_8_are_refused_wherever_they_are(account, wrong):
    key = account.key.encode()
    body = b'{"to":["+4799999999"],"message":"Hello"}'

    def ask(line, headers=(), text=b""):
        with connect(account.port) as connection:
            connection.sendall(line + b" HTTP/1.1\r\nHost: sms\r\nConnection: close\r\nContent-Length: %d\r\n" % len(text)
                               + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + text)
            got = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := connection.recv(65536):
                    got += piece
        head, _, answered = got.partition(b"\r\n\r\n")
        if answered and b"application/problem+json" in head:
            json.loads(answered.decode())["detail"].encode()
        return int(got[9:12])

    escaped = b"".join(b"%%%02x" % byte for byte in wrong)
    mine = b"X-API-Key: " + key
    for text in (wrong, escaped):
        assert ask(b"GET /v1/sms/messages/" + text, [mine]) in (400, 404)
        assert ask(b"GET /" + text, [mine]) in (400, 404)
        assert ask(b"GET " + UNKNOWN.encode() + b"?" + text + b"=1", [mine]) in (400, 404, 422)
        assert ask(b"GET " + UNKNOWN.encode() + b"?a=" + text, [mine]) in (400, 404, 422)
    assert ask(b"GET " + UNKNOWN.encode(), [b"X-API-Key: " + wrong]) in (400, 401)
    assert ask(b"GET " + UNKNOWN.encode(), [mine + wrong]) in (400, 401)
    assert ask(b"GET " + UNKNOWN.encode(), [b"Authorization: Bearer " + wrong]) in (400, 401)
    assert ask(b"GET " + UNKNOWN.encode(), [mine, b"X-Other: " + wrong]) in (400, 404)
    assert ask(b"POST /v1/sms/send", [mine, b"Content-Type: application/json; charset=" + wrong], b"[") in (400, 415, 422)
    assert ask(wrong + b" /v1/sms/send", [mine], body) in (400, 405, 501)
    for place in (b"Hello", b"message", b"+4799999999"):
        assert ask(b"POST /v1/sms/send", [mine], body.replace(place, place + wrong)) == 400


@pytest.mark.parametrize("line", [
    b"GET", b"GET /", b"GET  / HTTP/1.1", b"GET / HTTP/9.9", b"GET / HTTP/1.", b"PRI * HTTP/2.0", b"CONNECT sms:80 HTTP/1.1",
    b"OPTIONS * HTTP/1.1", b"TRACE / HTTP/1.1", b"GET http://sms/openapi.json HTTP/1.1", b"GET \\ HTTP/1.1",
    b"GET /\x00 HTTP/1.1", b"GET /%00 HTTP/1.1", b"GET /% HTTP/1.1", b"GET /%zz HTTP/1.1", b"\x00" * 100, b"G" * 5000,
    b"GET /" + b"a/" * 3000 + b" HTTP/1.1", b"GET /" + b"../" * 3000 + b" HTTP/1.1"], ids=lambda value: repr(value)[:40])
def test_an_odd_request_line_is_answered_or_closed(account, line):
    with connect(account.port) as connection:
        connection.sendall(line + b"\r\nHost: sms\r\nConnection: close\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        got = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                got += piece
    assert not got or got[9:10] in (b"4", b"5", b"2"), got[:100]
    assert b" 500 " not in got[:20]
