# Finds a library through pkg-config as PkgConfig::<prefix>; a missing one is named with the package that brings it.
find_package(PkgConfig REQUIRED)

function(need prefix module debian_package)
  pkg_check_modules(${prefix} QUIET IMPORTED_TARGET GLOBAL ${module})
  if(NOT ${prefix}_FOUND)
    message(FATAL_ERROR
      "${module} is missing. Install it with: apt-get install ${debian_package} (or run scripts/deps, which installs all).")
  endif()
endfunction()

need(HIREDIS hiredis libhiredis-dev)
need(RDKAFKA rdkafka librdkafka-dev)
need(CURL libcurl libcurl4-openssl-dev)
need(JANSSON jansson libjansson-dev)
need(MICROHTTPD libmicrohttpd libmicrohttpd-dev)
need(CRYPTO libcrypto libssl-dev)
need(CARES libcares libc-ares-dev)
need(INIH inih libinih-dev)
need(JEMALLOC jemalloc libjemalloc-dev)

# cctz has no pkg-config file.
find_library(CCTZ_LIBRARY cctz)
find_path(CCTZ_INCLUDE cctz/time_zone.h)
if(NOT CCTZ_LIBRARY OR NOT CCTZ_INCLUDE)
  message(FATAL_ERROR
    "cctz is missing. Install it with: apt-get install libcctz-dev (or run scripts/deps, which installs all).")
endif()

# Nor has libphonenumber.
find_library(PHONENUMBER_LIBRARY phonenumber)
find_path(PHONENUMBER_INCLUDE phonenumbers/phonenumberutil.h)
if(NOT PHONENUMBER_LIBRARY OR NOT PHONENUMBER_INCLUDE)
  message(FATAL_ERROR
    "libphonenumber is missing. Install it with: apt-get install libphonenumber-dev (or run scripts/deps, which installs all).")
endif()

# Nor has libcsv.
find_library(CSV_LIBRARY csv)
find_path(CSV_INCLUDE csv.h)
if(NOT CSV_LIBRARY OR NOT CSV_INCLUDE)
  message(FATAL_ERROR
    "libcsv is missing. Install it with: apt-get install libcsv-dev (or run scripts/deps, which installs all).")
endif()

# Debian's python3 knows Debian's modules; another one first in PATH may not.
foreach(python /usr/bin/python3 python3)
  execute_process(COMMAND ${python} -c "import yaml" RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
  if(status STREQUAL 0)
    set(PYTHON_WITH_YAML ${python})
    break()
  endif()
endforeach()
if(NOT PYTHON_WITH_YAML)
  message(FATAL_ERROR
    "python3's yaml is missing. Install it with: apt-get install python3-yaml (or run scripts/deps, which installs all).")
endif()
