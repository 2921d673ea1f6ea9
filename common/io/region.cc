#include "common/io/region.h"

#include <phonenumbers/phonenumberutil.h>

#include <cstring>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

bool region_of_prefix(char ret_region[REGION_SIZE], const char digits[REGION_DIGITS])
{
    /* What may follow an area code of North America, Russia or Kazakhstan. */
    const std::string text = "+" + std::string(digits, REGION_DIGITS) + "2345678";
    const PhoneNumberUtil *const util = PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    std::string region;
    if (util->Parse(text, "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR)
        return false;
    if (number.country_code() == 1 || number.country_code() == 7)
        util->GetRegionCodeForNumber(number, &region);
    if (region.size() != 2 || region == "ZZ")
        util->GetRegionCodeForCountryCode(number.country_code(), &region);
    if (region.size() != 2 || region == "ZZ")
        return false;
    std::memcpy(ret_region, region.c_str(), REGION_SIZE);
    return true;
}
