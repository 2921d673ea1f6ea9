"""sms-ctl: the operator's command line over the admin API."""

import itertools
import json
import os
import socket
import subprocess

import pytest

from stack import ROOT, eventually

CTL = ROOT / "build" / "release" / "bin" / "sms-ctl"
DONE, REFUSED, USAGE, UNREACHABLE, CONFIG = 0, 1, 2, 3, 78

names = (f"ctl-{n}" for n in itertools.count(1))
numbers = (f"+4777{n:06}" for n in itertools.count(1))


@pytest.fixture
def ctl(stack):
    """Runs sms-ctl; returns what it said. Its exit status must be the one that is expected."""
    def run(*words, status=DONE, **settings):
        env = {name: value for name, value in os.environ.items() if not name.startswith("SMS_")}
        env |= {"SMS_ADMIN_URL": stack.env["SMS_ADMIN_URL"], "SMS_ADMIN_TOKEN": stack.env["SMS_ADMIN_TOKEN"], **settings}
        done = subprocess.run([CTL, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env,
                              timeout=60, check=False)
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done
    return run


def record(done):
    """What is shown of one object: title -> value."""
    return dict(line.split("  ", 1) for line in done.stdout.splitlines())


def value(done, title):
    return record(done)[title].strip()


def rows(done):
    """A table's rows, as lists of cells; no cell of them may have two spaces in it."""
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in done.stdout.splitlines()[1:]]


@pytest.fixture
def name(ctl):
    made = next(names)
    ctl("account", "create", made, "--name", "The Company")
    return made


# --- accounts ---

def test_an_account_is_created_and_shown(ctl, admin):
    made = next(names)
    done = ctl("account", "create", made, "--name", "Blåbær & Co", "--currency", "SEK", "--rate", "50",
               "--spend-per-month", "99.5")
    assert value(done, "ACCOUNT") == made
    assert value(done, "NAME") == "Blåbær & Co"
    assert (value(done, "CURRENCY"), value(done, "ACTIVE")) == ("SEK", "yes")
    assert (value(done, "RATE"), value(done, "BURST"), value(done, "SPEND/MONTH")) == ("50", "-", "99.5")
    assert ctl("account", "show", made).stdout == done.stdout
    assert admin.call("GET", f"/accounts/{made}").json["name"] == "Blåbær & Co"
    refused = ctl("account", "create", made, status=REFUSED)
    assert (refused.stdout, refused.stderr) == ("", "sms-ctl: An account with this id exists already.\n")


def test_without_a_name_it_is_called_by_its_id(ctl):
    made = next(names)
    assert value(ctl("account", "create", made), "NAME") == made


def test_an_account_is_changed(ctl, name, admin):
    ctl("account", "set", name, "--rate", "50", "--burst", "100", "--messages-per-day", "1000")
    done = ctl("account", "set", name, "--burst", "200", "--name", "Other", "--currency", "EUR")
    assert (value(done, "RATE"), value(done, "BURST"), value(done, "MESSAGES/DAY")) == ("50", "200", "1000"), "it stays"
    assert (value(done, "NAME"), value(done, "CURRENCY")) == ("Other", "EUR")
    done = ctl("account", "set", name, "--rate", "none")
    assert (value(done, "RATE"), value(done, "BURST")) == ("-", "200")
    assert "nothing to change" in ctl("account", "set", name, status=USAGE).stderr
    assert "--rate" in ctl("account", "set", name, "--rate", "fast", status=USAGE).stderr
    assert "currency" in ctl("account", "set", name, "--currency", "GBP", status=REFUSED).stderr
    assert "no account" in ctl("account", "set", "no-such", "--rate", "5", status=REFUSED).stderr
    assert admin.call("GET", f"/accounts/{name}").json["limits"] == {"requests_per_second": None, "burst": 200}


def test_an_account_is_suspended_and_resumed(ctl, name):
    assert value(ctl("account", "suspend", name), "ACTIVE") == "no"
    assert value(ctl("account", "show", name), "ACTIVE") == "no"
    assert value(ctl("account", "resume", name), "ACTIVE") == "yes"
    ctl("account", "suspend", "no-such", status=REFUSED)


