// SPDX-License-Identifier: Apache-2.0
// node node_client.js https|fetch HOST...; trusts NODE_EXTRA_CA_CERTS; prints `HOST<tab>ok` or `HOST<tab>error`.
'use strict';
const https = require('https');

function viaHttps(host) {
    return new Promise((resolve, reject) => {
        const request = https.get({ host, path: '/', agent: new https.Agent({ keepAlive: false }), timeout: 20000 }, answer => {
            answer.resume();
            answer.on('end', resolve);
            answer.on('error', reject);
        });
        request.on('timeout', () => request.destroy(new Error('timeout')));
        request.on('error', reject);
    });
}

async function viaFetch(host) {
    const answer = await fetch(`https://${host}/`, { headers: { connection: 'close' } });
    await answer.text();
}

(async () => {
    const call = process.argv[2] === 'fetch' ? viaFetch : viaHttps;
    for (const host of process.argv.slice(3)) {
        let said = 'ok';
        try {
            await call(host);
        } catch (error) {
            const cause = error.cause || error;
            said = `${cause.code || ''} ${cause.message}`.replace(/\s+/g, ' ').trim();
        }
        console.log(`${host}\t${said}`);
    }
    process.exit(0);
})();
