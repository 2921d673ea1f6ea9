if(BUILD_TESTING AND NOT SANITIZE MATCHES thread AND NOT FUZZ)
  need(CRITERION criterion libcriterion-dev)
  need(SSL libssl libssl-dev)
endif()

# One Criterion binary from one file. Criterion does not start under ThreadSanitizer and exits 0 on a leak, hence the
# check above and the regular expression below.
function(add_criterion_test name label timeout_s)
  if(NOT TARGET PkgConfig::CRITERION)
    return()
  endif()
  cmake_parse_arguments(T "" "" "LIBS" ${ARGN})
  add_executable(${name} ${name}.c)
  target_link_libraries(${name} PRIVATE ${T_LIBS} flags PkgConfig::CRITERION)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/${label})
  add_test(NAME ${name} COMMAND ${name} --ascii --timeout ${timeout_s})
  set_tests_properties(${name} PROPERTIES LABELS ${label}
    FAIL_REGULAR_EXPRESSION "ERROR: (LeakSanitizer|AddressSanitizer)|runtime error:")
endfunction()

# Needs nothing but the code under test.
function(add_unit_test name)
  add_criterion_test(${name} unit 20 ${ARGN})
endfunction()

# Needs the Redis and the Kafka that scripts/test starts (REDIS_URL, KAFKA_BROKERS).
function(add_integration_test name)
  add_criterion_test(${name} integration 60 ${ARGN})
endfunction()

# Plain main() program for concurrency: what the tsan preset is for.
function(add_race_test name)
  cmake_parse_arguments(T "" "" "LIBS" ${ARGN})
  add_executable(${name} ${name}.c)
  target_link_libraries(${name} PRIVATE ${T_LIBS} flags)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS race TIMEOUT 60)
endfunction()

# LLVMFuzzerTestOneInput target; ctest replays the corpus, a human runs it longer.
function(add_fuzzer name)
  if(NOT FUZZ)
    return()
  endif()
  cmake_parse_arguments(T "" "CORPUS" "LIBS" ${ARGN})
  add_executable(${name} ${name}.c)
  target_link_libraries(${name} PRIVATE ${T_LIBS} flags)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set(found ${CMAKE_CURRENT_BINARY_DIR}/${name}.found) # libFuzzer writes to the first directory
  file(MAKE_DIRECTORY ${found})
  add_test(NAME ${name} COMMAND ${name} -runs=20000 ${found} ${T_CORPUS})
  set_tests_properties(${name} PROPERTIES LABELS fuzz)
endfunction()

# Every test_*.c of the calling folder, as tests of one label ("unit" or "integration"), linked with LIBS.
function(add_folder_tests label)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test_*.c)
  foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    cmake_language(CALL add_${label}_test ${name} ${ARGN})
  endforeach()
endfunction()
