/* The two generated files of config/. */
#include "common/worker/settings.h"

void settings_write_sample(struct buf *out)
{
    buf_text(out, "# Settings of all workers, with their defaults. Written by a worker's "
                  "--sample-config; settings.md is\n"
                  "# the same as a table.\n"
                  "#\n"
                  "# An environment variable of the same name wins over a line here. Times need a "
                  "unit (ms, s, m, h, d),\n"
                  "# sizes too (b, k, m, g; k is 1024). A line that begins with # or ; is a "
                  "comment, and so is what\n"
                  "# follows a space and a ; on a line. Start a worker with --config FILE, or set "
                  "SMS_CONFIG.\n");
    conf_write_sample(settings_table(), out);
}

void settings_write_doc(struct buf *out)
{
    buf_text(
        out,
        "# Settings\n\n"
        "Written by a worker's `--settings-doc`.\n\n"
        "A setting is an environment variable, or a line `NAME = value` of the file that "
        "`--config` or `SMS_CONFIG`\nnames; the environment wins. An empty value counts as "
        "none. Times need a unit (`ms`, `s`, `m`, `h`, `d`), sizes\ntoo (`b`, `k`, `m`, `g`; `k` "
        "is 1024). A secret may stand in a file of its own, whose path is in `<NAME>_FILE`.\n"
        "Whatever begins with `SMS_` and is not a setting stops a worker at its start, with the "
        "nearest right name; so\ndoes a wrong value, and all mistakes are told together. "
        "`--check-config` only checks, `--print-config` shows what\nholds and where it comes "
        "from.\n\n"
        "In Kubernetes, set `enableServiceLinks: false`: a Service named `sms-api` would put an "
        "`SMS_API_PORT` of its own\ninto every pod.\n\n");
    conf_write_markdown(settings_table(), out);
}