def test_accounts_are_listed(ctl, name):
    done = ctl("account", "list", "--per-page", "500")
    assert done.stdout.split("\n")[0].split("  ")[0] == "ACCOUNT"
    listed = [row[0] for row in rows(done)]
    assert name in listed
    assert listed == sorted(listed)
    page = ctl("account", "list", "--per-page", "1", "--page", "1").stdout.splitlines()
    assert len(page) == 3
    assert page[2].startswith("1 of ")
    assert "--page 2" in page[2]
    assert "per_page" in ctl("account", "list", "--per-page", "501", status=REFUSED).stderr


def test_a_name_cannot_play_with_the_terminal(ctl):
    made = next(names)
    done = ctl("account", "create", made, "--name", "red\x1b[31m\x07")
    assert value(done, "NAME") == "red?[31m?"
    assert json.loads(ctl("account", "show", made, "--json").stdout)["name"] == "red\x1b[31m\x07"


# --- keys ---

def test_a_key_works_until_it_is_revoked(ctl, name, account):
    done = ctl("key", "create", name, "--name", "first", "--scopes", "read")
    key, prefix = value(done, "KEY"), value(done, "PREFIX")
    assert key.startswith(f"wayscloud_sms_{prefix}_")
    assert "once" in done.stderr
    caller = type(account)(account.url, key)
    assert caller.call("GET", "/v1/sms/sender-profiles").status == 200
    shown = ctl("key", "list", name)
    assert key not in shown.stdout
    assert [(row[0], row[1], row[2], row[3]) for row in rows(shown)] == [(prefix, "first", "read", "yes")]
    assert value(ctl("key", "show", name, prefix), "PREFIX") == prefix
    assert ctl("key", "revoke", name, prefix).stderr == "The key is revoked.\n"
    eventually("the key is refused", 10, lambda: caller.call("GET", "/v1/sms/sender-profiles").status == 401)
    assert value(ctl("key", "show", name, prefix), "ACTIVE") == "no"
    assert "no key" in ctl("key", "revoke", name, "0000000000", status=REFUSED).stderr
    assert "scopes" in ctl("key", "create", name, "--scopes", "fly", status=REFUSED).stderr


def test_a_key_is_rotated(ctl, name, account):
    old = ctl("key", "create", name)
    new = ctl("key", "rotate", name, value(old, "PREFIX"), "--overlap", "600")
    assert value(new, "REPLACES") == value(old, "PREFIX")
    for made in (old, new):
        caller = type(account)(account.url, value(made, "KEY"))
        assert caller.call("GET", "/v1/sms/sender-profiles").status == 200


# --- profiles and numbers ---

def test_profiles_are_approved_and_rejected(ctl, name, account):
    caller = type(account)(account.url, value(ctl("key", "create", name), "KEY"))
    ids = []
    for sender in ("First", "Second"):
        answer = caller.call("POST", "/v1/sms/sender-profiles",
                             {"name": "n", "sender_id": sender, "brand_confirmation": True})
        assert answer.status == 200, answer
        ids.append(answer.json["id"])
    waiting = [row[1] for row in rows(ctl("profile", "list", "--per-page", "500")) if row[0] == name]
    assert set(waiting) == set(ids)
    assert value(ctl("profile", "approve", name, ids[0]), "STATUS") == "approved"
    done = ctl("profile", "reject", name, ids[1], "--reason", "Not your brand")
    assert (value(done, "STATUS"), value(done, "REJECTED FOR")) == ("rejected", "Not your brand")
    shown = ctl("profile", "list", name)
    assert [(row[3], row[4], row[5]) for row in rows(shown)] == [("First", "approved", "yes"), ("Second", "rejected", "no")]
    assert not [row for row in rows(ctl("profile", "list", "--per-page", "500")) if row[0] == name]
    assert "no sender profile" in ctl("profile", "approve", name, "x", status=REFUSED).stderr


