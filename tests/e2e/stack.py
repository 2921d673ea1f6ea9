"""A running stack: started, stopped, and its processes killed and started again, by scripts/run and scripts/stop."""

import contextlib
import http.client
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORKERS = ("simulator", "api", "expander", "sender", "receipts", "scheduler")


def eventually(what, timeout_s, condition, every_s=0.05):
    """Waits until condition() is true, and returns what it returned."""
    until = time.monotonic() + timeout_s
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < until, f"not within {timeout_s} s: {what}"
        time.sleep(every_s)


def free_base(first=20000):
    """A port with ninety-nine free ones after it."""
    for base in range(first, 32000, 1000):
        if all(_is_free(port) for port in range(base, base + 100)):
            return base
    raise AssertionError("no hundred free ports in a row")


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def page(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


def pid_alive(pid):
    """False for one that has ended, also while nobody has asked for its status."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Stack:
    def __init__(self, directory, base, **settings):
        self.directory = pathlib.Path(directory)
        self.base = base
        self.settings = settings
        self.env = {}

    # --- the whole ---

    def run(self, *words, timeout_s=180):
        """scripts/run with these words, for this directory; returns the finished process."""
        return self._script("run", *words, timeout_s=timeout_s)

    def start(self, *words):
        done = self.run("--detach", "--port-base", str(self.base), *words)
        assert done.returncode == 0, f"scripts/run failed:\n{done.stdout}"
        self.read_env()

    def read_env(self):
        text = (self.directory / "env").read_text()
        self.env = {name: "".join(shlex.split(value))
                    for name, _, value in (line.partition("=") for line in text.splitlines())}

    def stop(self, *names):
        done = self._script("stop", *names, timeout_s=120)
        assert done.returncode == 0, f"scripts/stop failed:\n{done.stdout}"
        return done

    def _script(self, name, *words, timeout_s):
        env = {key: value for key, value in os.environ.items() if not key.startswith("SMS_")}
        # Into a file: a pipe would stay open as long as anything that was started holds it.
        log = self.directory.parent / f"{self.directory.name}-scripts.log"
        with open(log, "w+b") as out:
            done = subprocess.run([ROOT / "scripts" / name, "--dir", self.directory, *words], stdin=subprocess.DEVNULL,
                                  stdout=out, stderr=out, env={**env, **self.settings}, timeout=timeout_s, check=False)
            out.seek(0)
            done.stdout = out.read().decode(errors="replace")
        return done

    # --- one process ---

    def names(self):
        return list(self.ports())

    def ports(self):
        """Name -> its health port, or the only one of Redis and Kafka."""
        lines = (self.directory / "ports").read_text().splitlines()
        return {name: int(port) for name, port in (line.split() for line in lines)}

    def pid(self, name):
        return int((self.directory / "pids" / f"{name}.pid").read_text().split()[0])

    def signal(self, name, number):
        os.kill(self.pid(name), number)

    def kill(self, name):
        """kill -9, and gone."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        eventually(f"{name} is gone after SIGKILL", 10, lambda: not pid_alive(pid), 0.01)

    def restart(self, name, *words):
        done = self.run("--restart", name, *words)
        assert done.returncode == 0, f"scripts/run --restart {name} failed:\n{done.stdout}"

    def start_by_hand(self, name):
        """Starts what is stopped as our own child, so that its exit status can be seen."""
        with open(self.log(name), "ab") as log:
            child = subprocess.Popen([self.directory / "start" / name], stdin=subprocess.DEVNULL, stdout=log,
                                     stderr=log)
        eventually(f"{name} is ready", 30, lambda: self.readiness(name)[0] == 200)
        return child

    @contextlib.contextmanager
    def another_api(self, **settings):
        """An api of its own ports beside the first; yields its URL."""
        ports = {name: self.base + 50 + i for i, name in enumerate(
            ("SMS_API_PORT", "SMS_ADMIN_PORT", "SMS_REPORTS_PORT", "SMS_HEALTH_PORT"))}
        lines = (self.directory / "start" / "api-1").read_text().splitlines()
        changes = [f"export {name}={shlex.quote(str(value))}" for name, value in {**ports, **settings}.items()]
        script = "\n".join([*lines[:-1], *changes, lines[-1]])
        with open(self.log("api-another"), "ab") as log:
            child = subprocess.Popen(["bash", "-c", script], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            eventually("another api is ready", 30, lambda: page(ports["SMS_HEALTH_PORT"], "/readyz")[0] == 200)
            yield f"http://127.0.0.1:{ports['SMS_API_PORT']}"
        finally:
            child.terminate()
            assert child.wait(60) == 0

    @contextlib.contextmanager
    def settings_of(self, name, **settings):
        """The worker runs with other settings for a while."""
        lines = (self.directory / "start" / name).read_text().splitlines()
        changes = [f"export {key}={shlex.quote(str(value))}" for key, value in settings.items()]
        self.stop(name)
        with open(self.log(name), "ab") as log:
            child = subprocess.Popen(["bash", "-c", "\n".join([*lines[:-1], *changes, lines[-1]])],
                                     stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            eventually(f"{name} is ready", 30, lambda: self.readiness(name)[0] == 200)
            yield
        finally:
            child.terminate()
            status = child.wait(60)
            self.restart(name)
        assert status == 0

    def log(self, name):
        return self.directory / "logs" / f"{name}.log"

    def log_size(self, name):
        return self.log(name).stat().st_size

    def log_since(self, name, size):
        with open(self.log(name), "rb") as log:
            log.seek(size)
            return log.read().decode(errors="replace")

    # --- what a worker says of itself ---

    def page(self, name, path):
        """(status, text), or (0, why) when it can't be asked."""
        return page(self.ports()[name], path)

    def readiness(self, name):
        return self.page(name, "/readyz")

    def await_ready(self, timeout_s=60):
        for name in self.names():
            if name.split("-")[0] in WORKERS:
                eventually(f"{name} is ready", timeout_s, lambda name=name: self.readiness(name)[0] == 200)

    def metric(self, name, series):
        """The value of one series, as it is written in /metrics."""
        status, text = self.page(name, "/metrics")
        assert status == 200, f"/metrics of {name}: {status} {text}"
        for line in text.splitlines():
            key, _, value = line.rpartition(" ")
            if key == series:
                return float(value)
        raise AssertionError(f"{name} has no metric {series}")

    def redis(self, *words):
        """What redis-cli prints, as lines."""
        done = subprocess.run(["redis-cli", "-p", str(self.ports()["redis-1"]), *words], capture_output=True, text=True,
                              timeout=10, check=True)
        return done.stdout.splitlines()

    def secret(self, name):
        for line in (self.directory / "secrets").read_text().splitlines():
            if line.startswith(name + "="):
                return line.partition("=")[2]
        raise AssertionError(f"no {name} in {self.directory}/secrets")
