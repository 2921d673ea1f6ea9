#include "common/sms/sweep.h"

#include <jansson.h>
#include <stdio.h>

#define KIND "{\"kind\":\"sweep\""

enum { VERSION = 1 };

bool sweep_is(struct str record)
{
    return str_starts(record, STR(KIND));
}

static struct str text_of(const json_t *root, const char *name)
{
    const json_t *value = json_object_get(root, name);
    return (struct str){json_string_value(value), json_string_length(value)};
}

enum err sweep_parse(struct sweep *ret_sweep, struct str record)
{
    struct sweep sweep = {.next = 0};
    json_auto_t *root =
        json_loadb(record.p != NULL ? record.p : "", record.n, JSON_REJECT_DUPLICATES, NULL);
    json_int_t version = json_integer_value(json_object_get(root, "v"));
    json_int_t next = json_integer_value(json_object_get(root, "next"));
    struct str account = text_of(root, "account");
    if (version > VERSION)
        return ERR_VERSION;
    if (version != VERSION || !str_eq(text_of(root, "kind"), STR("sweep")) || next < 0 ||
        next > ID_MAX_NUMBER || !chunk_account_valid(account) ||
        id_parse(&sweep.send, text_of(root, "send")) != ERR_OK)
        return ERR_SYNTAX;
    memcpy(sweep.account, account.p, account.n);
    sweep.next = (uint32_t)next;
    *ret_sweep = sweep;
    return ERR_OK;
}

void sweep_write(struct buf *out, const struct sweep *sweep)
{
    char id[ID_TEXT_SIZE];
    id_format(id, sweep->send);
    buf_printf(out, KIND ",\"v\":%d,\"account\":\"%s\",\"send\":\"%s\",\"next\":%u}", VERSION,
               sweep->account, id, sweep->next);
}

void sweep_name(char name[CHUNK_NAME_SIZE], const struct sweep *sweep)
{
    char key[ID_KEY_SIZE];
    id_key(key, sweep->send);
    (void)snprintf(name, CHUNK_NAME_SIZE, "sweep/%s/%s", sweep->account, key);
}