def test_numbers_come_and_go(ctl, name):
    number = next(numbers)
    assert ctl("number", "list", name).stdout == "NUMBER\n"
    assert value(ctl("number", "add", name, number), "NUMBER") == number
    assert ctl("number", "list", name).stdout == f"NUMBER\n{number}\n"
    assert "another account" in ctl("number", "add", "demo", number, status=REFUSED).stderr
    assert ctl("number", "remove", name, number).stderr == "The number is removed.\n"
    ctl("number", "remove", name, number, status=REFUSED)
    assert "country code" in ctl("number", "add", name, "MyBrand", status=REFUSED).stderr


# --- the rest ---

def test_json_is_the_admin_apis(ctl, name, admin):
    done = ctl("account", "show", name, "--json")
    assert done.stdout.encode() == admin.call("GET", f"/accounts/{name}").body + b"\n"
    prefix = json.loads(ctl("key", "create", name, "--json").stdout)["prefix"]
    assert ctl("key", "revoke", name, prefix, "--json").stdout == ""


@pytest.mark.parametrize("words, says", [
    ((), "which command"), (("account",), "account create ACCOUNT"), (("accounts",), "no command 'accounts'"),
    (("account", "fly"), "no command 'account fly'"), (("account", "show"), "it needs: ACCOUNT"),
    (("account", "show", "a", "b"), "'b' is too much"), (("account", "show", "a", "--rate", "5"), "--rate"),
    (("account", "create", "a", "--nam"), "nam"), (("init", "--wait", "long"), "whole number"),
])
def test_wrong_lines(ctl, words, says):
    done = ctl(*words, status=USAGE)
    assert says in done.stderr, done
    assert done.stdout == ""


@pytest.mark.parametrize("words, says", [
    (("--help",), "profile reject ACCOUNT PROFILE"), (("account", "--help"), "account suspend ACCOUNT"),
    (("account", "create", "--help"), "--currency"), (("init", "--help"), "--force"), (("--version",), "sms-ctl "),
])
def test_help(ctl, words, says):
    done = ctl(*words)
    assert says in done.stdout
    assert done.stderr == ""
    assert max(len(line) for line in done.stdout.splitlines()) < 100


def test_nobody_answers(ctl):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = ctl("account", "list", status=UNREACHABLE, SMS_ADMIN_URL=url)
    assert url in done.stderr
    assert "Nothing was done" in done.stderr


def test_what_proves_the_operator(ctl, stack, tmp_path):
    assert "admin token" in ctl("account", "list", status=REFUSED, SMS_ADMIN_TOKEN="0123456789abcdef").stderr
    assert "SMS_ADMIN_TOKEN" in ctl("account", "list", status=CONFIG, SMS_ADMIN_TOKEN="").stderr
    assert "SMS_ADMIN_URL" in ctl("account", "list", status=CONFIG, SMS_ADMIN_URL="ftp://x").stderr
    (tmp_path / "token").write_text(stack.env["SMS_ADMIN_TOKEN"] + "\n")
    ctl("account", "list", SMS_ADMIN_TOKEN="", SMS_ADMIN_TOKEN_FILE=str(tmp_path / "token"))
    (tmp_path / "conf").write_text(f"SMS_ADMIN_TOKEN = {stack.env['SMS_ADMIN_TOKEN']}\n")
    ctl("account", "list", "--config", str(tmp_path / "conf"), SMS_ADMIN_TOKEN="")
    ctl("--config", str(tmp_path / "conf"), "account", "list", SMS_ADMIN_TOKEN="", SMS_ADMIN_URL=stack.env["SMS_ADMIN_URL"] + "/")


def test_init_is_harmless_again(ctl, stack):
    done = ctl("init", SMS_KAFKA_BROKERS=stack.env["KAFKA_BROKERS"], SMS_REDIS_URL=stack.env["REDIS_URL"])
    assert "0 topics made" in done.stdout
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{taken.getsockname()[1]}"
        ctl("init", "--wait", "1", status=UNREACHABLE, SMS_KAFKA_BROKERS=nobody, SMS_REDIS_URL=stack.env["REDIS_URL"])
        ctl("init", "--wait", "1", status=UNREACHABLE, SMS_KAFKA_BROKERS=stack.env["KAFKA_BROKERS"],
            SMS_REDIS_URL=f"redis://{nobody}")
