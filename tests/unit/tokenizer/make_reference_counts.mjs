// SPDX-License-Identifier: Apache-2.0
// Writes reference_counts.tsv: strings, and how many tokens js-tiktoken's own encoder makes of them.
//     npm install js-tiktoken@1.0.21   (in any folder outside this tree)
//     node tests/unit/tokenizer/make_reference_counts.mjs FOLDER/node_modules/js-tiktoken > tests/unit/tokenizer/reference_counts.tsv
// Run from the top of the tree. The strings are copied, so the file stays valid when the sources they were taken from
// change. A line: count in cl100k_base, count in o200k_base, where the string is from, the string with \xNN for each octet
// that is no visible character. The same input gives the same file: nothing here is random but by a fixed seed.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const require = createRequire(import.meta.url);
const folder = resolve(process.argv[2]);
const { Tiktoken } = require(`${folder}/dist/lite.cjs`);
const [cl100k, o200k] = ["cl100k_base", "o200k_base"].map((name) => new Tiktoken(require(`${folder}/dist/ranks/${name}.cjs`)));
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const written = new Set();

function escaped(octets) {
    const hex = (buffer) => [...buffer].map((octet) => "\\x" + octet.toString(16).padStart(2, "0")).join("");
    let text;
    try {
        text = strict.decode(octets);
    } catch {
        return [...octets].map((o) => (o > 0x1f && o < 0x7f && o !== 0x5c ? String.fromCharCode(o) : hex([o]))).join("");
    }
    return [...text].map((c) => (c !== "\\" && /^[ \p{L}\p{N}\p{P}\p{S}]$/u.test(c) ? c : hex(Buffer.from(c)))).join("");
}

function put(origin, octets) {
    if (octets.length === 0) return;
    const line = escaped(octets);
    if (written.has(line)) return;
    written.add(line);
    const text = decoder.decode(octets);
    const counts = [cl100k, o200k].map((encoding) => encoding.encode(text, [], []).length);
    process.stdout.write(`${counts.join("\t")}\t${origin}\t${line}\n`);
}

let state = 2463534242;
function random(below) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
}

// Hard cases, by hand.
const contractions = ["s", "t", "re", "ve", "m", "ll", "d"].flatMap((c) => [c, c.toUpperCase(), c[0].toUpperCase() + c.slice(1)]);
for (const c of contractions)
    for (const text of [`it'${c}`, `IT'${c} so`, `'${c}`, ` '${c}x`, `He'${c}'${c}`, `中'${c}`, `9'${c}`, `x\u2019${c}`])
        put("contraction", Buffer.from(text));
