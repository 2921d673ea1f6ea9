"""scripts/run and scripts/stop, as a person uses them."""

import shutil
import socket

import pytest

import ledger
from api import Account, Simulator
from stack import Stack, eventually, free_base, pid_alive


@pytest.fixture
def second(stack):
    """A stack beside the session's, not yet started."""
    directory = stack.directory.parent / f"{stack.directory.name}-second"
    other = Stack(directory, free_base(), **stack.settings)
    shutil.rmtree(directory, ignore_errors=True)
    yield other
    other.stop()
    shutil.rmtree(directory, ignore_errors=True)


def test_a_second_run_in_the_same_directory_is_refused(stack, account):
    pids = {name: stack.pid(name) for name in stack.names()}
    done = stack.run("--detach", "--port-base", str(free_base()))
    assert done.returncode != 0
    assert "running" in done.stdout and "scripts/stop" in done.stdout
    assert pids == {name: stack.pid(name) for name in stack.names()}
    assert all(pid_alive(pid) for pid in pids.values())
    account.send("+4799999801")


def test_a_taken_port_is_refused_and_nothing_is_left(second):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", second.base + 4))
        taken.listen()
        done = second.run("--detach", "--port-base", str(second.base))
    assert done.returncode != 0
    assert f"port {second.base + 4}" in done.stdout and "--port-base" in done.stdout
    assert not list((second.directory / "pids").glob("*")) if (second.directory / "pids").exists() else True
    assert not (second.directory / "ports").exists()
    assert free_base(second.base) == second.base


def test_a_worker_that_cannot_start_takes_the_rest_down_with_it(second):
    second.settings = {**second.settings, "SMS_SENDER_WINDOW_FAST": "none"}
    done = second.run("--detach", "--port-base", str(second.base))
    assert done.returncode != 0
    assert "SMS_SENDER_WINDOW_FAST" in done.stdout
    assert not (second.directory / "ports").exists()
    assert free_base(second.base) == second.base


def test_two_stacks_run_side_by_side_and_stop_twice(stack, account, simulator, second):
    second.start()
    other = Account(second.env["SMS_API_URL"], second.env["SMS_API_KEY"])
    other_simulator = Simulator(second.env["SMS_SIMULATOR_URL"])
    here, there = account.send("+4799999802"), other.send("+4799999803")
    ledger.await_final(account, [here["sms_message_id"]])
    ledger.await_final(other, [there["sms_message_id"]])
    assert [message["to"] for message in simulator.messages("+4799999802")] == ["+4799999802"]
    assert not simulator.messages("+4799999803") and not other_simulator.messages("+4799999802")
    assert other.call("GET", f"/v1/sms/messages/{here['sms_message_id']}").status in (401, 404)

    pids = [second.pid(name) for name in second.names()]
    second.stop()
    assert not any(pid_alive(pid) for pid in pids)
    assert "Nothing is running" in second.stop().stdout
    account.send("+4799999804")

    # Its data is still there when it comes back.
    second.start("--no-demo")
    back = Account(second.env["SMS_API_URL"], second.env["SMS_API_KEY"])
    assert back.key == other.key
    assert back.get(there["sms_message_id"])["status"] == "DELIVERED"


def test_a_process_can_be_restarted_by_its_name(stack):
    pid = stack.pid("receipts-1")
    stack.restart("receipts-1")
    assert not pid_alive(pid) and pid_alive(stack.pid("receipts-1"))
    done = stack.run("--restart", "nobody-1")
    assert done.returncode != 0 and "receipts-1" in done.stdout
    eventually("receipts-1 is ready", 20, lambda: stack.readiness("receipts-1")[0] == 200)
