// SPDX-License-Identifier: Apache-2.0
#include "core/llm/event_filter.h"

#include "core/llm/json_text.h"

#include <bit>
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gatescope::llm {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

/// A look under way: what the members seen so far add up to.
class Look {
public:
    explicit Look(std::string_view data) : m_data(data) {}

    /// Place of the value of the member whose name, `length` octets with its quotes, stands at `at`; npos: it is none.
    std::size_t valueAt(std::size_t at, std::size_t length) const {
        at = skipBlanks(m_data, at + length);
        if (at >= m_data.size() || m_data[at] != ':') return kNone;
        at = skipBlanks(m_data, at + 1);
        return at < m_data.size() ? at : kNone;
    }
    /// The text at `at` is delivered. Returns the place behind it; npos: it is not whole, or no text.
    std::size_t take(std::size_t at) {
        if (m_data[at] != '"') return kNone;
        const std::size_t end = closingQuote(m_data, at + 1);
        if (end == kNone) return kNone;
        if (end != at + 1) {
            ++m_texts;
            m_from = at + 1;
            m_to = end;
            m_octets += unescapedOctets(m_data.substr(m_from, m_to - m_from));
        }
        return end + 1;
    }

    /// The event carries content, whatever its text.
    void mark() { m_marked = true; }
    bool isMarked() const { return m_marked; }

    EventLook told() const { return {false, m_marked || m_texts != 0, m_octets}; }
    bool hasOneText() const { return m_texts == 1; }
    std::string_view before() const { return m_data.substr(0, m_from); }
    std::string_view after() const { return m_data.substr(m_to); }
    std::string_view data() const { return m_data; }

private:
    std::string_view m_data;
    bool m_marked = false;
    std::size_t m_texts = 0;
    std::size_t m_octets = 0;
    std::size_t m_from = 0;
    std::size_t m_to = 0;
};

bool isNamed(std::string_view name, std::initializer_list<std::string_view> names) {
    for (const std::string_view other : names)
        if (name == other) return true;
    return false;
}

/// Place of `name`, quotes included, from `at` on. Not the end of a text that ends like it.
std::size_t findName(std::string_view data, std::string_view name, std::size_t at) {
    at = data.find(name, at);
    while (at != kNone && at != 0 && data[at - 1] == '\\') at = data.find(name, at + 1);
    return at;
}

/// Place behind the list or object that begins at `at`; npos: it is not whole.
std::size_t behindNested(std::string_view data, std::size_t at) {
    std::size_t depth = 0;
    for (; at < data.size(); ++at) {
        const char c = data[at];
        if (c == '"') {
            at = closingQuote(data, at + 1);
            if (at == kNone) return kNone;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return at + 1;
        }
    }
    return kNone;
}

/// Measures the pieces of arguments in the list of tool calls between `at` and `end`. False: a call begins here.
bool takeArguments(Look& look, std::size_t at, std::size_t end) {
    const std::string_view data = look.data().substr(0, end);
    if (data.find('{', at) != kNone) look.mark();
    constexpr std::string_view kArguments = "\"arguments\"";
    if (findName(data, "\"name\"", at) != kNone || findName(data, "\"custom\"", at) != kNone) return false;
    for (at = findName(data, kArguments, at); at != kNone; at = findName(data, kArguments, at)) {
        const std::size_t value = look.valueAt(at, kArguments.size());
        at = value == kNone ? kNone : look.take(value);
        if (at == kNone) return false;
    }
    return true;
}

/// Goes through the members of a delta, whose `{` stands at `at`. Returns the place of its `}`; npos: it has to be
/// parsed.
std::size_t takeDelta(Look& look, std::size_t at, std::initializer_list<std::string_view> texts) {
    const std::string_view data = look.data();
    bool reasoned = false;
    at = skipBlanks(data, at + 1);
    while (at < data.size() && data[at] != '}') {
        if (data[at] != '"') return kNone;
        const std::size_t nameEnd = closingQuote(data, at + 1);
        if (nameEnd == kNone) return kNone;
        const std::string_view name = data.substr(at + 1, nameEnd - at - 1);
        std::size_t value = look.valueAt(at, name.size() + 2);
        if (value == kNone) return kNone;
        if (data[value] == '"') {
            const bool reasoning = isNamed(name, {"reasoning_content", "reasoning"});
            const std::size_t end = closingQuote(data, value + 1);
            if (end == kNone) return kNone;
            if (isNamed(name, texts) && !(reasoning && reasoned)) look.take(value);
            reasoned = reasoned || (reasoning && end != value + 1);
            value = end + 1;
        } else if (data[value] == '{' || data[value] == '[') {
            if (isNamed(name, {"function_call", "audio"}) || isNamed(name, texts)) return kNone; // for the parser
            const std::size_t end = behindNested(data, value);
            if (end == kNone || (name == "tool_calls" && !takeArguments(look, value, end))) return kNone;
            value = end;
        } else { // null and the like
            while (value < data.size() && data[value] != ',' && data[value] != '}') ++value;
        }
        at = skipBlanks(data, value);
        if (at < data.size() && data[at] == ',') at = skipBlanks(data, at + 1);
    }
    return at < data.size() ? at : kNone;
}

/// Looks at a chat event in one pass: at the names that may say something.
class ChatPass {
public:
    explicit ChatPass(std::string_view data) : m_look(data), m_data(data) {}

    /// False: the event has to be parsed.
    bool run() {
        std::size_t i = 0;
#if defined(__SSE2__)
        // Quote and letter are compared in whole vectors: this loop sees most of a stream.
        const __m128i quote = _mm_set1_epi8('"');
        const __m128i two = _mm_set1_epi8(2);
        const __m128i letterD = _mm_set1_epi8('d'); // d, e, f
        const __m128i letterS = _mm_set1_epi8('s'); // s, t, u
        for (; i + 17 <= m_data.size(); i += 16) {
            const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(m_data.data() + i));
            const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(m_data.data() + i + 1));
            const __m128i fromD = _mm_sub_epi8(next, letterD);
            const __m128i fromS = _mm_sub_epi8(next, letterS);
            const __m128i letters = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(fromD, two), fromD),
                                                 _mm_cmpeq_epi8(_mm_min_epu8(fromS, two), fromS));
            auto hits =
                static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(here, quote), letters)));
            for (; hits != 0; hits &= hits - 1)
                if (!nameAt(i + static_cast<std::size_t>(std::countr_zero(hits)))) return false;
        }
