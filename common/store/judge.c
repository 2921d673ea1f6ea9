#include "common/store/judge.h"

#include "common/base/log.h"

static enum err judge(enum err err, const struct redisReply *reply, enum err when_refused)
{
    if (err != ERR_OK || redis_reply_error(reply) == NULL)
        return err;
    LOG(LOG_ERROR, EV("redis_refuses"), KSTR("text", redis_reply_error(reply)));
    return when_refused;
}

enum err judge_reply(enum err err, const struct redisReply *reply)
{
    return judge(err, reply, ERR_IO);
}

enum err judge_script(enum err err, const struct redisReply *reply)
{
    return judge(err, reply, ERR_CONFLICT);
}
