#include "common/store/repeats.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

#include <stdio.h>

enum { NAME_CAP = 32 * 1024 }; /* longer than a request line */

struct call {
    repeat_begun_fn begun;
    repeat_ended_fn ended;
    void *arg;
};

void repeat_name(struct repeat *repeat, const char *account, struct str where, struct str name)
{
    struct buf text = {.cap = NAME_CAP};
    uint8_t digest[CRYPTO_SHA256_SIZE];
    char hash[2 * CRYPTO_SHA256_SIZE];
    buf_str(&text, where);
    buf_char(&text, '\n');
    buf_str(&text, name);
    crypto_sha256(digest, buf_view(&text));
    buf_done(&text);
    crypto_base64url(hash, digest, sizeof(digest));
    (void)snprintf(repeat->key, REPEAT_KEY_SIZE, "i:{%s}:%s", account, hash);
    (void)snprintf(repeat->room_key, REPEAT_KEY_SIZE, "ib:{%s}", account);
}

static enum err read_reply(struct repeat_reply *reply, const struct redisReply *from)
{
    struct str letter = redis_reply_str(redis_reply_at(from, 0));
    struct str id = redis_reply_str(redis_reply_at(from, 1));
    switch (letter.n == 1 ? letter.p[0] : '\0') {
    case 'G':
        if (id.n != sizeof(reply->send.b))
            return ERR_IO;
        reply->state = REPEAT_GO;
        memcpy(reply->send.b, id.p, id.n);
        return ERR_OK;
    case 'B':
        reply->state = REPEAT_BUSY;
        reply->wait_ms = redis_reply_int(redis_reply_at(from, 1));
        return ERR_OK;
    case 'O':
        reply->state = REPEAT_OTHER;
        return ERR_OK;
    case 'D':
        reply->state = REPEAT_DONE;
        reply->status = (int)redis_reply_int(redis_reply_at(from, 1));
        reply->content_type = redis_reply_str(redis_reply_at(from, 2));
        reply->body = redis_reply_str(redis_reply_at(from, 3));
        return ERR_OK;
    default:
        return ERR_IO;
    }
}

static void on_begun(void *arg, enum err err, const struct redisReply *from)
{
    struct call *call = arg;
    struct repeat_reply reply = {.state = REPEAT_OTHER};
    err = judge_reply(err, from);
    if (err == ERR_OK)
        err = read_reply(&reply, from);
    call->begun(call->arg, err, err == ERR_OK ? &reply : NULL);
    xfree(call);
}

static void on_ended(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_int(reply) == 0)
        err = ERR_CONFLICT;
    call->ended(call->arg, err);
    xfree(call);
}

static enum err eval(struct redis *redis, const struct redis_script *script, int key_count,
                     struct args *own_args, redis_fn fn, struct call *own_call)
{
    enum err err = redis_eval(redis, script, key_count, (int)own_args->count, args_list(own_args),
                              fn, own_call);
    args_done(own_args);
    if (err != ERR_OK)
        xfree(own_call);
    return err;
}

static void add_bytes(struct args *a, const void *bytes, size_t n)
{
    buf_add(args_begin(a), bytes, n);
    args_end(a);
}

enum err repeat_begin(struct redis *redis, const struct repeat *repeat, struct id send,
                      repeat_begun_fn fn, void *arg)
{
    struct args a;
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.begun = fn, .arg = arg};
    args_init(&a);
    args_view(&a, str_of(repeat->key));
    add_bytes(&a, repeat->print, sizeof(repeat->print));
    add_bytes(&a, repeat->token, sizeof(repeat->token));
    add_bytes(&a, send.b, sizeof(send.b));
    args_int(&a, repeat->lease_ms);
    args_int(&a, repeat->life_ms);
    return eval(redis, &script_repeat_begin, 1, &a, on_begun, call);
}

enum err repeat_finish(struct redis *redis, const struct repeat *repeat, enum repeat_end end,
                       const struct repeat_reply *answer, repeat_ended_fn fn, void *arg)
{
    struct args a;
    struct call *call = xalloc(sizeof(*call));
    *call = (struct call){.ended = fn, .arg = arg};
    args_init(&a);
    args_view(&a, str_of(repeat->key));
    args_view(&a, str_of(repeat->room_key));
    add_bytes(&a, repeat->token, sizeof(repeat->token));
    args_view(&a, end == REPEAT_STORE ? STR("S") : end == REPEAT_FREE ? STR("F") : STR("U"));
    args_int(&a, answer->status);
    args_view(&a, answer->content_type);
    args_view(&a, answer->body);
    args_int(&a, repeat->life_ms);
    args_int(&a, REPEAT_LARGE_BYTES);
    args_int(&a, repeat->room_bytes);
    return eval(redis, &script_repeat_end, 2, &a, on_ended, call);
}
