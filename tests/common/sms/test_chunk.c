#include "common/sms/chunk.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const uint8_t random_bytes[ID_RANDOM_SIZE] = {1, 2, 3, 4, 5, 6, 7};

static struct chunk sample(void)
{
    struct chunk chunk = {.account = "acme",
                          .send = id_new(1769854272345, random_bytes),
                          .number = 3,
                          .at_ms = 1769854272345,
                          .until_ms = 1770113472345,
                          .encoding = SEGMENTS_UCS2,
                          .parts = 2,
                          .body = STR("a \"body\"\n\xf0\x9f\x90\xb3\\"),
                          .ref = STR("order/1"),
                          .to_count = 2,
                          .to = {{"4799999999"}, {"1234567"}}};
    return chunk;
}

static void expect_same(const struct chunk *a, const struct chunk *b)
{
    cr_expect_str_eq(a->account, b->account);
    cr_expect(id_eq(a->send, b->send));
    cr_expect_eq(a->number, b->number);
    cr_expect_eq(a->single, b->single);
    cr_expect_eq(a->at_ms, b->at_ms);
    cr_expect_eq(a->until_ms, b->until_ms);
    cr_expect_eq(a->encoding, b->encoding);
    cr_expect_eq(a->parts, b->parts);
    cr_expect(str_eq(a->body, b->body));
    cr_expect(str_eq(a->ref, b->ref));
    cr_expect_eq(a->ref.p == NULL, b->ref.p == NULL);
    cr_expect(str_eq(a->from, b->from));
    cr_expect(str_eq(a->profile, b->profile));
    cr_expect(str_eq(a->callback, b->callback));
    cr_expect_eq(a->allow_reply, b->allow_reply);
    cr_expect_eq(a->type, b->type);
    cr_expect_eq(a->rate_milli, b->rate_milli);
    cr_expect_eq(a->quiet.from_min, b->quiet.from_min);
    cr_expect_eq(a->quiet.to_min, b->quiet.to_min);
    cr_expect_eq(a->quiet.given, b->quiet.given);
    cr_assert_eq(a->to_count, b->to_count);
    for (size_t i = 0; i < a->to_count; i++) {
        struct chunk_item mine = chunk_item(a, i), other = chunk_item(b, i);
        cr_expect_str_eq(a->to[i].digits, b->to[i].digits);
        cr_expect(str_eq(mine.body, other.body));
        cr_expect_eq(mine.parts, other.parts);
        cr_expect_eq(mine.encoding, other.encoding);
        cr_expect_eq(mine.error, other.error);
    }
}

static void expect_round_trip(const struct chunk *chunk)
{
    struct buf record = {.cap = 65536};
    struct chunk again;
    chunk_write(&record, chunk);
    cr_assert(!record.full);
    cr_assert_eq(chunk_parse(&again, buf_view(&record)), ERR_OK, "%s", record.p);
    expect_same(chunk, &again);
    chunk_done(&again);
    buf_done(&record);
}

Test(chunk, what_is_written_is_read)
{
    struct chunk chunk = sample();
    expect_round_trip(&chunk);
    chunk.ref = STR("");
    expect_round_trip(&chunk);
    chunk.ref = (struct str){0};
    chunk.encoding = SEGMENTS_GSM7;
    expect_round_trip(&chunk);
    chunk.rate_milli = 200000;
    chunk.quiet = (struct quiet){1260, 480, true};
    expect_round_trip(&chunk);
    chunk.quiet = (struct quiet){.given = true};
    expect_round_trip(&chunk);
    chunk.single = true;
    chunk.number = 0;
    chunk.to_count = 1;
    expect_round_trip(&chunk);
    chunk.single = false;
    chunk.to_count = CHUNK_MAX;
    for (size_t i = 0; i < CHUNK_MAX; i++)
        (void)snprintf(chunk.to[i].digits, sizeof(chunk.to[i].digits), "1234567%03u", (unsigned)i);
    expect_round_trip(&chunk);
}

Test(chunk, what_all_share_is_written_and_read)
{
    struct chunk chunk = sample(), copy;
    chunk.from = STR("MyBrand");
    chunk.profile = STR("019c1234-5678-7abc-89ab-cdef01000009");
    chunk.callback = STR("https://example.com/sms");
    chunk.allow_reply = true;
    chunk.type = MESSAGE_VERIFY;
    chunk.due_ms = 1769854300000;
    expect_round_trip(&chunk);
    chunk_copy_shared(&copy, &chunk);
    cr_expect_eq(copy.to_count, 0);
    copy.to_count = chunk.to_count;
    memcpy(copy.to, chunk.to, sizeof(chunk.to));
    expect_same(&chunk, &copy);
    chunk_done(&copy);
}

