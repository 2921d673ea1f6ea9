/* Sends as they stand, and their list. */
#include "common/store/jobs.h"
#include "common/store/sends.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>

enum { HOUR_MS = 3600000, CLAIM = 7, MOST = 10 };

static struct store s;
static struct chunk chunk;
static bool answered;

/* What the last question was answered with; texts are gone. */
static struct send_view views[MOST];
static struct sends_listed seen;

static void on_listed(void *arg, enum err err, const struct sends_listed *listed)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    seen = *listed;
    cr_assert_leq(listed->count, MOST);
    memcpy(views, listed->sends, listed->count * sizeof(views[0]));
    answered = true;
}

static void on_state(void *arg, enum err err, const struct job_state *state)
{
    (void)arg;
    (void)state;
    cr_assert_eq(err, ERR_OK);
    answered = true;
}

static void on_cancelled(void *arg, enum err err, const struct cancelled *cancelled)
{
    (void)arg;
    (void)cancelled;
    cr_assert_eq(err, ERR_OK);
    answered = true;
}

static void await(enum err called)
{
    store_await(&s, called, &answered);
}

static const struct send_view *get(struct id send)
{
    await(sends_get(s.redis, s.account, send, on_listed, NULL));
    cr_assert_eq(seen.count, 1);
    cr_expect(id_eq(views[0].id, send));
    return &views[0];
}

static void list(const struct sends_query *query, unsigned limit)
{
    const struct sends_ask ask = {.query = query, .limit = limit, .wants_total = true};
    await(sends_list(s.redis, s.account, &ask, on_listed, NULL));
}

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(sends, .init = open_store, .fini = close_store);

static void create(struct chunk *made, size_t to_count, const char *ref)
{
    store_chunk(made, &s, to_count);
    made->ref = str_of(ref);
    store_create(&s, made);
}

/* Of the chunk's first messages: accepted, and rejected. */
static void submit(size_t accepted, size_t rejected)
{
    struct claim claim = {.chunk = &chunk, .number = CLAIM, .count = chunk.to_count};
    store_claim(&s, &claim, HOUR_MS, 0);
    for (size_t i = 0; i < accepted + rejected; i++) {
        const struct record record = {.message = chunk_message(&chunk, i),
                                      .attempt = 1,
                                      .claim = CLAIM,
                                      .outcome = i < accepted ? OUTCOME_ACCEPTED : OUTCOME_REJECTED,
                                      .error = ERROR_REJECTED};
        cr_assert_eq(store_record(&s, &record), WRITTEN_CHANGED);
    }
}

static void report(size_t i)
{
    const struct report report = {
        .message = chunk_message(&chunk, i), .attempt = 1, .state = REPORT_DELIVERED};
    cr_assert_eq(store_report(&s, &report), WRITTEN_CHANGED);
}

Test(sends, one_tells_how_far_it_is)
{
    create(&chunk, 5, NULL);
    cr_expect_eq(get(chunk.send)->state, SEND_STATE_RUNNING);
    cr_expect_eq(views[0].counts.by_status[STATUS_QUEUED], 5);
    cr_expect_eq(views[0].began_ms, 0);
    submit(3, 2);
    get(chunk.send);
    cr_expect_eq(views[0].status, STATUS_SENT);
    cr_expect_eq(views[0].counts.by_status[STATUS_SENT], 3);
    cr_expect_eq(views[0].counts.by_status[STATUS_FAILED], 2);
    cr_expect_eq(views[0].errors[ERROR_REJECTED], 2);
    cr_expect_eq(views[0].counts.units, INT64_C(3) * chunk.parts);
    cr_expect_gt(views[0].began_ms, 0);
    cr_expect_gt(views[0].pace_milli, 0);
    cr_expect_eq(views[0].ended_ms, 0, "three are still under way");
    for (size_t i = 0; i < 3; i++)
        report(i);
    get(chunk.send);
    cr_expect_eq(views[0].state, SEND_STATE_FINISHED);
    cr_expect_eq(views[0].status, STATUS_DELIVERED);
    cr_expect_gt(views[0].ended_ms, 0);
    const struct chunk *const all[] = {&chunk};
    store_audit(&s, all, 1);
}

