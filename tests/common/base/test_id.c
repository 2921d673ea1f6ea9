#include "common/base/id.h"

#include <criterion/criterion.h>

static const uint8_t ones[ID_RANDOM_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t zeros[ID_RANDOM_SIZE];

Test(id, is_a_uuid_version_7_with_zeros_at_its_end)
{
    char text[ID_TEXT_SIZE];
    id_format(text, id_new(0x0123456789ab, ones));
    cr_expect_str_eq(text, "01234567-89ab-7fff-bfff-ffffff000000");
    id_format(text, id_new(0x0123456789ab, zeros));
    cr_expect_str_eq(text, "01234567-89ab-7000-8000-000000000000");
    cr_expect_eq(id_at_ms(id_new(1769854272345, ones)), 1769854272345);
}

Test(id, parse)
{
    static const struct {
        const char *name, *text;
        enum err want;
    } cases[] = {
        {"lower case", "01234567-89ab-7fff-bfff-ffffff000001", ERR_OK},
        {"upper case", "01234567-89AB-7FFF-BFFF-FFFFFF000001", ERR_OK},
        {"empty", "", ERR_SYNTAX},
        {"too short", "01234567-89ab-7fff-bfff-ffffff00000", ERR_SYNTAX},
        {"too long", "01234567-89ab-7fff-bfff-ffffff0000011", ERR_SYNTAX},
        {"a dash is missing", "0123456789ab-7fff-bfff-ffffff00000101", ERR_SYNTAX},
        {"a digit for a dash", "01234567089ab-7fff-bfff-ffffff00001", ERR_SYNTAX},
        {"a dash for a digit", "0123456--89ab-7fff-bfff-ffffff000001", ERR_SYNTAX},
        {"not a digit", "01234567-89ab-7fff-bfff-ffffff00000g", ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct id id = {{0}};
        char text[ID_TEXT_SIZE];
        cr_expect_eq(id_parse(&id, str_of(cases[i].text)), cases[i].want, "%s", cases[i].name);
        id_format(text, id);
        cr_expect_str_eq(
            text, cases[i].want == ERR_OK ? cases[0].text : "00000000-0000-0000-0000-000000000000",
            "%s", cases[i].name);
    }
}

Test(id, numbers_are_arithmetic)
{
    static const uint32_t numbers[] = {0, 1, 255, 256, 65536, ID_MAX_NUMBER};
    struct id send = id_new(1769854272345, ones);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct id id = id_with_number(send, numbers[i]);
        cr_expect_eq(id_number(id), numbers[i]);
        cr_expect(id_eq(id_send(id), send));
        cr_expect_eq(id_eq(id, send), numbers[i] == 0);
    }
}

Test(id, key_is_the_same_for_all_messages_of_a_send)
{
    struct id send = id_new(0x0123456789ab, ones);
    char key[ID_KEY_SIZE], other[ID_KEY_SIZE];
    id_key(key, send);
    id_key(other, id_with_number(send, 77));
    cr_expect_str_eq(key, "0123456789ab7fffbfffffffff");
    cr_expect_str_eq(other, key);
}
