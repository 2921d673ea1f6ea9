#include "common/sms/sender_id.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Property: what is kept is short ASCII, and parses again to itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sender_id first, second;
    if (sender_id_parse(&first, (struct str){(const char *)data, size}) != ERR_OK)
        return 0;
    size_t n = strnlen(first.text, sizeof(first.text));
    if (n == 0 || n > (first.custom ? (size_t)SENDER_NAME_MAX : (size_t)PHONE_MAX_DIGITS))
        abort();
    if (sender_id_parse(&second, str_of(first.text)) != ERR_OK || second.custom != first.custom ||
        strcmp(second.text, first.text) != 0)
        abort();
    return 0;
}
