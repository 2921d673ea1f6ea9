#include "workers/api/backlog.h"

#include <criterion/criterion.h>

Test(backlog, what_nobody_has_counted_refuses_nothing)
{
    struct backlog b = {0};
    backlog_add(&b, 1000);
    cr_expect(!backlog_full(&b, 1, 5000));
    cr_expect(backlog_ask(&b, 5000));
    cr_expect(!backlog_ask(&b, 5000), "once at a time");
    backlog_failed(&b);
    cr_expect(!backlog_full(&b, 1, 5000));
    cr_expect(backlog_ask(&b, 5000), "it is asked again");
}

Test(backlog, what_is_accepted_meanwhile_counts)
{
    struct backlog b = {0};
    backlog_told(&b, 7, 5000);
    cr_expect(!backlog_full(&b, 10, 5000));
    backlog_add(&b, 3);
    cr_expect(backlog_full(&b, 10, 5000));
    cr_expect(!backlog_full(&b, 0, 5000), "no limit");
    backlog_told(&b, 9, 6000);
    cr_expect(!backlog_full(&b, 10, 6000), "Redis counts them by now");
}

Test(backlog, it_is_asked_about_once_a_second_and_forgotten_when_it_is_old)
{
    struct backlog b = {0};
    backlog_told(&b, 10, 5000);
    cr_expect(!backlog_ask(&b, 5000 + BACKLOG_FRESH_MS - 1));
    cr_expect(backlog_ask(&b, 5000 + BACKLOG_FRESH_MS));
    cr_expect(backlog_full(&b, 10, 5000 + BACKLOG_STALE_MS - 1));
    cr_expect(!backlog_full(&b, 10, 5000 + BACKLOG_STALE_MS));
}
