#include "common/io/kafka_read.h"
#include "tests/support/records.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 500 };

static struct records r;

struct seen {
    unsigned count, in_order;
    int64_t next[8]; /* offset, of each partition */
    struct kafka_found last;
    char text[32];
};

static void on_found(void *arg, const struct kafka_found *found)
{
    struct seen *seen = arg;
    seen->count++;
    seen->in_order += found->offset == seen->next[found->partition]++;
    seen->last = *found;
    cr_assert_lt(found->value.n, sizeof(seen->text));
    memcpy(seen->text, found->value.p, found->value.n);
    seen->text[found->value.n] = '\0';
}

static struct kafka_read_conf conf(void)
{
    return (struct kafka_read_conf){surroundings_brokers(), 20000};
}

Test(kafka_read, all_that_a_topic_holds)
{
    struct kafka_read_conf how = conf();
    struct seen seen = {0};
    char why[KAFKA_WHY_SIZE] = "";
    records_start(&r, 4);
    cr_assert_eq(kafka_read_topic(&how, r.topic, on_found, &seen, why), ERR_OK, "%s", why);
    cr_expect_eq(seen.count, 0, "it is empty");
    records_produce_numbers(&r, 0, COUNT);
    cr_assert_eq(kafka_read_topic(&how, r.topic, on_found, &seen, why), ERR_OK, "%s", why);
    cr_expect_eq(seen.count, COUNT);
    cr_expect_eq(seen.in_order, COUNT);
    cr_expect_gt(seen.last.at_ms, 1700000000000);
    records_stop(&r);
}

Test(kafka_read, one_record)
{
    struct kafka_read_conf how = conf();
    struct seen all = {0}, one = {.next = {0}};
    char why[KAFKA_WHY_SIZE] = "";
    records_start(&r, 2);
    records_produce_numbers(&r, 0, COUNT);
    cr_assert_eq(kafka_read_topic(&how, r.topic, on_found, &all, why), ERR_OK, "%s", why);
    const struct kafka_found which = {.partition = all.last.partition, .offset = all.last.offset};
    cr_assert_eq(kafka_read_one(&how, r.topic, &which, on_found, &one, why), ERR_OK, "%s", why);
    cr_expect_eq(one.count, 1);
    cr_expect_str_eq(one.text, all.text);
    records_stop(&r);
}

Test(kafka_read, what_is_not_there)
{
    struct kafka_read_conf how = conf();
    struct seen seen = {0};
    char why[KAFKA_WHY_SIZE] = "", name[SURROUNDINGS_NAME_SIZE];
    records_start(&r, 1);
    surroundings_name(name, "none");
    cr_expect_eq(kafka_read_topic(&how, name, on_found, &seen, why), ERR_NOT_FOUND);
    cr_expect_eq(
        kafka_read_one(&how, r.topic, &(struct kafka_found){.offset = 5}, on_found, &seen, why),
        ERR_NOT_FOUND);
    cr_expect_eq(
        kafka_read_one(&how, r.topic, &(struct kafka_found){.partition = 7}, on_found, &seen, why),
        ERR_NOT_FOUND);
    how = (struct kafka_read_conf){"127.0.0.1:1", 500};
    cr_expect_eq(kafka_read_topic(&how, r.topic, on_found, &seen, why), ERR_IO);
    cr_expect_gt(strlen(why), 0);
    cr_expect_eq(seen.count, 0);
    records_stop(&r);
}
