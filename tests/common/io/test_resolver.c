#include "common/io/resolver.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "tests/support/dns_server.h"
#include "tests/support/drive.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { MAX_NAMES = 8, TIMEOUT_MS = 1400 };

static struct loop *loop;
static struct dns_server *server;
static struct resolver *resolver;

/* What was told. */
static struct told {
    struct resolver_wait wait;
    unsigned times;
    enum err err;
    char list[400]; /* separated by spaces */
    int64_t until_ms;
} told[64];
static unsigned told_count;
static bool inside_ask;

static void on_answer(void *arg, const struct resolver_answer *answer)
{
    struct told *t = arg;
    size_t n = 0;
    cr_expect_not(inside_ask, "told from inside resolver_ask");
    t->times++;
    told_count++;
    t->err = answer->err;
    t->until_ms = answer->until_mono_ms;
    t->list[0] = '\0';
    for (size_t i = 0; i < answer->count; i++) {
        char text[ADDRESS_TEXT_SIZE];
        address_write(text, &answer->list[i]);
        n += (size_t)snprintf(t->list + n, sizeof(t->list) - n, "%s%s", i > 0 ? " " : "", text);
    }
}

/* By the name's first label. */
static void answer(void *arg, const struct dns_question *q, struct dns_answer *a)
{
    (void)arg;
    a->ttl_s = 60;
    a->addresses[0] = "192.0.2.1";
    if (str_starts(str_of(q->name), STR("silent")))
        a->silent = true;
    else if (str_starts(str_of(q->name), STR("nowhere")))
        a->code = 3;
    else if (str_starts(str_of(q->name), STR("failed")))
        a->code = 2;
    else if (str_starts(str_of(q->name), STR("refused")))
        a->code = 5;
    else if (str_starts(str_of(q->name), STR("empty")))
        a->addresses[0] = NULL;
    else if (str_starts(str_of(q->name), STR("both"))) {
        a->addresses[0] = "2001:db8::1";
        a->addresses[1] = "192.0.2.1";
        a->addresses[2] = "192.0.2.2";
        a->addresses[3] = "2001:db8::2";
    } else if (str_starts(str_of(q->name), STR("alias")))
        a->alias = "elsewhere.test";
    else if (str_starts(str_of(q->name), STR("cut")))
        a->cut = true;
    else if (str_starts(str_of(q->name), STR("garbage")))
        a->garbage = true;
    else if (str_starts(str_of(q->name), STR("othernumber")))
        a->other_number = true;
    else if (str_starts(str_of(q->name), STR("otherquestion")))
        a->other_question = true;
    else if (str_starts(str_of(q->name), STR("pointer")))
        a->broken_pointer = true;
    else if (str_starts(str_of(q->name), STR("late")))
        a->after_ms = 150;
    else if (str_starts(str_of(q->name), STR("onlyipv4")))
        a->silent = q->ipv6;
    else if (str_starts(str_of(q->name), STR("ttl")))
        a->ttl_s = (unsigned)strtoul(q->name + 3, NULL, 10);
    else if (str_starts(str_of(q->name), STR("many"))) {
        static char texts[DNS_SERVER_ADDRESSES][20];
        for (unsigned i = 0; i < DNS_SERVER_ADDRESSES; i++) {
            (void)snprintf(texts[i], sizeof(texts[i]), "192.0.2.%u", i + 1);
            a->addresses[i] = texts[i];
        }
    }
}

static void start_with(dns_server_fn fn, unsigned questions)
{
    loop = drive_loop();
    server = dns_server_new(loop, fn, NULL);
    const struct resolver_conf conf = {
        .servers = dns_server_address(server),
        .max_questions = questions,
        .max_names = MAX_NAMES,
        .max_waits = 20,
        .timeout_ms = TIMEOUT_MS,
        .min_ttl_ms = 100,
        .max_ttl_ms = 10000,
        .negative_ttl_ms = 200,
    };
    cr_assert_eq(resolver_new(&resolver, loop, &conf), ERR_OK);
}

static void start(void)
{
    start_with(answer, 16);
}

static void stop(void)
{
    resolver_free(resolver);
    dns_server_free(server);
    loop_free(loop);
}

