"""How fast a long list is read: scripts/bench reads."""

import http.client
import json
import os
import random
import subprocess
import time
import urllib.parse

from stack import Failure

PATH = "/v1/sms/messages"
DEPTH = 40  # pages that a cursor walks before its pages are timed


class Reader:
    """One connection that is kept, and the time of each answer on it."""

    def __init__(self, env):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(env["SMS_API_URL"]).netloc, timeout=20)
        self.headers = {"X-API-Key": env["SMS_API_KEY"]}

    def get(self, path=PATH, **parameters):
        """The answer, and how long it took in ms."""
        target = path + ("?" + urllib.parse.urlencode(parameters) if parameters else "")
        begun = time.perf_counter()
        self.connection.request("GET", target, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - begun) * 1000
        if answer.status != 200:
            raise Failure(f"GET {target} answered {answer.status}: {body[:500]!r}")
        return json.loads(body), took


def fill(stack, binary, kind, messages):
    """Bytes of Redis for a message, when they are in."""
    before = stack.redis.memory()
    done = subprocess.run([binary, stack.env["REDIS_URL"], "demo", kind, str(messages)], capture_output=True, text=True,
                          timeout=stack.left_s(120))
    if done.returncode:
        raise Failure(f"fill failed: {done.stderr[-1000:]}")
    return (stack.redis.memory() - before) / messages


def share(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def time_pages(figures, what, ask, count):
    """p50 and p99 of `count` answers; ask(i) gives how long one took."""
    times = [ask(i) for i in range(count)]
    name = what.replace(" ", "_").replace(",", "")
    figures.put(f"{name}_p50", share(times, 0.5), "ms", f"{what}, median")
    figures.put(f"{name}_p99", share(times, 0.99), "ms", f"{what}, 99th percentile")


def walker(reader, **filters):
    """Asks for one page after another by cursor, from the beginning again at the end; pages before DEPTH aren't timed."""
    at = {}

    def ask(_):
        page, took = reader.get(**filters, **at)
        at.clear()
        if page["next_cursor"]:
            at["cursor"] = page["next_cursor"]
        return took

    for i in range(DEPTH):
        ask(i)
    return ask


def measure(stack, figures, count, pages):
    reader = Reader(stack.env)
    some = [reader.get(page=random.randrange(1, count // 50))[0]["messages"][0] for _ in range(50)]

    def one(what, **parameters):
        """parameters may be functions of i."""
        def ask(i):
            return reader.get(**{name: value(i) if callable(value) else value for name, value in parameters.items()})[1]
        time_pages(figures, what, ask, pages)

    figures.head(f"Reads of an account with {count:,} messages, over HTTP on one connection")
    one("first page")
    one("first page of 500", page_size=500)
    one("page at any depth", page=lambda _: random.randrange(1, count // 50))
    time_pages(figures, "next page by cursor", walker(reader), pages)
    deep = reader.get(page=count // 100)[0]["next_cursor"]
    one("page by cursor, halfway down", cursor=deep)
    one("one message", path=lambda i: f"{PATH}/{some[i % 50]['id']}")
    one("by recipient", to=lambda i: some[i % 50]["to_number"])
    one("by reference", customer_ref=lambda i: some[i % 50]["customer_ref"])
    one("by send", send_id=lambda i: some[i % 50]["id"][:-6] + "000000")
    one("by sender", **{"from": "MyBrand"})
    for status in ("QUEUED", "SENDING", "SENT", "DELIVERED", "FAILED"):
        one(f"by status {status}", status=status)
        time_pages(figures, f"by status {status}, next page by cursor", walker(reader, status=status), pages)
    one("by error code", error_code="absent_subscriber")
    one("sent", direction="OUTBOUND")
    one("received", direction="INBOUND")
    one("by dates", created_after=lambda i: some[i % 50]["created_at"])
    one("by dates and status", created_before=lambda i: some[i % 50]["created_at"], status="FAILED")
    time_pages(figures, "by dates and status, next page by cursor",
               walker(reader, created_before=some[0]["created_at"], status="FAILED"), pages)
    one("by recipient and status", to=lambda i: some[i % 50]["to_number"], status="DELIVERED")
    one("by sender and status", status="FAILED", **{"from": "MyBrand"})


def bench_reads(stack, options, figures, say, binary):
    half = options.messages // 2
    figures.head(f"Memory of Redis, {half:,} messages of each kind in one account")
    for kind, what in (("bulk", "a message of a send of 10,000"), ("single", "a single send")):
        say(f"filling in {half} messages ({kind})")
        each = fill(stack, binary, kind, half)
        figures.put(f"redis_bytes_{kind}", each, "bytes", what)
    say("reading")
    measure(stack, figures, 2 * half, options.reads)
