"""What is asked of the system during a run, and the first ledger: what it promised.

Each send has a customer_ref of its own. What was asked and what came back goes to a file, line by line; a promise (an
answer 200) is on the disk before the next request."""

import http.client
import json
import os
import random
import threading
import time

import api

ACCEPTED, REFUSED, UNKNOWN = "accepted", "refused", "unknown"
ANSWER_S = 12       # a client's patience; shorter than some freezes
THREADS = 14
TEMPLATE = "Hello {{first_name|you}}, your code is {{code}}"
# What is asked, and how often among the others.
ASKED = (("single", 60), ("few", 10), ("many", 2), ("template", 4), ("group", 2), ("scheduled", 8),
         ("scheduled many", 1), ("cancel", 8), ("pause", 4), ("change", 2), ("move", 2))


class Send:
    def __init__(self, ref, owner, count):
        self.ref, self.owner, self.count = ref, owner, count  # count: how many messages it has to become
        self.outcome, self.id = None, None
        self.missing = 0        # members without a value for the template
        self.cancelled = []     # what cancelling it answered: (status, how many)
        self.paused = False     # or it may be
        self.at = 0.0

    def __repr__(self):
        return f"{self.ref} of {self.owner.name}: {self.outcome}, {self.id}, {self.count} messages"


class Group:
    def __init__(self, owner, group_id, numbers, without_code):
        self.owner, self.id, self.numbers, self.without_code = owner, group_id, numbers, without_code


class Promises:
    """The file, and the sends."""

    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8")  # pylint: disable=consider-using-with
        self.lock = threading.Lock()
        self.sends = []

    def write(self, what, durable=False):
        with self.lock:
            self.file.write(json.dumps({"at": round(time.time(), 3), **what}) + "\n")
            self.file.flush()
            if durable:
                os.fsync(self.file.fileno())

    def add(self, send):
        with self.lock:
            self.sends.append(send)

    def some(self, dice):
        """One of the latest sends that may be cancelled."""
        with self.lock:
            known = [send for send in self.sends[-40:] if send.id]
        return dice.choice(known) if known else None


