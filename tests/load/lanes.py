"""Whether anybody makes others wait: scripts/bench lanes."""

import datetime
import json
import time
import urllib.parse

from stack import Failure, fetch

LATENCY_MS = 120  # of the carrier: with the window of a sender that is its capacity
SINGLES, PAUSE_S = 100, 0.15
LIMIT_MS = 500  # p99 of a single message, from POST to the carrier
CAMPAIGN = 10_000  # numbers of each POST; several follow each other until a part is over
SHARE_S = 6
FLOOD, FLOOD_MOST_S = 100_000, 60


class Account:
    def __init__(self, stack, name, **fields):
        self.stack, self.name = stack, name
        self.ask_admin("POST", "/admin/v1/accounts", {"id": name, "name": name, **fields})
        self.key = self.ask_admin("POST", f"/admin/v1/accounts/{name}/keys", {"name": "bench"})["key"]

    def ask_admin(self, method, path, body):
        headers = {"Authorization": f"Bearer {self.stack.env['SMS_ADMIN_TOKEN']}", "Content-Type": "application/json"}
        return json.loads(fetch(self.stack.env["SMS_ADMIN_URL"] + path, json.dumps(body).encode(), headers, method))

    def send(self, to, message="Hello", **more):
        headers = {"X-API-Key": self.key, "Content-Type": "application/json"}
        body = json.dumps({"to": to, "message": message, **more}).encode()
        return json.loads(fetch(self.stack.env["SMS_API_URL"] + "/v1/sms/send", body, headers))["sms_message_id"]

    def count(self, letters="TD"):
        """How many of its messages have one of these statuses."""
        found = self.stack.redis.ask("HMGET", f"n:{{{self.name}}}", *letters)
        return sum(int(n or 0) for n in found)


class Lanes:
    def __init__(self, stack, figures, say):
        self.stack, self.figures, self.say = stack, figures, say
        self.first = 0
        self.faults = []

    def behave(self, **behaviour):
        fetch(self.stack.env["SMS_SIMULATOR_URL"] + "/behaviour", json.dumps(behaviour).encode(), method="PUT")

    def numbers(self, count):
        """That nobody had before."""
        self.first += count
        return [f"+4790{i:07}" for i in range(self.first - count, self.first)]

    def received_ms(self, number):
        """When the carrier got the message to it, in wall time; None: not yet."""
        url = self.stack.env["SMS_SIMULATOR_URL"] + "/messages?to=" + urllib.parse.quote(number)
        messages = json.loads(fetch(url))["messages"]
        if not messages:
            return None
        return datetime.datetime.fromisoformat(messages[0]["received_at"]).timestamp() * 1000

    def singles(self, account, count):
        """Sends so many, one after another: the ms of each from POST to the carrier."""
        posted = []
        for number in self.numbers(count):
            posted.append((number, time.time() * 1000))
            account.send(number)
            time.sleep(PAUSE_S)
        times = []
        for number, at_ms in posted:
            end = time.monotonic() + 30
            while (got_ms := self.received_ms(number)) is None:
                if time.monotonic() > end:
                    raise Failure(f"LOST: the message to {number} did not reach the carrier within 30 s")
                time.sleep(0.02)
            times.append(got_ms - at_ms)
        return sorted(times)

    def put_singles(self, name, what, times):
        """p50 and p99, and that the second is within the limit."""
        p50, p99 = times[len(times) // 2], times[min(len(times) - 1, len(times) * 99 // 100)]
        self.figures.head(what)
        self.figures.put(f"{name}_p50", p50, "ms", "POST to the carrier, median")
        self.figures.put(f"{name}_p99", p99, "ms", "POST to the carrier, 99th percentile")
        if p99 >= LIMIT_MS:
            self.faults.append(f"{what}: p99 is {p99:.0f} ms, and must be under {LIMIT_MS}")

    def saturate(self, account, sends):
        """Campaigns of one account, so many that they outlast the part that needs them."""
        return [account.send(self.numbers(CAMPAIGN), "A campaign") for _ in range(sends)]

    def stop(self, account, sends):
        """Cancels what has not gone yet."""
        headers = {"X-API-Key": account.key, "Content-Type": "application/json"}
        for send in sends:
            url = f"{self.stack.env['SMS_API_URL']}/v1/sms/messages/{send}/cancel"
            try:
                fetch(url, b"", headers, "POST")
            except Failure:
                pass  # all of it has gone

    # --- the parts ---

    def beside_a_campaign(self):
        """A single message of somebody else while a campaign saturates its carrier."""
        large, small = Account(self.stack, "large"), Account(self.stack, "small")
        self.behave(latency_ms=LATENCY_MS)
        sends = self.saturate(large, 8)
        time.sleep(2)
        before = time.monotonic(), large.count()
        times = self.singles(small, SINGLES)
        per_s = (large.count() - before[1]) / (time.monotonic() - before[0])
        self.stop(large, sends)
        self.put_singles("single_beside_campaign", "A single message beside a campaign that saturates its carrier", times)
        self.figures.put("campaign_beside_singles", per_s, "1/s", "the campaign meanwhile")

    def a_second_campaign(self):
        """What a second campaign gets in its first seconds, beside one that is under way; the same for weights."""
        self.figures.head("A second campaign's part of the carrier, second by second")
        for name, weight, fair in (("even", None, 50), ("thrice", 30, 75)):
            first, second = Account(self.stack, f"first-{name}"), Account(self.stack, f"second-{name}")
            if weight:
                second.ask_admin("PATCH", f"/admin/v1/accounts/{second.name}", {"share": {"weight": weight}})
            self.behave(latency_ms=LATENCY_MS)
            running = self.saturate(first, 4)
            time.sleep(3)
            started, before = self.saturate(second, 4), (first.count(), second.count())
            shares = []
            for _ in range(SHARE_S):
                time.sleep(1)
                now = first.count(), second.count()
                gone = now[0] - before[0], now[1] - before[1]
                shares.append(100 * gone[1] / max(1, sum(gone)))
                before = now
            self.stop(first, running)
            self.stop(second, started)
            for i, share in enumerate(shares):
                self.figures.put("second_campaign_share", share, "%", f"fair would be {fair} %: second {i + 1}", second=i + 1,
                                 fair=fair)
            time.sleep(2)


    def beside_a_flood(self):
        """A single message while another account posts single sends as quickly as it can."""
        other = Account(self.stack, "flooded")
        self.behave(latency_ms=LATENCY_MS)
        before, began, flood = self.stack.count("D"), time.monotonic(), self.flood(FLOOD)
        try:
            time.sleep(1)
            times, during = self.singles(other, SINGLES), flood.alive()
            accepted_s = flood.result()["seconds"]
        finally:
            flood.end()
        self.put_singles("single_beside_flood", f"A single message while {FLOOD:,} are posted by another account", times)
        self.figures.put("flood_accepted_per_s", FLOOD / accepted_s, "1/s", "the flood, accepted")
        if not during:
            self.say("the flood was over before the last single message: its figures are too good")
        while self.stack.count("D") < before + FLOOD and time.monotonic() < began + FLOOD_MOST_S:
            time.sleep(0.5)


def bench_lanes(stack, _options, figures, say, flood):
    """flood(n) begins to post n single sends as another account."""
    lanes = Lanes(stack, figures, say)
    lanes.flood = flood
    for part in (lanes.beside_a_campaign, lanes.a_second_campaign, lanes.beside_a_flood):
        say(part.__doc__)
        part()
        lanes.behave(latency_ms=0)
        time.sleep(2)
    if lanes.faults:
        raise Failure("; ".join(lanes.faults))
