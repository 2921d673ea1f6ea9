/*
 * contact.h - what a contact is, as a JSON object.
 *
 *     {"type":"person","name":"Kari Anne Nordmann","first_name":"Kari Anne","last_name":"Nordmann",
 *      "company_name":..,"phone_number":"+4799999999","email":..,"tags":["vip"],"notes":..,
 *      "attributes":{"city":"Oslo"},"created":<ms>,"updated":<ms>}
 *
 * All but type, name, created and updated may be absent. Texts are never empty. Attributes are
 * texts under names of the account's own; none is called as a field is.
 *
 * Units    created, updated: wall time in ms; sizes in bytes of UTF-8.
 * Owns     nothing; a value points into the object.
 * Errors   what is wrong with a value is told as the end of a sentence, "must be ...".
 * Threads  pure.
 */
#ifndef COMMON_SMS_CONTACT_H
#define COMMON_SMS_CONTACT_H

#include "common/base/str.h"
#include "common/sms/phone.h"

struct json_t; /* jansson's */

enum {
    CONTACT_JSON_MAX = 8192, /* the whole object */
    CONTACT_NAME_MAX = 200,  /* name, first_name, last_name, company_name */
    CONTACT_EMAIL_MAX = 254,
    CONTACT_NOTES_MAX = 2000,
    CONTACT_TAGS_MAX = 50,
    CONTACT_TAG_MAX = 64,
    CONTACT_ATTRIBUTES_MAX = 50,
    CONTACT_ATTRIBUTE_NAME_MAX = 64,
    CONTACT_ATTRIBUTE_MAX = 500,
};

/* Sets a field that is a text (type, name, first_name, last_name, company_name, phone_number, email,
 * notes), or takes it away when value is empty. NULL: done; else what is wrong. */
const char *contact_set(struct json_t *contact, struct str name, struct str value);
/* The same for an attribute. */
const char *contact_set_attribute(struct json_t *contact, struct str name, struct str value);
/* Adds a tag, unless it is there. */
const char *contact_add_tag(struct json_t *contact, struct str tag);
/* The fields above, and tags and attributes: names that no attribute may have. */
bool contact_is_field(struct str name);

/* Its number; "" when it has none. */
struct phone contact_phone(const struct json_t *contact);

/* Makes name out of first_name and last_name, or those out of the name of a person (its last word,
 * and the others), whichever was not given. */
void contact_complete(struct json_t *contact, bool name_given, bool parts_given);

/* Takes separators out of a number: spaces, - ( ) . / as people write them. It may still be none. */
enum { CONTACT_TIDY_SIZE = 40 };
struct str contact_tidy_number(char room[CONTACT_TIDY_SIZE], struct str number);

/* What a template writes for {{name}}: a field (first_name, last_name, name, company_name, email,
 * phone_number), else the attribute of that name. p is NULL when the contact has no such thing. */
struct str contact_value(const struct json_t *contact, struct str name);

#endif
