"""One stack for the whole session, in a quiet and unchanged state at the begin of each test."""

import os
import pathlib
import resource
import shutil
import subprocess

import pytest

import api
import contract
import kafka
import ledger
from api import Account, Admin, Simulator
from stack import ROOT, Stack, free_base

# Retries must not keep the tests waiting. The log level is the one of a real installation.
SETTINGS = {"SMS_LOG_LEVEL": "info", "SMS_SENDER_RETRY_BASE": "200ms"}

FAILED = pytest.StashKey[bool]()  # the test before: what it left may still be on its way


def pytest_configure(config):
    config.addinivalue_line("markers", "buries: records that can't be processed are what the test is about")


@pytest.fixture(scope="session")
def stack():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    directory = pathlib.Path(os.environ.get("E2E_DIR") or ROOT / "build" / "test-e2e")
    base = int(os.environ.get("E2E_PORT_BASE") or free_base())
    running = Stack(directory, base, **SETTINGS)
    running.stop()
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def document(stack):
    """What the API says of itself; from now on, all that it answers is compared with it."""
    known = contract.Document(api.call(stack.env["SMS_API_URL"], "GET", "/openapi.json").json)
    api.WATCHERS.append(known.check)
    return known


@pytest.fixture(scope="session")
def account(stack):
    return Account(stack.env["SMS_API_URL"], stack.env["SMS_API_KEY"])


@pytest.fixture(scope="session")
def admin(stack):
    return Admin(stack.env["SMS_ADMIN_URL"], stack.env["SMS_ADMIN_TOKEN"])


@pytest.fixture(scope="session")
def simulator(stack):
    return Simulator(stack.env["SMS_SIMULATOR_URL"])


@pytest.fixture(scope="session")
def python_tools():
    """Where the packages from PyPI are; see requirements.txt."""
    done = subprocess.run([ROOT / "scripts" / "deps", "--tests"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return ROOT / ".cache" / "python"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    if outcome.get_result().failed:
        item.session.stash[FAILED] = True


@pytest.fixture(autouse=True)
def undisturbed(request):
    """A test begins with all workers ready and nothing under way, and leaves no record that couldn't be processed, unless
    that is what it is about."""
    if "stack" not in request.fixturenames:
        yield
        return
    stack, simulator = request.getfixturevalue("stack"), request.getfixturevalue("simulator")
    document = request.getfixturevalue("document")
    mend(stack)
    simulator.reset()
    ledger.quiet(stack, simulator, committed=request.session.stash.get(FAILED, False))
    request.session.stash[FAILED] = False
    simulator.reset()
    stack.redis("DEL", "rate:{carrier:simulator}")  # how fast a carrier may be sent to that has throttled
    dead = kafka.end_offsets(stack.env["KAFKA_BROKERS"], kafka.DEAD)
    document.faults.clear()
    yield
    assert not document.faults
    if request.node.get_closest_marker("buries"):
        return
    assert kafka.end_offsets(stack.env["KAFKA_BROKERS"], kafka.DEAD) == dead, "records were dead-lettered, see the logs"


def mend(stack):
    """Starts again what a failed test left dead, so that one failure stays one."""
    for name in stack.names():
        kind = name.split("-")[0]
        if kind in ("redis", "kafka"):
            if not _answers(stack, kind):
                stack.restart(name)
        elif stack.page(name, "/healthz")[0] != 200:
            stack.restart(name)
    stack.await_ready()


def _answers(stack, kind):
    try:
        if kind == "redis":
            return stack.redis("PING") == ["PONG"]
        kafka.end_offsets(stack.env["KAFKA_BROKERS"], kafka.DEAD)
        return True
    except Exception:  # whatever it is: it has to be started again
        return False
