# Headers that are parsed once. Parsing the same headers of libraries in each file is more than half of the work of a
# build. Files still include all that they use: with GATESCOPE_PRECOMPILE off (presets nogui and fuzz) nothing is given.

option(GATESCOPE_PRECOMPILE "Parse the headers of libraries once" ON)

set(GATESCOPE_COMMON_HEADERS
    <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cmath> <condition_variable> <cstddef> <cstdint> <cstring>
    <deque> <expected> <fstream> <functional> <initializer_list> <iterator> <limits> <map> <memory> <mutex>
    <numeric> <optional> <set> <span> <stdexcept> <stop_token> <string> <string_view> <system_error> <thread> <tuple>
    <unordered_map> <unordered_set> <utility> <variant> <vector> <fmt/format.h>)

# gatescope_headers(NAME [TEST] HEADERS header... [LIBRARIES target...])
# Parses these and the common headers once, with the options of what links these libraries.
function(gatescope_headers name)
  cmake_parse_arguments(ARG "TEST" "" "HEADERS;LIBRARIES" ${ARGN})
  if(NOT GATESCOPE_PRECOMPILE AND NOT ARG_TEST)
    return()
  endif()
  add_library(${name} OBJECT ${PROJECT_SOURCE_DIR}/packaging/cmake/precompiled.cpp)
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS} ${GATESCOPE_COMMON_HEADERS})
  target_link_libraries(${name} PRIVATE gatescope_options fmt::fmt ${ARG_LIBRARIES})
  if(ARG_TEST)
    gatescope_compile_as_test(${name})
  endif()
endfunction()

# gatescope_use_headers(TARGET NAME): each file of the target begins with what NAME parsed.
function(gatescope_use_headers target name)
  if(TARGET ${name})
    target_precompile_headers(${target} REUSE_FROM ${name})
    # -fpch-preprocess: ccache asks for it. GCC 12 warns wrongly of the library's own memcpy in headers parsed so.
    target_compile_options(
      ${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess;-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>)
    # What was parsed once is of use only where the same macros are defined.
    target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:fmt::fmt,INTERFACE_COMPILE_DEFINITIONS>)
  endif()
endfunction()
