// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/path/trust.h"

#include <memory>
#include <vector>

namespace gatescope::analysis {

struct Chunk;
struct Store;

/// Who called, of one row.
struct ClientCodes {
    StringPool::Code client = StringPool::kNone; ///< FieldId::EffectiveClient
    StringPool::Code kind = StringPool::kNone;   ///< FieldId::ClientClass
};

/// Works out who called, row by row; the answer for one way is remembered.
class ClientReader {
public:
    ClientReader(Store& store, std::shared_ptr<const path::Trust> trust);
    ~ClientReader();

    /// Caller holds the store's mutex.
    ClientCodes read(const Chunk& chunk, std::size_t offset);
    /// Of a row of the store, which may show a call that several records tell of.
    ClientCodes read(Row row);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// Who called, after the hops that the user trusts: depends on `path::Trust`, which may change after reading.
struct ClientColumns {
    std::vector<StringPool::Code> client; ///< by row: FieldId::EffectiveClient
    std::vector<StringPool::Code> kind;   ///< by row: FieldId::ClientClass
};

/// Of all rows. Caller holds the store's mutex.
std::shared_ptr<const ClientColumns> makeClientColumns(Store& store);

} // namespace gatescope::analysis