Test(chunk, a_personal_one_keeps_each_text)
{
    struct chunk chunk = sample();
    struct chunk_item items[2] = {0};
    char text[200];
    memset(text, 'a', sizeof(text));
    cr_assert_eq(chunk_item_make(&items[0], (struct str){text, sizeof(text)}), ERR_OK);
    cr_expect_eq(items[0].parts, 2);
    cr_expect_eq(items[0].encoding, SEGMENTS_GSM7);
    items[1] = (struct chunk_item){.parts = 1, .error = ERROR_VARIABLE};
    chunk.items = items;
    expect_round_trip(&chunk);
    cr_assert_eq(chunk_item_make(&items[1], STR("\xf0\x9f\x90\xb3")), ERR_OK);
    expect_round_trip(&chunk);
    cr_expect_eq(chunk_item_make(&items[1], STR("")), ERR_EMPTY);
}

#define SEND  "\"send\":\"019c1234-5678-7abc-89ab-cdef01000000\""
#define TIMES "\"at\":1769854272345,\"until\":1770113472345"
#define TEXT  "\"encoding\":\"gsm7\",\"parts\":1,\"body\":\"b\""
#define TO    "\"to\":[\"4799999999\"]"
#define REST  TIMES "," TEXT "," TO "}"
#define START "{\"v\":1,\"account\":\"acme\"," SEND ",\"chunk\":0,"

