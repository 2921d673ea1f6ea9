"""What the machine is, and what it and its processes spend: read from /proc.

CPU times are microseconds of user and system time together, others seconds.
"""

import glob
import os
import platform
import subprocess

TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")


def stat(path):
    """The words of a stat file of /proc after the name; none when the process has ended."""
    try:
        with open(path) as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 20


def process_us(pid):
    """The CPU time of a process, with all its threads and the children that it has waited for (Redis makes some)."""
    return sum(map(int, stat(f"/proc/{pid}/stat")[11:15])) * TICK_US


def compiler_us(pid):
    """What Java's compiler took of it: it ends when the process has been busy for long enough."""
    us = 0
    for task in glob.glob(f"/proc/{pid}/task/[0-9]*"):
        try:
            with open(f"{task}/comm") as file:
                if file.read().startswith(("C1 Comp", "C2 Comp")):
                    us += sum(map(int, stat(f"{task}/stat")[11:13])) * TICK_US
        except OSError:
            pass  # it has ended
    return us


def processes(directory):
    """{"api-1": pid} of a run of scripts/run."""
    pids = {}
    for entry in os.listdir(f"{directory}/pids"):
        name, suffix = os.path.splitext(entry)
        if suffix == ".pid":
            with open(f"{directory}/pids/{entry}") as file:
                pids[name] = int(file.readline())
    return pids


def cores():
    """[(busy, stolen, all)] of each core since boot, in microseconds."""
    found = []
    with open("/proc/stat") as file:
        for line in file:
            name, *counts = line.split()
            if name.startswith("cpu") and name != "cpu":
                user, nice, system, idle, iowait, irq, softirq, stolen = map(int, counts[:8])
                busy = user + nice + system + irq + softirq
                found.append((busy * TICK_US, stolen * TICK_US, (busy + idle + iowait + stolen) * TICK_US))
    return found


class Spending:
    """Of processes and cores, between its making and end()."""

    def __init__(self, pids):
        self.pids = pids
        self.compiler_us = 0
        self.began = self._read()

    def _read(self):
        self.compiler_us = compiler_us(self.pids["kafka-1"]) - self.compiler_us if "kafka-1" in self.pids else 0
        return {name: process_us(pid) for name, pid in self.pids.items()}, cores()

    def end(self):
        (us, cores_began), (us_end, cores_end) = self.began, self._read()
        self.us = {name: us_end[name] - us[name] for name in us}
        spans = [[b - a for a, b in zip(*core)] for core in zip(cores_began, cores_end)]
        self.busy = [busy / whole for busy, _, whole in spans]
        self.busy_us = sum(busy for busy, _, _ in spans)
        self.whole_us = sum(whole for _, _, whole in spans)
        self.stolen = sum(stolen for _, stolen, _ in spans) / self.whole_us
        return self


def output_of(*command, cwd=None):
    """The first line of what a command prints, or ""."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout or done.stderr).strip().partition("\n")[0] if done.returncode in (0, 1) else ""


def cpu_model():
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def commit(root):
    name = output_of("git", "rev-parse", "--short=12", "HEAD", cwd=root)
    changed = output_of("git", "status", "--porcelain", "--untracked-files=no", cwd=root)
    return name + (" with changes" if changed else "")


def context(root, kafka_version):
    """What the figures depend on, besides the code."""
    libraries = ("libmicrohttpd", "libcurl", "rdkafka", "hiredis", "jansson")
    versions = {name: output_of("pkg-config", "--modversion", name) for name in libraries}
    versions["redis"] = output_of("redis-server", "--version").partition("v=")[2].partition(" ")[0]
    versions["kafka"] = kafka_version
    versions["java"] = output_of("java", "-version").partition('"')[2].partition('"')[0]
    versions["wrk"] = output_of("wrk", "--version").partition(" [")[0].removeprefix("wrk ").removeprefix("debian/")
    secret = ("SECRET", "TOKEN", "KEY", "URL")
    return {
        "commit": commit(root),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "load_before": round(os.getloadavg()[0], 2),
        "versions": versions,
        "settings": {
            name: value
            for name, value in sorted(os.environ.items())
            if name.startswith("SMS_") and not any(word in name for word in secret)
        },
    }
