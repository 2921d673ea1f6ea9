# Writes the joined text of PARTS to OUT as a C array called NAME, by bytes, so that no character needs an escape.
set(hex "")
foreach(part ${PARTS})
  file(READ ${part} bytes HEX)
  string(APPEND hex ${bytes})
endforeach()
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT} "extern const char ${NAME}[];\nconst char ${NAME}[] = {${bytes}0};\n")
