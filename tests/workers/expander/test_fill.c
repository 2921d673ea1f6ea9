#include "workers/expander/fill.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct phone numbers[CHUNK_MAX + 1];
static struct str values[CHUNK_MAX + 1];
static struct members members;

static struct job sample(size_t count)
{
    struct job job = {.to = numbers, .to_count = count};
    job.shared = (struct chunk){.account = "acme", .parts = 1, .body = STR("Hello {{name}}")};
    for (size_t i = 0; i < count; i++)
        (void)snprintf(numbers[i].digits, sizeof(numbers[i].digits), "47%08u",
                       (unsigned)i % 100000000);
    return job;
}

static void make_template(struct job *job)
{
    job->template = true;
    job->values = values;
    cr_assert_eq(template_names(&job->names, job->shared.body), ERR_OK);
}

Test(fill, explicit_recipients_fill_chunks_in_order)
{
    struct job job = sample(CHUNK_MAX + 1);
    struct chunk chunk;
    fill_begin(&chunk, &job, 0);
    fill_explicit(&chunk, &job);
    cr_expect_eq(chunk.to_count, CHUNK_MAX);
    cr_expect_null(chunk.items);
    chunk_done(&chunk);
    fill_begin(&chunk, &job, 1);
    fill_explicit(&chunk, &job);
    cr_assert_eq(chunk.to_count, 1);
    cr_expect_str_eq(chunk.to[0].digits, numbers[CHUNK_MAX].digits);
    cr_expect_eq(chunk.number, 1);
    chunk_done(&chunk);
}

Test(fill, each_gets_their_values)
{
    struct job job = sample(2);
    struct chunk chunk;
    make_template(&job);
    values[0] = STR("Kari");
    fill_begin(&chunk, &job, 0);
    fill_explicit(&chunk, &job);
    cr_assert_not_null(chunk.items);
    cr_expect(str_eq(chunk.items[0].body, STR("Hello Kari")));
    cr_expect_eq(chunk.items[1].error, ERROR_VARIABLE);
    chunk_done(&chunk);
}

Test(fill, members_get_what_their_contacts_say)
{
    static char large[1000];
    struct job job = sample(0);
    struct chunk chunk;
    struct buf too_long = {.cap = 4096};
    struct str contacts[3] = {STR("{\"name\":\"Ola\"}"), {0}, {0}};
    memset(large, 'x', sizeof(large) - 1);
    buf_printf(&too_long, "{\"name\":\"%s%s\"}", large, large);
    contacts[2] = buf_view(&too_long);
    make_template(&job);
    members.count = 3;
    for (size_t i = 0; i < members.count; i++)
        (void)snprintf(members.list[i].phone.digits, sizeof(members.list[i].phone.digits),
                       "479999990%u", (unsigned)i % 10);
    fill_begin(&chunk, &job, 4);
    fill_members(&chunk, &job, &members, contacts);
    cr_assert_eq(chunk.to_count, 3);
    cr_expect(str_eq(chunk.items[0].body, STR("Hello Ola")));
    cr_expect_eq(chunk.items[1].error, ERROR_VARIABLE, "the contact is gone");
    cr_expect_eq(chunk.items[2].error, ERROR_TOO_LONG);
    cr_expect_str_eq(chunk.to[2].digits, "4799999902");
    chunk_done(&chunk);
    buf_done(&too_long);
}