static enum err ask(struct told *t, const char *name)
{
    *t = (struct told){.wait = {.fn = on_answer, .arg = t}};
    inside_ask = true;
    enum err err = resolver_ask(resolver, name, &t->wait);
    inside_ask = false;
    return err;
}

static struct told *look(const char *name)
{
    unsigned before = told_count;
    cr_assert_eq(ask(&told[0], name), ERR_OK, "%s", name);
    cr_assert(drive_until_count(loop, &told_count, before + 1, 3000), "%s: never told", name);
    cr_expect_eq(told[0].times, 1);
    return &told[0];
}

Test(resolver, answers)
{
    static const struct {
        const char *name;
        enum err err;
        const char *list;
    } cases[] = {
        {"plain.test", ERR_OK, "192.0.2.1"},
        {"PLAIN.Test.", ERR_OK, "192.0.2.1"},
        {"both.test", ERR_OK, "192.0.2.1 192.0.2.2 2001:db8::1 2001:db8::2"},
        {"alias.test", ERR_OK, "192.0.2.1"},
        {"cut.test", ERR_OK, "192.0.2.1"}, /* over TCP */
        {"late.test", ERR_OK, "192.0.2.1"},
        {"onlyipv4.test", ERR_OK, "192.0.2.1"},
        {"many.test", ERR_OK,
         "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 192.0.2.7 192.0.2.8"},
        {"nowhere.test", ERR_NOT_FOUND, ""},
        {"empty.test", ERR_NOT_FOUND, ""},
        {"failed.test", ERR_IO, ""},
        {"refused.test", ERR_IO, ""},
        {"pointer.test", ERR_IO, ""},
        {"silent.test", ERR_TIMEOUT, ""},
        {"othernumber.test", ERR_TIMEOUT, ""},
        {"otherquestion.test", ERR_TIMEOUT, ""},
        {"192.0.2.99", ERR_OK, "192.0.2.99"},
        {"2001:db8::99", ERR_OK, "2001:db8::99"},
        {"localhost", ERR_OK, "127.0.0.1 ::1"},
        {"x.LOCALHOST.", ERR_OK, "127.0.0.1 ::1"},
    };
    start();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t began_ms = clock_mono_ms();
        const struct told *t = look(cases[i].name);
        cr_expect_eq(t->err, cases[i].err, "%s: %s", cases[i].name, err_text(t->err));
        cr_expect_str_eq(t->list, cases[i].list, "%s: %s", cases[i].name, t->list);
        cr_expect_lt(clock_mono_ms() - began_ms, TIMEOUT_MS + 1000, "%s", cases[i].name);
    }
    stop();
}

Test(resolver, garbage_is_no_answer)
{
    start();
    const struct told *t = look("garbage.test");
    cr_expect(t->err == ERR_TIMEOUT || t->err == ERR_IO, "%s", err_text(t->err));
    cr_expect_str_eq(t->list, "");
    stop();
}

Test(resolver, names_that_are_none)
{
    static const char *const names[] = {
        "",
        ".",
        "..",
        "a..b",
        ".a",
        "a b",
        "a/b",
        "a:80",
        "[::1]",
        "a@b",
        "1.2.3",
        "256.1.1.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "foo.8",
        "foo.0x8",
        "127.0.0.1.5",
        "a,b",
        "*",
        "a\n",
        "bl\xc3\xa5",
        "x\xe3\x80\x82y",
        "fe80::1%lo",
        "+a",
        "a%2eb",
        "017700000001",
        "127.1",
        "1.2.3.4..",
    };
    char label[80] = "", long_name[300] = "";
    start();
    memset(label, 'a', 64);
    cr_expect_eq(ask(&told[0], label), ERR_SYNTAX);
    memset(long_name, 'a', 260);
    for (size_t i = 50; i < 260; i += 50)
        long_name[i] = '.';
    cr_expect_eq(ask(&told[0], long_name), ERR_SYNTAX);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        cr_expect_eq(ask(&told[0], names[i]), ERR_SYNTAX, "%s", names[i]);
    drive_for(loop, 20);
    cr_expect_eq(told_count, 0);
    cr_expect_eq(dns_server_questions(server), 0);
    stop();
}

