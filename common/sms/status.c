#include "common/sms/status.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *name;
    char letter;
    bool final;
} statuses[] = {
#define ROW(name, letter, final) [STATUS_##name] = {#name, letter, final},
    STATUS_LIST(ROW)
#undef ROW
};

static const struct {
    const char *code, *text;
} errors[] = {
#define ROW(member, number, code, text) [number] = {code, text},
    ERROR_LIST(ROW)
#undef ROW
};

const char *status_name(enum status status)
{
    return (size_t)status < COUNT_OF(statuses) ? statuses[status].name : "UNKNOWN";
}

enum status status_of_letter(char letter)
{
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        if (statuses[i].letter == letter)
            return (enum status)i;
    }
    return STATUS_COUNT;
}

bool status_final(enum status status)
{
    return (size_t)status < COUNT_OF(statuses) && statuses[status].final;
}

const char *error_code(enum error error)
{
    return errors[error_of_number((unsigned)error)].code;
}

const char *error_message(enum error error)
{
    return errors[error_of_number((unsigned)error)].text;
}

enum error error_of_number(unsigned number)
{
    return number < COUNT_OF(errors) && errors[number].code != NULL ? (enum error)number
                                                                    : ERROR_OTHER;
}

enum error error_of_code(struct str code)
{
    for (size_t i = 1; i < COUNT_OF(errors); i++) {
        if (str_eq(code, str_of(errors[i].code)))
            return (enum error)i;
    }
    return ERROR_UNDELIVERABLE;
}

static const char *const types[MESSAGE_TYPE_COUNT] = {
    [MESSAGE_PLAIN] = "PLAIN", [MESSAGE_REPLY] = "REPLY", [MESSAGE_VERIFY] = "VERIFY"};

const char *message_type_name(enum message_type type)
{
    return types[type];
}

enum message_type message_type_of_name(struct str name)
{
    enum message_type type = 0;
    while (type < MESSAGE_TYPE_COUNT && !str_eq(name, str_of(types[type])))
        type++;
    return type;
}
