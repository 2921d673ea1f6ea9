#include "common/store/directory.h"

#include <stdio.h>

void directory_begin(struct args *ret_args, const char *account)
{
    args_init(ret_args);
    buf_printf(args_begin(ret_args), "contacts:{%s}", account);
    args_end(ret_args);
    buf_printf(args_begin(ret_args), "{%s}", account);
    args_end(ret_args);
}

void directory_add_id(struct args *args, struct id id)
{
    char digits[ID_KEY_SIZE];
    id_key(digits, id);
    buf_text(args_begin(args), digits);
    args_end(args);
}

enum err directory_give(struct redis *redis, const struct redis_script *script,
                        struct args *own_args, redis_fn fn, void *own_call)
{
    enum err err =
        redis_eval(redis, script, 1, (int)own_args->count, args_list(own_args), fn, own_call);
    args_done(own_args);
    if (err != ERR_OK)
        xfree(own_call);
    return err;
}

bool directory_read_id(struct id *ret_id, struct str text)
{
    char uuid[ID_TEXT_SIZE];
    if (text.n != ID_KEY_SIZE - 1)
        return false;
    (void)snprintf(uuid, sizeof(uuid), "%.8s-%.4s-%.4s-%.4s-%.6s000000", text.p, text.p + 8,
                   text.p + 12, text.p + 16, text.p + 20);
    return id_parse(ret_id, str_of(uuid)) == ERR_OK;
}

struct str directory_json(struct str value)
{
    (void)str_cut(&value, ' ');
    return value;
}
