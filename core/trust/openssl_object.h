// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace gatescope::trust {

template <auto Free>
struct ObjectFreer {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};
/// Owns an object of OpenSSL's: `OpenSslPtr<X509, X509_free>`.
template <typename T, auto Free>
using OpenSslPtr = std::unique_ptr<T, ObjectFreer<Free>>;

} // namespace gatescope::trust
