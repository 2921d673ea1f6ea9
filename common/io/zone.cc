#include "common/io/zone.h"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace
{

/* The name becomes part of a path: letters, digits, '_', '-', '+', in one to three parts. */
bool well_formed(const std::string &name)
{
    size_t parts = 1;
    if (name.empty() || name.size() > 64 || name.front() == '/' || name.back() == '/')
        return false;
    for (size_t i = 0; i < name.size(); i++) {
        const char c = name[i];
        if (c == '/' && (name[i + 1] == '/' || ++parts > 3))
            return false;
        if (c != '/' && c != '_' && c != '-' && c != '+' && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
            !(c >= 'a' && c <= 'z'))
            return false;
    }
    return name != "localtime" && name != "posixrules";
}

bool load(const char *name, size_t len, cctz::time_zone *zone)
{
    const std::string text = name != nullptr ? std::string(name, len) : std::string();
    return well_formed(text) && cctz::load_time_zone(text, zone);
}

} // namespace

struct zone {
    cctz::time_zone zone;
};

const struct zone *zone_find(const char *name, size_t len)
{
    static std::mutex mutex;
    static std::map<std::string, zone> known; /* its nodes stay where they are */
    cctz::time_zone loaded;
    if (!load(name, len, &loaded))
        return nullptr;
    const std::lock_guard<std::mutex> guard(mutex);
    return &known.insert({std::string(name, len), zone{loaded}}).first->second;
}

int zone_offset_min(const struct zone *zone, int64_t at_ms)
{
    const auto at = std::chrono::time_point<std::chrono::system_clock, cctz::seconds>(cctz::seconds(at_ms / 1000));
    return zone->zone.lookup(at).offset / 60;
}

bool zone_known(const char *name, size_t len)
{
    cctz::time_zone zone;
    return load(name, len, &zone);
}

enum err zone_to_utc(int64_t *ret_at_ms, const char *name, size_t len, const struct civil *civil)
{
    cctz::time_zone zone;
    if (!load(name, len, &zone))
        return ERR_NOT_FOUND;
    const cctz::civil_second local(civil->year, civil->month, civil->day, civil->hour, civil->minute, civil->second);
    /* `pre` reads the time with the offset before the change: after the gap, or the first of two. */
    const auto at = zone.lookup(local).pre;
    const auto since = at.time_since_epoch();
    *ret_at_ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count() + civil->millisecond;
    return ERR_OK;
}
