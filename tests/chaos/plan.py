"""What goes wrong when: a plan made from a seed, and the one who carries it out and keeps its log."""

import heapq
import itertools
import os
import random
import signal
import threading
import time

from stack import eventually, pid_alive

KINDS = ("api", "expander", "sender", "receipts", "scheduler")
STORES = ("redis-1", "kafka-1")
CALM_S = 1.0            # at the beginning and at the end of a plan
READY_S = {"kafka-1": 12, "redis-1": 3}  # how long a process may need until it is worth the next blow; others: 2
# What may happen next, and how often among the others.
CHOICES = (("kill", 5), ("freeze", 4), ("restart", 1), ("kill kind", 1), ("kill store", 2), ("freeze store", 2),
           ("torn redis", 1), ("kill while frozen", 4), ("overslept", 2), ("freeze carrier", 1), ("kill all", 0.3))


class Step:
    """One fault: at_s after the begin, and for how long."""

    def __init__(self, at_s, what, targets, lasts_s, frozen=None):
        self.at_s, self.what, self.targets, self.lasts_s, self.frozen = at_s, what, targets, lasts_s, frozen

    def __str__(self):
        under = f" while {self.frozen} is frozen" if self.frozen else ""
        return f"{self.at_s:6.1f} s  {self.what} {' '.join(self.targets)} for {self.lasts_s:.1f} s{under}"


def make(seed, length_s, names):
    """The plan: its steps in the order of their time. Two of them never meet at the same process."""
    dice, steps, free_at = random.Random(f"plan {seed}"), [], dict.fromkeys(names, 0.0)
    at_s = CALM_S
    while at_s < length_s - CALM_S:
        step = _step(dice, at_s, length_s, names)
        touched = step.targets + ([step.frozen] if step.frozen else [])
        if all(free_at[name] <= at_s for name in touched):
            steps.append(step)
            for name in touched:
                free_at[name] = at_s + step.lasts_s + READY_S.get(name, 2)
        at_s += dice.uniform(0.5, 5.0)
    return steps


def _step(dice, at_s, length_s, names):
    what = dice.choices([name for name, _ in CHOICES], [weight for _, weight in CHOICES])[0]
    workers = [name for name in names if name.split("-")[0] in KINDS]
    one, kind = dice.choice(workers), dice.choice(KINDS)
    down_s, frozen_s = dice.uniform(0.1, 4), min(dice.choice((dice.uniform(1, 6), dice.uniform(1, 20))), length_s / 3)
    of_kind = [name for name in workers if name.split("-")[0] == kind]
    store = dice.choice(STORES)
    return {
        "kill": lambda: Step(at_s, "kill", [one], down_s),
        "freeze": lambda: Step(at_s, "freeze", [one], frozen_s),
        "restart": lambda: Step(at_s, "restart", [one], 0),
        "kill kind": lambda: Step(at_s, "kill", of_kind, down_s),
        "kill store": lambda: Step(at_s, "kill", [store], down_s / 2),
        "freeze store": lambda: Step(at_s, "freeze", [store], min(frozen_s, dice.choice((2, 2, 8)))),
        "torn redis": lambda: Step(at_s, "tear", ["redis-1"], 0.2),
        # Between a script and its publishing, or between Kafka's acknowledgement and the script that follows.
        "kill while frozen": lambda: Step(at_s, "kill", of_kind, 0.3 + down_s / 2, store),
        # What it asked of Redis is granted while it sleeps, and is somebody else's when it wakes.
        "overslept": lambda: Step(at_s, "freeze", [dice.choice((one, "sender-1", "sender-2"))], dice.uniform(5, 14),
                                  "redis-1"),
        "freeze carrier": lambda: Step(at_s, "freeze", ["simulator-1"], min(frozen_s, 6)),
        "kill all": lambda: Step(at_s, "kill", workers + list(STORES), down_s),
    }[what]()


