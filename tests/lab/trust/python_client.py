#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Python's ways to call a server: python_client.py WAY CA-FILE < hosts; prints `HOST<tab>ok` or `HOST<tab>what it raised`."""
import asyncio
import ssl
import sys
import urllib.request


def use_urllib(host, context):
    urllib.request.urlopen(f"https://{host}/", context=context, timeout=20).read()


def use_http_client(host, context):
    import http.client
    connection = http.client.HTTPSConnection(host, context=context, timeout=20)
    connection.request("GET", "/")
    connection.getresponse().read()
    connection.close()


def use_requests(host, _):
    import requests
    requests.get(f"https://{host}/", verify=sys.argv[2], timeout=20)


def use_httpx(host, context):
    import httpx
    httpx.get(f"https://{host}/", verify=context, timeout=20)


def use_asyncio(host, context):
    async def call():
        reader, writer = await asyncio.open_connection(host, 443, ssl=context)
        writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        if not await reader.read():
            raise ConnectionError("closed without an answer")
        writer.close()
    asyncio.run(asyncio.wait_for(call(), 20))


def use_aiohttp(host, context):
    import aiohttp

    async def call():
        async with aiohttp.ClientSession() as session, session.get(f"https://{host}/", ssl=context) as answer:
            await answer.read()
    asyncio.run(asyncio.wait_for(call(), 20))


def use_httpx_async(host, context):
    import httpx

    async def call():
        async with httpx.AsyncClient(verify=context, timeout=20) as client:
            await client.get(f"https://{host}/")
    asyncio.run(call())


def main():
    use = globals()["use_" + sys.argv[1].replace("-", "_")]
    for host in sys.stdin.read().split():
        context = ssl.create_default_context(cafile=sys.argv[2])
        try:
            use(host, context)
            print(f"{host}\tok", flush=True)
        except Exception as error:  # whatever a library raises is the truth that is looked for
            text = " ".join(f"{error!r} {error.__cause__ or error.__context__ or ''}".split())
            print(f"{host}\t{text}", flush=True)


main()
