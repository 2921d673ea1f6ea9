# embed_lua(<target> NAME <script> PARTS <file>...): joins Lua files in order and adds them to <target> as the C string
# lua_<script>, so that a script shares its helpers with others and a worker carries its scripts inside.
function(embed_lua target)
  cmake_parse_arguments(E "" "NAME" "PARTS" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/lua_${E_NAME}.c)
  set(parts "")
  foreach(part ${E_PARTS})
    list(APPEND parts ${CMAKE_CURRENT_SOURCE_DIR}/${part})
  endforeach()
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAME=lua_${E_NAME} "-DPARTS=${parts}"
            -P ${PROJECT_SOURCE_DIR}/scripts/cmake/embed_file.cmake
    DEPENDS ${parts} ${PROJECT_SOURCE_DIR}/scripts/cmake/embed_file.cmake VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()

# embed_yaml(<target> NAME <name> FILE <file>): adds a YAML file to <target> as the C string <name>, turned into JSON.
function(embed_yaml target)
  cmake_parse_arguments(E "" "NAME;FILE" "" ${ARGN})
  set(json ${CMAKE_CURRENT_BINARY_DIR}/${E_NAME}.json)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${E_NAME}.c)
  add_custom_command(OUTPUT ${out}
    COMMAND ${PYTHON_WITH_YAML} ${PROJECT_SOURCE_DIR}/scripts/cmake/yaml_to_json.py ${E_FILE} ${json}
            ${PROJECT_VERSION}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAME=${E_NAME} -DPARTS=${json}
            -P ${PROJECT_SOURCE_DIR}/scripts/cmake/embed_file.cmake
    DEPENDS ${E_FILE} ${PROJECT_SOURCE_DIR}/scripts/cmake/yaml_to_json.py
            ${PROJECT_SOURCE_DIR}/scripts/cmake/embed_file.cmake VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
