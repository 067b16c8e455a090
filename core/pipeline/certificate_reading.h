// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/trust/certificate_file.h"

#include <cstddef>
#include <expected>
#include <string>

namespace gatescope::pipeline {

/// Files of a folder that are looked at; their octets together are limited like those of one file.
inline constexpr std::size_t kMaxCertificateFiles = 4'096;

/// The certificates of a file, or of all files of a folder that hold some (hidden ones and folders inside are passed
/// over, a file that is there under two names counts once). Errors and remarks are in words, errors with the path.
std::expected<trust::CertificateFile, Error> readCertificates(const std::string& path);

/// `2026-07-19`: when the file was last written; empty: not known.
std::string dateOfFile(const std::string& path);

} // namespace gatescope::pipeline
