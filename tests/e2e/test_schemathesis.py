"""Requests made from the API's own description, good and bad ones, and whether each answer is as it says."""

import os
import re
import subprocess

from stack import ROOT

CONFIG = ROOT / "tests" / "e2e" / "schemathesis.toml"
MOST_S = 300  # half a minute, unless the machine is busy


def test_the_api_keeps_to_its_description(admin, account, stack, python_tools):
    customer = admin.new_account("schemathesis", account.url)
    done = subprocess.run([python_tools / "bin" / "schemathesis", "--config-file", CONFIG, "run", "--no-color",
                           "--header", f"X-API-Key: {customer.key}", f"{account.url}/openapi.json"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=MOST_S, check=False, cwd=stack.directory,
                          env={**os.environ, "PYTHONPATH": str(CONFIG.parent), "PYTHONDONTWRITEBYTECODE": "1"})
    # What it scheduled for days ahead must not keep the tests waiting that want nothing to be under way.
    forget_what_is_scheduled(stack)
    assert done.returncode == 0, done.stdout
    tested = re.search(r"Operations: +(\d+) selected / (\d+) total", done.stdout)
    assert tested[1] == tested[2], done.stdout


def forget_what_is_scheduled(stack):
    for key in stack.redis("KEYS", "due:*"):
        stack.redis("DEL", key)