class Nemesis(threading.Thread):
    """Carries out a plan. What a step begins it also ends, after its time, or when all is mended."""

    def __init__(self, stack, steps):
        super().__init__(daemon=True)
        self.stack, self.steps = stack, steps
        self.log, self.faults = [], []
        self.began = time.monotonic()
        self.order = itertools.count()
        self.todo = []      # (time, order, what to do)
        self.helpers = []   # threads that start what takes long
        self.over = threading.Event()

    def say(self, text):
        self.log.append(f"{time.monotonic() - self.began:7.2f} s  {text}")

    def run(self):
        self.began = time.monotonic()
        for step in self.steps:
            self._at(self.began + step.at_s, lambda step=step: self._begin(step))
        while self.todo and not self.over.is_set():
            at, _, act = self.todo[0]
            if self.over.wait(max(0.0, at - time.monotonic())):
                return
            heapq.heappop(self.todo)
            try:
                act()
            except Exception as error:  # the plan goes on, and the run has failed
                self.faults.append(f"{type(error).__name__}: {error}")
                self.say(self.faults[-1])

    def _at(self, when, act):
        heapq.heappush(self.todo, (when, next(self.order), act))

    def _begin(self, step):
        now = time.monotonic()
        if step.frozen and step.what == "freeze":
            self._signal(step.frozen, signal.SIGSTOP)
            self._at(now + 0.3, lambda: self._signal(step.targets[0], signal.SIGSTOP))
            self._at(now + 0.5, lambda: self._signal(step.frozen, signal.SIGCONT))
            self._at(now + step.lasts_s, lambda: self._signal(step.targets[0], signal.SIGCONT))
        elif step.frozen:
            self._signal(step.frozen, signal.SIGSTOP)
            self._at(now + 0.3, lambda: self._kill(step.targets))
            self._at(now + step.lasts_s, lambda: self._signal(step.frozen, signal.SIGCONT))
            self._at(now + step.lasts_s + 0.1, lambda: self._start(step.targets))
        elif step.what == "freeze":
            self._signal(step.targets[0], signal.SIGSTOP)
            self._at(now + step.lasts_s, lambda: self._signal(step.targets[0], signal.SIGCONT))
        elif step.what == "restart":
            self._start(step.targets)
        else:
            self._kill(step.targets)
            if step.what == "tear":
                self._tear()
            self._at(now + step.lasts_s, lambda: self._start(step.targets))

    def _signal(self, name, number):
        self.say(f"{signal.Signals(number).name} {name}")
        self.stack.signal(name, number)

    def _kill(self, names):
        self.say(f"kill -9 {' '.join(names)}")
        pids = [self.stack.pid(name) for name in names]
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                self.say(f"{names[pids.index(pid)]} had ended by itself")
        for pid in pids:
            eventually(f"{pid} is gone", 10, lambda pid=pid: not pid_alive(pid), 0.01)

    def _start(self, names):
        """Stores first, since nothing works without them; all in a thread, since it may take long."""
        names = sorted(names, key=lambda name: name not in STORES)

        def start():
            for name in names:
                try:
                    self.stack.restart(name, "--no-wait")
                    self.say(f"started {name}")
                except AssertionError as error:
                    self.faults.append(str(error))
        self.helpers.append(threading.Thread(target=start, daemon=True))
        self.helpers[-1].start()

    def _tear(self):
        """As a power cut in the middle of a write leaves the end of Redis' file: a command without its end."""
        files = sorted((self.stack.directory / "data" / "redis" / "appendonlydir").glob("*.incr.aof"))
        if files:
            with open(files[-1], "ab") as file:
                file.write(b"*3\r\n$3\r\nSET\r\n$4\r\nto")
            self.say(f"a torn command at the end of {files[-1].name}")

    def end(self):
        """No more faults; all runs again."""
        self.over.set()
        self.join(60)
        for helper in self.helpers:
            helper.join(90)
        self.say("all is mended")
        for name in self.stack.names():
            pid = self.stack.pid(name)
            if pid_alive(pid):
                os.kill(pid, signal.SIGCONT)
            else:
                self.stack.restart(name, "--no-wait")
        self.stack.await_ready(120)
        self.say("all is ready")
