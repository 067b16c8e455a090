// SPDX-License-Identifier: Apache-2.0
// Agents that call a gateway over HTTP/2 without TLS, several calls at once on each connection; some are broken off.
//   http2_clients.js URL [none|aligned|max]: how frames are padded
"use strict";
const http2 = require("node:http2");

const [url, padding = "none"] = process.argv.slice(2);
const strategy = { none: http2.constants.PADDING_STRATEGY_NONE, aligned: http2.constants.PADDING_STRATEGY_ALIGNED,
                   max: http2.constants.PADDING_STRATEGY_MAX }[padding];
const CALLS = 24, CONNECTIONS = 3;

function ask(session, connection, number) {
    const model = number % 6 === 1 ? "gpt-4.1-mini" : number % 6 === 4 ? "nothing" : "gpt-4o";
    const lab = { 3: "throttled", 5: "slow" }[number % 6];
    const body = JSON.stringify({
        messages: [{ role: "user", content: `Question ${number} on connection ${connection}` }],
        ...([0, 1, 5].includes(number % 6) ? { stream: true, stream_options: { include_usage: number % 6 !== 1 } } : {}),
        ...(lab ? { metadata: { lab } } : {}) });
    const request = session.request({
        ":method": "POST", ":authority": "apimeus01234.azure-api.net",
        ":path": `/openai/deployments/${model}/chat/completions?api-version=2025-03-01-preview`,
        "content-type": "application/json", "content-length": Buffer.byteLength(body),
        "api-key": `not-secret-${number % 3}`, "x-request-id": `http2-${connection}-${number}`,
        "openai-project": `sampleproject${number % 2 + 1}`, "x-ms-foundry-agent-id": `agent-${number % 4}`,
        "x-ms-foundry-model-id": model, "user-agent": "lab/1" });
    return new Promise((done) => {
        request.on("data", () => {});
        request.on("error", () => {});
        request.on("close", done);
        if (lab === "slow") setTimeout(() => request.close(http2.constants.NGHTTP2_CANCEL), 1500);
        request.end(body);
    });
}

async function connection(index) {
    const session = http2.connect(url, { paddingStrategy: strategy });
    const calls = [];
    for (let number = 0; number < CALLS; ++number) {
        calls.push(ask(session, index, number));
        if (number % 8 === 7) await new Promise((next) => setTimeout(next, 50));
    }
    await Promise.all(calls);
    await new Promise((done) => session.close(done));
}

Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => connection(index)));
