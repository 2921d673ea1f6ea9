#include "common/worker/zones.h"

#include "common/base/log.h"

enum err zones_open(struct local_time **ret_local_time)
{
    if (local_time_new(ret_local_time, LOCAL_TIME_TABLE) == ERR_OK)
        return ERR_OK;
    LOG(LOG_ERROR, EV("time_zones"), KSTR("file", LOCAL_TIME_TABLE),
        KSTR("action", "install tzdata: without it no quiet hours can be kept"));
    return ERR_CONFIG;
}
