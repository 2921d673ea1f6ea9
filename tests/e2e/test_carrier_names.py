"""A carrier behind a name: its DNS may be slow, silent or wrong, and delays nothing but what waits for it."""

import json
import time

import ledger
from dns import Dns
from stack import eventually, page


def carriers_file(stack, tmp_path, host):
    """The stack's own, with another host in its URL."""
    path = stack.directory / "carriers.json"
    known = json.loads(path.read_text())
    for carrier in known["carriers"]:
        carrier["url"] = carrier["url"].replace("127.0.0.1", host)
    changed = tmp_path / "carriers.json"
    changed.write_text(json.dumps(known))
    return changed


def test_messages_wait_for_a_name_that_is_not_answered(stack, account, simulator, tmp_path):
    with Dns({"carrier.test": None}) as dns, stack.settings_of(
            "sender-1", SMS_CARRIERS_FILE=carriers_file(stack, tmp_path, "carrier.test"), SMS_DNS_SERVERS=dns.address,
            SMS_SENDER_RETRY_BASE="100ms", SMS_SENDER_RETRY_MAX="1s"):
        message_id = account.send("+4799999970")["sms_message_id"]
        eventually("the carrier's name is asked for", 10, lambda: "carrier.test" in dns.questions)
        slowest = 0
        for _ in range(20):
            began = time.monotonic()
            assert page(stack.ports()["sender-1"], "/healthz")[0] == 200
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.05)
        assert slowest < 1, "the loop was blocked"
        assert simulator.stats()["received"] == 0
        dns.addresses["carrier.test"] = ["127.0.0.1"]
        ledger.await_final(account, [message_id], timeout_s=20)
        assert simulator.stats()["received"] == 1
        asked = len(dns.questions)
        dns.addresses["carrier.test"] = None
        ledger.await_final(account, [account.send("+4799999971")["sms_message_id"]])
        assert len(dns.questions) == asked, "it is remembered for 5 s at least"


def test_messages_wait_for_a_name_that_does_not_exist(stack, account, simulator, tmp_path):
    with Dns() as dns, stack.settings_of(
            "sender-1", SMS_CARRIERS_FILE=carriers_file(stack, tmp_path, "carrier.test"), SMS_DNS_SERVERS=dns.address,
            SMS_SENDER_RETRY_BASE="100ms", SMS_SENDER_RETRY_MAX="1s"):
        message_id = account.send("+4799999972")["sms_message_id"]
        eventually("it could not be sent", 10, lambda: stack.metric("sender-1", 'sms_attempts_total{verdict="not_sent"}') >= 2)
        dns.addresses["carrier.test"] = ["127.0.0.1"]
        ledger.await_final(account, [message_id], timeout_s=20)
        assert simulator.stats()["received"] == 1