#endif
        for (; i + 1 < m_data.size(); ++i)
            if (m_data[i] == '"' && isFirstLetter(m_data[i + 1]) && !nameAt(i)) return false;
        return !(m_delta && m_text);
    }
    const Look& look() const { return m_look; }

private:
    static constexpr bool isFirstLetter(char c) { return (c >= 'd' && c <= 'f') || (c >= 's' && c <= 'u'); }

    /// True when the name is `name` and its value is neither null nor an empty text, false or `safe`.
    template <std::size_t Size>
    bool says(std::size_t at, const char (&name)[Size]) const {
        if (!stands(at, name)) return false;
        const std::size_t value = m_look.valueAt(at, Size - 1);
        if (value == kNone) return false;
        const std::string_view rest = m_data.substr(value);
        return rest[0] != 'n' && rest[0] != 'f' && !rest.starts_with("\"\"") && !rest.starts_with("\"safe\"");
    }

    /// A comparison whose length is known needs no call.
    template <std::size_t Size>
    bool stands(std::size_t at, const char (&name)[Size]) const {
        return m_data.size() - at >= Size - 1 && std::memcmp(m_data.data() + at, name, Size - 1) == 0;
    }

    /// False: what stands at `at` has to be parsed.
    bool nameAt(std::size_t at) {
        // What is shorter than a name with a value behind it holds nothing.
        if (m_data.size() - at < 9) return true;
        if (at != 0 && m_data[at - 1] == '\\') return true; // inside a text
        switch (m_data[at + 1]) {
        case 'u':
            return !says(at, "\"usage\"");
        case 'e':
            return !says(at, "\"error\"");
        case 's':
            return !says(at, "\"severity\"");
        case 'f':
            return !says(at, "\"finish_reason\"") && !says(at, "\"filtered\"");
        case 'd':
            return stands(at, "\"delta\"") ? delta(at) : !says(at, "\"detected\"");
        default:
            return !stands(at, "\"text\"") || text(at);
        }
    }

    bool delta(std::size_t at) {
        const std::size_t value = m_look.valueAt(at, 7);
        if (value == kNone || m_data[value] == 'n') return true;
        if (m_data[value] != '{') return false;
        m_delta = true;
        return takeDelta(m_look, value, {"content", "reasoning_content", "reasoning", "refusal"}) != kNone;
    }

    /// Of legacy completions.
    bool text(std::size_t at) {
        const std::size_t value = m_look.valueAt(at, 6);
        if (value == kNone || m_data[value] == 'n' || m_delta) return true;
        m_text = true;
        return m_look.take(value) != kNone;
    }

    Look m_look;
    std::string_view m_data;
    bool m_delta = false;
    bool m_text = false;
};

