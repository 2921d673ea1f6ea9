#include "common/worker/settings.h"

#include "common/worker/settings_file.h"

static const char *const worker_names[] = {
    [WORKER_API] = "api",           [WORKER_EXPANDER] = "expander",
    [WORKER_SENDER] = "sender",     [WORKER_SCHEDULER] = "scheduler",
    [WORKER_RECEIPTS] = "receipts", [WORKER_SIMULATOR] = "simulator",
    [WORKER_CTL] = "ctl",           [WORKER_COUNT] = NULL,
};

/* In the order of enum log_level and enum log_format. */
static const char *const log_levels[] = {"error", "warn", "info", "debug", NULL};
static const char *const log_formats[] = {"logfmt", "json", NULL};
static const char *const redis_schemes[] = {"redis://", NULL};
static const char *const rate_costs[] = {"messages", "parts", NULL};
static const char *const http_schemes[] = {"http://", "https://", NULL};

#define ROW(type, member, name, text, min, max, flags, used_by, words, help)                       \
    {name,  CONF_##type, offsetof(struct settings, member), text, min, max, flags, used_by,        \
     words, help},
static const struct conf_row rows[] = {SETTINGS(ROW)};
#undef ROW

/* Scripts keep these beside the settings, in a file that a shell reads: what a client needs. */
static const char *const client_names[] = {"SMS_API_URL",        "SMS_API_KEY", "SMS_SIMULATOR_URL",
                                           "SMS_WEBHOOK_SECRET", "SMS_CONFIG",  NULL};

static const struct conf_table table = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .prefix = "SMS_",
    .ignored = client_names,
    .users = worker_names,
};

const struct conf_table *settings_table(void)
{
    return &table;
}

const char *settings_worker_name(enum worker_id worker)
{
    return worker_names[worker];
}

/* What no row can say alone. */
static void check_together(struct conf *conf, const struct settings *settings)
{
    if (settings->sender_retry_base_ms > settings->sender_retry_max_ms)
        conf_fail(conf, "SMS_SENDER_RETRY_BASE is longer than SMS_SENDER_RETRY_MAX");
}

enum err settings_load(struct settings *ret_settings, enum worker_id worker, const char *path,
                       char *const *environment, struct buf *errors, struct buf *print)
{
    struct settings settings = {0};
    struct conf *conf = conf_new(&table, 1U << worker);
    if (path != NULL)
        settings_file_read(conf, path);
    conf_environ(conf, environment);
    enum err err = conf_finish(conf, &settings);
    if (!err)
        check_together(conf, &settings);
    if (conf_error_count(conf) > 0)
        err = ERR_CONFIG;
    buf_text(errors, conf_errors(conf));
    if (print != NULL)
        conf_print(conf, print);
    if (err)
        settings_done(&settings);
    else
        *ret_settings = settings;
    conf_free(conf);
    return err;
}

void settings_done(struct settings *settings)
{
    conf_values_free(&table, settings);
}
