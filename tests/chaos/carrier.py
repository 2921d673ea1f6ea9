"""The carrier of a run: how it misbehaves when, and what it has seen of each message."""

import http.client
import random
import threading

import api

# What is not named in a mood is as in this one.
WELL = {"latency_ms": [2, 40], "failure_rate": 0, "failure_status": 500, "accept_before_failure": False,
        "reject_rate": 0, "throttle_per_s": 0, "throttle_rate": 0, "hang_up_rate": 0, "hang_up_after_accept_rate": 0,
        "never_answer_rate": 0, "bad_json_rate": 0, "late_rate": 0, "late_ms": 2500, "cut_off_rate": 0, "drip_rate": 0,
        "report": {"enabled": True, "delay_ms": [0, 300], "overtakes": False, "status": "delivered", "fail_rate": 0,
                   "repeat": 0, "reorder": False}}
TIMEOUT_MS = 1500  # of the sender's calls; late_ms is above it
MOODS = (
    {},
    {"latency_ms": [100, 900]},
    {"hang_up_rate": 0.1, "hang_up_after_accept_rate": 0.1},
    {"failure_rate": 0.15, "accept_before_failure": True},
    {"failure_rate": 0.15},
    {"throttle_rate": 0.3},
    {"throttle_per_s": 100},
    {"late_rate": 0.1, "never_answer_rate": 0.05},
    {"cut_off_rate": 0.15, "drip_rate": 0.05},
    {"bad_json_rate": 0.15, "reject_rate": 0.05},
    {"report": {"repeat": 2, "reorder": True, "delay_ms": [0, 3000]}},
    {"latency_ms": [50, 400], "report": {"overtakes": True, "delay_ms": 0, "repeat": 1, "fail_rate": 0.1}},
    {"hang_up_after_accept_rate": 0.03, "failure_rate": 0.03, "accept_before_failure": True, "throttle_rate": 0.05,
     "late_rate": 0.03, "cut_off_rate": 0.03, "drip_rate": 0.02, "bad_json_rate": 0.03, "reject_rate": 0.02,
     "report": {"repeat": 1, "reorder": True, "fail_rate": 0.05}},
)


def complete(mood):
    return {**WELL, **mood, "report": {**WELL["report"], **mood.get("report", {})}}


class Moods(threading.Thread):
    """Changes the carrier's mood every few seconds, as a seed says."""

    def __init__(self, simulator, seed, say):
        super().__init__(daemon=True)
        self.simulator, self.seed, self.say = simulator, seed, say
        self.over = threading.Event()

    def run(self):
        dice = random.Random(f"carrier {self.seed}")
        while True:
            mood = dice.choice(MOODS)
            try:
                self.simulator.behave(**complete(mood), seed=dice.randrange(2 ** 32))
                self.say(f"carrier: {mood or 'well'}")
            except (OSError, http.client.HTTPException):
                pass  # it is frozen
            if self.over.wait(dice.uniform(2, 8)):
                return

    def end(self):
        self.over.set()
        self.join(30)
        self.simulator.behave(**complete({}), seed=1)


def hash_of(reference):
    """As hash_of in the simulator's ledger.c."""
    odd, mask = 0x9e3779b97f4a7c15, 2 ** 64 - 1
    data = reference.encode()
    value = len(data) * odd & mask
    for at in range(0, len(data), 8):
        value = (value ^ int.from_bytes(data[at:at + 8], "little")) * odd & mask
        value ^= value >> 32
    value = value * odd & mask
    return (value ^ value >> 29) or 1


class Seen:
    """Of one reference."""
    __slots__ = ("seen", "taken", "unclear", "refused")

    def __init__(self, seen=0, taken=0, unclear=0, refused=0):
        self.seen, self.taken, self.unclear, self.refused = seen, taken, unclear, refused

    def __repr__(self):
        return f"seen {self.seen}, taken {self.taken}, of these unclear {self.unclear}, refused {self.refused}"


def references(simulator):
    """hash -> Seen."""
    lines = api.call(simulator.url, "GET", "/references").body.decode().splitlines()
    found = {}
    for line in lines:
        value, *counts = line.split()
        found[int(value, 16)] = Seen(*map(int, counts))
    return found
