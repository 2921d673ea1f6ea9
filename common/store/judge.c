#include "common/store/judge.h"

#include "common/base/log.h"

enum err judge_reply(enum err err, const struct redisReply *reply)
{
    if (err != ERR_OK || redis_reply_error(reply) == NULL)
        return err;
    LOG(LOG_ERROR, EV("redis_refuses"), KSTR("text", redis_reply_error(reply)));
    return ERR_IO;
}
