#include "common/sms/calendar.h"
#include "common/store/price.h"
#include "tests/support/store.h"

#include <criterion/criterion.h>

#include <stdio.h>

static struct store s;
static int month; /* far ahead, so that no worker asks for it */
static char key[64];

static void open_store(void)
{
    char text[CALENDAR_MONTH_SIZE];
    store_open(&s);
    month = 12 * 2000 + (int)(store_now_ms(&s) % 12000);
    calendar_format_month(text, month);
    (void)snprintf(key, sizeof(key), "price:EUR:%s", text);
    (void)store_int(&s, "DEL %s", key);
}

static void close_store(void)
{
    (void)store_int(&s, "DEL %s", key);
    store_close(&s);
}

TestSuite(price, .init = open_store, .fini = close_store);

struct answer {
    bool came;
    enum err err;
    struct price price;
};

static void on_price(void *arg, enum err err, const struct price *price)
{
    struct answer *answer = arg;
    answer->came = true;
    answer->err = err;
    if (price != NULL)
        answer->price = *price;
}

static struct answer fix(int64_t unit_milli, int64_t inbound_milli)
{
    struct answer answer = {.came = false};
    const struct price offered = {unit_milli, inbound_milli};
    cr_assert_eq(price_fix(s.redis, CURRENCY_EUR, month, &offered, on_price, &answer), ERR_OK);
    for (int turns = 0; !answer.came && turns < 200; turns++)
        loop_turn(s.loop, 50);
    cr_assert(answer.came);
    return answer;
}

Test(price, the_first_that_asks_fixes_it)
{
    struct answer first = fix(100, 0), second = fix(200, 50);
    cr_expect_eq(first.err, ERR_OK);
    cr_expect_eq(first.price.unit_milli, 100);
    cr_expect_eq(second.err, ERR_OK);
    cr_expect_eq(second.price.unit_milli, 100);
    cr_expect_eq(second.price.inbound_milli, 0);
    cr_expect_eq(store_int(&s, "TTL %s", key), -1, "for good");
}

Test(price, each_month_has_its_own)
{
    (void)fix(100, 0);
    month++;
    struct answer next = fix(120, 10);
    cr_expect_eq(next.price.unit_milli, 120);
    cr_expect_eq(next.price.inbound_milli, 10);
    char text[CALENDAR_MONTH_SIZE];
    calendar_format_month(text, month);
    (void)store_int(&s, "DEL price:EUR:%s", text);
}

Test(price, what_cannot_be_read_is_an_error)
{
    (void)store_int(&s, "SET %s nonsense", key);
    cr_expect_eq(fix(100, 0).err, ERR_IO);
    (void)store_int(&s, "DEL %s", key);
    (void)store_int(&s, "SADD %s another", key);
    cr_expect_eq(fix(100, 0).err, ERR_IO);
}
