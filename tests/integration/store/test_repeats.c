#include "common/store/repeats.h"

#include "tests/support/drive.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { WAIT_MS = 20000, BODY_SIZE = 300000 };

static const int64_t MINUTE_MS = 60000;

static struct store s;

static void open_store(void)
{
    store_open(&s);
}

static void close_store(void)
{
    store_close(&s);
}

TestSuite(repeats, .init = open_store, .fini = close_store);

struct outcome {
    unsigned come, went_on;
    enum err err;
    struct repeat_reply reply; /* its texts are copied */
    char content_type[64];
    char *body;
    size_t body_n;
};

static struct outcome got;

static void on_begun(void *arg, enum err err, const struct repeat_reply *reply)
{
    (void)arg;
    cr_assert_eq(err, ERR_OK);
    got.come++;
    got.went_on += reply->state == REPEAT_GO;
    got.reply = *reply;
    if (reply->state != REPEAT_DONE)
        return;
    (void)snprintf(got.content_type, sizeof(got.content_type), "%.*s", (int)reply->content_type.n,
                   reply->content_type.p);
    xfree(got.body);
    got.body = xstrndup(reply->body.p, reply->body.n);
    got.body_n = reply->body.n;
}

static void on_ended(void *arg, enum err err)
{
    (void)arg;
    got.come++;
    got.err = err;
}

static bool has_come(void *arg)
{
    (void)arg;
    return got.come > 0;
}

/* A request of text with the key k by somebody. */
static struct repeat request(const char *text, uint8_t somebody)
{
    struct repeat r = {.lease_ms = MINUTE_MS, .life_ms = 10 * MINUTE_MS, .room_bytes = BODY_SIZE};
    repeat_name(&r, s.account, STR("POST /v1/sms/send"), STR("k"));
    crypto_sha256(r.print, str_of(text));
    r.token[0] = somebody;
    return r;
}

static struct id send_id(uint8_t n)
{
    return (struct id){.b = {n, 0, '|', '\n'}};
}

static enum repeat_state begin(const struct repeat *r, struct id send)
{
    got.come = 0;
    cr_assert_eq(repeat_begin(s.redis, r, send, on_begun, NULL), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, NULL, WAIT_MS));
    return got.reply.state;
}

static enum err finish(const struct repeat *r, enum repeat_end end, struct str body)
{
    const struct repeat_reply answer = {
        .status = 200, .content_type = STR("application/json"), .body = body};
    got.come = 0;
    cr_assert_eq(repeat_finish(s.redis, r, end, &answer, on_ended, NULL), ERR_OK);
    cr_assert(drive_until(s.loop, has_come, NULL, WAIT_MS));
    return got.err;
}

Test(repeats, the_first_goes_on_and_the_same_is_busy_until_it_has_its_answer)
{
    const struct repeat first = request("a", 1), second = request("a", 2);
    cr_assert_eq(begin(&first, send_id(1)), REPEAT_GO);
    cr_expect(id_eq(got.reply.send, send_id(1)));
    cr_assert_eq(begin(&second, send_id(2)), REPEAT_BUSY);
    cr_expect(got.reply.wait_ms > 0 && got.reply.wait_ms <= MINUTE_MS);
    cr_assert_eq(finish(&first, REPEAT_STORE, STR("{\"a\":\"\xc3\xa6\"}")), ERR_OK);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(begin(&second, send_id(3)), REPEAT_DONE);
        cr_expect_eq(got.reply.status, 200);
        cr_expect_str_eq(got.content_type, "application/json");
        cr_expect_str_eq(got.body, "{\"a\":\"\xc3\xa6\"}");
    }
    xfree(got.body);
}

