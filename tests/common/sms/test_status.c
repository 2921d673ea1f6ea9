#include "common/sms/status.h"

#include <criterion/criterion.h>

Test(status, names_and_letters)
{
    static const struct {
        enum status status;
        const char *name;
        char letter;
        bool final;
    } cases[] = {
        {STATUS_SCHEDULED, "SCHEDULED", 'W', false}, {STATUS_QUEUED, "QUEUED", 'Q', false},
        {STATUS_SENDING, "SENDING", 'S', false},     {STATUS_SENT, "SENT", 'T', false},
        {STATUS_DELIVERED, "DELIVERED", 'D', true},  {STATUS_FAILED, "FAILED", 'F', true},
        {STATUS_CANCELLED, "CANCELLED", 'C', true},  {STATUS_RECEIVED, "RECEIVED", 'R', true},
    };
    cr_assert_eq(sizeof(cases) / sizeof(cases[0]), STATUS_COUNT);
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        cr_expect_str_eq(status_name(cases[i].status), cases[i].name);
        cr_expect_eq(status_of_letter(cases[i].letter), cases[i].status, "%s", cases[i].name);
        cr_expect_eq(status_final(cases[i].status), cases[i].final, "%s", cases[i].name);
    }
}

Test(status, what_is_none)
{
    for (int c = 0; c < 256; c++) {
        if (c == 0 || strchr("WQSTDFCR", c) == NULL)
            cr_expect_eq(status_of_letter((char)c), STATUS_COUNT, "%d", c);
    }
    cr_expect_str_eq(status_name(STATUS_COUNT), "UNKNOWN");
    cr_expect(!status_final(STATUS_COUNT));
}

/* The numbers lie in Redis and the codes in clients: neither may ever change. */
Test(error, numbers_and_codes)
{
    static const struct {
        unsigned number;
        const char *code;
    } cases[] = {
        {0, ""},
        {1, "failed"},
        {2, "rejected_by_carrier"},
        {3, "expired"},
        {4, "outcome_unknown"},
        {5, "opted_out"},
        {6, "absent_subscriber"},
        {7, "unknown_subscriber"},
        {8, "undeliverable"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum error error = error_of_number(cases[i].number);
        cr_expect_eq((unsigned)error, cases[i].number);
        cr_expect_str_eq(error_code(error), cases[i].code);
        cr_expect_eq(error_message(error)[0] == '\0', i == 0);
        if (i > 0)
            cr_expect_eq(error_of_code(str_of(cases[i].code)), error, "%s", cases[i].code);
    }
}

Test(error, what_is_none)
{
    static const unsigned numbers[] = {12, 255, 256, 1u << 31, ~0u};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        cr_expect_eq(error_of_number(numbers[i]), ERROR_OTHER, "%u", numbers[i]);
    cr_expect_eq(error_of_code(STR("out of cheese")), ERROR_UNDELIVERABLE);
    cr_expect_eq(error_of_code(STR("")), ERROR_UNDELIVERABLE);
    cr_expect_eq(error_of_code((struct str){0}), ERROR_UNDELIVERABLE);
}