def _in(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def make_group(owner, name, first, count):
    """A group of so many new contacts; every twentieth has no code."""
    lines, without = ["phone_number,first_name,code"], 0
    for i in range(count):
        lines.append(f"+{first + i},Kari{i},{'' if i % 20 == 0 else i}")
        without += i % 20 == 0
    answer = owner.call("POST", "/v1/contacts/groups", {"name": name})
    assert answer.status == 201, answer
    group_id = answer.json["id"]
    answer = owner.call("POST", f"/v1/contacts/import?group={group_id}", "\n".join(lines) + "\n",
                        {"Content-Type": "text/csv"})
    assert answer.status == 200 and answer.json["rejected"] == 0, answer
    return Group(owner, group_id, {first + i for i in range(count)}, without)


class Campaign:
    """Threads that ask, at about so many messages a second, until told to end."""

    def __init__(self, promises, owners, groups, seed, per_s, length_s):
        self.promises, self.owners, self.groups, self.seed, self.per_s = promises, owners, groups, seed, per_s
        self.ends_at = time.monotonic() + length_s
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.next_number, self.next_ref, self.next_at = 4710000000, 0, time.monotonic()
        self.faults = []        # answers that must never be
        self.answers = {}       # status -> how many
        self.controls = {}      # (what, status) -> how many
        self.threads = [threading.Thread(target=self._work, args=(i,), daemon=True) for i in range(THREADS)]

    def start(self):
        self.next_at = time.monotonic()
        for thread in self.threads:
            thread.start()

    def end(self, timeout_s=90):
        """No new sends; those under an Idempotency-Key are repeated until they are decided."""
        self.over.set()
        until = time.monotonic() + timeout_s
        for thread in self.threads:
            thread.join(max(1, until - time.monotonic()))
            if thread.is_alive():
                self.faults.append("a request found no end")

    # --- what is asked ---

    def _work(self, number):
        dice = random.Random(f"campaign {self.seed} {number}")
        kinds, weights = [kind for kind, _ in ASKED], [weight for _, weight in ASKED]
        while not self.over.is_set():
            kind = dice.choices(kinds, weights)[0]
            try:
                if kind in ("cancel", "pause", "change", "move"):
                    self._control(kind, dice)
                else:
                    self._send(kind, dice)
            except Exception as error:  # a fault of the run, not the end of the thread
                self.faults.append(f"{type(error).__name__}: {error}")
                return

    def _pace(self, count):
        with self.lock:
            wait_s = self.next_at - time.monotonic()
            self.next_at = max(self.next_at, time.monotonic() - 5) + count / self.per_s
        self.over.wait(max(0.0, wait_s))

    def _numbers(self, count):
        with self.lock:
            first, self.next_number = self.next_number, self.next_number + count
        return [f"+{number}" for number in range(first, first + count)]

    def _send(self, kind, dice):
        owner = dice.choice(self.owners)
        with self.lock:
            self.next_ref += 1
            ref = f"chaos-{self.next_ref}"
        body, send = self._body(kind, owner, dice, ref)
        self._pace(send.count)
        if self.over.is_set():
            return
        key = {"Idempotency-Key": ref} if dice.random() < 0.5 else {}
        self.promises.add(send)
        send.at = time.time()
        self.promises.write({"ask": ref, "account": owner.name, "kind": kind, "messages": send.count, "key": bool(key)})
        while self._ask(send, body, key) == UNKNOWN and key:
            time.sleep(0.5)

    def _body(self, kind, owner, dice, ref):
        body = {"customer_ref": ref, "message": f"Hello from {ref}"}
        if kind.startswith("scheduled"):
            body["scheduled_at"] = _in(dice.uniform(1, 15))
        if kind in ("many", "group") and dice.random() < 0.5:
            smeared = dice.random() < 0.3 and time.monotonic() + 75 < self.ends_at
            body.update({"send_over": "PT1M"} if smeared else {"rate": f"{dice.randint(50, 400)}/s"})
        if kind == "group":
            groups = dice.sample([group for group in self.groups if group.owner is owner], dice.choice((1, 2)))
            body["to_groups"] = [group.id for group in groups]
            send = Send(ref, owner, len(set().union(*(group.numbers for group in groups))))
            if dice.random() < 0.5:
                body["message"] = TEMPLATE
            return body, send
        count = {"single": 1, "scheduled": dice.choice((1, 1, dice.randint(2, 60))), "few": dice.randint(2, 40),
                 "template": dice.randint(1, 150)}.get(kind) or dice.randint(101, 1000)
        numbers = self._numbers(count)
        if kind == "template":
            body["message"] = TEMPLATE
            body["recipients"] = [{"to": number, "variables": {"code": number[-4:]}} for number in numbers]
        else:
            body["to"] = numbers
        return body, Send(ref, owner, count)

    def _ask(self, send, body, key):
        """Sets and returns the outcome."""
        status, answer = self._call(send.owner, "POST", "/v1/sms/send", body, key)
        if status == 200:
            send.outcome, send.id = ACCEPTED, answer["sms_message_id"]
        elif status is None or status == 500 or key and (status in (409, 503) or send.outcome == UNKNOWN):
            send.outcome = UNKNOWN  # with a key, also what is refused now may have been accepted before
        else:
            send.outcome = REFUSED
            if status not in (503, 429, 403):  # 403: the account is suspended
                self.faults.append(f"{send.ref}: {status} {answer}")
        self.promises.write({"answer": send.ref, "status": status, "id": send.id}, durable=status == 200)
        if status in (503, 429, 403):
            self.over.wait(0.2)
        return send.outcome

    def _control(self, kind, dice):
        send = self.promises.some(dice)
        if send is None:
            time.sleep(0.1)
        elif kind == "cancel":
            self._pace(1)
            self._cancel(send, dice.choice(("messages", "sends")))
        elif kind == "pause":
            send.paused = True
            self._ask_control("pause", send)
            self.over.wait(dice.uniform(0, 4))
            self.resume(send)
        elif kind == "move":
            self._ask_control("change", send, {"scheduled_at": _in(dice.uniform(1, 10))})
        else:
            self._ask_control("change", send, {"rate": f"{dice.randint(50, 500)}/s"})

    def _cancel(self, send, what):
        status, answer = self._call(send.owner, "POST", f"/v1/sms/{what}/{send.id}/cancel", None, {})
        send.cancelled.append((status, answer.get("cancelled", 0) if status == 200 else 0))
        self.promises.write({"cancel": send.ref, "status": status, "cancelled": send.cancelled[-1][1]})
        if status not in (200, 403, 404, 409, 500, 503, None):
            self.faults.append(f"cancel of {send.ref}: {status} {answer}")

    def _ask_control(self, what, send, body=None):
        """Singles have no such control, nor have sends that are over: 404, 409."""
        path = f"/v1/sms/sends/{send.id}"
        if what == "change":
            status, answer = self._call(send.owner, "PATCH", path, body, {})
        else:
            status, answer = self._call(send.owner, "POST", f"{path}/{what}", None, {})
        self.promises.write({what: send.ref, "status": status, "body": body})
        with self.lock:
            self.controls[what, status] = self.controls.get((what, status), 0) + 1
        if status not in (200, 204, 403, 404, 409, 422, 500, 503, None):
            self.faults.append(f"{what} of {send.ref}: {status} {answer}")
        return status

    def resume(self, send):
        """It must not stay paused: again, until there is an answer."""
        for _ in range(60):
            if self._ask_control("resume", send) in (200, 204, 404, 409, 422):
                send.paused = False
                return
            time.sleep(1)
        self.faults.append(f"{send.ref} can't be resumed")

    def _call(self, owner, method, path, body, headers):
        """(status, JSON), or (None, {}) when the answer was lost."""
        headers = {"X-API-Key": owner.key, "Content-Type": "application/json", **headers}
        try:
            got = api.call(owner.url, method, path, body, headers, timeout_s=ANSWER_S)
            status, answer = got.status, got.json
        except (OSError, http.client.HTTPException, ValueError):
            status, answer = None, {}
        with self.lock:
            self.answers[status] = self.answers.get(status, 0) + 1
        return status, answer
