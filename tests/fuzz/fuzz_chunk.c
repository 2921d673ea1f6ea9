#include "common/sms/chunk.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CAP = 1 << 22 };

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void check_bounds(const struct chunk *chunk, size_t size)
{
    struct phone phone;
    char text[PHONE_MAX_DIGITS + 2] = "+", name[CHUNK_NAME_SIZE];
    require(chunk_account_valid(str_of(chunk->account)));
    require(id_number(chunk->send) == 0);
    require(chunk->to_count >= 1 && chunk->to_count <= CHUNK_MAX);
    require(!chunk->single || (chunk->to_count == 1 && chunk->number == 0));
    require(chunk->parts >= 1 && chunk->parts <= SEGMENTS_MAX_PARTS);
    require(chunk->at_ms >= 0 && chunk->until_ms >= 0 && chunk->at_ms / 86400000 <= UINT16_MAX);
    require(chunk->body.n + chunk->ref.n <= size);
    for (size_t i = 0; i < chunk->to_count; i++) {
        uint32_t number, place;
        memcpy(text + 1, chunk->to[i].digits, sizeof(chunk->to[i].digits));
        require(phone_parse(&phone, text, strlen(text)) == ERR_OK);
        chunk_place(chunk_message(chunk, i), &number, &place);
        require(number == chunk->number && place == (chunk->single ? 0 : i + 1));
    }
    chunk_name(name, chunk);
    require(strlen(name) < sizeof(name) - 1);
}

/* Properties: what is read is within bounds; written and read again it gives the same record. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct chunk chunk = {.parts = 77}, again;
    struct buf first = {.cap = CAP}, second = {.cap = CAP};
    if (chunk_parse(&chunk, (struct str){(const char *)data, size}) != ERR_OK) {
        require(chunk.parts == 77 && chunk.own_text == NULL);
        return 0;
    }
    check_bounds(&chunk, size);
    chunk_write(&first, &chunk);
    require(chunk_parse(&again, buf_view(&first)) == ERR_OK);
    require(str_eq(again.body, chunk.body) && str_eq(again.ref, chunk.ref));
    require((again.ref.p == NULL) == (chunk.ref.p == NULL));
    chunk_write(&second, &again);
    require(!first.full && str_eq(buf_view(&first), buf_view(&second)));
    buf_done(&first);
    buf_done(&second);
    chunk_done(&chunk);
    chunk_done(&again);
    return 0;
}
