# Shared compile settings and the two helpers that every folder uses.
include(GatescopeHeaders)

add_library(gatescope_options INTERFACE)
target_compile_options(gatescope_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                                                   $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
# -pthread everywhere, because it defines a macro: headers that are parsed once must be parsed alike.
target_compile_options(gatescope_options INTERFACE -pthread)
target_compile_definitions(gatescope_options INTERFACE QT_NO_KEYWORDS)
target_include_directories(gatescope_options INTERFACE ${PROJECT_SOURCE_DIR})
if(GATESCOPE_SANITIZE)
  target_compile_options(gatescope_options INTERFACE -fsanitize=${GATESCOPE_SANITIZE} -fno-omit-frame-pointer
                                                     -fno-sanitize-recover=undefined)
  target_link_options(gatescope_options INTERFACE -fsanitize=${GATESCOPE_SANITIZE})
endif()
if(GATESCOPE_FUZZ)
  # Coverage feedback must come from the code under test, so every library is instrumented, not only the target.
  target_compile_options(gatescope_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(gatescope_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# gatescope_core(ROOM [DEPENDS room...] [LIBRARIES target...])
# One static library per core folder: core/ROOM/*.cpp becomes gatescope_ROOM.
function(gatescope_core room)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${room}/*.cpp)
  add_library(gatescope_${room} STATIC ${sources})
  target_link_libraries(gatescope_${room} PUBLIC gatescope_options)
  foreach(other IN LISTS ARG_DEPENDS)
    target_link_libraries(gatescope_${room} PUBLIC gatescope_${other})
  endforeach()
  target_link_libraries(gatescope_${room} PRIVATE ${ARG_LIBRARIES})
  gatescope_use_headers(gatescope_${room} gatescope_core_headers)
endfunction()

# Tests need little speed of their own; compiling them is half of the work of a build.
function(gatescope_compile_as_test target)
  target_compile_options(${target} PRIVATE "$<$<CONFIG:RelWithDebInfo>:-O0;-g1>")
endfunction()

# What every test begins with. Call it once, before the first gatescope_test.
function(gatescope_test_headers)
  # Qt gives each test the paths of its folders as macros that <QTest> looks at, for QFINDTESTDATA, which no test here
  # uses; with them a header parsed for one test would be of no use to the next.
  get_target_property(definitions Qt6::Test INTERFACE_COMPILE_DEFINITIONS)
  list(FILTER definitions EXCLUDE REGEX "QT_TESTCASE_")
  set_target_properties(Qt6::Test PROPERTIES INTERFACE_COMPILE_DEFINITIONS "${definitions}")
  gatescope_headers(gatescope_test_headers TEST HEADERS <QTest> <random> <nlohmann/json.hpp> LIBRARIES Qt6::Test)
  if(GATESCOPE_GUI) # then <QTest> includes more
    gatescope_headers(gatescope_ui_test_headers TEST HEADERS <QTest> <QtWidgets> LIBRARIES Qt6::Test Qt6::Widgets)
  endif()
endfunction()

# moc for the one source of a test that has its class and includes NAME.moc. CMake's own AUTOMOC would look through all
# sources and compile one more file, for each of the tests.
function(gatescope_test_moc name source)
  set(moc ${CMAKE_CURRENT_BINARY_DIR}/${name}_moc/${source})
  string(REGEX REPLACE "\\.cpp$" ".moc" moc ${moc})
  get_filename_component(folder ${moc} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(OUTPUT ${moc} DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${source}
                     COMMAND Qt6::moc ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${moc} VERBATIM)
  target_sources(${name} PRIVATE ${moc})
  target_include_directories(${name} PRIVATE ${folder})
endfunction()

# gatescope_test(NAME [SOURCES file...] [LIBRARIES target...] [ENVIRONMENT var=value...])
# A Qt Test program; NAME.cpp unless SOURCES says otherwise, the one with the class first. Run by ctest.
function(gatescope_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES;ENVIRONMENT" ${ARGN})
  if(NOT ARG_SOURCES)
    set(ARG_SOURCES ${name}.cpp)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  list(GET ARG_SOURCES 0 source)
  gatescope_test_moc(${name} ${source})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE GATESCOPE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gatescope_compile_as_test(${name})
  set(headers gatescope_test_headers)
  if("Qt6::Widgets" IN_LIST ARG_LIBRARIES)
    set(headers gatescope_ui_test_headers)
  endif()
  gatescope_use_headers(${name} ${headers})
  target_link_libraries(${name} PRIVATE gatescope_options ${ARG_LIBRARIES} Qt6::Core Qt6::Test)
  add_test(NAME ${name} COMMAND ${name})
  set(environment QT_QPA_PLATFORM=offscreen ${ARG_ENVIRONMENT})
  if(GATESCOPE_SANITIZE MATCHES thread)
    list(APPEND environment TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/tsan-suppressions.txt)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 ENVIRONMENT "${environment}")
endfunction()
