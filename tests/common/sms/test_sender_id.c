#include "common/sms/sender_id.h"

#include <criterion/criterion.h>

Test(sender_id, parse)
{
    static const struct {
        const char *name, *in, *want;
        bool custom;
        enum err err;
    } cases[] = {
        {"a number with a plus is shown without", "+4799999999", "4799999999", false, ERR_OK},
        {"a number without a plus", "4799999999", "4799999999", false, ERR_OK},
        {"seven digits", "1234567", "1234567", false, ERR_OK},
        {"fifteen digits", "+123456789012345", "123456789012345", false, ERR_OK},
        {"six digits", "123456", "", false, ERR_RANGE},
        {"sixteen digits", "1234567890123456", "", false, ERR_RANGE},
        {"very many digits", "12345678901234567890123456789012345678901234567890", "", false,
         ERR_RANGE},
        {"a leading zero", "0999999999", "", false, ERR_SYNTAX},
        {"a plus alone", "+", "", false, ERR_SYNTAX},
        {"two pluses", "++4799999999", "", false, ERR_SYNTAX},
        {"a number with spaces", "+47 999 99 999", "", false, ERR_SYNTAX},
        {"a name", "MyBrand", "MyBrand", true, ERR_OK},
        {"one letter", "a", "a", true, ERR_OK},
        {"eleven characters", "Brand & Co.", "Brand & Co.", true, ERR_OK},
        {"all marks", "a -_.&Z0", "a -_.&Z0", true, ERR_OK},
        {"a letter among digits", "4799999999x", "4799999999x", true, ERR_OK},
        {"twelve characters", "MyBrandIsBig", "", false, ERR_TOO_LONG},
        {"no letter", "12-34-56", "", false, ERR_SYNTAX},
        {"marks only", "-_.&", "", false, ERR_SYNTAX},
        {"a space only", " ", "", false, ERR_SYNTAX},
        {"Norwegian letters", "Bl\xc3\xa5", "", false, ERR_SYNTAX},
        {"another mark", "Brand!", "", false, ERR_SYNTAX},
        {"a plus before a name", "+Brand", "", false, ERR_SYNTAX},
        {"a line end", "Brand\n", "", false, ERR_SYNTAX},
        {"empty", "", "", false, ERR_EMPTY},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sender_id got = {.custom = false};
        enum err err = sender_id_parse(&got, str_of(cases[i].in));
        cr_expect_eq(err, cases[i].err, "%s: got %s", cases[i].name, err_text(err));
        cr_expect_str_eq(got.text, cases[i].want, "%s", cases[i].name);
        cr_expect_eq(got.custom, cases[i].custom, "%s", cases[i].name);
    }
}

Test(sender_id, a_nul_byte_is_no_end)
{
    struct sender_id got;
    cr_expect_eq(sender_id_parse(&got, (struct str){"Bra\0nd", 6}), ERR_SYNTAX);
    cr_expect_eq(sender_id_parse(&got, (struct str){"4799999\0", 8}), ERR_SYNTAX);
}

Test(sender_id, what_is_kept_parses_again)
{
    static const char *const texts[] = {"+4799999999", "MyBrand", "A1"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct sender_id first, second;
        cr_assert_eq(sender_id_parse(&first, str_of(texts[i])), ERR_OK);
        cr_assert_eq(sender_id_parse(&second, str_of(first.text)), ERR_OK);
        cr_expect_str_eq(second.text, first.text);
        cr_expect_eq(second.custom, first.custom);
    }
}
