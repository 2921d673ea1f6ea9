#include "common/io/report_url.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const char base[] = "http://10.0.0.1:8082",
                  id_text[] = "0198c0de-7000-7abc-8def-0123456789ab";

static struct report sample(void)
{
    struct report report = {.account = "acme", .attempt = 3};
    cr_assert_eq(id_parse(&report.message, str_of(id_text)), ERR_OK);
    return report;
}

static void write_url(struct buf *out, const char *secret)
{
    struct report report = sample();
    buf_init(out, 500);
    report_url_write(out, str_of(base), str_of(secret), &report);
}

static struct str path_of(const struct buf *url)
{
    return (struct str){url->p + strlen(base), url->n - strlen(base)};
}

Test(report_url, reads_what_it_wrote)
{
    struct buf url;
    struct report got = {.attempt = 99};
    struct report want = sample();
    write_url(&url, "secret");
    cr_expect_eq(report_url_parse(&got, path_of(&url), STR("secret")), ERR_OK, "%s", url.p);
    cr_expect_str_eq(got.account, "acme");
    cr_expect_eq(got.attempt, 3);
    cr_expect_eq(memcmp(&got.message, &want.message, sizeof(got.message)), 0);
    buf_done(&url);
}

Test(report_url, refuses_another_secret)
{
    struct buf url;
    struct report got = {.attempt = 99};
    write_url(&url, "secret");
    cr_expect_eq(report_url_parse(&got, path_of(&url), STR("secreT")), ERR_CONFLICT);
    cr_expect_eq(got.attempt, 99);
    buf_done(&url);
}

/* Whatever single byte a stranger changes, the path is refused. */
Test(report_url, refuses_a_path_with_any_byte_changed_or_cut)
{
    struct buf url;
    write_url(&url, "secret");
    struct str path = path_of(&url);
    for (size_t i = 0; i < path.n; i++) {
        struct report got = {.attempt = 99};
        char changed[300];
        memcpy(changed, path.p, path.n);
        changed[i] ^= 1;
        cr_expect_neq(report_url_parse(&got, (struct str){changed, path.n}, STR("secret")), ERR_OK,
                      "byte %zu", i);
        cr_expect_neq(report_url_parse(&got, (struct str){path.p, i}, STR("secret")), ERR_OK,
                      "cut at %zu", i);
        cr_expect_eq(got.attempt, 99);
    }
    buf_done(&url);
}

Test(report_url, refuses_what_is_no_such_path)
{
    static const char *const cases[] = {
        "",
        "/",
        "/reports/",
        "/reports//",
        "/reports/acme",
        "/reports/acme/0198c0de-7000-7abc-8def-0123456789ab",
        "/reports/acme/0198c0de-7000-7abc-8def-0123456789ab/3",
        "/reports/acme/0198c0de-7000-7abc-8def-0123456789ab/3/",
        "/reports/acme/0198c0de-7000-7abc-8def-0123456789ab/x/AAAAAAAAAAAAAAAAAAAAAA",
        "/reports/acme/0198c0de-7000-7abc-8def-0123456789ab/65536/AAAAAAAAAAAAAAAAAAAAAA",
        "/reports/acme/1/3/AAAAAAAAAAAAAAAAAAAAAA",
        "/reports/../0198c0de-7000-7abc-8def-0123456789ab/3/AAAAAAAAAAAAAAAAAAAAAA",
        "/report/acme/0198c0de-7000-7abc-8def-0123456789ab/3/AAAAAAAAAAAAAAAAAAAAAA",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct report got = {.attempt = 99};
        cr_expect_neq(report_url_parse(&got, str_of(cases[i]), STR("secret")), ERR_OK, "%s",
                      cases[i]);
        cr_expect_eq(got.attempt, 99, "%s", cases[i]);
    }
}
