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