Test(repeats, another_request_with_the_key_is_told_so_at_any_time)
{
    const struct repeat first = request("a", 1), other = request("b", 2);
    cr_assert_eq(begin(&first, send_id(1)), REPEAT_GO);
    cr_expect_eq(begin(&other, send_id(2)), REPEAT_OTHER);
    cr_assert_eq(finish(&first, REPEAT_STORE, STR("{}")), ERR_OK);
    cr_expect_eq(begin(&other, send_id(2)), REPEAT_OTHER);
}

Test(repeats, a_freed_key_is_as_new)
{
    const struct repeat first = request("a", 1), other = request("b", 2);
    cr_assert_eq(begin(&first, send_id(1)), REPEAT_GO);
    cr_assert_eq(finish(&first, REPEAT_FREE, STR("")), ERR_OK);
    cr_assert_eq(begin(&other, send_id(2)), REPEAT_GO);
    cr_expect(id_eq(got.reply.send, send_id(2)));
}

Test(repeats, what_is_undecided_goes_on_at_once_under_the_same_id)
{
    const struct repeat first = request("a", 1), second = request("a", 2), other = request("b", 3);
    cr_assert_eq(begin(&first, send_id(1)), REPEAT_GO);
    cr_assert_eq(finish(&first, REPEAT_UNDECIDED, STR("")), ERR_OK);
    cr_expect_eq(begin(&other, send_id(3)), REPEAT_OTHER);
    cr_assert_eq(begin(&second, send_id(2)), REPEAT_GO);
    cr_expect(id_eq(got.reply.send, send_id(1)));
}

Test(repeats, a_key_of_what_may_have_been_carried_out_is_not_freed)
{
    struct repeat first = request("a", 1), second = request("a", 2), other = request("b", 3);
    cr_assert_eq(begin(&first, send_id(1)), REPEAT_GO);
    cr_assert_eq(finish(&first, REPEAT_UNDECIDED, STR("")), ERR_OK);
    cr_assert_eq(begin(&second, send_id(2)), REPEAT_GO);
    cr_assert_eq(finish(&second, REPEAT_FREE, STR("")), ERR_OK);
    cr_expect_eq(begin(&other, send_id(3)), REPEAT_OTHER);
    second.lease_ms = 0;
    cr_assert_eq(begin(&second, send_id(4)), REPEAT_GO);
    cr_expect(id_eq(got.reply.send, send_id(1)), "still the first one's");
    cr_assert_eq(begin(&first, send_id(5)), REPEAT_GO, "its holder died");
    cr_assert_eq(finish(&first, REPEAT_FREE, STR("")), ERR_OK);
    cr_assert_eq(begin(&second, send_id(6)), REPEAT_GO);
    cr_expect(id_eq(got.reply.send, send_id(1)));
}

Test(repeats, a_dead_holders_request_goes_on_after_the_lease_under_the_same_id)
{
    struct repeat first = request("a", 1), second = request("a", 2);
    first.lease_ms = 0;
    cr_assert_eq(begin(&first, send_id(1)), REPEAT_GO);
    cr_assert_eq(begin(&second, send_id(2)), REPEAT_GO);
    cr_expect(id_eq(got.reply.send, send_id(1)));
    cr_expect_eq(begin(&first, send_id(3)), REPEAT_BUSY, "the second holds it");
    cr_expect_eq(finish(&first, REPEAT_FREE, STR("")), ERR_CONFLICT, "it was not dead after all");
    cr_expect_eq(finish(&first, REPEAT_STORE, STR("1")), ERR_CONFLICT);
    cr_assert_eq(finish(&second, REPEAT_STORE, STR("2")), ERR_OK);
    cr_expect_eq(finish(&second, REPEAT_STORE, STR("3")), ERR_CONFLICT, "once");
    cr_assert_eq(begin(&first, send_id(3)), REPEAT_DONE);
    cr_expect_str_eq(got.body, "2");
    xfree(got.body);
}

