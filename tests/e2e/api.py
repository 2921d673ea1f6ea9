"""The API, the admin API and the simulator, as their callers see them."""

import http.client
import json
import socket
import urllib.parse

FINAL = ("DELIVERED", "FAILED", "CANCELLED")
MESSAGE_FIELDS = {"id", "direction", "message_type", "from_number", "to_number", "body", "status", "units_count",
                  "customer_ref", "created_at", "scheduled_at", "sent_at", "delivered_at", "related_message_id",
                  "error_message"}


# Where an API is, and who looks at each of its answers: watch(method, path, headers, body, answer). See contract.py.
API_URLS = set()
WATCHERS = []


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # names in lower case
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:600]!r}"


def call(url, method, path, body=None, headers=(), timeout_s=25):
    """One request on a connection of its own. The body may be bytes, text, or anything that JSON can say."""
    if body is not None and not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=timeout_s)
    try:
        connection.request(method, path, body, dict(headers))
        got = connection.getresponse()
        answer = Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())
    finally:
        connection.close()
    for watch in WATCHERS if url in API_URLS else ():
        watch(method, path, headers, body, answer)
    return answer


def raw(port, data, timeout_s=10):
    """Sends bytes as they are; returns all that comes back until the other side closes, and whether it closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
        try:
            connection.sendall(data)
        except OSError:
            pass  # it may answer and close before it has read all
        got = b""
        try:
            while piece := connection.recv(65536):
                got += piece
        except TimeoutError:
            return got, False
        except ConnectionResetError:
            pass
        return got, True


class Account:
    """A caller with a key."""

    def __init__(self, url, key):
        self.url = url
        API_URLS.add(url)
        self.key = key
        self.port = urllib.parse.urlsplit(url).port

    def call(self, method, path, body=None, headers=None):
        return call(self.url, method, path, body, {"X-API-Key": self.key, **(headers or {})})

    def post(self, body, headers=None):
        return self.call("POST", "/v1/sms/send", body, {"Content-Type": "application/json", **(headers or {})})

    def send(self, to, message="Hello", **more):
        """An accepted send's answer."""
        answer = self.post({"to": [to] if isinstance(to, str) else to, "message": message, **more})
        assert answer.status == 200, answer
        return answer.json

    def get(self, message_id):
        answer = self.call("GET", f"/v1/sms/messages/{message_id}")
        assert answer.status == 200, answer
        return answer.json


class Admin:
    def __init__(self, url, token):
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"}

    def new_account(self, name, api_url):
        """An account that isn't there yet, with a key."""
        answer = call(self.url, "POST", "/admin/v1/accounts", {"id": name, "name": name}, self.headers)
        assert answer.status == 201, answer
        answer = call(self.url, "POST", f"/admin/v1/accounts/{name}/keys", {"name": "test"}, self.headers)
        assert answer.status == 201, answer
        return Account(api_url, answer.json["key"])

    def call(self, method, path, body=None):
        return call(self.url, method, f"/admin/v1{path}", body, self.headers)

    def new_key(self, account, /, **fields):
        """A further key of an account."""
        answer = self.call("POST", f"/accounts/{account}/keys", {"name": "test", **fields})
        assert answer.status == 201, answer
        return answer.json

    def change(self, account, /, **fields):
        answer = self.call("PATCH", f"/accounts/{account}", fields)
        assert answer.status == 200, answer
        return answer.json

    def set_active(self, name, active):
        return self.change(name, active=active)


class Simulator:
    def __init__(self, url):
        self.url = url

    def stats(self):
        return call(self.url, "GET", "/stats").json

    def reset(self):
        assert call(self.url, "POST", "/reset").status in (200, 204)

    def behave(self, **behaviour):
        answer = call(self.url, "PUT", "/behaviour", behaviour)
        assert answer.status == 200, answer

    def messages(self, to):
        return call(self.url, "GET", f"/messages?to={urllib.parse.quote(to)}&limit=1000").json["messages"]

    def last(self, count):
        """The last messages to anybody, in the order in which they came."""
        return call(self.url, "GET", f"/messages?limit={count}").json["messages"]