/// The event's name, else the type that its data begins with; empty: neither.
std::string_view typeOf(const http::ServerSentEvent& event) {
    if (!event.name.empty()) return event.name;
    const std::string_view data = event.data;
    std::size_t at = skipBlanks(data, 0);
    if (at >= data.size() || data[at] != '{') return {};
    at = skipBlanks(data, at + 1);
    constexpr std::string_view kType = "\"type\"";
    if (data.compare(at, kType.size(), kType) != 0) return {};
    at = Look(data).valueAt(at, kType.size());
    if (at == kNone || data[at] != '"') return {};
    const std::size_t end = closingQuote(data, at + 1);
    return end == kNone ? std::string_view{} : data.substr(at + 1, end - at - 1);
}

/// Measures the `delta` of an event. False: it is not as expected.
bool takeDeltaMember(Look& look, std::initializer_list<std::string_view> texts) {
    constexpr std::string_view kDelta = "\"delta\"";
    const std::size_t at = look.data().find(kDelta);
    if (at == kNone) return false;
    const std::size_t value = look.valueAt(at, kDelta.size());
    if (value == kNone) return false;
    look.mark();
    if (look.data()[value] == '{') return texts.size() != 0 && takeDelta(look, value, texts) != kNone;
    return look.take(value) != kNone;
}

constexpr EventLook kParse{};
constexpr EventLook kNothing{false, false, 0};

EventLook lookAtResponses(std::string_view type, Look& look) {
    if (type.ends_with(".delta")) {
        if (!takeDeltaMember(look, {})) return kParse;
        EventLook told = look.told();
        if (type.ends_with("audio.delta")) told.octets = 0; // sound, as base64
        return told;
    }
    if (!type.starts_with("response.")) return kParse;
    if (isNamed(type, {"response.completed", "response.incomplete", "response.failed", "response.done"})) return kParse;
    if (type.ends_with(".partial_image")) return {false, true, 0};
    if (type.starts_with("response.output_item.") && look.data().find("_call\"") != kNone) return kParse;
    return kNothing;
}

EventLook lookAtAnthropic(std::string_view type, Look& look) {
    if (type == "content_block_delta") {
        if (!takeDeltaMember(look, {"text", "thinking", "partial_json"})) return kParse;
        return look.told();
    }
    return isNamed(type, {"ping", "content_block_stop", "message_stop"}) ? kNothing : kParse;
}

} // namespace

void EventFilter::reset() {
    m_name.clear();
    m_before.clear();
    m_after.clear();
}

EventLook EventFilter::look(WireFormat format, const http::ServerSentEvent& event) {
    const std::string_view data = event.data;
    const std::size_t around = m_before.size() + m_after.size();
    if (around != 0 && data.size() >= around && event.name == m_name &&
        std::memcmp(data.data(), m_before.data(), m_before.size()) == 0 &&
        std::memcmp(data.data() + data.size() - m_after.size(), m_after.data(), m_after.size()) == 0) {
        const std::size_t from = m_before.size();
        // The quote that closes the text is where it was: then all else is as it was.
        if (closingQuote(data, from) == data.size() - m_after.size()) {
            const std::size_t octets = unescapedOctets(data.substr(from, data.size() - around));
            return {false, m_marked || octets != 0, octets};
        }
    }
    const auto remember = [&](const Look& look) {
        if (!look.hasOneText() || data.size() > kMaxSurroundings) return;
        m_name.assign(event.name);
        m_before.assign(look.before());
        m_after.assign(look.after());
        m_marked = look.isMarked();
    };
    if (format == WireFormat::OpenAiChat) {
        ChatPass pass(data);
        if (!pass.run()) return kParse;
        remember(pass.look());
        return pass.look().told();
    }
    const bool responses = format == WireFormat::OpenAiResponses || format == WireFormat::OpenAiRealtime;
    if (!responses && format != WireFormat::Anthropic) return kParse;
    Look look(data);
    const std::string_view type = typeOf(event);
    const EventLook told = responses ? lookAtResponses(type, look) : lookAtAnthropic(type, look);
    if (!told.parse && told.octets != 0) remember(look);
    return told;
}

} // namespace gatescope::llm
