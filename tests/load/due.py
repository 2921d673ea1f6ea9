"""Whether what is due in one second goes out in time, once each, while schedulers are killed: scripts/bench due."""

import datetime
import glob
import os
import signal
import struct
import subprocess
import time

import lanes
import machine
from stack import Failure, fetch

SCHEDULERS, KILL_EVERY_S = 3, 2
STALL_S = 60  # without any progress; what was lent to a killed scheduler waits for half of that
WARM_UP_PART, WARM_UP_LEAST = 20, 1000
SLACK, SPARE_S = 2, 10  # between the fill and its time: twice as long as it should take, and so many seconds
POLL_S = 0.02
SAMPLES = 1000
EARLY_S = 1  # records come back to the sender a little before their time
CALM, CALM_OVER_S, CALM_LIMIT_MS = 200, 40, 1000

# Of a batch of records in Kafka's log, from its begin: two longs of times, and where the number of records is.
BATCH_HEAD, LENGTH_AT, TIMES_AT, COUNT_AT = 61, 8, 27, 57


def text_of(at_s):
    return datetime.datetime.fromtimestamp(at_s, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def batches(path):
    """(time of the last record in ms, records) of each batch in a log file of Kafka; records may be compressed, this not."""
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at + BATCH_HEAD <= len(data):
        (length,) = struct.unpack_from(">i", data, at + LENGTH_AT)
        if length <= 0:
            break
        _, last_ms = struct.unpack_from(">qq", data, at + TIMES_AT)
        (count,) = struct.unpack_from(">i", data, at + COUNT_AT)
        yield last_ms, count
        at += 12 + length


def percentile(weighted, percent):
    """Of [(value, how many)], in order."""
    whole, seen = sum(count for _, count in weighted), 0
    for value, count in weighted:
        seen += count
        if seen * 100 >= whole * percent:
            return value
    return weighted[-1][0]


class Due:
    def __init__(self, stack, options, figures, say, wrk):
        self.stack, self.options, self.figures, self.say, self.wrk = stack, options, figures, say, wrk
        self.lanes = lanes.Lanes(stack, figures, say)
        self.faults = []
        self.kills = 0

    def waiting(self):
        """Entries of the delay queue, also what is lent."""
        shards = int(os.environ.get("SMS_DUE_SHARDS", "4"))
        return sum(self.stack.redis.ask("ZCARD", f"due:{{due:{shard}}}") for shard in range(shards))

    def post(self, run, count, at_s=None):
        """Single sends over many connections: wrk's result."""
        wrk = self.wrk(run, count, text_of(at_s) if at_s else "")
        try:
            return wrk.result()
        finally:
            wrk.end()

    def await_progress(self, what, number, target, meanwhile=lambda: None):
        """Until number() is target. What stands still for too long is lost."""
        seen, seen_at = None, time.monotonic()
        while (now := number()) != target:
            if now != seen:
                seen, seen_at = now, time.monotonic()
            elif time.monotonic() - seen_at > STALL_S:
                raise Failure(f"LOST: {what}: {now:,}, not {target:,}, for {STALL_S} s; by status: "
                              f"{self.stack.statuses()}; the simulator: {self.stack.simulator_stats()}")
            self.stack.left_s(1)
            meanwhile()
            time.sleep(POLL_S)

    def check(self, count):
        """None lost, none twice."""
        stats = self.stack.simulator_stats()
        if (stats["received"], stats["distinct_references"], stats["repeated_references"]) != (count, count, 0):
            raise Failure(f"LOST OR TWICE: {count} messages were accepted; the simulator: {stats}")

    def put_lateness(self, name, what, weighted):
        for figure, percent, text in (("p50", 50, "median"), ("p99", 99, "99th percentile"), ("max", 100, "longest")):
            self.figures.put(f"{name}_{figure}", percentile(weighted, percent), "ms", f"{what}, {text}")

    # --- a few ---

    def calm(self):
        """Some messages, each second a few, and nobody is killed."""
        numbers, first = self.lanes.numbers(CALM), int(time.time()) + 10
        account, due = lanes.Account(self.stack, "calm"), {}
        for i, number in enumerate(numbers):
            due[number] = first + i * CALM_OVER_S // CALM
            account.send(number, scheduled_at=text_of(due[number]))
        if time.time() > first:
            raise Failure("the machine is too slow: posting was not over when the first was due")
        self.await_progress("messages that are DELIVERED", lambda: account.count("D"), CALM)
        self.check(CALM)
        late = self.received(due)
        self.figures.head(f"{CALM} messages, due over {CALM_OVER_S} s")
        self.put_lateness("calm_late", "due to the carrier", late)
        if percentile(late, 99) >= CALM_LIMIT_MS:
            self.faults.append(f"{CALM} messages: p99 is {percentile(late, 99):.0f} ms, and must be under {CALM_LIMIT_MS}")
        self.stack.simulator_reset()

    # --- many ---

    def warm_up(self, count):
        """How many are accepted in a second."""
        few = max(WARM_UP_LEAST, count // WARM_UP_PART)
        few -= few % self.options.threads
        before = self.stack.count("D")
        result = self.post("warm", few)
        self.await_progress("messages that are DELIVERED", lambda: self.stack.count("D"), before + few)
        self.stack.simulator_reset()
        return few / result["seconds"]

    def fill(self, count):
        """Posts so many, due in the same second: that second."""
        per_s = self.warm_up(count)
        at_s = int(time.time() + SPARE_S + SLACK * count / per_s)
        self.say(f"  {per_s:.0f} are accepted in a second; they are due at {text_of(at_s)}")
        result = self.post("due", count, at_s)
        self.figures.put("due_accepted_per_s", count / result["seconds"], "1/s", "accepted")
        self.await_progress("messages in the delay queue", self.waiting, count)
        if time.time() > at_s - EARLY_S:
            raise Failure("the machine is too slow: not all lay in the delay queue when they were due")
        time.sleep(at_s - EARLY_S - time.time())
        return at_s

    def kill(self):
        """Each time another scheduler, and it is started again at once."""
        name = f"scheduler-{self.kills % SCHEDULERS + 1}"
        os.kill(machine.processes(self.stack.run)[name], signal.SIGKILL)
        self.kills += 1
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        subprocess.run([f"{self.stack.root}/scripts/run", "--dir", self.stack.run, "--restart", name, "--no-wait"],
                       check=True, **quiet)

    def kill_now_and_then(self):
        """The first time when some have been released and not all."""
        if time.monotonic() >= self.next_kill and 0 < self.waiting() < self.options.messages:
            self.kill()
            self.next_kill = time.monotonic() + KILL_EVERY_S

    def released(self, at_s):
        """When records were published for their time: [(ms after it, how many)], by Kafka's log."""
        found = []
        for path in glob.glob(f"{self.stack.run}/data/kafka/sms.dispatch.*-*/*.log"):
            found += [(at_ms - at_s * 1000, count) for at_ms, count in batches(path) if at_ms >= (at_s - EARLY_S) * 1000]
        return sorted(found)

    def deferred(self):
        """Records that the sender has put into the delay queue so far."""
        with open(f"{self.stack.run}/ports") as file:
            port = dict(line.split() for line in file)["sender-1"]
        lines = fetch(f"http://127.0.0.1:{port}/metrics").decode().splitlines()
        return sum(int(float(line.rpartition(" ")[2])) for line in lines if line.startswith("sms_chunks_deferred_total"))

    def some(self, count):
        """Numbers of messages that wrk has posted."""
        each = count // self.options.threads
        return [f"+4790{i // each + 1}{i % each + 1:07}" for i in range(0, count, max(1, count // SAMPLES))]

    def received(self, due):
        """{number: its time in s} -> when they came to the carrier: [(ms after their time, 1)]."""
        late = sorted((self.lanes.received_ms(number) - at_s * 1000, 1) for number, at_s in due.items())
        if late[0][0] < 0:
            self.faults.append(f"a message came to the carrier {-late[0][0]:.0f} ms before its time")
        return late

    def storm(self):
        """Many messages that are due in the same second, while schedulers are killed."""
        count = self.options.messages
        self.figures.head(f"{count:,} messages due in one second; of {SCHEDULERS} schedulers one is killed every {KILL_EVERY_S} s")
        at_s = self.fill(count)
        before, deferred = self.stack.count("D"), self.deferred()
        self.next_kill = 0
        self.await_progress("messages in the delay queue", self.waiting, 0, self.kill_now_and_then)
        self.await_progress("messages that are DELIVERED", lambda: self.stack.count("D"), before + count)
        took_s = time.time() - at_s
        self.check(count)
        if self.kills == 0:
            self.faults.append("all were released before a scheduler could be killed: more messages are needed")
        released = self.released(at_s)
        early = self.deferred() - deferred
        again = sum(n for _, n in released) - count - early
        self.figures.put("due_kills", self.kills, "kills", "schedulers killed")
        self.put_lateness("due_released_late", "due to Kafka", released)
        self.put_lateness("due_received_late", "due to the carrier", self.received(dict.fromkeys(self.some(count), at_s)))
        self.figures.put("due_delivered_after", took_s, "s", "due to the last DELIVERED")
        self.figures.put("due_deferred_again", early, "messages", "were at the sender too early to be kept there")
        self.figures.put("due_released_again", again, "messages", "published again, by who died before removing them")
        self.figures.put("lost", 0, "messages", "lost")
        self.figures.put("repeated", 0, "messages", "sent twice")


def bench_due(stack, options, figures, say, wrk):
    """wrk(run, n, scheduled_at) begins to post n single sends."""
    due = Due(stack, options, figures, say, wrk)
    for part in (due.calm, due.storm):
        say(part.__doc__)
        part()
    if due.faults:
        raise Failure("; ".join(due.faults))
