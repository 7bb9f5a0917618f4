use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "control.listen",
    title: "listens on a port",
    severity: Severity::Low,
    layer: Layer::Client,
    what: "The tool opens a port or a socket on which other programs can reach it.",
    why: "Whatever can reach the port, a web page in the user's browser among it, can talk to the tool with the tool's rights.",
    not: "Sign-in by browser and links to editors need a port for a short time. See the address it binds to and what it asks callers for.",
    example: "http.createServer(handle).listen(0, \"127.0.0.1\");",
    reference: "https://nodejs.org/api/net.html#serverlisten",
    source: None,
    calls: &[
        "http.createServer().listen()",
        "https.createServer().listen()",
        "http2.createServer().listen()",
        "http2.createSecureServer().listen()",
        "net.createServer().listen()",
        "tls.createServer().listen()",
        "new http.Server().listen()",
        "new https.Server().listen()",
        "new net.Server().listen()",
        "dgram.createSocket().bind()",
        "express().listen()",
        "express.default().listen()",
        "fastify().listen()",
        "fastify.default().listen()",
        "@hono/node-server.serve()",
        "new ws.WebSocketServer()",
        "new ws.Server()",
        "Bun.serve()",
        "Bun.listen()",
        "Bun.udpSocket()",
        "Deno.serve()",
        "Deno.listen()",
        "Deno.listenTls()",
        "http.server.HTTPServer()",
        "http.server.ThreadingHTTPServer()",
        "socketserver.TCPServer()",
        "asyncio.start_server()",
        "uvicorn.run()",
        "aiohttp.web.run_app()",
    ],
    variables: &[],
    texts: &[],
    hosts: &[],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const http = require('http'); http.createServer(handle).listen(0, '127.0.0.1');",
        ),
        Example::js(
            "var n=require('net'),s=n.createServer(c=>c.end());s.on('error',e);s.listen(7000)",
        ),
        Example::file(
            "example.mjs",
            "export default Bun.serve({ port: 3000, fetch: () => new Response('ok') });",
        ),
        Example::file(
            "example.ts",
            "import { createServer as make, type Server } from 'node:https';\nexport function start(options: object): Server { const server = make(options); return server.listen(8443); }",
        ),
        Example::js(
            "const { WebSocketServer } = require('ws'); const hub = new WebSocketServer({ port: 0 }); hub.on('connection', greet);",
        ),
        Example::file(
            "example.py",
            "import http.server\n\nhttp.server.HTTPServer((\"127.0.0.1\", 0), Handler).serve_forever()\n",
        ),
    ],
    negative: &[
        Example::js("history.listen((location) => render(location)); events.on('listen', go);"),
        Example::js(
            "const net = require('net'); const socket = net.connect(443, 'alpha.example'); socket.on('data', use);",
        ),
    ],
};
