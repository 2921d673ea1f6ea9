#include "common/worker/settings.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *const secrets[] = {(char[]){"SMS_ADMIN_TOKEN=0123456789abcdef"},
                                (char[]){"SMS_REPORTS_SECRET=0123456789abcdef"}, NULL};
static char *const nothing[] = {NULL};

Test(settings, the_table_is_sound)
{
    const struct conf_table *table = settings_table();
    for (size_t i = 0; i < table->count; i++) {
        const struct conf_row *row = &table->rows[i];
        cr_expect(str_starts(str_of(row->name), STR("SMS_")), "%s", row->name);
        cr_expect(row->min <= row->max, "%s", row->name);
        cr_expect(row->used_by != 0 && (row->used_by & ~(unsigned)USED_BY_ALL) == 0, "%s",
                  row->name);
        cr_expect_eq(row->help[strlen(row->help) - 1], '.', "%s", row->name);
        for (size_t j = 0; j < i; j++)
            cr_expect_str_neq(row->name, table->rows[j].name);
    }
}

Test(settings, defaults_suit_every_worker)
{
    for (int worker = 0; worker < WORKER_COUNT; worker++) {
        struct settings s = {0};
        struct buf errors = {.cap = 65536};
        enum err err = settings_load(&s, (enum worker_id)worker, NULL, secrets, &errors, NULL);
        cr_expect_eq(err, ERR_OK, "%s: %s", settings_worker_name((enum worker_id)worker),
                     errors.n > 0 ? errors.p : "");
        cr_expect_eq(s.drain_timeout_ms, 25000);
        cr_expect_str_eq(s.kafka_brokers, "localhost:9092");
        settings_done(&s);
        buf_done(&errors);
    }
}

Test(settings, secrets_are_required_where_they_are_used)
{
    static const struct {
        enum worker_id worker;
        const char *want;
    } cases[] = {
        {WORKER_API, "SMS_ADMIN_TOKEN is not set, and api needs it (or the path of a file that "
                     "holds it, in SMS_ADMIN_TOKEN_FILE)\n"
                     "SMS_REPORTS_SECRET is not set, and api needs it (or the path of a file that "
                     "holds it, in SMS_REPORTS_SECRET_FILE)\n"},
        {WORKER_SENDER, "SMS_REPORTS_SECRET is not set, and sender needs it (or the path of a "
                        "file that holds it, in SMS_REPORTS_SECRET_FILE)\n"},
        {WORKER_SCHEDULER, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct settings s = {0};
        struct buf errors = {.cap = 65536};
        enum err err = settings_load(&s, cases[i].worker, NULL, nothing, &errors, NULL);
        cr_expect_eq(err, *cases[i].want != '\0' ? ERR_CONFIG : ERR_OK);
        cr_expect_str_eq(errors.n > 0 ? errors.p : "", cases[i].want);
        settings_done(&s);
        buf_done(&errors);
    }
}

Test(settings, what_clients_need_is_ignored)
{
    char *const environment[] = {
        (char[]){"SMS_API_URL=http://x"},   (char[]){"SMS_API_KEY=x"},
        (char[]){"SMS_ADMIN_URL=http://x"}, (char[]){"SMS_SIMULATOR_URL=http://x"},
        (char[]){"SMS_WEBHOOK_SECRET=x"},   (char[]){"SMS_CONFIG=x"},
        (char[]){"SMS_SIMULATOR_PORT=1"},   NULL};
    struct settings s = {0};
    struct buf errors = {.cap = 65536};
    cr_expect_eq(settings_load(&s, WORKER_SIMULATOR, NULL, environment, &errors, NULL), ERR_OK);
    cr_expect_eq(s.simulator_port, 1);
    settings_done(&s);
    buf_done(&errors);
}

Test(settings, rows_that_must_agree)
{
    char *const environment[] = {(char[]){"SMS_SENDER_RETRY_BASE=10m"}, NULL};
    struct settings s = {0};
    struct buf errors = {.cap = 65536};
    cr_expect_eq(settings_load(&s, WORKER_SCHEDULER, NULL, environment, &errors, NULL), ERR_CONFIG);
    cr_expect_str_eq(errors.p, "SMS_SENDER_RETRY_BASE is longer than SMS_SENDER_RETRY_MAX\n");
    cr_expect_null(s.kafka_brokers, "nothing is handed out");
    buf_done(&errors);
}

/* Loads a file with this text for the scheduler; %s in want stands for its path. */
static void expect_of_file(const char *text, const char *want, int64_t want_batch)
{
    char path[] = "/tmp/test_settings.XXXXXX";
    struct settings s = {0};
    struct buf errors = {.cap = 65536}, wanted = {.cap = 65536};
    int fd = mkstemp(path);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
    enum err err = settings_load(&s, WORKER_SCHEDULER, path, nothing, &errors, NULL);
    cr_expect_eq(err, *want != '\0' ? ERR_CONFIG : ERR_OK);
    for (struct str rest = str_of(want); rest.n > 0; buf_char(&wanted, '\n')) {
        buf_text(&wanted, path);
        buf_str(&wanted, str_cut(&rest, '\n'));
    }
    buf_char(&wanted, '.');
    buf_char(&errors, '.');
    cr_expect_str_eq(errors.p, wanted.p);
    cr_expect_eq(s.scheduler_batch, want_batch);
    (void)unlink(path);
    settings_done(&s);
    buf_done(&errors);
    buf_done(&wanted);
}

Test(settings, a_file)
{
    expect_of_file("# comment\n; comment\n\n  SMS_SCHEDULER_BATCH = 7 ; why\r\nSMS_LOG_LEVEL=warn",
                   "", 7);
}

Test(settings, mistakes_in_a_file_have_their_lines)
{
    expect_of_file("SMS_SCHEDULER_BATCH = none\n\n[section]\nSMS_LOG_LEVEL\n SMS_SCHEDULER = 1\n",
                   ":3: there are no sections here, only NAME = value\n"
                   ":4: the line is not NAME = value\n"
                   ":5: SMS_SCHEDULER is not a setting; the nearest is SMS_SCHEDULER_POLL\n"
                   ":1: SMS_SCHEDULER_BATCH = \"none\" is not a whole number\n",
                   0);
}

Test(settings, a_line_that_is_too_long)
{
    struct buf text = {.cap = 1024};
    buf_printf(&text, "SMS_KAFKA_BROKERS = %0300d\n", 1);
    expect_of_file(text.p, ":1: the line is longer than 199 bytes; set it in the environment\n", 0);
    buf_done(&text);
}

Test(settings, a_file_that_is_missing)
{
    struct settings s = {0};
    struct buf errors = {.cap = 65536};
    cr_expect_eq(settings_load(&s, WORKER_SCHEDULER, "/nowhere/sms.conf", nothing, &errors, NULL),
                 ERR_CONFIG);
    cr_expect_str_eq(errors.p, "/nowhere/sms.conf: the configuration file can't be read\n");
    buf_done(&errors);
}

static void expect_committed(const char *path, const struct buf *want)
{
    static char text[262144];
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file, "%s", path);
    size_t n = fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    text[n] = '\0';
    cr_expect_eq(strcmp(text, want->p), 0, "%s is stale: let a worker write it anew", path);
}

Test(settings, generated_files_are_up_to_date)
{
    struct buf out = {.cap = 262144};
    settings_write_sample(&out);
    expect_committed(SOURCE_DIR "/config/sms.conf", &out);
    buf_clear(&out);
    settings_write_doc(&out);
    expect_committed(SOURCE_DIR "/config/settings.md", &out);
    buf_done(&out);
}