Test(sends, a_single_is_one_too)
{
    create(&chunk, 1, "r");
    submit(1, 0);
    cr_expect(get(chunk.send)->single);
    cr_expect_eq(views[0].status, STATUS_SENT);
    cr_expect_eq(views[0].counts.units, chunk.parts);
    cr_expect_eq(views[0].estimate, 1);
    list(&(struct sends_query){.statuses = LIST_ANY_STATUS}, MOST);
    cr_expect_eq(seen.count, 0, "it is in no list of sends");
    list(&(struct sends_query){.list = {.ref = STR("r")}, .statuses = LIST_ANY_STATUS}, MOST);
    cr_expect_eq(seen.count, 1, "but that of its reference");
}

Test(sends, a_job_has_an_estimate_until_it_is_expanded)
{
    static const struct job_cursor start = {.next = 0, .after = ""},
                                   next = {.next = 1, .after = ""};
    struct job job = {.next = 0};
    store_chunk(&chunk, &s, 4);
    chunk_copy_shared(&job.shared, &chunk);
    await(jobs_open(s.redis, &job, 30, true, on_state, NULL));
    get(chunk.send);
    cr_expect(views[0].expanding);
    cr_expect_eq(views[0].estimate, 30);
    cr_expect_eq(views[0].status, STATUS_SCHEDULED);
    await(jobs_make_chunk(s.redis, &chunk, &start, &next, on_state, NULL));
    get(chunk.send);
    cr_expect_eq(views[0].estimate, 30);
    cr_expect_eq(views[0].counts.by_status[STATUS_QUEUED], 4);
    list(&(struct sends_query){.statuses = LIST_ANY_STATUS}, MOST);
    cr_expect_eq(seen.count, 1, "once, whoever came first");
    cr_expect_eq(seen.total, 1);
    await(messages_cancel(s.redis, STORE_SHARDS, s.account, chunk.send, on_cancelled, NULL));
    get(chunk.send);
    cr_expect_eq(views[0].state, SEND_STATE_CANCELLED);
    cr_expect_eq(views[0].counts.by_status[STATUS_CANCELLED], 4);
    cr_expect(!views[0].expanding);
    cr_expect_gt(views[0].ended_ms, 0);
    chunk_done(&job.shared);
}

Test(sends, the_list_is_walked_in_pieces_and_added_up)
{
    struct chunk chunks[6];
    const struct sends_query all = {.statuses = LIST_ANY_STATUS},
                             spring = {.list = {.ref = STR("spring")}, .statuses = LIST_ANY_STATUS};
    for (size_t i = 0; i < 6; i++) {
        create(&chunks[i], i + 2, i % 2 == 0 ? "spring" : NULL);
        while (store_now_ms(&s) == chunks[i].at_ms) /* each in a millisecond of its own */
            ;
    }
    list(&all, 4);
    cr_assert_eq(seen.count, 4);
    cr_expect_eq(seen.total, 6);
    cr_expect(id_eq(views[0].id, chunks[5].send));
    struct sends_ask ask = {.query = &all, .place = &seen.next, .limit = 4};
    const struct list_place place = seen.next;
    ask.place = &place;
    await(sends_list(s.redis, s.account, &ask, on_listed, NULL));
    cr_assert_eq(seen.count, 2);
    cr_expect(seen.done);
    cr_expect(id_eq(views[1].id, chunks[0].send));
    ask = (struct sends_ask){.query = &spring, .skip = 100};
    await(sends_list(s.redis, s.account, &ask, on_listed, NULL));
    cr_expect_eq(seen.passed, 3);
    cr_expect_eq(seen.sums.by_status[STATUS_QUEUED], 2 + 4 + 6);
    cr_expect_eq(seen.skip, 97);
    ask = (struct sends_ask){.query = &all, .skip = 2, .limit = 1};
    await(sends_list(s.redis, s.account, &ask, on_listed, NULL));
    cr_assert_eq(seen.count, 1);
    cr_expect(id_eq(views[0].id, chunks[3].send));
}

Test(sends, what_is_no_send_is_not_found)
{
    store_chunk(&chunk, &s, 2);
    await(sends_get(s.redis, s.account, chunk.send, on_listed, NULL));
    cr_expect_eq(seen.count, 0);
    cr_expect(seen.done);
}
