#include "common/base/id.h"

static const char hex[] = "0123456789abcdef";

struct id id_new(int64_t at_ms, const uint8_t random[ID_RANDOM_SIZE])
{
    struct id id = {{0}};
    for (int i = 0; i < 6; i++)
        id.b[i] = (uint8_t)((uint64_t)at_ms >> (40 - 8 * i));
    memcpy(id.b + 6, random, ID_RANDOM_SIZE);
    id.b[6] = (uint8_t)(0x70 | (id.b[6] & 0x0f)); /* version 7 */
    id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f)); /* variant of RFC 9562 */
    return id;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool dash_at(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

enum err id_parse(struct id *ret_id, struct str text)
{
    struct id id = {{0}};
    size_t nibble = 0;
    if (text.n != ID_TEXT_SIZE - 1)
        return ERR_SYNTAX;
    for (size_t i = 0; i < text.n; i++) {
        if (dash_at(i)) {
            if (text.p[i] != '-')
                return ERR_SYNTAX;
            continue;
        }
        int value = digit(text.p[i]);
        if (value < 0)
            return ERR_SYNTAX;
        id.b[nibble / 2] = (uint8_t)(id.b[nibble / 2] << 4 | value);
        nibble++;
    }
    *ret_id = id;
    return ERR_OK;
}

void id_format(char text[ID_TEXT_SIZE], struct id id)
{
    size_t at = 0;
    for (size_t i = 0; i < sizeof(id.b); i++) {
        if (dash_at(at))
            text[at++] = '-';
        text[at++] = hex[id.b[i] >> 4];
        text[at++] = hex[id.b[i] & 15];
    }
    text[at] = '\0';
}

void id_key(char text[ID_KEY_SIZE], struct id id)
{
    for (size_t i = 0; i < 13; i++) {
        text[2 * i] = hex[id.b[i] >> 4];
        text[2 * i + 1] = hex[id.b[i] & 15];
    }
    text[26] = '\0';
}

struct id id_send(struct id id)
{
    return id_with_number(id, 0);
}

uint32_t id_number(struct id id)
{
    return (uint32_t)id.b[13] << 16 | (uint32_t)id.b[14] << 8 | id.b[15];
}

struct id id_with_number(struct id send, uint32_t number)
{
    send.b[13] = (uint8_t)(number >> 16);
    send.b[14] = (uint8_t)(number >> 8);
    send.b[15] = (uint8_t)number;
    return send;
}

int64_t id_at_ms(struct id id)
{
    uint64_t at_ms = 0;
    for (int i = 0; i < 6; i++)
        at_ms = at_ms << 8 | id.b[i];
    return (int64_t)at_ms;
}

bool id_eq(struct id a, struct id b)
{
    return memcmp(a.b, b.b, sizeof(a.b)) == 0;
}
