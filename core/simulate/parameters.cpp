// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/parameters.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

namespace gatescope::simulate {

namespace {

using nlohmann::json;

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::size_t kMostModels = 10'000;
constexpr std::size_t kMostSlices = 16;
constexpr double kLeast = 0.001;               ///< of a rate or ratio: results stay finite
constexpr double kMostRate = 1e12;             ///< tokens a minute of one unit
constexpr std::int64_t kMostUnits = 1'000'000; ///< minimum and step
constexpr std::int64_t kMostSeconds = 86'400;
constexpr double kMostFactor = 1000;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool sameName(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// Reads members into parameters; the first that is wrong ends it, with words.
class Reader {
public:
    explicit Reader(Parameters& parameters) : m_parameters(parameters) {}

    bool failed() const { return !m_message.empty(); }
    const std::string& message() const { return m_message; }

    void read(const json& file) {
        if (!file.is_object()) return fail("the file is no JSON object");
        if (const json* dates = member(file, "asOf"); dates != nullptr && dates->is_object()) {
            text(*dates, "ptu", m_parameters.ptuAsOf);
            text(*dates, "quota", m_parameters.quotaAsOf);
        }
        if (const json* rows = member(file, "ptu")) models(*rows);
        if (const json* names = member(file, "noLongContext128k")) shortContext(*names);
        if (const json* slices = member(file, "rpmSliceSeconds")) sliceSeconds(*slices);
        if (const json* defaults = member(file, "limiterDefaults")) limiter(*defaults);
    }

private:
    static const json* member(const json& object, const char* name) {
        const auto at = object.find(name);
        return at == object.end() ? nullptr : &*at;
    }

    void fail(std::string message) {
        if (m_message.empty()) m_message = std::move(message);
    }

    void text(const json& object, const char* name, std::string& into) {
        const json* value = member(object, name);
        if (value == nullptr) return;
        if (!value->is_string()) return fail(fmt::format("'{}' is no text", name));
        into = value->get<std::string>();
    }

    double decimal(const json& value, std::string_view what, double most) {
        if (value.is_number()) {
            const double number = value.get<double>();
            if (number >= kLeast && number <= most) return number;
        }
        fail(fmt::format("{} is not a number from {} to {}", what, kLeast, most));
        return 1;
    }

    std::int64_t whole(const json& value, std::string_view what, std::int64_t most) {
        const double number = decimal(value, what, static_cast<double>(most));
        if (number != std::floor(number)) fail(fmt::format("{} is not a whole number", what));
        return static_cast<std::int64_t>(number);
    }

    void models(const json& rows) {
        constexpr std::size_t kColumns = 7; // the eighth, a latency target, is not used
        if (!rows.is_array() || rows.size() > kMostModels)
            return fail(fmt::format("'ptu' is not a list of at most {} models", kMostModels));
        for (const json& row : rows) {
            if (!row.is_array() || row.size() < kColumns || !row[0].is_string() || row[0].get<std::string>().empty())
                return fail("a row of 'ptu' does not have the columns of 'ptuColumns'");
            model(row);
            if (failed()) return;
        }
    }

    void model(const json& row) {
        PtuModel model;
        model.model = row[0].get<std::string>();
        const auto name = [&](const char* column) { return fmt::format("{} of '{}'", column, model.model); };
        model.inputTpmPerPtu = decimal(row[1], name("inputTpmPerPtu"), kMostRate);
        model.outputToInputRatio = decimal(row[2], name("outputToInputRatio"), kMostFactor);
        model.minimum = whole(row[3], name("minGlobalOrDataZone"), kMostUnits);
        model.step = whole(row[4], name("stepGlobalOrDataZone"), kMostUnits);
        if (!row[5].is_null()) model.regionalMinimum = whole(row[5], name("minRegional"), kMostUnits);
        if (!row[6].is_null()) model.regionalStep = whole(row[6], name("stepRegional"), kMostUnits);
        const auto known = std::ranges::find_if(
            m_parameters.ptu, [&](const PtuModel& other) { return sameName(other.model, model.model); });
        if (known == m_parameters.ptu.end()) {
            m_parameters.ptu.push_back(std::move(model));
            return;
        }
        model.longContext = known->longContext;
        *known = std::move(model);
    }

    void shortContext(const json& names) {
        if (!names.is_array()) return fail("'noLongContext128k' is no list");
        for (PtuModel& model : m_parameters.ptu)
            model.longContext = std::ranges::none_of(names, [&](const json& name) {
                return name.is_string() && sameName(name.get_ref<const std::string&>(), model.model);
            });
    }

    void sliceSeconds(const json& slices) {
        if (!slices.is_array() || slices.empty() || slices.size() > kMostSlices)
            return fail("'rpmSliceSeconds' is no short list");
        m_parameters.rpmSliceSeconds.clear();
        for (const json& slice : slices)
            m_parameters.rpmSliceSeconds.push_back(whole(slice, "an entry of 'rpmSliceSeconds'", 60));
    }

    void limiter(const json& defaults) {
        if (!defaults.is_object()) return fail("'limiterDefaults' is no object");
        if (const json* value = member(defaults, "bucketCapacityFactor"))
            m_parameters.bucketCapacityFactor = decimal(*value, "bucketCapacityFactor", kMostFactor);
        if (const json* value = member(defaults, "ptuBucketDepthSeconds"))
            m_parameters.ptuBucketDepthSeconds = whole(*value, "ptuBucketDepthSeconds", kMostSeconds);
        if (const json* value = member(defaults, "assumedMaxTokensWhenAbsent"))
            m_parameters.assumedMaxTokens = whole(*value, "assumedMaxTokensWhenAbsent", kMaxCount);
        std::string day;
        text(defaults, "weekStart", day);
        if (day.empty()) return;
        if (const auto parsed = parseWeekday(day))
            m_parameters.weekStart = *parsed;
        else
            fail(fmt::format("'{}' is no day of the week", day));
    }

    Parameters& m_parameters;
    std::string m_message;
};

} // namespace

const PtuModel* Parameters::find(std::string_view model) const {
    const auto at = std::ranges::find_if(ptu, [&](const PtuModel& known) { return sameName(known.model, model); });
    return at == ptu.end() ? nullptr : &*at;
}

std::expected<Parameters, Error> parseParameters(std::string_view text) {
    const auto wrong = [](std::string message) {
        return std::unexpected(Error{ErrorKind::Usage, "parameters: " + std::move(message)});
    };
    if (text.size() > kMostBytes) return wrong("the file is larger than 1 MiB");
    const json file = json::parse(text, nullptr, false);
    if (file.is_discarded()) return wrong("the file is not valid JSON");
    Parameters parameters = shippedParameters();
    Reader reader(parameters);
    reader.read(file);
    if (reader.failed()) return wrong(reader.message());
    return parameters;
}

} // namespace gatescope::simulate
