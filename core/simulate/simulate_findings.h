// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

namespace gatescope::simulate {

inline constexpr FindingKind kSharedBucket{
    "limit.shared-bucket", Severity::Medium, "Different payers share one counter",
    "Calls of several projects, applications or clients fall into one counter, often because a value is missing or "
    "'none'. One of them can use up the limit of all.",
    "Choose a counter key that every caller has, or refuse calls without it."};

inline constexpr FindingKind kAgentVersionBucket{
    "id.agent-version-bucket", Severity::Info, "The version of the agent is part of the key",
    "The agent's id ends in its version, so each published version gets a counter or a metric series of its own, and "
    "publishing an agent resets its limit.",
    "Cut the id at its last colon."};

inline constexpr FindingKind kUnsatisfiable{
    "limit.unsatisfiable", Severity::High, "Calls are larger than the whole limit",
    "The estimate for the prompt alone is over the limit, so these calls are refused however long the caller waits.",
    "Raise the limit, or shorten the prompt."};

inline constexpr FindingKind kDebt{
    "limit.debt", Severity::Info, "Waits are longer than a minute",
    "Answers were larger than what was left, so the token bucket went into debt and has to fill again before anything "
    "is let through.",
    "Raise the limit, or limit the size of answers with max_tokens."};

inline constexpr FindingKind kMetricCardinality{
    "metric.cardinality", Severity::Medium, "The metric would have too many series",
    "Azure Monitor keeps 50,000 active series for a region and subscription within 12 hours, and more than 100 values "
    "of one dimension were reported to be dropped without an error.",
    "Leave the dimension out, or use a value that is shared by more calls."};

inline constexpr FindingKind kEmptyDimension{
    "id.empty-dimension", Severity::Medium, "A dimension would be empty for some calls",
    "A policy that takes the model from the path finds none on routes of the v1 API, where the model stands in the "
    "body.",
    "Read the model from the body when the path has none."};

inline constexpr FindingKind kSpillShare{
    "ptu.spill-share", Severity::Info, "Calls do not fit into the prepaid capacity",
    "While the prepaid capacity is used up, calls go to the standard deployment and are paid by the token, or are "
    "refused where there is no spillover.",
    "Buy more units, smooth the bursts, or lower max_tokens."};

inline constexpr FindingKind kLongContext{
    "ptu.long-context", Severity::Medium, "Prompts are too long for prepaid capacity of this model",
    "This model takes no more than 128,000 prompt tokens on prepaid capacity. Longer prompts get 400 and go to the "
    "standard deployment whatever capacity is bought.",
    "Shorten the prompts, or plan them for a standard deployment."};

} // namespace gatescope::simulate
