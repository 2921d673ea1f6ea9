#include "common/base/log.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* The line without its time, which is checked for its length alone. */
static void capture(char line[8192], enum log_format format, const struct kv *pairs)
{
    int fd = memfd_create("log", MFD_CLOEXEC);
    log_init("test", LOG_INFO, format, fd);
    log_emit(LOG_WARN, pairs);
    ssize_t n = pread(fd, line, 8191, 0);
    cr_assert(n > 0);
    line[n] = '\0';
    (void)close(fd);
}

Test(log, logfmt)
{
    char line[8192];
    struct id id = id_with_number(id_new(0x0123456789ab, (uint8_t[ID_RANDOM_SIZE]){0}), 1);
    capture(line, LOG_LOGFMT,
            (const struct kv[]){EV("attempt"),
                                KID("msg", id),
                                KPHONE("to", "905551112233"),
                                KINT("n", -2),
                                KSTR("empty", ""),
                                KSTR("text", "a \"b\"\n"),
                                KERR(ERR_TIMEOUT),
                                {.type = KV_END}});
    cr_expect_str_eq(line + strlen("ts=2026-01-31T10:11:12.345Z"),
                     " level=warn worker=test ev=attempt msg=01234567-89ab-7000-8000-000000000001 "
                     "to=90555*****33 n=-2 empty=\"\" text=\"a \\\"b\\\"\\n\" reason=\"timed "
                     "out\"\n",
                     "got %s", line);
}

Test(log, json)
{
    char line[8192];
    capture(
        line, LOG_JSON,
        (const struct kv[]){EV("sent"), KINT("n", 3), KVIEW("k", STR("v=w")), {.type = KV_END}});
    cr_expect_str_eq(line + strlen("{\"ts\":\"2026-01-31T10:11:12.345Z\""),
                     ",\"level\":\"warn\",\"worker\":\"test\",\"ev\":\"sent\",\"n\":3,\"k\":\"v=w\""
                     "}\n",
                     "got %s", line);
}

Test(log, a_long_line_is_cut_and_still_ends)
{
    static char text[6000];
    char line[8192];
    memset(text, 'x', sizeof(text) - 1);
    capture(line, LOG_JSON, (const struct kv[]){EV("long"), KSTR("text", text), {.type = KV_END}});
    size_t n = strlen(line);
    cr_expect(n <= 4096, "got %zu", n);
    cr_expect_str_eq(line + n - 2, "}\n");
}

Test(log, levels)
{
    log_init("test", LOG_WARN, LOG_LOGFMT, STDERR_FILENO);
    cr_expect(log_wants(LOG_ERROR));
    cr_expect(log_wants(LOG_WARN));
    cr_expect_not(log_wants(LOG_INFO));
}

Test(log, numbers_of_people_are_masked)
{
    static const struct {
        const char *digits, *want;
    } cases[] = {
        {"905551112233", "90555*****33"},
        {"123456789", "12345**89"},
        {"12345678", "12*****8"},
        {"1234567", "12****7"},
        {"12", "**"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char got[24];
        log_mask_phone(got, str_of(cases[i].digits));
        cr_expect_str_eq(got, cases[i].want, "%s: got %s", cases[i].digits, got);
    }
}

Test(log, a_site_that_repeats_is_limited)
{
    struct log_limit limit = {0};
    int64_t suppressed = -1;
    cr_expect(log_limit_pass(&limit, 1000, 100, &suppressed));
    cr_expect_eq(suppressed, 0);
    cr_expect_not(log_limit_pass(&limit, 1001, 100, &suppressed));
    cr_expect_not(log_limit_pass(&limit, 1099, 100, &suppressed));
    cr_expect(log_limit_pass(&limit, 1100, 100, &suppressed));
    cr_expect_eq(suppressed, 2);
    cr_expect(log_limit_pass(&limit, 1200, 100, &suppressed));
    cr_expect_eq(suppressed, 0);
}

static size_t size_of(int fd)
{
    off_t end = lseek(fd, 0, SEEK_END);
    cr_assert(end >= 0);
    return (size_t)end;
}

Test(log, gathered_lines_are_written_together_and_in_order)
{
    char text[4096] = "";
    int fd = memfd_create("log", MFD_CLOEXEC);
    log_init("test", LOG_INFO, LOG_LOGFMT, fd);
    log_gather(true);
    LOG(LOG_INFO, EV("first"));
    LOG(LOG_INFO, EV("second"));
    cr_expect_eq(size_of(fd), 0);
    log_flush();
    size_t two = size_of(fd);
    cr_expect(two > 0);
    LOG(LOG_INFO, EV("third"));
    cr_expect_eq(size_of(fd), two);
    LOG(LOG_WARN, EV("fourth")); /* never waits, and keeps its place */
    cr_expect(pread(fd, text, sizeof(text) - 1, 0) > 0);
    const char *at = text;
    static const char *const events[] = {"ev=first", "ev=second", "ev=third", "ev=fourth"};
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        at = strstr(at, events[i]);
        cr_assert_neq(at, NULL, "%s: %s", events[i], text);
    }
    (void)close(fd);
}

Test(log, more_than_fits_is_written_before_it_is_flushed)
{
    char text[2000];
    int fd = memfd_create("log", MFD_CLOEXEC);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_init("test", LOG_INFO, LOG_LOGFMT, fd);
    log_gather(true);
    for (int i = 0; i < 100; i++)
        LOG(LOG_INFO, EV("long"), KSTR("text", text));
    cr_expect(size_of(fd) > 100000);
    log_gather(false);
    cr_expect(size_of(fd) > 200000);
    LOG(LOG_INFO, EV("last"));
    cr_expect(size_of(fd) > 200000);
    (void)close(fd);
}