Test(chunk, parse)
{
    static const struct {
        const char *name, *record;
        enum err want;
    } cases[] = {
        {"the least", START REST, ERR_OK},
        {"a single", START "\"single\":true," REST, ERR_OK},
        {"unknown fields are for later", START "\"colour\":\"red\"," REST, ERR_OK},
        {"empty", "", ERR_SYNTAX},
        {"not JSON", "{", ERR_SYNTAX},
        {"not an object", "[]", ERR_SYNTAX},
        {"an empty object", "{}", ERR_SYNTAX},
        {"twice the same field", START "\"chunk\":0," REST, ERR_SYNTAX},
        {"a later version", "{\"v\":2}", ERR_VERSION},
        {"a version that is none", "{\"v\":\"1\"}", ERR_SYNTAX},
        {"no account", "{\"v\":1," SEND ",\"chunk\":0," REST, ERR_SYNTAX},
        {"a bad account", "{\"v\":1,\"account\":\"a}\"," SEND ",\"chunk\":0," REST, ERR_SYNTAX},
        {"no send", "{\"v\":1,\"account\":\"acme\",\"chunk\":0," REST, ERR_SYNTAX},
        {"a message's id for the send's",
         "{\"v\":1,\"account\":\"acme\",\"send\":\"019c1234-5678-7abc-89ab-cdef01000001\","
         "\"chunk\":0," REST,
         ERR_SYNTAX},
        {"no chunk number", "{\"v\":1,\"account\":\"acme\"," SEND "," REST, ERR_SYNTAX},
        {"a chunk past the last id",
         "{\"v\":1,\"account\":\"acme\"," SEND ",\"chunk\":167772," REST, ERR_SYNTAX},
        {"a negative chunk", "{\"v\":1,\"account\":\"acme\"," SEND ",\"chunk\":-1," REST,
         ERR_SYNTAX},
        {"a single one's second chunk",
         "{\"v\":1,\"account\":\"acme\"," SEND ",\"chunk\":1,\"single\":true," REST, ERR_SYNTAX},
        {"no time", START "\"until\":1," TEXT "," TO "}", ERR_SYNTAX},
        {"a negative time", START "\"at\":-1,\"until\":1," TEXT "," TO "}", ERR_SYNTAX},
        {"a day that a line can't hold",
         START "\"at\":5662310400000,\"until\":5662310400000," TEXT "," TO "}", ERR_SYNTAX},
        {"an unknown encoding",
         START TIMES ",\"encoding\":\"gsm8\",\"parts\":1,\"body\":\"b\"," TO "}", ERR_SYNTAX},
        {"no parts", START TIMES ",\"encoding\":\"gsm7\",\"parts\":0,\"body\":\"b\"," TO "}",
         ERR_SYNTAX},
        {"too many parts", START TIMES ",\"encoding\":\"gsm7\",\"parts\":11,\"body\":\"b\"," TO "}",
         ERR_SYNTAX},
        {"no body", START TIMES ",\"encoding\":\"gsm7\",\"parts\":1," TO "}", ERR_SYNTAX},
        {"a reference that is no text", START "\"ref\":1," REST, ERR_SYNTAX},
        {"a sender that is no text", START "\"from\":1," REST, ERR_SYNTAX},
        {"a type that is none", START "\"type\":\"LOUD\"," REST, ERR_SYNTAX},
        {"texts", START "\"bodies\":[\"x\"]," REST, ERR_OK},
        {"more texts than recipients", START "\"bodies\":[\"x\",\"y\"]," REST, ERR_SYNTAX},
        {"an empty text", START "\"bodies\":[\"\"]," REST, ERR_SYNTAX},
        {"a text of a failed one", START "\"errors\":[9],\"bodies\":[\"\"]," REST, ERR_OK},
        {"an error that is none", START "\"errors\":[-1],\"bodies\":[\"\"]," REST, ERR_SYNTAX},
        {"errors without texts", START "\"errors\":[9]," REST, ERR_SYNTAX},
        {"a text of a single", START "\"single\":true,\"bodies\":[\"x\"]," REST, ERR_SYNTAX},
        {"no numbers", START TIMES "," TEXT "}", ERR_SYNTAX},
        {"an empty list", START TIMES "," TEXT ",\"to\":[]}", ERR_SYNTAX},
        {"a number with a plus", START TIMES "," TEXT ",\"to\":[\"+4799999999\"]}", ERR_SYNTAX},
        {"a number that is none", START TIMES "," TEXT ",\"to\":[4799999999]}", ERR_SYNTAX},
        {"a number too long", START TIMES "," TEXT ",\"to\":[\"1234567890123456\"]}", ERR_SYNTAX},
        {"two for a single",
         START "\"single\":true," TIMES "," TEXT ",\"to\":[\"4799999999\",\"4799999998\"]}",
         ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct chunk chunk = {.parts = 77};
        enum err err = chunk_parse(&chunk, str_of(cases[i].record));
        cr_expect_eq(err, cases[i].want, "%s: got %s", cases[i].name, err_text(err));
        if (err == ERR_OK)
            chunk_done(&chunk);
        else
            cr_expect_eq(chunk.parts, 77, "%s: left alone", cases[i].name);
    }
}

Test(chunk, more_than_its_most_is_none)
{
    struct buf record = {.cap = 65536};
    struct chunk chunk;
    buf_text(&record, START TIMES "," TEXT ",\"to\":[\"1234567\"");
    for (size_t i = 0; i < CHUNK_MAX; i++)
        buf_text(&record, ",\"1234567\"");
    buf_text(&record, "]}");
    cr_expect_eq(chunk_parse(&chunk, buf_view(&record)), ERR_SYNTAX);
    buf_done(&record);
}

Test(chunk, ids_and_places_are_arithmetic)
{
    static const struct {
        uint32_t chunk;
        size_t i;
        uint32_t number, place;
    } cases[] = {{0, 0, 1, 1}, {0, 99, 100, 100}, {1, 0, 101, 1}, {167771, 99, 16777200, 100}};
    struct chunk chunk = sample();
    uint32_t number, place;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        chunk.number = cases[i].chunk;
        struct id id = chunk_message(&chunk, cases[i].i);
        cr_expect_eq(id_number(id), cases[i].number);
        chunk_place(id, &number, &place);
        cr_expect_eq(number, cases[i].chunk);
        cr_expect_eq(place, cases[i].place);
    }
    chunk.single = true;
    cr_expect(id_eq(chunk_message(&chunk, 0), chunk.send));
    chunk_place(chunk.send, &number, &place);
    cr_expect(number == 0 && place == 0);
}

Test(chunk, name)
{
    char name[CHUNK_NAME_SIZE];
    struct chunk chunk = sample();
    chunk_name(name, &chunk);
    cr_expect_str_eq(name, "acme/019c1389035971028304050607/3", "got %s", name);
    memset(chunk.account, 'a', CHUNK_ACCOUNT_MAX);
    chunk.number = ID_MAX_NUMBER / CHUNK_MAX - 1;
    chunk_name(name, &chunk);
    cr_expect_str_eq(name + strlen(name) - 7, "/167771", "got %s", name);
}

Test(chunk, account_ids)
{
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        {"a", true},         {"acme-2_x", true}, {"0123456789abcdefghijklmnopqrstuv", true},
        {"", false},         {"Acme", false},    {"0123456789abcdefghijklmnopqrstuvw", false},
        {"a b", false},      {"a/b", false},     {"a}b", false},
        {"\xc3\xa6", false}, {"a*", false},      {"a:b", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_expect_eq(chunk_account_valid(str_of(cases[i].text)), cases[i].valid, "%s",
                     cases[i].text);
    cr_expect(!chunk_account_valid((struct str){"a\0b", 3}));
    cr_expect(!chunk_account_valid((struct str){0}));
}
