// SPDX-License-Identifier: Apache-2.0
#include "core/path/topology_limits.h"
#include "core/path/trust.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gatescope::path {

namespace {

using Json = nlohmann::json;

std::unexpected<Error> usage(std::string message) {
    return std::unexpected(Error{ErrorKind::Usage, std::move(message)});
}

/// Reads one object and says where something is wrong in it.
class ObjectReader {
public:
    ObjectReader(const Json& object, std::string place) : m_object(object), m_place(std::move(place)) {}

    void allow(const std::vector<std::string_view>& keys) {
        for (const auto& [key, value] : m_object.items())
            if (std::ranges::find(keys, key) == keys.end())
                fail(fmt::format("{} has the unknown key '{}'", m_place, shortened(key)));
    }
    std::string text(const char* key) {
        const Json* const value = find(key);
        if (value == nullptr) return {};
        if (value->is_string() && value->get_ref<const std::string&>().size() <= kMaxTopologyText)
            return value->get<std::string>();
        fail(fmt::format("{}.{} is no text of at most {} octets", m_place, key, kMaxTopologyText));
        return {};
    }
    bool boolean(const char* key, bool otherwise) {
        const Json* const value = find(key);
        if (value == nullptr) return otherwise;
        if (!value->is_boolean()) fail(fmt::format("{}.{} is neither true nor false", m_place, key));
        return value->is_boolean() ? value->get<bool>() : otherwise;
    }
    std::optional<unsigned> count(const char* key) {
        const Json* const value = find(key);
        if (value == nullptr) return std::nullopt;
        if (value->is_number_unsigned() && value->get<std::uint64_t>() <= kMaxTrustedHops)
            return value->get<unsigned>();
        fail(fmt::format("{}.{} is no number from 0 to {}", m_place, key, kMaxTrustedHops));
        return std::nullopt;
    }
    const Json* find(const char* key) const {
        const auto at = m_object.find(key);
        return at == m_object.end() || at->is_null() ? nullptr : &*at;
    }
    void fail(std::string message) {
        if (m_error.empty()) m_error = std::move(message);
    }
    const std::string& error() const { return m_error; }

    static std::string shortened(std::string_view text) { return std::string(text.substr(0, 64)); }

private:
    const Json& m_object;
    std::string m_place;
    std::string m_error;
};

std::expected<Subnet, Error> readSubnet(const Json& entry, const std::string& place) {
    if (!entry.is_object()) return usage(place + " is no object");
    ObjectReader reader(entry, place);
    reader.allow({"cidr", "name", "role", "trusted", "where"});
    Subnet subnet;
    subnet.cidr = reader.text("cidr");
    subnet.name = reader.text("name");
    subnet.role = reader.text("role");
    subnet.where = reader.text("where");
    subnet.trusted = reader.boolean("trusted", false);
    if (!subnet.role.empty() && std::ranges::find(kSubnetRoles, subnet.role) == kSubnetRoles.end())
        reader.fail(fmt::format("{}.role is '{}'; expected one of {}", place, ObjectReader::shortened(subnet.role),
                                fmt::join(kSubnetRoles, ", ")));
    const auto range = Cidr::parse(subnet.cidr);
    if (!range)
        reader.fail(fmt::format("{}.cidr is '{}'; expected an address or a range such as 10.0.9.0/24", place,
                                ObjectReader::shortened(subnet.cidr)));
    if (!reader.error().empty()) return usage(reader.error());
    subnet.range = *range;
    return subnet;
}

std::expected<Trust, Error> readTrust(const Json& file) {
    ObjectReader reader(file, "topology");
    reader.allow({"version", "front_door_id", "trusted_hops", "use_remote_address", "subnets"});
    Trust trust;
    if (reader.find("front_door_id") != nullptr) trust.frontDoorId = reader.text("front_door_id");
    trust.trustedHops = reader.count("trusted_hops");
    trust.useRemoteAddress = reader.boolean("use_remote_address", true);
    if (const auto version = reader.count("version"); version && *version != 1)
        reader.fail(fmt::format("topology.version is {}; this program reads version 1", *version));
    const Json* const subnets = reader.find("subnets");
    if (subnets != nullptr && (!subnets->is_array() || subnets->size() > kMaxSubnets))
        reader.fail(fmt::format("topology.subnets is no list of at most {} subnets", kMaxSubnets));
    if (!reader.error().empty()) return usage(reader.error());
    for (std::size_t i = 0; subnets != nullptr && i < subnets->size(); ++i) {
        auto subnet = readSubnet((*subnets)[i], fmt::format("topology.subnets[{}]", i));
        if (!subnet) return std::unexpected(subnet.error());
        trust.subnets.push_back(*std::move(subnet));
    }
    return trust;
}

} // namespace

std::expected<Trust, Error> readTopology(std::string_view text) {
    const auto unknown = [](std::string message) {
        return std::unexpected(Error{ErrorKind::UnknownFormat, std::move(message)});
    };
    if (text.size() > kMaxTopologyBytes)
        return unknown(fmt::format("a topology has at most {} octets", kMaxTopologyBytes));
    Json file;
    try {
        file = Json::parse(text);
    } catch (const Json::parse_error& error) {
        const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(error.byte, text.size()));
        return unknown(fmt::format("no JSON from line {} on", 1 + std::count(text.begin(), end, '\n')));
    }
    if (!file.is_object()) return unknown("a topology is a JSON object with a list 'subnets'");
    return readTrust(file);
}

std::string writeTopology(const Trust& trust) {
    nlohmann::ordered_json file;
    file["version"] = 1;
    if (trust.frontDoorId) file["front_door_id"] = *trust.frontDoorId;
    if (trust.trustedHops) file["trusted_hops"] = *trust.trustedHops;
    if (!trust.useRemoteAddress) file["use_remote_address"] = false;
    auto& subnets = file["subnets"] = nlohmann::ordered_json::array();
    for (const Subnet& subnet : trust.subnets) {
        nlohmann::ordered_json entry;
        entry["cidr"] = subnet.cidr;
        if (!subnet.name.empty()) entry["name"] = subnet.name;
        if (!subnet.role.empty()) entry["role"] = subnet.role;
        if (subnet.trusted) entry["trusted"] = true;
        if (!subnet.where.empty()) entry["where"] = subnet.where;
        subnets.push_back(std::move(entry));
    }
    return file.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

} // namespace gatescope::path
