#include "common/sms/job.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const uint8_t random_bytes[ID_RANDOM_SIZE] = {1, 2, 3, 4, 5, 6, 7};

static struct phone numbers[] = {{"4799999901"}, {"4799999902"}, {"15551234567"}};
static struct str values[] = {{"Kari", 4}, {0}, {"\"Ola\"", 5}, {"12", 2}, {"", 0}, {"x", 1}};
static struct id groups[2];

static struct job sample(void)
{
    struct job job = {.next = 20, .to = numbers, .to_count = 3, .groups = groups, .group_count = 2};
    job.shared = (struct chunk){.account = "acme",
                                .send = id_new(1769854272345, random_bytes),
                                .at_ms = 1769854272345,
                                .until_ms = 1770113472345,
                                .parts = 1,
                                .body = STR("Hello {{name}}, {{code|none}}")};
    job.pace = (struct job_pace){.at_ms = 1769854272345, .drain_milli = 1500};
    job.asleep = (struct job_asleep){2, {{1769860000000, 7}, {1769870000000, 100000}}};
    groups[0] = id_with_number(job.shared.send, 7);
    groups[1] = id_with_number(job.shared.send, 8);
    return job;
}

static struct job write_and_read(const struct job *job)
{
    struct buf record = {.cap = 65536};
    struct job again;
    job_write(&record, job);
    cr_assert(!record.full);
    cr_assert_eq(job_parse(&again, buf_view(&record)), ERR_OK, "%.*s", (int)record.n, record.p);
    buf_done(&record);
    cr_expect_eq(again.next, job->next);
    cr_expect(str_eq(again.shared.body, job->shared.body));
    cr_expect_eq(again.pace.drain_milli, job->pace.drain_milli);
    cr_assert_eq(again.asleep.count, job->asleep.count);
    for (size_t i = 0; i < job->asleep.count; i++) {
        cr_expect_eq(again.asleep.list[i].until_ms, job->asleep.list[i].until_ms);
        cr_expect_eq(again.asleep.list[i].recipients, job->asleep.list[i].recipients);
    }
    cr_expect(id_eq(again.shared.send, job->shared.send));
    cr_assert_eq(again.to_count, job->to_count);
    for (size_t i = 0; i < job->to_count; i++)
        cr_expect_str_eq(again.to[i].digits, job->to[i].digits);
    cr_assert_eq(again.group_count, job->group_count);
    for (size_t i = 0; i < job->group_count; i++)
        cr_expect(id_eq(again.groups[i], job->groups[i]));
    return again;
}

Test(job, what_is_written_is_read)
{
    struct job job = sample(), again = write_and_read(&job);
    cr_expect_not(again.template);
    cr_expect_eq(job_explicit_chunks(&again), 1);
    job_done(&again);
    job.group_count = 0;
    again = write_and_read(&job);
    job_done(&again);
    job.group_count = 1;
    job.to_count = 0;
    again = write_and_read(&job);
    cr_expect_eq(job_explicit_chunks(&again), 0);
    job_done(&again);
}

Test(job, values_belong_to_their_recipients)
{
    struct job job = sample();
    job.template = true;
    job.values = values;
    cr_assert_eq(template_names(&job.names, job.shared.body), ERR_OK);
    struct job again = write_and_read(&job);
    cr_expect(again.template);
    cr_assert_eq(again.names.count, 2);
    for (size_t i = 0; i < 6; i++) {
        cr_expect(str_eq(job_values(&again, i / 2)[i % 2], values[i]), "%zu", i);
        cr_expect_eq(job_values(&again, i / 2)[i % 2].p == NULL, values[i].p == NULL, "%zu", i);
    }
    job_done(&again);
    job.to_count = 0;
    again = write_and_read(&job);
    job_done(&again);
}

#define SHARED                                                                                     \
    "{\"v\":1,\"account\":\"acme\",\"send\":\"019c1234-5678-7abc-89ab-cdef01000000\",\"at\":1,"    \
    "\"until\":2,\"encoding\":\"gsm7\",\"parts\":1,\"body\":\"{{a}}\","
#define TO "\"to\":[\"4799999999\"]"

Test(job, parse)
{
    static const struct {
        const char *name, *record;
        enum err want;
    } cases[] = {
        {"the least", SHARED "\"next\":0," TO "}", ERR_OK},
        {"values",
         SHARED "\"next\":0,\"template\":true,\"names\":[\"a\"],\"values\":[[null]]," TO "}",
         ERR_OK},
        {"empty", "", ERR_SYNTAX},
        {"a later version", "{\"v\":2}", ERR_VERSION},
        {"nobody", SHARED "\"next\":0,\"to\":[]}", ERR_SYNTAX},
        {"no next", SHARED TO "}", ERR_SYNTAX},
        {"a next past the last", SHARED "\"next\":167772," TO "}", ERR_SYNTAX},
        {"a number that is none", SHARED "\"next\":0,\"to\":[\"x\"]}", ERR_SYNTAX},
        {"a group that is none", SHARED "\"next\":0,\"groups\":[\"x\"]}", ERR_SYNTAX},
        {"values without a template", SHARED "\"next\":0,\"values\":[[null]]," TO "}", ERR_SYNTAX},
        {"other names than the body's",
         SHARED "\"next\":0,\"template\":true,\"names\":[\"b\"],\"values\":[[null]]," TO "}",
         ERR_SYNTAX},
        {"too few values",
         SHARED "\"next\":0,\"template\":true,\"names\":[\"a\"],\"values\":[[]]," TO "}",
         ERR_SYNTAX},
        {"too few lists of values",
         SHARED "\"next\":0,\"template\":true,\"names\":[\"a\"],\"values\":[]," TO "}", ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct job job = {.next = 77};
        enum err err = job_parse(&job, str_of(cases[i].record));
        cr_expect_eq(err, cases[i].want, "%s: got %s", cases[i].name, err_text(err));
        if (err == ERR_OK)
            job_done(&job);
        else
            cr_expect_eq(job.next, 77, "%s: left alone", cases[i].name);
    }
}

Test(job, one_that_sends_again_names_the_earlier_send)
{
    static const char record[] =
        "{\"v\":1,\"account\":\"acme\",\"send\":\"0198c0de-7000-7abc-8def-000000000000\","
        "\"single\":false,"
        "\"at\":1,\"until\":2,\"encoding\":\"gsm7\",\"parts\":1,\"body\":\"x\",\"next\":0,\"to\":[]"
        ","
        "\"resend_of\":\"0198c0de-7000-7abc-8def-0000000000%s\",\"resend_errors\":%s}";
    static const struct {
        const char *last, *errors;
        enum err want;
    } cases[] = {{"00", "12", ERR_OK}, {"00", "0", ERR_SYNTAX}, {"0x", "12", ERR_SYNTAX}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct job job = {.next = 0}, again = {.next = 0};
        struct buf text = {.cap = 2000}, written = {.cap = 2000};
        buf_printf(&text, record, cases[i].last, cases[i].errors);
        cr_assert_eq(job_parse(&job, buf_view(&text)), cases[i].want, "case %zu", i);
        if (cases[i].want == ERR_OK) {
            job_write(&written, &job);
            cr_assert_eq(job_parse(&again, buf_view(&written)), ERR_OK);
            cr_expect(job_is_resend(&again));
            cr_expect_eq(again.resend_errors, 12);
            cr_expect(id_eq(again.resend_of, job.resend_of));
        }
        job_done(&job);
        job_done(&again);
        buf_done(&text);
        buf_done(&written);
    }
}
