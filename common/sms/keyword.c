#include "common/sms/keyword.h"

#include "common/sms/utf8.h"

static const char *const reserved[] = {
    "STOP", "STOPALL", "STOPP",  "STANS",  "UNSUBSCRIBE", "CANCEL", "END",
    "QUIT", "REVOKE",  "OPTOUT", "REMOVE", "START",       "UNSTOP", "HELP",
};

/* Latin-1's small letters lie 32 behind their capitals. */
enum { SMALL = 32, AE = 0xc6, OE = 0xd8, AA = 0xc5, A_UMLAUT = 0xc4, O_UMLAUT = 0xd6 };

/* The capital, or the digit; 0: no part of a keyword. */
static uint32_t capital(uint32_t cp)
{
    uint32_t big = (cp >= 'a' && cp <= 'z') || (cp >= 0xe0 && cp <= 0xfe) ? cp - SMALL : cp;
    bool ascii = (big >= 'A' && big <= 'Z') || (big >= '0' && big <= '9');
    bool nordic = big == AE || big == OE || big == AA || big == A_UMLAUT || big == O_UMLAUT;
    return ascii || nordic ? big : 0;
}

enum err keyword_parse(struct keyword *ret_keyword, struct str text)
{
    struct keyword keyword = {.text = ""};
    const char *at = text.p, *end = text.n > 0 ? text.p + text.n : text.p;
    size_t count = 0, n = 0;
    uint32_t cp;
    if (text.n == 0)
        return ERR_EMPTY;
    while (utf8_next(&at, end, &cp)) {
        uint32_t big = capital(cp);
        if (big == 0)
            return ERR_SYNTAX;
        if (++count > KEYWORD_MAX)
            return ERR_TOO_LONG;
        if (big >= 0x80)
            keyword.text[n++] = (char)(0xc0 | big >> 6);
        keyword.text[n++] = (char)(big < 0x80 ? big : (0x80 | (big & 0x3f)));
    }
    if (at != end)
        return ERR_SYNTAX;
    *ret_keyword = keyword;
    return ERR_OK;
}

bool keyword_reserved(const struct keyword *keyword)
{
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (strcmp(keyword->text, reserved[i]) == 0)
            return true;
    }
    return false;
}
