#include "common/sms/phones.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { MANY = 10000 };

static struct phone number(unsigned i)
{
    struct phone phone;
    (void)snprintf(phone.digits, sizeof(phone.digits), "47%08u", i);
    return phone;
}

Test(phones, keeps_each_once_in_order)
{
    struct phones phones = {0};
    struct phone phone = number(0);
    cr_expect_not(phones_has(&phones, &phone));
    for (unsigned i = 0; i < MANY; i++) {
        phone = number(i * 7919 % MANY);
        cr_assert(phones_add(&phones, &phone), "%u", i);
    }
    for (unsigned i = 0; i < MANY; i++) {
        phone = number(i);
        cr_assert(phones_has(&phones, &phone));
        cr_assert_not(phones_add(&phones, &phone), "%u", i);
    }
    phone = number(MANY);
    cr_expect_not(phones_has(&phones, &phone));
    cr_assert_eq(phones.count, MANY);
    for (unsigned i = 0; i < MANY; i++)
        cr_assert_str_eq(phones.list[i].digits, number(i * 7919 % MANY).digits);
    phones_done(&phones);
    cr_expect_eq(phones.count, 0);
}
