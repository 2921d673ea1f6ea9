#include "common/sms/keyword.h"

#include <criterion/criterion.h>

Test(keyword, is_read_in_capitals)
{
    static const struct {
        const char *name, *text;
        enum err err;
        const char *want;
    } cases[] = {
        {"capitals", "PIZZA", ERR_OK, "PIZZA"},
        {"small letters", "pizza", ERR_OK, "PIZZA"},
        {"mixed", "pIzZa24", ERR_OK, "PIZZA24"},
        {"digits", "2026", ERR_OK, "2026"},
        {"one letter", "a", ERR_OK, "A"},
        {"twenty", "abcdefghij0123456789", ERR_OK, "ABCDEFGHIJ0123456789"},
        {"twenty-one", "abcdefghij01234567890", ERR_TOO_LONG, ""},
        {"Nordic letters", "\xc3\xa6\xc3\xb8\xc3\xa5\xc3\xa4\xc3\xb6", ERR_OK,
         "\xc3\x86\xc3\x98\xc3\x85\xc3\x84\xc3\x96"},
        {"Nordic capitals", "\xc3\x86\xc3\x98\xc3\x85\xc3\x84\xc3\x96", ERR_OK,
         "\xc3\x86\xc3\x98\xc3\x85\xc3\x84\xc3\x96"},
        {"twenty Nordic letters",
         "\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5"
         "\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5",
         ERR_OK,
         "\xc3\x85\xc3\x85\xc3\x85\xc3\x85\xc3\x85\xc3\x85\xc3\x85\xc3\x85\xc3\x85\xc3\x85"
         "\xc3\x85\xc3\x85\xc3\x85\xc3\x85\xc3\x85\xc3\x85\xc3\x85\xc3\x85\xc3\x85\xc3\x85"},
        {"empty", "", ERR_EMPTY, ""},
        {"a space", "two words", ERR_SYNTAX, ""},
        {"a sign", "pizza!", ERR_SYNTAX, ""},
        {"an accent of another language", "caf\xc3\xa9", ERR_SYNTAX, ""},
        {"a division sign, which has no small form", "a\xc3\xb7", ERR_SYNTAX, ""},
        {"sharp s", "\xc3\x9f", ERR_SYNTAX, ""},
        {"Greek", "\xce\xb1", ERR_SYNTAX, ""},
        {"letter and ring apart", "A\xcc\x8a", ERR_SYNTAX, ""},
        {"not UTF-8", "a\xff", ERR_SYNTAX, ""},
        {"cut short", "a\xc3", ERR_SYNTAX, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keyword keyword = {.text = ""};
        enum err err = keyword_parse(&keyword, str_of(cases[i].text));
        cr_expect_eq(err, cases[i].err, "%s: %s", cases[i].name, err_text(err));
        cr_expect_str_eq(keyword.text, cases[i].want, "%s: %s", cases[i].name, keyword.text);
    }
    struct keyword keyword;
    cr_expect_eq(keyword_parse(&keyword, STR("a\0b")), ERR_SYNTAX);
    cr_expect_eq(keyword_parse(&keyword, (struct str){0}), ERR_EMPTY);
}

Test(keyword, some_are_nobodys)
{
    static const char *const words[] = {"STOP",  "stop",   "StopAll", "unsubscribe", "CANCEL",
                                        "end",   "QUIT",   "revoke",  "optout",      "REMOVE",
                                        "start", "unstop", "help",    "stopp",       "STANS"};
    static const char *const others[] = {"STOPS", "STO", "STARTER", "PIZZA", "HELPME"};
    struct keyword keyword;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        cr_assert_eq(keyword_parse(&keyword, str_of(words[i])), ERR_OK);
        cr_expect(keyword_reserved(&keyword), "%s", words[i]);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        cr_assert_eq(keyword_parse(&keyword, str_of(others[i])), ERR_OK);
        cr_expect_not(keyword_reserved(&keyword), "%s", others[i]);
    }
}
