"""What operators do meanwhile: accounts are suspended, paused, slowed down, all traffic is paused; and let go again."""

import http.client
import random
import threading
import time

# A change, and what takes it back. One that the admin API doesn't know is answered with 422, and is none.
CHANGES = (({"active": False}, {"active": True}), ({"fast_rate": 5}, {"fast_rate": None}),
           ({"paused": True}, {"paused": False}), ({"message_rate": 150}, {"message_rate": None}))
ALL = "all traffic"


class Upheaval(threading.Thread):
    def __init__(self, admin, owners, seed, say):
        super().__init__(daemon=True)
        self.admin, self.owners, self.say = admin, owners, say
        self.dice = random.Random(f"upheaval {seed}")
        self.over = threading.Event()
        self.faults = []

    def run(self):
        while not self.over.wait(self.dice.uniform(3, 12)):
            whose, (change, back) = self.dice.choice(self.owners).name, self.dice.choice(CHANGES)
            if self.dice.random() < 0.15:
                whose, change, back = ALL, {"paused": True}, {"paused": False}
            if self._change(whose, change) != 422:
                self.over.wait(self.dice.uniform(1, 5))
                self._take_back(whose, back)

    def _change(self, whose, fields):
        path = "/traffic" if whose == ALL else f"/accounts/{whose}"
        try:
            status = self.admin.call("PATCH", path, fields).status
        except (OSError, http.client.HTTPException):
            status = None
        if status != 422:
            self.say(f"{whose}: {fields}, {status}")
        return status

    def _take_back(self, whose, fields):
        for _ in range(120):
            if self._change(whose, fields) in (200, 422):
                return
            time.sleep(0.5)
        self.faults.append(f"{whose} can't be changed back: {fields}")

    def end(self):
        self.over.set()
        self.join(90)
