"""What operators do to accounts meanwhile: suspended, slowed down, and let go again."""

import random
import threading
import time

# A change, and what takes it back. One that the admin API doesn't know is answered with 422, and is none.
CHANGES = (({"active": False}, {"active": True}), ({"fast_rate": 5}, {"fast_rate": None}),
           ({"paused": True}, {"paused": False}), ({"message_rate": 150}, {"message_rate": None}))


class Upheaval(threading.Thread):
    def __init__(self, admin, owners, seed, say):
        super().__init__(daemon=True)
        self.admin, self.owners, self.say = admin, owners, say
        self.dice = random.Random(f"upheaval {seed}")
        self.over = threading.Event()
        self.faults = []

    def run(self):
        while not self.over.wait(self.dice.uniform(3, 12)):
            owner, (change, back) = self.dice.choice(self.owners), self.dice.choice(CHANGES)
            if self._change(owner, change) != 422:
                self.over.wait(self.dice.uniform(1, 5))
                self._take_back(owner, back)

    def _change(self, owner, fields):
        try:
            status = self.admin.call("PATCH", f"/accounts/{owner.name}", fields).status
        except OSError:
            status = None
        if status != 422:
            self.say(f"{owner.name}: {fields}, {status}")
        return status

    def _take_back(self, owner, fields):
        for _ in range(120):
            if self._change(owner, fields) in (200, 422):
                return
            time.sleep(0.5)
        self.faults.append(f"{owner.name} can't be changed back: {fields}")

    def end(self):
        self.over.set()
        self.join(90)
