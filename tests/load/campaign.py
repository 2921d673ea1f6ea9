"""How fast a campaign is carried: scripts/bench campaign."""

import http.client
import json
import time
import urllib.parse

import machine
from stack import Failure, fetch

STALL_S = 15  # without any progress, what is missing counts as lost
POLL_S = 0.01
WARM_UP = 20_000  # messages: what has just started is slow
KINDS = ("api", "expander", "sender", "receipts", "scheduler", "simulator", "redis", "kafka")


class Campaigns:
    def __init__(self, stack, options, figures, say):
        self.stack, self.options, self.figures, self.say = stack, options, figures, say
        self.groups = {}
        self.rows = []

    # --- what is asked of the stack ---

    def call(self, method, path, body, kind="application/json"):
        headers = {"X-API-Key": self.stack.env["SMS_API_KEY"], "Content-Type": kind}
        return json.loads(fetch(self.stack.env["SMS_API_URL"] + path, body, headers, method))

    def behave(self, **behaviour):
        fetch(self.stack.env["SMS_SIMULATOR_URL"] + "/behaviour", json.dumps(behaviour).encode(), method="PUT")

    def group(self, count):
        """A group of so many contacts, imported."""
        if count in self.groups:
            return self.groups[count]
        self.say(f"importing {count:,} contacts")
        group = self.call("POST", "/v1/contacts/groups", json.dumps({"name": f"{count} contacts"}).encode())["id"]

        def rows():
            yield b"phone_number,name\n"
            for first in range(0, count, 1000):
                last = min(first + 1000, count)
                yield "".join(f"+4790{i:07},Contact {i}\n" for i in range(first, last)).encode()

        url = urllib.parse.urlsplit(self.stack.env["SMS_API_URL"])
        connection = http.client.HTTPConnection(url.netloc, timeout=self.stack.left_s(600))
        headers = {"X-API-Key": self.stack.env["SMS_API_KEY"], "Content-Type": "text/csv"}
        begun = time.monotonic()
        connection.request("POST", f"/v1/contacts/import?group={group}", rows(), headers, encode_chunked=True)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status != 200 or json.loads(text)["rejected"]:
            raise Failure(f"the import answered {answer.status}: {text[:500]!r}")
        self.import_per_s = count / (time.monotonic() - begun)
        self.groups[count] = group
        return group

    def counts(self, send):
        """Letter -> how many messages of the send have that status."""
        key = f"s:{{demo}}:{send.replace('-', '')[:26]}"
        letters = "WQSTDFC"
        found = self.stack.redis.ask("HMGET", key, *letters)
        return {letter: int(n or 0) for letter, n in zip(letters, found)}

    def await_count(self, send, count, letters):
        """When so many have one of these statuses. What stands still for too long is lost."""
        seen, seen_at = None, time.monotonic()
        while True:
            counts, now = self.counts(send), time.monotonic()
            if sum(counts[letter] for letter in letters) >= count:
                return now
            if counts != seen:
                seen, seen_at = counts, now
            elif now - seen_at > STALL_S:
                raise Failure(f"LOST: of {count:,} messages the send has {counts} for {STALL_S} s; the simulator: "
                              f"{self.stack.simulator_stats()}")
            self.stack.left_s(1)
            time.sleep(POLL_S)

    def scripts_us(self):
        """What Redis has spent in scripts."""
        for line in self.stack.redis.ask("INFO", "commandstats").decode().splitlines():
            if line.startswith("cmdstat_evalsha:"):
                return int(line.partition("usec=")[2].partition(",")[0])
        return 0

    def rss_mb(self, kind):
        """The most memory that one process of a kind has had."""
        most = 0
        for name, pid in machine.processes(self.stack.run).items():
            if name.rpartition("-")[0] == kind:
                with open(f"/proc/{pid}/status") as file:
                    most = max([most, *(int(line.split()[1]) for line in file if line.startswith("VmHWM"))])
        return most / 1024

    # --- one campaign ---

    def check(self, send, count):
        """None lost, none twice."""
        stats, counts = self.stack.simulator_stats(), self.counts(send)
        if counts["D"] != count or stats["distinct_references"] != count or stats["repeated_references"] or (
                stats["references_dropped"]):
            raise Failure(f"LOST OR TWICE: {count} messages were accepted; by status: {counts}; the simulator: {stats}")

    def spend(self, spending, scripts_us, count):
        """Kind of process -> CPU time for a message, and `scripts`: of Redis' in scripts."""
        spending.end()
        each = {}
        for name, us in spending.us.items():
            kind = name.rpartition("-")[0]
            each[kind] = each.get(kind, 0) + us / count
        each["compiler"] = spending.compiler_us / count
        each["scripts"] = (self.scripts_us() - scripts_us) / count
        return each

    def send(self, count):
        """Sends to a group of so many, with reports held back until all are SENT."""
        group, memory = self.group(count), self.stack.redis.memory()
        self.stack.simulator_reset()
        self.behave(report={"held": True})
        spending, scripts_us = machine.Spending(machine.processes(self.stack.run)), self.scripts_us()
        body = json.dumps({"to_groups": [group], "message": "Our summer sale starts today: 20 % off everything."})
        begun = time.monotonic()
        send = self.call("POST", "/v1/sms/send", body.encode())["sms_message_id"]
        posted = time.monotonic()
        sent = self.await_count(send, count, "TDFC")
        to_sent = self.spend(spending, scripts_us, count)
        spending, scripts_us = machine.Spending(machine.processes(self.stack.run)), self.scripts_us()
        released = time.monotonic()
        self.behave(report={"held": False})
        delivered = self.await_count(send, count, "DFC")
        reports = self.spend(spending, scripts_us, count)
        self.check(send, count)
        return {"post_ms": (posted - begun) * 1000, "sent_per_s": count / (sent - begun),
                "reports_per_s": count / (delivered - released), "to_sent": to_sent, "reports": reports,
                "delivered_per_s": count / (delivered - released + sent - begun),
                "redis_bytes": (self.stack.redis.memory() - memory) / count}

    def put(self, count, senders, result):
        more = {"messages": count, "senders": senders}
        figures = self.figures
        figures.head(f"A campaign of {count:,}, {senders} sender{'s' if senders > 1 else ''}")
        figures.put("campaign_post", result["post_ms"], "ms", "POST", **more)
        figures.put("campaign_sent_per_s", result["sent_per_s"], "1/s", "POST to all SENT", **more)
        figures.put("campaign_reports_per_s", result["reports_per_s"], "1/s", "then all reports, to DELIVERED", **more)
        figures.put("campaign_per_s", result["delivered_per_s"], "1/s", "both together", **more)
        figures.put("campaign_redis_bytes", result["redis_bytes"], "bytes", "memory of Redis for a message", **more)
        for kind in ("expander", "sender"):
            figures.put("campaign_rss", self.rss_mb(kind), "MB", f"most memory of one {kind} so far", process=kind,
                        **more)
        for phase, name in (("to_sent", "SENT"), ("reports", "DELIVERED")):
            spent = result[phase]
            for kind in sorted(KINDS, key=lambda kind: -spent.get(kind, 0)):
                figures.put("campaign_cpu", spent.get(kind, 0), "us", f"CPU to {name}: {kind}", process=kind, phase=phase,
                            **more)
            figures.put("campaign_cpu", spent["compiler"], "us", f"CPU to {name}:   Java's compiler in kafka",
                        process="compiler", phase=phase, **more)
            figures.put("campaign_cpu", spent["scripts"], "us", f"CPU to {name}:   scripts in redis", process="scripts",
                        phase=phase, **more)
            whole = sum(spent.get(kind, 0) for kind in KINDS)
            figures.put("campaign_cpu", whole, "us", f"CPU to {name}: all together", process="all", phase=phase, **more)
        self.rows.append((count, senders, result))

    def table(self):
        """All campaigns side by side."""
        columns = ["messages", "senders", "SENT 1/s", "reports 1/s", "POST ms", "Redis B", "CPU us", *KINDS]
        lines = [columns]
        for count, senders, result in self.rows:
            spent = result["to_sent"]
            lines.append([f"{count:,}", str(senders), f"{result['sent_per_s']:,.0f}", f"{result['reports_per_s']:,.0f}",
                          f"{result['post_ms']:.1f}", f"{result['redis_bytes']:.1f}",
                          f"{sum(spent.get(kind, 0) for kind in KINDS):.1f}",
                          *(f"{spent.get(kind, 0):.1f}" for kind in KINDS)])
        widths = [max(map(len, column)) for column in zip(*lines)]
        self.figures.text("Campaigns side by side; CPU time is for a message, to SENT, by process",
                          ["  ".join(cell.rjust(width) for cell, width in zip(line, widths)) for line in lines])


def plan(options):
    """[(messages, senders)], the most senders first: they are stopped, one after another."""
    if not options.table:
        return [(options.messages, options.senders)]
    many = min(options.messages, 100_000)
    sizes = sorted({10_000, 100_000, options.messages})
    return [(many, 4), (many, 2), *((size, 1) for size in sizes if size <= options.messages)]


def bench_campaign(stack, options, figures, say):
    campaigns, senders = Campaigns(stack, options, figures, say), plan(options)[0][1]
    say(f"warming up with {WARM_UP:,} messages")
    for _ in range(2):
        campaigns.send(WARM_UP)
    for count, wanted in plan(options):
        while senders > wanted:
            stack.stop(f"sender-{senders}")
            senders -= 1
        say(f"{count:,} messages, {senders} senders")
        campaigns.put(count, senders, campaigns.send(count))
    figures.put("import_per_s", campaigns.import_per_s, "1/s", "contacts imported")
    if len(campaigns.rows) > 1:
        campaigns.table()
