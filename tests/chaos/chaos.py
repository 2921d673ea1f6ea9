"""Sends campaigns through a whole stack while its processes are killed, frozen and started again, and its carrier
misbehaves; then compares what was promised, what the carrier has seen, and what the states and counters say.

    python3 chaos.py --dir DIR --port-base N [--minutes N] [--seed S] [--runs K] [--carrier both|deduplicates|plain]

All that is chosen comes from the seed; what happens does not, since time is involved. The status is 1 if any run failed.
"""

import argparse
import collections
import json
import pathlib
import random
import resource
import shutil
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

# pylint: disable=wrong-import-position
import audit
import compare
import kafka
import plan
import view
from api import Admin, Simulator
from campaign import ACCEPTED, UNKNOWN, Campaign, Promises, make_group
from carrier import TIMEOUT_MS, Moods, references
from ledger import waiting_entries
from stack import Stack, free_base
from upheaval import Upheaval

WORKERS = ("api=2", "expander=2", "sender=2", "receipts=2", "scheduler=2")
WINDOWS = 512           # messages that a sender may have under way, in both lanes
SETTLE_S = 120          # from the last fault until all is final
OWNERS, GROUPS, MEMBERS = 3, 3, 350
# What is unknown settles soon, and so does what waits.
SETTINGS = {"SMS_LOG_LEVEL": "info", "SMS_SENDER_RETRY_BASE": "200ms", "SMS_SENDER_RETRY_MAX": "2s",
            "SMS_SENDER_UNKNOWN_AFTER": "8s", "SMS_SCHEDULER_LEASE": "4s", "SMS_API_ACCEPT_TIMEOUT": "5s",
            "SMS_DRAIN_TIMEOUT": "5s"}
OPEN = {"sender": "sms_chunks_open", "receipts": "sms_reports_open", "expander": "sms_jobs_open",
        "api": "sms_requests_open"}


