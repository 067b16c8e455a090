// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over files instead of under libFuzzer: each file of the given folders, and for each also all its
// short prefixes, so that a plain build without clang still meets every input that once broke something.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// Headers of every format are over by then; longer prefixes cost time and find little.
constexpr std::size_t kPrefixSweep = 96;

std::vector<std::filesystem::path> filesBelow(const std::filesystem::path& place) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    if (std::filesystem::is_regular_file(place, error)) return {place};
    for (const auto& entry : std::filesystem::directory_iterator(place, error)) {
        if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

void replay(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
    // A copy of exactly the size, so that a sanitizer sees the first byte read past the end.
    const auto run = [&](std::size_t size) {
        const std::vector<std::uint8_t> input(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        LLVMFuzzerTestOneInput(input.data(), input.size());
    };
    for (std::size_t size = 0; size < std::min(bytes.size(), kPrefixSweep); ++size) run(size);
    run(bytes.size());
}

} // namespace

int main(int argc, char** argv) {
    LLVMFuzzerTestOneInput(nullptr, 0);
    std::size_t count = 0;
    for (int i = 1; i < argc; ++i) {
        for (const auto& path : filesBelow(argv[i])) {
            // Said before the run: when it crashes, the last line names the input.
            std::printf("%s\n", path.c_str());
            std::fflush(stdout);
            replay(path);
            ++count;
        }
    }
    std::printf("%zu inputs replayed\n", count);
    return argc > 1 && count == 0 ? 1 : 0; // folders without an input: a wrong name, and nothing was tested
}
