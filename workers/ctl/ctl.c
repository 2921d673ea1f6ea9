#include "workers/ctl/ctl.h"

#include "common/base/log.h"
#include "common/worker/worker.h"
#include "workers/ctl/admin.h"
#include "workers/ctl/line.h"

#include <argp.h>
#include <locale.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

static int run(const struct line *line)
{
    struct settings settings;
    struct buf errors = {.cap = 65536};
    int status = EX_CONFIG;
    if (settings_load(&settings, WORKER_CTL, line->config, environ, &errors, NULL) == ERR_OK) {
        log_init("ctl", (enum log_level)settings.log_level, (enum log_format)settings.log_format,
                 STDERR_FILENO);
        status = line->command->run != NULL ? line->command->run(&settings, line)
                                            : admin_run(&settings, line);
        settings_done(&settings);
    } else {
        fprintf(stderr, "sms-ctl: the settings are wrong:\n%s", errors.p);
    }
    buf_done(&errors);
    return status;
}

int ctl_main(int argc, char **argv)
{
    struct line line;
    static char version[256]; /* argp reads it through a global pointer */
    (void)snprintf(version, sizeof(version), "sms-ctl %s %s", worker_version(), worker_commit());
    argp_program_version = version; /* argp answers --version with it */
    argp_err_exit_status = CTL_USAGE;
    /* For wcwidth. NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has started */
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    int status = CTL_USAGE;
    return line_read(&line, argc, argv, &status) ? run(&line) : status;
}