Test(repeats, a_large_answer_of_any_bytes_comes_back_whole)
{
    const struct repeat r = request("a", 1);
    char *bytes = xalloc(BODY_SIZE);
    for (size_t i = 0; i < BODY_SIZE; i++)
        bytes[i] = (char)(i * 7);
    cr_assert_eq(begin(&r, send_id(1)), REPEAT_GO);
    cr_assert_eq(finish(&r, REPEAT_STORE, (struct str){bytes, BODY_SIZE}), ERR_OK);
    cr_assert_eq(begin(&r, send_id(1)), REPEAT_DONE);
    cr_assert_eq(got.body_n, BODY_SIZE);
    cr_expect_eq(memcmp(got.body, bytes, BODY_SIZE), 0);
    xfree(bytes);
    xfree(got.body);
}

Test(repeats, of_many_at_once_one_goes_on)
{
    got = (struct outcome){0};
    for (uint8_t i = 0; i < 200; i++) {
        const struct repeat r = request("a", i);
        cr_assert_eq(repeat_begin(s.redis, &r, send_id(i), on_begun, NULL), ERR_OK);
    }
    for (int i = 0; i < 1000 && got.come < 200; i++)
        loop_turn(s.loop, 20);
    cr_expect_eq(got.come, 200);
    cr_expect_eq(got.went_on, 1);
}

Test(repeats, large_answers_have_so_much_room_and_small_ones_any)
{
    struct repeat r = request("a", 1);
    char *bytes = xalloc(BODY_SIZE);
    const size_t sizes[] = {BODY_SIZE - REPEAT_LARGE_BYTES - 1, REPEAT_LARGE_BYTES + 1,
                            REPEAT_LARGE_BYTES + 1, REPEAT_LARGE_BYTES};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char name[2] = {(char)('0' + i), '\0'};
        repeat_name(&r, s.account, STR("POST /v1/sms/send"), str_of(name));
        cr_assert_eq(begin(&r, send_id(1)), REPEAT_GO);
        cr_assert_eq(finish(&r, REPEAT_STORE, (struct str){bytes, sizes[i]}), ERR_OK);
        cr_assert_eq(begin(&r, send_id(1)), REPEAT_DONE, "it is never carried out again");
        cr_expect_eq(got.reply.status, i == 2 ? -200 : 200, "%zu", i);
        cr_expect_eq(got.body_n, i == 2 ? 0 : sizes[i], "%zu", i);
    }
    int64_t left_ms = store_int(&s, "PTTL ib:{%s}", s.account);
    cr_expect(left_ms > 9 * MINUTE_MS && left_ms <= 10 * MINUTE_MS);
    xfree(bytes);
    xfree(got.body);
}

Test(repeats, names_differ_by_account_place_and_key_and_live_in_the_accounts_slot)
{
    struct repeat a, b;
    repeat_name(&a, "acme", STR("POST /a"), STR("k"));
    cr_expect(str_starts(str_of(a.key), STR("i:{acme}:")));
    repeat_name(&b, "acme", STR("POST /a"), STR("k2"));
    cr_expect_str_neq(a.key, b.key);
    repeat_name(&b, "acme", STR("POST /b"), STR("k"));
    cr_expect_str_neq(a.key, b.key);
    repeat_name(&b, "acme2", STR("POST /a"), STR("k"));
    cr_expect_str_neq(a.key, b.key);
    repeat_name(&b, "acme", STR("POST /a"), STR("k"));
    cr_expect_str_eq(a.key, b.key);
}

Test(repeats, live_for_their_time)
{
    const struct repeat r = request("a", 1);
    (void)begin(&r, send_id(1));
    int64_t left_ms = store_int(&s, "PTTL %s", r.key);
    cr_expect(left_ms > 9 * MINUTE_MS && left_ms <= 10 * MINUTE_MS);
    cr_assert_eq(finish(&r, REPEAT_STORE, STR("{}")), ERR_OK);
    left_ms = store_int(&s, "PTTL %s", r.key);
    cr_expect(left_ms > 9 * MINUTE_MS && left_ms <= 10 * MINUTE_MS);
}
