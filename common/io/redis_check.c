#include "common/io/redis_check.h"

/* A server that hides its settings, as managed ones do, says so in one of these. Then its operator
 * answers for them. */
static const char *const hidden[] = {"NOPERM", "ERR unknown command", "ERR unknown subcommand"};

/* SCRIPT FLUSH; starting up; a replica, or a primary that became one. */
static const char *const unusable[] = {"NOSCRIPT", "LOADING", "READONLY", "MASTERDOWN"};

static bool begins_with_one_of(const char *error, const char *const *words, size_t n)
{
    for (size_t i = 0; error != NULL && i < n; i++) {
        if (str_starts(str_of(error), str_of(words[i])))
            return true;
    }
    return false;
}

static bool setting_fine(const struct redisReply *reply, struct str wanted, bool dev)
{
    if (redis_reply_error(reply) != NULL)
        return begins_with_one_of(redis_reply_error(reply), hidden,
                                  sizeof(hidden) / sizeof(hidden[0]));
    return dev || redis_reply_count(reply) < 2 ||
           str_eq(redis_reply_str(redis_reply_at(reply, 1)), wanted);
}

static const char *marker_fault(const struct redisReply *reply, const char *marker)
{
    if (redis_reply_error(reply) != NULL)
        return "the marker of the Kafka cluster can't be read";
    if (redis_reply_nil(reply))
        return "this Redis has no marker of a Kafka cluster; run sms-ctl init";
    if (!str_eq(redis_reply_str(reply), str_of(marker)))
        return "this Redis holds the view of another Kafka cluster";
    return NULL;
}

const char *redis_check_fault(enum redis_check check, const struct redisReply *reply,
                              const char *marker, bool dev)
{
    switch (check) {
    case REDIS_CHECK_APPENDONLY:
        if (setting_fine(reply, STR("yes"), dev))
            return NULL;
        return "Redis may lose what it has answered: set 'appendonly yes', or SMS_DEV=true to try "
               "things out";
    case REDIS_CHECK_APPENDFSYNC:
        if (setting_fine(reply, STR("always"), dev))
            return NULL;
        return "Redis may lose what it has answered: set 'appendfsync always', or SMS_DEV=true to "
               "try things out";
    case REDIS_CHECK_POLICY:
        if (setting_fine(reply, STR("noeviction"), dev))
            return NULL;
        return "Redis may throw keys away: set 'maxmemory-policy noeviction'";
    case REDIS_CHECK_MARKER:
        return marker_fault(reply, marker);
    case REDIS_CHECK_DONE:
    case REDIS_CHECK_COUNT:
        break;
    }
    return redis_reply_error(reply) != NULL ? "Redis refuses the connection" : NULL;
}

bool redis_check_unusable(const struct redisReply *reply)
{
    return begins_with_one_of(redis_reply_error(reply), unusable,
                              sizeof(unusable) / sizeof(unusable[0]));
}
