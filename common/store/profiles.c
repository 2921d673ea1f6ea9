#include "common/store/profiles.h"

#include "common/store/args.h"
#include "common/store/judge.h"
#include "common/store/scripts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct call {
    profile_fn fn;
    profiles_fn list_fn;
    void *arg;
    char id[ID_TEXT_SIZE], sender[SENDER_ID_SIZE]; /* what is looked for; "" = any */
};

static const char *const approval_names[APPROVAL_COUNT] = {"pending", "approved", "rejected"};

const char *approval_name(enum approval approval)
{
    return approval_names[approval];
}

struct sender profile_sender(const struct profile *profile)
{
    struct sender sender = {.allow_reply = profile->allow_reply && !profile->sender.custom};
    memcpy(sender.profile, profile->id, sizeof(sender.profile));
    memcpy(sender.text, profile->sender.text, sizeof(sender.text));
    return sender;
}

/* --- reading --- */

static bool get_text(char *to, size_t room, const json_t *root, const char *name)
{
    const json_t *value = json_object_get(root, name);
    if (!json_is_string(value) || json_string_length(value) >= room)
        return false;
    memcpy(to, json_string_value(value), json_string_length(value) + 1);
    return true;
}

static bool get_approval(enum approval *approval, const json_t *root)
{
    const char *name = json_string_value(json_object_get(root, "approval"));
    for (size_t i = 0; i < APPROVAL_COUNT && name != NULL; i++) {
        if (strcmp(name, approval_names[i]) == 0) {
            *approval = (enum approval)i;
            return true;
        }
    }
    return false;
}

static bool read_profile(struct profile *profile, struct str text)
{
    json_auto_t *root = json_loadb(text.p != NULL ? text.p : "", text.n, 0, NULL);
    *profile = (struct profile){
        .sender.custom = json_is_true(json_object_get(root, "custom")),
        .allow_reply = json_is_true(json_object_get(root, "allow_reply")),
        .is_default = json_is_true(json_object_get(root, "is_default")),
        .wants_default = json_is_true(json_object_get(root, "wants_default")),
        .created_at_ms = (int64_t)json_number_value(json_object_get(root, "created_at")),
    };
    return get_text(profile->id, sizeof(profile->id), root, "id") &&
           get_text(profile->name, sizeof(profile->name), root, "name") &&
           get_text(profile->sender.text, sizeof(profile->sender.text), root, "sender_id") &&
           get_text(profile->reason, sizeof(profile->reason), root, "reason") &&
           get_approval(&profile->approval, root);
}

static void tell(struct call *own_call, enum err err, const struct profile *profile)
{
    own_call->fn(own_call->arg, err, err == ERR_OK ? profile : NULL);
    xfree(own_call);
}

/* --- scripts: they reply the profile as JSON, or a word --- */

static enum err err_of_word(struct str word)
{
    static const struct {
        const char *word;
        enum err err;
    } words[] = {{"absent", ERR_NOT_FOUND},
                 {"taken", ERR_CONFLICT},
                 {"only", ERR_CONFLICT},
                 {"full", ERR_FULL}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_eq(word, str_of(words[i].word)))
            return words[i].err;
    }
    return ERR_OK;
}

static void on_script(void *arg, enum err err, const struct redisReply *reply)
{
    struct profile profile;
    struct str text = redis_reply_str(reply);
    err = judge_reply(err, reply);
    if (err == ERR_OK)
        err = err_of_word(text);
    if (err == ERR_OK && !read_profile(&profile, text))
        err = ERR_IO;
    tell(arg, err, &profile);
}

static void add_key(struct args *a, const char *kind, const char *account)
{
    buf_printf(args_begin(a), "%s:{%s}", kind, account);
    args_end(a);
}

static void add_keys(struct args *a, const char *account)
{
    args_init(a);
    add_key(a, "profiles", account);
    add_key(a, "sender", account);
}

static void add_bool(struct args *a, bool value)
{
    args_view(a, value ? STR("1") : STR("0"));
}

static struct call *new_call(profile_fn fn, void *arg)
{
    struct call *call = xalloc(sizeof(*call));
    call->fn = fn;
    call->arg = arg;
    return call;
}

static enum err give(struct redis *redis, const struct redis_script *script, int key_count,
                     struct args *own_args, struct call *own_call)
{
    enum err err = redis_eval(redis, script, key_count, (int)own_args->count, args_list(own_args),
                              on_script, own_call);
    args_done(own_args);
    if (err != ERR_OK)
        xfree(own_call);
    return err;
}

