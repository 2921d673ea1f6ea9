#include "workers/api/list_cursor.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const uint8_t MARK[LIST_MARK_SIZE] = {1, 2, 3, 4, 5, 6, 7, 0xff};

static struct list_cursor some(void)
{
    struct list_cursor cursor = {.place = {.set = true, .window = -1},
                                 .page = 4711,
                                 .total = INT64_C(1) << 40,
                                 .capped = true};
    memcpy(cursor.mark, MARK, sizeof(MARK));
    for (size_t i = 0; i < sizeof(cursor.place.below.b); i++)
        cursor.place.below.b[i] = (uint8_t)(0xf0 + i);
    return cursor;
}

static void expect_same(const struct list_cursor *cursor)
{
    char text[LIST_CURSOR_TEXT_SIZE];
    struct list_cursor got;
    list_cursor_write(text, cursor);
    cr_expect_eq(list_cursor_read(&got, str_of(text), MARK), ERR_OK);
    cr_expect(id_eq(got.place.below, cursor->place.below));
    cr_expect(got.place.set);
    cr_expect_eq(got.place.window, cursor->place.window);
    cr_expect_eq(got.page, cursor->page);
    cr_expect_eq(got.total, cursor->total);
    cr_expect_eq(got.capped, cursor->capped);
}

Test(list_cursor, reads_what_it_wrote)
{
    struct list_cursor cursor = some();
    expect_same(&cursor);
    cursor.place.window = INT32_MAX;
    cursor.total = -1;
    cursor.capped = false;
    expect_same(&cursor);
}

Test(list_cursor, belongs_to_its_filters)
{
    char text[LIST_CURSOR_TEXT_SIZE];
    struct list_cursor cursor = some(), got;
    cursor.mark[7] = 0;
    list_cursor_write(text, &cursor);
    cr_expect_eq(list_cursor_read(&got, str_of(text), MARK), ERR_CONFLICT);
}

Test(list_cursor, refuses_whatever_else)
{
    char text[LIST_CURSOR_TEXT_SIZE], longer[LIST_CURSOR_TEXT_SIZE + 1];
    struct list_cursor cursor = some(), got;
    cr_expect_eq(list_cursor_read(&got, STR(""), MARK), ERR_SYNTAX);
    cr_expect_eq(list_cursor_read(&got, STR("abc"), MARK), ERR_SYNTAX);
    list_cursor_write(text, &cursor);
    (void)snprintf(longer, sizeof(longer), "%s0", text);
    cr_expect_eq(list_cursor_read(&got, str_of(longer), MARK), ERR_SYNTAX, "longer");
    cr_expect_eq(list_cursor_read(&got, (struct str){text, LIST_CURSOR_TEXT_SIZE - 2}, MARK),
                 ERR_SYNTAX, "shorter");
    text[1] = '2';
    cr_expect_eq(list_cursor_read(&got, str_of(text), MARK), ERR_SYNTAX, "of another version");
    text[1] = '1';
    text[40] = 'G';
    cr_expect_eq(list_cursor_read(&got, str_of(text), MARK), ERR_SYNTAX, "no digit");
    cursor.page = 0;
    list_cursor_write(text, &cursor);
    cr_expect_eq(list_cursor_read(&got, str_of(text), MARK), ERR_SYNTAX, "page 0");
    cursor = some();
    cursor.total = -2;
    list_cursor_write(text, &cursor);
    cr_expect_eq(list_cursor_read(&got, str_of(text), MARK), ERR_SYNTAX, "a negative total");
}
