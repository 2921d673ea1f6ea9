"""The three ledgers side by side: what was promised, what the carrier has seen, what the states say."""

import collections

import view
from campaign import ACCEPTED, REFUSED
from carrier import Seen, hash_of

SHOWN = 8  # of each kind of fault


class Findings:
    """kind -> what was found, each as a text."""

    def __init__(self):
        self.wrong = collections.defaultdict(list)

    def add(self, kind, what):
        self.wrong[kind].append(str(what))

    def lines(self):
        for kind, found in sorted(self.wrong.items()):
            yield f"{kind}: {len(found)}"
            yield from (f"    {what}" for what in found[:SHOWN])


def promises(findings, sends, accounts):
    """Every accepted send has all its messages, and all of them are final; a refused one has none."""
    for send in sends:
        account = accounts[send.owner.name]
        digits = account.refs.get(send.ref)
        lines = account.of_send.get(digits, []) if digits else []
        fields = account.sends.get(digits, {})
        if send.outcome == REFUSED and digits:
            findings.add("refused, and there all the same", send)
        if send.outcome == ACCEPTED and not digits:
            findings.add("LOST: accepted, and not there", send)
        if send.outcome == ACCEPTED and digits and send.id.replace("-", "")[:26] != digits:
            findings.add("under another id", f"{send}: {digits}")
        if digits and len(lines) != send.count and not _stopped(fields):
            findings.add("LOST: accepted, and without some of its messages", f"{send}: {len(lines)} {fields}")
        if _stopped(fields) and len(lines) > send.count:
            findings.add("more messages than recipients", f"{send}: {len(lines)}")
        numbers = collections.Counter(line.digits for line in lines)
        if len(numbers) != len(lines):
            findings.add("a number twice in a send", f"{send}: {numbers.most_common(2)}")
        _cancelled(findings, send, account, lines, fields)


def _stopped(fields):
    """Cancelled before all its chunks were made."""
    return "cancelled" in fields


def _cancelled(findings, send, account, lines, fields):
    told = sum(count for _, count in send.cancelled)
    there = sum(account.status(line) == "C" for line in lines)
    if fields.get("waiting") == "C":
        there += int(fields["may"])
    if told > there and not _stopped(fields):
        findings.add("told that more were cancelled than are", f"{send}: {send.cancelled}, and {there}")
    if there and not send.cancelled:
        findings.add("cancelled, and nobody asked for it", f"{send}: {there}")


def finals(findings, account, simulator):
    for line in account.lines:
        if account.status(line) not in view.FINAL:
            at_carrier = simulator.messages(f"+{line.digits}")
            findings.add("not final", f"{line}; at the carrier: {[message['report'] for message in at_carrier]}")


class Repeats:
    """Messages that the carrier took more than once: with an unclear answer before, or without."""

    def __init__(self):
        self.after_unclear = self.clear = 0


def carrier(findings, account, seen, deduplicates, repeats):
    """Each message's fate at the carrier against its state."""
    for line in account.lines:
        at = seen.pop(hash_of(line.id), None) or Seen()
        why = _contradiction(account.status(line), line, at, deduplicates)
        if why:
            findings.add(why, f"{line}: {at}")
        if at.taken > 1:
            # The answer to its last taking may have been anything; those before should have settled it.
            clear = max(0, at.taken - 1 - at.unclear)
            repeats.clear += clear
            repeats.after_unclear += at.taken - 1 - clear
            if not deduplicates:
                findings.add("SENT TWICE", f"{line}: {at}")
        if not deduplicates and at.seen - at.refused > 1:
            findings.add("handed over again after an unknown outcome", f"{line}: {at}")


def _contradiction(status, line, at, deduplicates):
    if status == "D" and at.taken == 0:
        return "delivered, and the carrier never took it"
    if status == "C" and at.taken:
        return "cancelled, and the carrier took it"
    if status != "F":
        return None
    if line.error == view.ERROR_REJECTED and at.refused == 0:
        return "rejected, and the carrier never refused it"
    if line.error in (view.ERROR_VARIABLE, view.ERROR_EXPIRED, view.ERROR_CARRIER) and at.taken and not line.flags & view.EARLIER:
        return "failed before it was sent, and the carrier took it"
    if line.error == view.ERROR_OUTCOME and at.seen == 0 and deduplicates:
        return "unknown, though the carrier deduplicates and never saw it"
    return None
