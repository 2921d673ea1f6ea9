#include "common/sms/sender_id.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_mark(char c)
{
    return c == ' ' || c == '-' || c == '_' || c == '.' || c == '&';
}

static bool all_digits(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!is_digit(text.p[i]))
            return false;
    }
    return text.n > 0;
}

static enum err parse_phone(struct sender_id *id, struct str digits)
{
    struct phone phone;
    enum err err = phone_parse_digits(&phone, digits);
    if (err != ERR_OK)
        return err;
    *id = (struct sender_id){.custom = false};
    memcpy(id->text, phone.digits, sizeof(phone.digits));
    return ERR_OK;
}

static enum err parse_name(struct sender_id *id, struct str text)
{
    bool lettered = false;
    for (size_t i = 0; i < text.n; i++) {
        if (!is_digit(text.p[i]) && !is_letter(text.p[i]) && !is_mark(text.p[i]))
            return ERR_SYNTAX;
        lettered = lettered || is_letter(text.p[i]);
    }
    if (!lettered)
        return ERR_SYNTAX;
    if (text.n > SENDER_NAME_MAX)
        return ERR_TOO_LONG;
    *id = (struct sender_id){.custom = true};
    memcpy(id->text, text.p, text.n);
    return ERR_OK;
}

enum err sender_id_parse(struct sender_id *ret_id, struct str text)
{
    if (text.n == 0)
        return ERR_EMPTY;
    size_t plus = text.p[0] == '+' ? 1 : 0;
    struct str digits = {text.p + plus, text.n - plus};
    return all_digits(digits) ? parse_phone(ret_id, digits) : parse_name(ret_id, text);
}

const char *sender_id_trouble(enum err err)
{
    if (err == ERR_EMPTY)
        return "must not be empty";
    if (err == ERR_RANGE)
        return "must have 7 to 15 digits when it is a telephone number";
    if (err == ERR_TOO_LONG)
        return "must have at most 11 characters when it is a brand's name";
    return "must be a telephone number with its country code, or a brand's name: up to 11 of A-Z "
           "a-z "
           "0-9, space and -_.& with a letter among them";
}
