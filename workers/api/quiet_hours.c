#include "workers/api/quiet_hours.h"

#include "workers/api/fields.h"

#include <jansson.h>

static int read_time(const json_t *value, const char *pointer, struct problem *problem)
{
    int min = 0;
    struct str text = {json_string_value(value), json_string_length(value)};
    if (text.p == NULL || quiet_parse_time(&min, text) != ERR_OK)
        problem_error(problem, pointer, value == NULL ? "missing" : "invalid",
                      "This must be a time from 00:00 to 23:59, such as \"21:00\".");
    return min;
}

static bool is_object(const json_t *value, struct problem *problem)
{
    size_t known = (size_t)(json_object_get(value, "from") != NULL) +
                   (size_t)(json_object_get(value, "to") != NULL);
    if (!json_is_object(value)) {
        problem_error(problem, "/quiet_hours", "invalid",
                      "\"quiet_hours\" must be an object with \"from\" and \"to\".");
        return false;
    }
    if (json_object_size(value) > known)
        problem_error(problem, "/quiet_hours", "unknown_field",
                      "\"quiet_hours\" has \"from\" and \"to\", and nothing else.");
    return true;
}

struct quiet quiet_hours_read(const json_t *root, struct problem *problem)
{
    const json_t *value = fields_get(root, "quiet_hours");
    unsigned errors = problem->errors;
    if (value == NULL || !is_object(value, problem))
        return (struct quiet){.given = false};
    struct quiet quiet = {
        .given = true,
        .from_min = read_time(json_object_get(value, "from"), "/quiet_hours/from", problem),
        .to_min = read_time(json_object_get(value, "to"), "/quiet_hours/to", problem)};
    if (problem->errors == errors && quiet_too_long(&quiet))
        problem_error(problem, "/quiet_hours", "too_long",
                      "Quiet hours may be %d hours long at most: nothing could go out in the rest.",
                      QUIET_MOST_MIN / 60);
    quiet.given = problem->errors == errors;
    return quiet;
}

struct quiet quiet_hours_read_default(const json_t *root, struct problem *problem)
{
    const json_t *value = fields_get(root, "quiet_hours");
    bool none = json_is_object(value) && fields_get(value, "from") == NULL &&
                fields_get(value, "to") == NULL;
    if (none && is_object(value, problem))
        return (struct quiet){.given = true};
    return quiet_hours_read(root, problem);
}

static void write_time(struct buf *out, const char *name, const struct quiet *quiet, int min)
{
    if (quiet->from_min == quiet->to_min)
        buf_printf(out, "\"%s\":null", name);
    else
        buf_printf(out, "\"%s\":\"%02d:%02d\"", name, min / 60, min % 60);
}

void quiet_hours_write(struct buf *out, const struct quiet *quiet)
{
    buf_text(out, ",\"quiet_hours\":{");
    write_time(out, "from", quiet, quiet->from_min);
    buf_char(out, ',');
    write_time(out, "to", quiet, quiet->to_min);
    buf_char(out, '}');
}
