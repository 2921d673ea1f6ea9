#include "tests/support/drive.h"

#include "common/base/clock.h"

#include <criterion/criterion.h>

enum { TURN_MS = 5 };

struct loop *drive_loop(void)
{
    struct loop *loop = NULL;
    cr_assert_eq(loop_new(&loop), ERR_OK);
    return loop;
}

bool drive_until(struct loop *loop, drive_fn fn, void *arg, int64_t most_ms)
{
    int64_t until_ms = clock_mono_ms() + most_ms;
    while (!fn(arg)) {
        if (clock_mono_ms() >= until_ms)
            return false;
        loop_turn(loop, TURN_MS);
    }
    return true;
}

struct count {
    const unsigned *count;
    unsigned wanted;
};

static bool reached(void *arg)
{
    const struct count *c = arg;
    return *c->count >= c->wanted;
}

bool drive_until_count(struct loop *loop, const unsigned *count, unsigned wanted, int64_t most_ms)
{
    struct count c = {count, wanted};
    return drive_until(loop, reached, &c, most_ms);
}

void drive_for(struct loop *loop, int64_t ms)
{
    int64_t until_ms = clock_mono_ms() + ms;
    while (clock_mono_ms() < until_ms)
        loop_turn(loop, TURN_MS);
}
