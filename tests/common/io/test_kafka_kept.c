#include "common/io/kafka.h"

#include <criterion/criterion.h>

Test(kafka_kept, outlives_what_it_was_made_from)
{
    char key[] = "a key", value[] = "a\0value";
    const struct kafka_record record = {.key = {key, 5},
                                        .value = {value, 7},
                                        .partition = 3,
                                        .offset = INT64_C(1) << 40,
                                        .epoch = 7};
    struct kafka_kept kept;
    kafka_keep(&kept, &record);
    key[0] = value[0] = '?';
    cr_expect(str_eq(kept.record.key, STR("a key")));
    cr_expect(str_eq(kept.record.value, (struct str){"a\0value", 7}));
    cr_expect_eq(kept.record.partition, 3);
    cr_expect_eq(kept.record.offset, INT64_C(1) << 40);
    cr_expect_eq(kept.record.epoch, 7);
    kafka_kept_done(&kept);
}

Test(kafka_kept, a_record_may_be_empty)
{
    struct kafka_kept kept;
    kafka_keep(&kept, &(struct kafka_record){.offset = 1});
    cr_expect_eq(kept.record.key.n, 0);
    cr_expect_eq(kept.record.value.n, 0);
    cr_expect_not_null(kept.record.value.p, "a parser may be given it");
    kafka_kept_done(&kept);
    kafka_kept_done(&kept);
}
