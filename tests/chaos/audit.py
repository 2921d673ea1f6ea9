"""Do the counters of an account say what its messages' states say? All that is counted is counted again."""

import collections

import view


class Counts(collections.Counter):
    """Counters that ought to be so, by the key and the field."""

    def compare(self, key, got):
        want = {field: number for (name, field), number in self.items() if name == key and number}
        got = {field: number for field, number in got.items() if number}
        return [f"{key}: {field} is {got.get(field, 0)}, and {want.get(field, 0)} by the states"
                for field in sorted(want.keys() | got.keys()) if want.get(field, 0) != got.get(field, 0)]


def check(account):
    """What is wrong, as texts."""
    return [*_tallies(account), *_counters(account), *_sets(account)]


def _tallies(account):
    wrong = []
    found = collections.defaultdict(collections.Counter)
    for line in account.lines:
        if line.chunk is not None:
            found[line.send, line.chunk][line.status] += 1
    for chunk, tally in account.tallies.items():
        want = bytes(found[chunk][letter] for letter in view.LETTERS)
        if tally != want:
            wrong.append(f"tally of chunk {chunk}: {tally!r}, and {want!r} by the lines")
    return wrong


def _counters(account):
    """n:, d: and s:. A send of which no chunk was made yet counts as one in n:, and as those that it may have in d:."""
    counts, names = Counts(), set()
    everything = account.key("n")
    for line in account.lines:
        status = account.status(line)
        counts[everything, status] += 1
        counts[account.key("d", f":{line.day}"), status] += 1
        if line.chunk is not None:
            counts[account.key("s", f":{line.send}"), status] += 1
        if line.status == "F":
            counts[everything, f"e{line.error}"] += 1
    for fields in account.sends.values():
        waiting = fields.get("waiting")
        if waiting:
            counts[everything, waiting] += 1
            if waiting in "WC":
                counts[account.key("d", f":{fields['day']}"), waiting] += int(fields["may"])
    wrong = counts.compare(everything, _numbers(account, everything))
    parts = 0
    for key in account.redis.keys(account.key("d", ":*")):
        got = _numbers(account, key)
        parts += got.pop("u", 0)
        names.add(key)
        wrong += counts.compare(key, got)
    accepted = sum(line.parts for line in account.lines if line.flags & view.COUNTED)
    if parts != accepted:
        wrong.append(f"parts that carriers accepted: {parts}, and {accepted} by the lines")
    wrong += [f"no {key}" for key in {key for key, _ in counts} - names if key.startswith("d:")]
    for send, fields in account.sends.items():
        got = {letter: int(fields.get(letter, 0)) for letter in view.LETTERS}
        wrong += counts.compare(account.key("s", f":{send}"), got)
    return wrong


def _numbers(account, key):
    reply = account.redis.one("HGETALL", key)
    return {field.decode(): int(number) for field, number in zip(reply[::2], reply[1::2])}


def _sets(account):
    """z:. A single that is SENDING is among the QUEUED; of DELIVERED there is no set."""
    want = collections.defaultdict(set)
    for line in account.lines:
        if line.status == "D":
            continue
        if line.chunk is None:
            want["Q" if line.status == "S" else line.status].add(line.send)
        else:
            want[line.status].add(f"{line.send}{line.chunk:06d}")
    for send, fields in account.sends.items():
        if fields.get("waiting"):
            want[fields["waiting"]].add(send)
    wrong = []
    for letter in view.LETTERS + "X":  # X: cancelled sends whose lines don't say so yet
        got = {member.decode() for member in account.redis.one("ZRANGE", account.key("z", f":{letter}"), 0, -1)}
        for member in sorted(want[letter] ^ got)[:5]:
            wrong.append(f"z:{letter}: {member} {'is missing' if member in want[letter] else 'does not belong there'}")
    return wrong


def lists(owner, account):
    """The list's totals, as the API tells them."""
    wrong = []
    counts = collections.Counter(account.status(line) for line in account.lines)
    counts.update(fields["waiting"] for fields in account.sends.values() if fields.get("waiting"))
    for status, letter in (("DELIVERED", "D"), ("FAILED", "F"), ("CANCELLED", "C"), (None, None)):
        query = f"&status={status}" if status else ""
        total = owner.call("GET", f"/v1/sms/messages?page_size=1{query}").json["total"]
        want = counts[letter] if letter else sum(counts.values())
        if total != want:
            wrong.append(f"the list has {total} of {status or 'all'}, and there are {want}")
    return wrong


def dues(redis, shards=4):
    """What is left in the delay queue."""
    names = []
    for shard in range(shards):
        names += redis.one("ZRANGE", f"due:{{due:{shard}}}", 0, -1)
        records = redis.one("HLEN", f"rec:{{due:{shard}}}")
        if records > redis.one("ZCARD", f"due:{{due:{shard}}}"):
            names.append(b"a record without a time")
    return [name.decode(errors="replace") for name in names]
