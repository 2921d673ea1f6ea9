#include "workers/api/list_cursor.h"

#include "common/io/crypto.h"

enum {
    VERSION = 1,
    MARK_AT = 1,
    BELOW_AT = MARK_AT + LIST_MARK_SIZE,
    WINDOW_AT = BELOW_AT + 16,
    PAGE_AT = WINDOW_AT + 4,
    TOTAL_AT = PAGE_AT + 4,
    CAPPED_AT = TOTAL_AT + 8,
    SIZE = CAPPED_AT + 1
};

_Static_assert(LIST_CURSOR_TEXT_SIZE == 2 * SIZE + 1, "the room for a cursor");

static void put(uint8_t *at, size_t n, uint64_t value)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)(value >> (8 * (n - 1 - i)));
}

static uint64_t get(const uint8_t *at, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | at[i];
    return value;
}

void list_cursor_write(char text[LIST_CURSOR_TEXT_SIZE], const struct list_cursor *cursor)
{
    uint8_t bytes[SIZE] = {VERSION};
    memcpy(bytes + MARK_AT, cursor->mark, LIST_MARK_SIZE);
    memcpy(bytes + BELOW_AT, cursor->place.below.b, sizeof(cursor->place.below.b));
    put(bytes + WINDOW_AT, 4, (uint32_t)cursor->place.window);
    put(bytes + PAGE_AT, 4, cursor->page);
    put(bytes + TOTAL_AT, 8, (uint64_t)cursor->total);
    bytes[CAPPED_AT] = cursor->capped;
    crypto_hex(text, bytes, sizeof(bytes));
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(uint8_t bytes[SIZE], struct str text)
{
    if (text.n != 2 * (size_t)SIZE)
        return false;
    for (size_t i = 0; i < SIZE; i++) {
        int high = digit(text.p[2 * i]), low = digit(text.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

enum err list_cursor_read(struct list_cursor *ret_cursor, struct str text,
                          const uint8_t mark[LIST_MARK_SIZE])
{
    uint8_t bytes[SIZE];
    if (!read_hex(bytes, text) || bytes[0] != VERSION || bytes[CAPPED_AT] > 1)
        return ERR_SYNTAX;
    struct list_cursor cursor = {
        .place = {.set = true, .window = (int32_t)get(bytes + WINDOW_AT, 4)},
        .page = (uint32_t)get(bytes + PAGE_AT, 4),
        .total = (int64_t)get(bytes + TOTAL_AT, 8),
        .capped = bytes[CAPPED_AT] == 1};
    memcpy(cursor.mark, bytes + MARK_AT, LIST_MARK_SIZE);
    memcpy(cursor.place.below.b, bytes + BELOW_AT, sizeof(cursor.place.below.b));
    if (cursor.page == 0 || cursor.total < -1 || cursor.place.window < -1)
        return ERR_SYNTAX;
    if (memcmp(cursor.mark, mark, LIST_MARK_SIZE) != 0)
        return ERR_CONFLICT;
    *ret_cursor = cursor;
    return ERR_OK;
}