class Run:
    """One seed."""

    def __init__(self, arguments, seed):
        self.seed, self.length_s = seed, arguments.minutes * 60
        self.per_s = arguments.per_second
        self.deduplicates = seed % 2 == 0 if arguments.carrier == "both" else arguments.carrier == "deduplicates"
        self.batches = seed % 4 in (2, 3)  # a carrier that takes many messages in one call
        self.directory = pathlib.Path(arguments.dir) / f"seed-{seed}"
        self.built = ("--build-dir", arguments.build_dir) if arguments.build_dir else ("--preset", arguments.preset)
        self.keep = arguments.keep
        carriers = self.directory.with_suffix(".carriers.json")
        self.stack = Stack(self.directory, arguments.port_base or free_base(), **SETTINGS,
                           SMS_CARRIERS_FILE=str(carriers))
        self._write_carriers(carriers)
        self.findings = compare.Findings()
        self.figures = collections.OrderedDict()
        self.nemesis = None

    def _write_carriers(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"carriers": [{
            "name": "simulator", "kind": "http_json_batch" if self.batches else "http_json",
            "timeout_ms": TIMEOUT_MS, "deduplicates": self.deduplicates,
            "url": f"http://127.0.0.1:{self.stack.base + 3}/v1/messages{'/batch' if self.batches else ''}"}]}))

    def go(self):
        """True: nothing was found."""
        self.stack.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        try:
            self.stack.start("--no-demo", *self.built, "--workers", *WORKERS)
            self._campaign()
        except Exception as error:  # whatever it is, the seed and the log are told
            self.findings.add("the run broke", "".join(traceback.format_exception(error)))
        finally:
            self.stack.stop()
        self._tell()
        if not self.findings.wrong and not self.keep:
            shutil.rmtree(self.directory, ignore_errors=True)
        return not self.findings.wrong

    # --- the run ---

    def _campaign(self):
        stack = self.stack
        admin = Admin(stack.env["SMS_ADMIN_URL"], stack.env["SMS_ADMIN_TOKEN"])
        simulator = Simulator(stack.env["SMS_SIMULATOR_URL"])
        owners, groups = self._people(admin)
        promises = Promises(self.directory / "promises.jsonl")
        campaign = Campaign(promises, owners, groups, self.seed, self.per_s, self.length_s)
        steps = plan.make(self.seed, self.length_s, stack.names())
        self.nemesis = plan.Nemesis(stack, steps)
        moods = Moods(simulator, self.seed, self.nemesis.say)
        upheaval = Upheaval(admin, owners, self.seed, self.nemesis.say)
        campaign.start()
        self.nemesis.start()
        moods.start()
        upheaval.start()
        time.sleep(self.length_s)
        self.nemesis.end()
        moods.end()
        upheaval.end()
        campaign.end()
        for fault in [*campaign.faults, *self.nemesis.faults, *upheaval.faults]:
            self.findings.add("fault of the run", fault)
        self._settle(simulator)
        self._compare(owners, promises.sends, simulator)
        self.figures["controls"] = {f"{what} {status}": count for (what, status), count in campaign.controls.items()}
        self.figures["answers"] = {str(status): count for status, count in campaign.answers.items()}

    def _people(self, admin):
        owners, groups = [], []
        for i in range(OWNERS):
            name = f"chaos{i}"
            owner = admin.new_account(name, self.stack.env["SMS_API_URL"])
            owner.name = name
            owners.append(owner)
            for j in range(GROUPS):  # each shares numbers with the next
                groups.append(make_group(owner, f"group {j}", 4790000000 + 1000 * i + 300 * j, MEMBERS))
        return owners, groups

    def _settle(self, simulator):
        """Waits until nothing is under way or waiting anywhere; what is then, is to be final."""
        began = time.monotonic()
        quiet_since = None
        while time.monotonic() < began + SETTLE_S:
            busy = self._busy(simulator)
            if busy:
                quiet_since = None
            elif quiet_since is None:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > 2:
                break
            time.sleep(0.25)
        else:
            self.findings.add("not at rest", f"{SETTLE_S} s after the last fault: {self._busy(simulator)}")
        self.figures["settled_s"] = round(time.monotonic() - began, 1)

    def _busy(self, simulator):
        busy = {}
        for name in self.stack.names():
            series = OPEN.get(name.split("-")[0])
            if series and (count := self.stack.metric(name, series)):
                busy[name] = count
        for what, count in (("reports", simulator.stats()["reports_pending"]), ("delay queue", waiting_entries(self.stack)),
                            ("lag", kafka.lag(self.stack.env["KAFKA_BROKERS"]))):
            if count:
                busy[what] = count
        return busy

    # --- what is found ---

    def _compare(self, owners, sends, simulator):
        redis = view.Redis(self.stack.ports()["redis-1"])
        accounts = {owner.name: view.Account(redis, owner.name) for owner in owners}
        seen, repeats = references(simulator), compare.Repeats()
        stats = simulator.stats()
        compare.promises(self.findings, sends, accounts)
        for owner in owners:
            account = accounts[owner.name]
            compare.finals(self.findings, account, simulator)
            compare.carrier(self.findings, account, seen, self.deduplicates, repeats)
            for wrong in [*audit.check(account), *audit.lists(owner, account)]:
                self.findings.add("counters differ from states", wrong)
        self._leftovers(redis, seen, repeats)
        self._sum_up(sends, accounts, stats, repeats)

    def _leftovers(self, redis, seen, repeats):
        for value, at in list(seen.items()):
            self.findings.add("the carrier knows a message that nobody else knows", f"{value:016x}: {at}")
        if left := audit.dues(redis):
            self.findings.add("left in the delay queue", left[:5])
        if dead := kafka.end_offsets(self.stack.env["KAFKA_BROKERS"], kafka.DEAD):
            self.findings.add("dead letters", dead)
        blows = self._blows()
        if repeats.clear > WINDOWS * blows:
            self.findings.add("repeated without a reason", f"{repeats.clear}, and {blows} blows that could explain it")

    def _blows(self):
        """How often a sender's clear answers may have been lost: it, Redis or the carrier was killed or frozen."""
        return sum(any(name.split("-")[0] in ("sender", "redis", "simulator")
                       for name in step.targets + [step.frozen or ""]) for step in self.nemesis.steps)

    def _sum_up(self, sends, accounts, stats, repeats):
        states, errors = collections.Counter(), collections.Counter()
        for account in accounts.values():
            states.update(account.status(line) for line in account.lines)
            errors.update(line.error for line in account.lines if line.status == "F")
        outcomes = collections.Counter(send.outcome for send in sends)
        self.figures.update({
            "sends": dict(outcomes),
            "unanswered": outcomes[UNKNOWN],
            "accepted_messages": sum(send.count for send in sends if send.outcome == ACCEPTED),
            "states": dict(states), "errors": dict(errors),
            "carrier": {name: stats[name] for name in (
                "received", "accepted", "repeated_references", "repeated_accepted", "throttled", "failed", "hung_up",
                "unanswered", "garbled", "late", "cut_off", "dripped", "reports_sent", "report_retries", "reports_failed",
                "reports_dropped")},
            "repeated_after_unclear": repeats.after_unclear, "repeated_after_blows": repeats.clear,
            "blows": self._blows(), "steps": len(self.nemesis.steps)})

    def _tell(self):
        kind = ("deduplicates" if self.deduplicates else "plain") + (" in batches" if self.batches else "")
        verdict = "FAILED" if self.findings.wrong else "passed"
        print(f"seed {self.seed}, carrier {kind}, {self.length_s:.0f} s: {verdict}  {json.dumps(self.figures)}", flush=True)
        if not self.findings.wrong:
            return
        for line in self.findings.lines():
            print(f"  {line}")
        print(f"  the plan of seed {self.seed}:")
        for step in self.nemesis.steps if self.nemesis else []:
            print(f"    {step}")
        print("  what happened:")
        for line in self.nemesis.log if self.nemesis else []:
            print(f"    {line}")
        print(f"  logs, data and promises are kept in {self.directory}; again: "
              f"scripts/test chaos --minutes {self.length_s / 60:g} --seed {self.seed}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--dir", required=True)
    parser.add_argument("--port-base", type=int)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--carrier", choices=("both", "deduplicates", "plain"), default="both",
                        help="both: it deduplicates with an even seed; of four seeds the last two have one that takes batches")
    parser.add_argument("--per-second", type=float, default=300, help="messages asked for a second")
    parser.add_argument("--keep", action="store_true", help="the logs, also when nothing was found")
    parser.add_argument("--preset", default="release")
    parser.add_argument("--build-dir", help="executables as they are, instead of a preset")
    arguments = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    first = random.randrange(1, 100000) if arguments.seed is None else arguments.seed
    results = [Run(arguments, first + i).go() for i in range(arguments.runs)]
    print(f"chaos: {sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