Test(resolver, an_answer_is_remembered_for_its_time_within_bounds)
{
    static const struct {
        const char *name;
        int64_t ttl_ms;
    } cases[] = {{"ttl0.test", 100},
                 {"ttl5.test", 5000},
                 {"ttl2000000000.test", 10000},
                 {"ttl4000000000.test", 100}};
    start();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned before = dns_server_questions(server);
        int64_t asked_ms = loop_now_ms(loop);
        int64_t ttl_ms = look(cases[i].name)->until_ms - asked_ms;
        cr_expect(ttl_ms >= cases[i].ttl_ms && ttl_ms < cases[i].ttl_ms + 1000, "%s: %lld",
                  cases[i].name, (long long)ttl_ms);
        int64_t until_ms = told[0].until_ms;
        cr_expect_eq(look(cases[i].name)->until_ms, until_ms);
        cr_expect_eq(dns_server_questions(server), before + 2);
    }
    unsigned before = dns_server_questions(server);
    drive_for(loop, 120);
    (void)look("ttl0.test");
    cr_expect_eq(dns_server_questions(server), before + 2, "its time is over");
    stop();
}

Test(resolver, that_there_is_none_is_remembered_shortly)
{
    start();
    (void)look("nowhere.test");
    unsigned before = dns_server_questions(server);
    cr_expect_eq(look("nowhere.test")->err, ERR_NOT_FOUND);
    cr_expect_eq(dns_server_questions(server), before);
    drive_for(loop, 220);
    cr_expect_eq(look("nowhere.test")->err, ERR_NOT_FOUND);
    cr_expect_gt(dns_server_questions(server), before);
    stop();
}

Test(resolver, the_same_question_is_asked_once)
{
    start();
    for (size_t i = 0; i < 20; i++)
        cr_assert_eq(ask(&told[i], i % 2 ? "late.test" : "LATE.test."), ERR_OK);
    cr_expect_eq(ask(&told[20], "late.test"), ERR_FULL, "no more may wait");
    cr_assert(drive_until_count(loop, &told_count, 20, 3000));
    for (size_t i = 0; i < 20; i++) {
        cr_expect_eq(told[i].times, 1);
        cr_expect_str_eq(told[i].list, "192.0.2.1");
    }
    cr_expect_eq(dns_server_questions(server), 2);
    stop();
}

Test(resolver, who_cancelled_is_not_told)
{
    start();
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(ask(&told[i], "late.test"), ERR_OK);
    resolver_cancel(resolver, &told[1].wait);
    resolver_cancel(resolver, &told[1].wait);
    cr_assert(drive_until_count(loop, &told_count, 3, 3000));
    drive_for(loop, 50);
    cr_expect_eq(told_count, 3);
    cr_expect_eq(told[1].times, 0);
    resolver_cancel(resolver, &told[0].wait);
    cr_assert_eq(ask(&told[0], "plain.test"), ERR_OK);
    resolver_cancel(resolver, &told[0].wait);
    cr_assert_eq(ask(&told[0], "silent.test"), ERR_OK);
    stop(); /* with one under way */
    cr_expect_eq(told_count, 3);
}

static void cancel_others(void *arg, const struct resolver_answer *answer)
{
    on_answer(arg, answer);
    for (size_t i = 0; i < 4; i++)
        resolver_cancel(resolver, &told[i].wait);
    cr_expect_eq(ask(&told[5], "late.test"), ERR_OK, "what is known is told later, too");
}

Test(resolver, a_callback_may_cancel_and_ask)
{
    start();
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(ask(&told[i], "late.test"), ERR_OK);
        told[i].wait.fn = cancel_others;
    }
    cr_assert(drive_until_count(loop, &told_count, 2, 3000));
    drive_for(loop, 50);
    cr_expect_eq(told[0].times, 1);
    cr_expect_eq(told[5].times, 1);
    cr_expect_eq(told_count, 2);
    cr_expect_eq(dns_server_questions(server), 2);
    stop();
}