const hard = [
    "", " ", "  ", "\n", "\r\n", "\t", "\t\t x", "\n\n\n", " \n ", "a  b   c    d     e", "trailing   ", "\r\r\n\n", "x\r\ny\r\n\r\nz",
    "\u00a0", "a\u00a0b", "a\u00a0\u00a0b", "\u2003x", "\u3000全角", "\u0085next", "\u180ex", "\u200bzero\u200bwidth", "\ufeffBOM", "\ufeff", "a\u2028b\u2029c",
    "1", "12", "123", "1234", "12345678901234567890", "3.14159", "1,000,000", "٣٤٥٦٧", "१२३४५", "Ⅷ½²³⁴", "0x7fffffff", "2026-01-01T00:00:00.003660615Z",
    "<|endoftext|>", "<|endofprompt|>", "<|fim_prefix|>a<|fim_suffix|>", "<|im_start|>user\n<|im_end|>",
    "camelCaseWord", "PascalCaseWord", "SCREAMING_SNAKE", "HTTPServerError", "iPhone", "McDonald", "ÀÉÎõü", "ΑΒΓαβγ", "ДДДддд", "ǅungla", "ʰʷaʰ", "ªº", "ﬁn", "ẞß",
    "😀", "😀😀😀😀", "👩‍👩‍👧‍👦", "🇩🇪🇫🇷", "👍🏽 ok", "❤️", "☺️x", "a😀b", " 😀 ", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "a\u0301", "e\u0301te\u0301", "\u0301", "1\u0301", " \u0301A", "A\u0301B\u0301", "\u0301\u0301ABC", "!\u0301ABC", "x\u20dd", "क्षत्रिय", "नमस्ते दुनिया", "ลูกค้า", "שָׁלוֹם", "مَرْحَبًا بِالعَالَم",
    "你好，世界！", "中文ABC中文", "中ABCdef", "ABC中DEF", "こんにちは世界。カタカナ", "안녕하세요 세계", "한글ABC", "漢字かな混じり文です。", "𠀀𠀁", "𝐀𝐁𝐜", "𐐀𐐨",
    "Größenwahn und Übermut", "L'été dernier, c'était bien.", "¿Qué tal? ¡Bien!", "Привет, мир! Как дела?", "Γειά σου Κόσμε", "Xin chào thế giới", "Zażółć gęślą jaźń", "Türkçe İstanbul ıi",
    "హలో ప్రపంచం", "வணக்கம் உலகம்", "ສະບາຍດີ", "გამარჯობა", "Բարեւ", "ሰላም ልዑል", "سلام دنیا", "ہیلو دنیا", "ওহে বিশ্ব", "ନମସ୍କାର", "သတင်း", "ភាសាខ្មែរ", "བོད་སྐད",
    "/usr/share/doc//x", "//\n// comment\n", "http://example.org/a/b?c=d&e=f#g", "a/\n/b", "!!!///\r\n\r\n///", "C:\\Windows\\System32\\", "\\n\\t\\\"", "~~~===---***", "....", "?!?!", "%20%C3%A4", "{{{}}}[[]]()",
    '{"a":[1,2,{"b":null}],"c":"d\\u00e9"}', 'data: {"choices":[{"delta":{"content":" the"}}]}\n\ndata: [DONE]\n\n', "key=value; key2=\"v 2\"", "\0\0\0", "a\0b", "\x1b[31mred\x1b[0m", "\x7f\x80",
];
for (const text of hard) {
    put("hard", Buffer.from(text));
    put("hard, followed", Buffer.from(`${text} and ${text}`));
}
for (const [unit, times] of [["a", 300], ["A", 300], [" ", 300], ["\n", 200], ["!", 300], ["-", 200], ["1", 100], ["😀", 60], ["中", 100], ["=", 257], [" x", 100], ["\t", 129], ["ab", 150], ["\u0301", 50], ["é", 100]])
    for (const n of [times, times - 1, Math.floor(times / 3)]) put("run", Buffer.from(unit.repeat(n)));
for (const octets of [[0xff], [0xff, 0xff, 0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x61, 0xe2, 0x82, 0x62],
    [0xf8, 0x88, 0x80, 0x80, 0x80], [0x80], [0xbf, 0x20, 0xbf], [0x61, 0xf1, 0x80, 0x80, 0xe1, 0x80, 0xc2, 0x62, 0x80, 0x63, 0x80, 0xbf, 0x64], [0xe0, 0x80, 0x80], [0x20, 0xff, 0x41]])
    put("not UTF-8", Buffer.from(octets));

// Mixtures of characters from every class.
const alphabet = [..."aAbBsStTrReEvVlLdDmM''''019 \u00a0\t\n\r\n  \ufeff\u0085\u2028/.-,!\"#_éÉßǅʰªº中字ひカ한अिन्\u0301\u20dd٣Ⅳ²😀\u200d\ufe0f€→"];
for (let n = 0; n < 450; n++) {
    let text = "";
    for (let length = 2 + random(14); length > 0; length--) text += alphabet[random(n % 2 ? 40 : alphabet.length)];
    put("mixture", Buffer.from(text));
}

// Real text: the project's own files, in parts of some lines.
const files = execFileSync("git", ["ls-files"], { encoding: "utf8" }).trim().split("\n");
const texts = files.filter((f) => /\.(md|h|cpp|py|sh|json|jsonl|txt|svg|desktop|xml|cmake|awk)$/.test(f) || /^(dev|LICENSE)$/.test(f));
for (const file of texts.filter((f) => !f.startsWith("tests/unit/tokenizer/"))) {
    const lines = readFileSync(file, "utf8").split("\n");
    const kind = /\.(md|txt)$/.test(file) || file === "LICENSE" ? 14 : 3;
    for (let part = 0; part < kind; part++) {
        const at = random(lines.length);
        put(file, Buffer.from(lines.slice(at, at + 1 + random(4)).join("\n")).subarray(0, 700));
    }
}
// Octets as they are on the wire: heads, bodies, events and what is no text at all.
for (const file of files.filter((f) => /^(resources\/samples\/.*\.pcapng|tests\/fuzz\/seeds\/(llm|http1|event_stream)\/)/.test(f))) {
    const octets = readFileSync(file);
    for (let part = 0; part < (file.endsWith(".pcapng") ? 90 : 6); part++) {
        const at = random(octets.length);
        put(file, octets.subarray(at, at + 20 + random(260)));
    }
}
