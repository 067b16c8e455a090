// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

namespace gatescope::gatewaylog {

inline constexpr FindingKind kDamagedRecord{
    "log.damaged-record", Severity::Medium, "A record of a log cannot be read",
    "Its text does not have the form of this log. The record is left out; the ones after it were read.",
    "Look at the line in the log. A disk that was full or a collector that was stopped leaves such records."};

inline constexpr FindingKind kCutRecord{
    "log.cut-record", Severity::Medium, "The log ends inside a record",
    "The last record is not whole and is left out; everything before it was read.",
    "Export the log again, or wait until the hour that it covers is over: storage blobs are written in pieces."};

inline constexpr FindingKind kUnknownRecord{
    "log.unknown-record", Severity::Low, "A record of a log is of no known kind",
    "The record is readable, but its members are those of no log that is known here. It is left out.",
    "If columns were renamed when the log was exported, say which is which with a column mapping."};

inline constexpr FindingKind kRecordTooLong{"log.record-too-long", Severity::Medium,
                                            "A record of a log is longer than the limit",
                                            "The record is left out; the ones after it were read.", ""};

inline constexpr FindingKind kDocumentTooLong{
    "log.document-too-long", Severity::High, "A log that is one document is longer than the limit",
    "Logs of this kind are read as a whole. Nothing of it was read.", "Export a shorter span of time."};

inline constexpr FindingKind kTruncated{
    "log.truncated", Severity::Medium, "The log holds only the beginning of a body",
    "The gateway writes bodies up to a limit, or a part of it is missing. What stands behind it, such as the token "
    "counts of the answer, is not known, and the text is never read as if it were whole.",
    "Raise the number of bytes that the diagnostic settings of the API log, or use the log of model calls."};

inline constexpr FindingKind kHeaderNotLogged{
    "log.header-not-logged", Severity::Low, "A log does not hold the headers that say who called",
    "The record has none of the headers that name project, agent or model. A gateway logs only the headers that its "
    "settings name, so they may have been sent all the same.",
    "Add openai-project and the x-ms-foundry headers to the headers that the diagnostic settings log."};

inline constexpr FindingKind kTimeZoneUnknown{
    "log.time-zone-unknown", Severity::Low, "The times of a log do not say their time zone",
    "They are written for a person's display settings and are read as UTC. If the display was set to another zone, all "
    "times of this log are off by whole hours.",
    "Export again with the time zone set to UTC, or with a query tool that writes ISO 8601."};

} // namespace gatescope::gatewaylog