enum err profiles_create(struct redis *redis, const char *account, const struct profile *profile,
                         profile_fn fn, void *arg)
{
    struct args a;
    add_keys(&a, account);
    add_key(&a, "numbers", account);
    args_view(&a, str_of(profile->id));
    args_view(&a, str_of(profile->name));
    args_view(&a, str_of(profile->sender.text));
    add_bool(&a, profile->sender.custom);
    add_bool(&a, profile->allow_reply);
    add_bool(&a, profile->wants_default);
    args_int(&a, PROFILES_MAX);
    return give(redis, &script_profile_create, 3, &a, new_call(fn, arg));
}

enum err profiles_remove(struct redis *redis, const char *account, const char *id, profile_fn fn,
                         void *arg)
{
    struct args a;
    add_keys(&a, account);
    args_view(&a, str_of(id));
    return give(redis, &script_profile_remove, 2, &a, new_call(fn, arg));
}

enum err profiles_decide(struct redis *redis, const char *account, const char *id,
                         struct str rejection, profile_fn fn, void *arg)
{
    struct args a;
    add_keys(&a, account);
    args_view(&a, str_of(id));
    args_view(&a, rejection.p == NULL ? STR("approved") : STR("rejected"));
    args_view(&a, rejection);
    return give(redis, &script_profile_decide, 2, &a, new_call(fn, arg));
}

/* --- reading all, or one --- */

static int by_age(const void *a, const void *b)
{
    const struct profile *one = a, *other = b;
    return one->created_at_ms < other->created_at_ms ? -1 : 1;
}

/* Takes the reply of HGETALL apart. */
static enum err read_all(const struct redisReply *reply, struct profile **ret_profiles,
                         size_t *ret_count)
{
    size_t count = redis_reply_count(reply) / 2;
    struct profile *profiles = xalloc_array(count > 0 ? count : 1, sizeof(profiles[0]));
    for (size_t i = 0; i < count; i++) {
        if (!read_profile(&profiles[i], redis_reply_str(redis_reply_at(reply, 2 * i + 1)))) {
            xfree(profiles);
            return ERR_IO;
        }
    }
    qsort(profiles, count, sizeof(profiles[0]), by_age);
    *ret_profiles = profiles;
    *ret_count = count;
    return ERR_OK;
}

static void on_all(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct profile *profiles = NULL;
    size_t count = 0;
    err = judge_reply(err, reply);
    if (err == ERR_OK)
        err = read_all(reply, &profiles, &count);
    call->list_fn(call->arg, err, profiles, count);
    xfree(profiles);
    xfree(call);
}

static void on_all_to_search(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct profile *profiles = NULL, *found = NULL;
    size_t count = 0;
    err = judge_reply(err, reply);
    if (err == ERR_OK)
        err = read_all(reply, &profiles, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(profiles[i].sender.text, call->sender) == 0)
            found = &profiles[i];
    }
    tell(call, err == ERR_OK && found == NULL ? ERR_NOT_FOUND : err, found);
    xfree(profiles);
}

static void on_one(void *arg, enum err err, const struct redisReply *reply)
{
    struct call *call = arg;
    struct profile profile;
    err = judge_reply(err, reply);
    if (err == ERR_OK && redis_reply_nil(reply))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK && !read_profile(&profile, redis_reply_str(reply)))
        err = ERR_IO;
    if (err == ERR_OK && call->sender[0] != '\0' && strcmp(profile.sender.text, call->sender) != 0)
        err = ERR_CONFLICT;
    tell(call, err, &profile);
}

static enum err ask(struct redis *redis, const char *account, redis_fn fn, struct call *own_call)
{
    char key[64];
    (void)snprintf(key, sizeof(key), "profiles:{%s}", account);
    struct str all[] = {STR("HGETALL"), str_of(key)};
    struct str one[] = {STR("HGET"), str_of(key), str_of(own_call->id)};
    bool any = own_call->id[0] == '\0';
    enum err err = redis_call(redis, any ? 2 : 3, any ? all : one, fn, own_call);
    if (err != ERR_OK)
        xfree(own_call);
    return err;
}

enum err profiles_list(struct redis *redis, const char *account, profiles_fn fn, void *arg)
{
    struct call *call = new_call(NULL, arg);
    call->list_fn = fn;
    return ask(redis, account, on_all, call);
}

enum err profiles_find(struct redis *redis, const char *account, struct str profile_id,
                       struct str sender_id, profile_fn fn, void *arg)
{
    struct call *call = new_call(fn, arg);
    struct sender_id sender;
    struct id id;
    if (sender_id.p != NULL && sender_id_parse(&sender, sender_id) != ERR_OK)
        sender = (struct sender_id){.text = "?"}; /* which no profile has */
    if (sender_id.p != NULL)
        memcpy(call->sender, sender.text, sizeof(sender.text));
    if (profile_id.p == NULL)
        return ask(redis, account, on_all_to_search, call);
    if (id_parse(&id, profile_id) != ERR_OK)
        id = (struct id){{0}}; /* nor this id */
    id_format(call->id, id);
    return ask(redis, account, on_one, call);
}