Test(resolver, names_are_bounded)
{
    char name[32];
    start();
    for (unsigned i = 0; i < MAX_NAMES; i++) {
        (void)snprintf(name, sizeof(name), "late%u.test", i);
        cr_assert_eq(ask(&told[i], name), ERR_OK);
    }
    cr_expect_eq(ask(&told[MAX_NAMES], "plain.test"), ERR_FULL);
    cr_assert(drive_until_count(loop, &told_count, MAX_NAMES, 3000));
    unsigned before = dns_server_questions(server);
    (void)look("plain.test"); /* in place of late0 */
    (void)look("late7.test");
    cr_expect_eq(dns_server_questions(server), before + 2);
    (void)look("late0.test");
    cr_expect_eq(dns_server_questions(server), before + 4);
    stop();
}

/* Two questions are on their way at a time, of one name. */
Test(resolver, questions_are_bounded)
{
    start_with(answer, 2);
    for (unsigned i = 0; i < 4; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "late%u.test", i);
        cr_assert_eq(ask(&told[i], name), ERR_OK);
    }
    drive_for(loop, 100);
    cr_expect_eq(dns_server_questions(server), 2);
    cr_assert(drive_until_count(loop, &told_count, 4, 3000));
    for (unsigned i = 0; i < 4; i++)
        cr_expect(told[i].err == ERR_OK || told[i].err == ERR_TIMEOUT);
    cr_expect_eq(told[0].err, ERR_OK);
    cr_expect_eq(told[1].err, ERR_OK);
    stop();
}

/* Names that nobody answers for hold at most half of the places once that is known. */
Test(resolver, silent_names_do_not_keep_out_others)
{
    char name[32];
    start_with(answer, 4);
    for (unsigned round = 0; round < 2; round++) {
        unsigned before = told_count;
        for (unsigned i = 0; i < 2; i++) {
            (void)snprintf(name, sizeof(name), "silent%u.test", i);
            cr_assert_eq(ask(&told[i], name), ERR_OK);
        }
        drive_for(loop, 20);
        if (round == 1) {
            int64_t began_ms = clock_mono_ms();
            (void)ask(&told[5], "plain.test");
            cr_assert(drive_until_count(loop, &told[5].times, 1, 3000));
            cr_expect_lt(clock_mono_ms() - began_ms, TIMEOUT_MS / 2);
            before++;
        }
        cr_assert(drive_until_count(loop, &told_count, before + 2, 3000));
        drive_for(loop, TIMEOUT_MS + 250); /* until the questions are over, and forgotten */
    }
    stop();
}

/* A name whose address changes with every question. */
static void change(void *arg, const struct dns_question *q, struct dns_answer *a)
{
    static char text[20];
    (void)arg;
    (void)snprintf(text, sizeof(text), "192.0.2.%u", q->nth);
    a->addresses[0] = text;
}

Test(resolver, changing_answers_are_used_one_at_a_time)
{
    start_with(change, 16);
    char first[400];
    (void)snprintf(first, sizeof(first), "%s", look("rebind.test")->list);
    cr_expect_str_eq(look("rebind.test")->list, first);
    drive_for(loop, 120);
    cr_expect_str_neq(look("rebind.test")->list, first);
    stop();
}

Test(resolver, servers_that_can_not_be_read)
{
    static const char *const servers[] = {"nonsense", "127.0.0.1:x", ",", "300.1.1.1"};
    loop = drive_loop();
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
        const struct resolver_conf conf = {.servers = servers[i], .timeout_ms = 1000};
        enum err err = resolver_new(&resolver, loop, &conf);
        cr_expect_eq(err, ERR_CONFIG, "%s: %s", servers[i], err_text(err));
    }
    const struct resolver_conf conf = {.servers = "", .timeout_ms = 1000};
    cr_assert_eq(resolver_new(&resolver, loop, &conf), ERR_OK);
    resolver_free(resolver);
    resolver_free(NULL);
    loop_free(loop);
}

Test(resolver, nobody_listens)
{
    start();
    dns_server_free(server);
    int64_t began_ms = clock_mono_ms();
    cr_expect_neq(look("plain.test")->err, ERR_OK);
    cr_expect_lt(clock_mono_ms() - began_ms, TIMEOUT_MS + 500);
    resolver_free(resolver);
    loop_free(loop);
}
