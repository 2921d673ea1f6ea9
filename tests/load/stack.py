"""A stack that scripts/run starts for the bench, and what is asked of it."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

# Seconds. All but the build has to end within LIMIT_S.
LIMIT_S = 170
STOP_S = 15  # kept for the end

SIMULATOR = 3  # its port, from the first one on

STATUSES = {"W": "SCHEDULED", "Q": "QUEUED", "S": "SENDING", "T": "SENT", "D": "DELIVERED", "F": "FAILED"}


class Failure(Exception):
    """The bench could not be run, or its result is wrong."""


def fetch(url, body=None, headers=None, method=None):
    """The body of the answer, which must be a success."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, body, headers or {}, method=method), timeout=10) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise Failure(f"{url} answered with {error.code}: {error.read()[:500]!r}") from None


def free_base(worker_count):
    """The first of a block of ports, which are all free. base + 8 stays so."""
    for base in range(12_000, 19_900, 100):
        try:
            for offset in (*range(9), *range(10, 10 + worker_count)):
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", base + offset))
            return base
        except OSError:
            continue
    raise Failure("no free ports from 12000 to 19900")


class Redis:
    """Just enough to ask for a few numbers, many times, at little cost."""

    def __init__(self, port):
        self.file = socket.create_connection(("127.0.0.1", port), timeout=5).makefile("rwb")

    def ask(self, *words):
        self.file.write(" ".join(words).encode() + b"\r\n")
        self.file.flush()
        return self._reply()

    def _reply(self):
        line = self.file.readline().rstrip()
        kind, rest = line[:1], line[1:]
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b":":
            return int(rest)
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        raise Failure(f"Redis answered {line!r}")

    def memory(self):
        """Bytes of the data: used_memory without the buffers of clients and of the append-only file."""
        lines = self.ask("INFO", "memory").decode().splitlines()
        info = dict(line.split(":", 1) for line in lines if ":" in line)
        return int(info["used_memory"]) - int(info["mem_clients_normal"]) - int(info["mem_aof_buffer"])


class Stack:
    """Its state lies under directory, what scripts/run says in directory/run.log."""

    def __init__(self, root, directory, workers, build_dir, limit_s=LIMIT_S, carrier_kind=None):
        self.root, self.directory, self.run = root, directory, f"{directory}/run"
        self.limit_s, self.carrier_kind = limit_s, carrier_kind
        self.options = (["--build-dir", build_dir] if build_dir else []) + (["--workers", *workers] if workers else [])
        self.worker_count = 5 + sum(int(count) for count in "=".join(workers).split("=") if count.isdigit())

    def left_s(self, wanted_s):
        """How long a step may take: what it wants, or what is left of all."""
        left = self.deadline - time.monotonic()
        if left < 1:
            raise Failure(f"out of time: not done after {self.limit_s - STOP_S} s")
        return min(wanted_s, left)

    def start(self):
        """With fresh data."""
        self.deadline = time.monotonic() + self.limit_s - STOP_S
        shutil.rmtree(self.run, ignore_errors=True)
        base = free_base(self.worker_count)
        command = [f"{self.root}/scripts/run", "--detach", "--no-demo", "--dir", self.run, "--port-base", str(base)]
        if self.carrier_kind:
            self._write_carriers(base)
        self._run_script([*command, *self.options])
        with open(f"{self.run}/env") as file:
            self.env = dict(line.rstrip("\n").split("=", 1) for line in file)
        self.spare_port = base + 8
        self.redis = Redis(int(self.env["REDIS_URL"].rpartition(":")[2]))
        self.first_day = int(time.time() // 86400)

    def _write_carriers(self, base):
        """The usual carrier, as another kind."""
        with open(f"{self.root}/config/carriers.json") as file:
            carriers = json.load(file)
        carriers["carriers"][0]["kind"] = self.carrier_kind
        carriers["carriers"][0]["url"] = f"http://127.0.0.1:{base + SIMULATOR}/v1/messages/batch"
        with open(f"{self.directory}/carriers.json", "w") as file:
            json.dump(carriers, file)
        os.environ["SMS_CARRIERS_FILE"] = f"{self.directory}/carriers.json"

    def _run_script(self, command):
        with open(f"{self.directory}/run.log", "w+") as log:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
            try:
                status = child.wait(self.left_s(90))
            except BaseException:
                child.terminate()  # it stops what it has started
                child.wait()
                raise
            if status:
                log.seek(0)
                raise Failure(f"scripts/run failed:\n{log.read()[-3000:]}")

    def stop(self, *names):
        """Also one that an earlier bench left behind."""
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        subprocess.run([f"{self.root}/scripts/stop", "--dir", self.run, *names], start_new_session=True, **quiet)

    def remove(self):
        shutil.rmtree(self.run, ignore_errors=True)

    def probe(self, path):
        """One send by hand: does it work? The length of its answer."""
        body = {"to": ["+47900000000"], "message": "Hello", "customer_ref": "bench-1-0000000"}
        headers = {"X-API-Key": self.env["SMS_API_KEY"], "Content-Type": "application/json"}
        return len(fetch(self.env["SMS_API_URL"] + path, json.dumps(body).encode(), headers))

    def count(self, letter):
        """Messages of a status, of all that were ever accepted here, also across a midnight."""
        days = (self.first_day, self.first_day + 1)
        return sum(int(self.redis.ask("HGET", f"d:{{demo}}:{day}", letter) or 0) for day in days)

    def statuses(self):
        return {name: self.count(letter) for letter, name in STATUSES.items()}

    def simulator_stats(self):
        return json.loads(fetch(self.env["SMS_SIMULATOR_URL"] + "/stats"))

    def simulator_reset(self):
        """Empties the simulator, when its last reports are answered."""
        while self.simulator_stats()["reports_pending"]:
            self.left_s(1)
            time.sleep(0.02)
        fetch(self.env["SMS_SIMULATOR_URL"] + "/reset", method="POST")
