#!/bin/sh
# Shows, without Assay, what @FACTORS@ changes
# in what @NAME@ sends:
#   @WHAT@
#
# It fetches the tool from the npm registry and checks its SHA-256, makes
# namespaces in which no packet leaves, answers the tool with the few lines of
# Python below, runs it twice, and prints the lines in which the two runs
# differ. Needs Linux with user namespaces, unshare of util-linux 2.38, ip,
# python3, openssl, sha256sum, and npm. Ends with 0 if the change was seen.
set -eu
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT

# The tool, and the Node that it ran on.
cd "$here"
file=$(npm pack --silent '@PACKAGE@')
echo "@SHA256@  $file" | sha256sum --check --quiet
npm install --silent --no-audit --no-fund --ignore-scripts --prefix tool "./$file" >/dev/null
@NODE@

cat > stand-in.py <<'PYTHON'
import base64, http.server, json, ssl, sys, threading

STATUS, TYPE = @STATUS@, "@TYPE@"
ANSWER = base64.b64decode("@ANSWER@")
out = open(sys.argv[1], "a")

class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def answer(self):
        body = self.body()
        model = self.path.split("?")[0] == "@PATH@"
        if model:
            text = body.decode("utf-8", "surrogateescape")
            out.write(json.dumps({"headers": self.headers.items(), "body": text}) + "\n")
            out.flush()
        status, kind, said = (STATUS, TYPE, ANSWER) if model else (404, "application/json", b"{}")
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer

def serve(port, context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Answers)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("server.pem", "server.key")
serve(443, context)
for port in @PORTS@:
    serve(port)
open(sys.argv[1] + ".ready", "w")
threading.Event().wait()
PYTHON

cat > compare.py <<'PYTHON'
import difflib, json, unicodedata

BEFORE, AFTER = json.loads(@BEFORE@), json.loads(@AFTER@)

def lines(name):
    found = []
    def walk(value):
        if isinstance(value, dict):
            found.append("fields: " + ", ".join(value))
            for part in value.values():
                walk(part)
        elif isinstance(value, list):
            for part in value:
                walk(part)
        elif isinstance(value, str):
            found.extend(value.split("\n"))
        else:
            found.append(json.dumps(value))
    for request in map(json.loads, open(name)):
        found.append("headers: " + ", ".join(name for name, _ in request["headers"]))
        found.extend(f"{name}: {value}" for name, value in request["headers"])
        try:
            walk(json.loads(request["body"]))
        except ValueError:
            found.extend(request["body"].split("\n"))
    return found

def shown(text):
    return " ".join(f"U+{ord(c):04X} {unicodedata.name(c, '')}" for c in text) or "nothing"

plain, changed = lines("plain"), lines("changed")
gone = [line for line in dict.fromkeys(plain) if line not in set(changed)]
come = [line for line in dict.fromkeys(changed) if line not in set(plain)]
seen = False
for line in gone:
    near = difflib.get_close_matches(line[:2000], [other[:2000] for other in come], 1, 0.6)
    for other in near:
        line = line[:2000]
        steps = difflib.SequenceMatcher(None, line, other, False).get_opcodes()
        pairs = [(line[a:b], other[c:d]) for kind, a, b, c, d in steps if kind != "equal"]
        whole = (BEFORE, AFTER) == (line, other) or BEFORE and line.replace(BEFORE, AFTER) == other
        if (BEFORE, AFTER) in pairs or whole:
            seen = True
            print("plain:  ", line)
            print("changed:", other)
            for before, after in dict.fromkeys(pairs):
                print(f"    {shown(before)} becomes {shown(after)}")
print("The change was seen." if seen else "The change was NOT seen.")
raise SystemExit(0 if seen else 1)
PYTHON

# Names that the tool asks for, and a certificate for all of them.
names='@NAMES@'
printf '127.0.0.1 localhost\n' > hosts
alternatives=DNS:localhost
for name in $names; do
    printf '127.0.0.1 %s\n' "$name" >> hosts
    alternatives="$alternatives,DNS:$name"
done
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=stand-in' \
    -addext "subjectAltName=$alternatives" -keyout server.key -out server.pem 2>/dev/null
chmod 644 server.key
cp server.pem trusted.pem

# $1: its name; $2: the time zone; $3: the name of the host; $4: the user's
# name; $5: a script that sets the environment and starts the tool. The tool
# has a root of its own with what is mounted here, to be read only but for its
# home and temporary folders, and sees no process but its own.
run() {
    printf 'root:x:0:0::/root:/bin/sh\n%s:x:1000:1000::/home/%s:/bin/sh\n' "$4" "$4" > passwd
    printf 'root:x:0:\n%s:x:1000:\n' "$4" > group
    printf '%s\n' "$5" > start.sh
    chmod -R a+rX "$here"
    unshare --user --map-root-user --net --mount --uts --ipc --pid --fork --kill-child \
        sh -eu -c '
        ip link set lo up
        hostname "$3"
        root=$PWD/root
        mkdir -p "$root"
        mount -t tmpfs none "$root"
        show() {
            if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$(dirname "$root$2")"; : > "$root$2"; fi
            mount --rbind "$1" "$root$2"
            mount -o remount,bind,ro "$root$2" 2>/dev/null ||
                mount -o remount,bind,ro,nosuid,nodev "$root$2"
        }
        for part in usr bin sbin lib lib64; do
            if [ -L "/$part" ]; then cp -P "/$part" "$root/$part"; elif [ -d "/$part" ]; then show "/$part" "/$part"; fi
        done
        for part in ld.so.cache alternatives os-release; do
            if [ -e "/etc/$part" ]; then show "$(readlink -f "/etc/$part")" "/etc/$part"; fi
        done
        show tool /opt/subject
        if [ -d node ]; then show "$PWD/node" /opt/node; fi
        show "$PWD/start.sh" /opt/start.sh
        show "$PWD/hosts" /etc/hosts
        show "$PWD/passwd" /etc/passwd
        show "$PWD/group" /etc/group
        show "$PWD/trusted.pem" /etc/ssl/certs/ca-certificates.crt
        show "/usr/share/zoneinfo/$2" /etc/localtime
        for part in null zero full random urandom; do
            mkdir -p "$root/dev"; : > "$root/dev/$part"; mount --bind "/dev/$part" "$root/dev/$part"
        done
        mkdir -p "$root/proc" "$root/tmp" "$root/home/$4/project"
        chmod 1777 "$root/tmp"
        echo "# A project" > "$root/home/$4/project/README.md"
        python3 stand-in.py "$1" &
        until [ -e "$1.ready" ]; do sleep 0.1; done
        timeout @SECONDS@ unshare --mount --pid --fork --kill-child sh -eu -c "
            mount -t proc none \"\$1/proc\"
            exec unshare --user --map-user=1000 --map-group=1000 --root=\"\$1\" \
                --wd=\"/home/\$2/project\" /bin/sh /opt/start.sh" sh "$root" "$4" </dev/null >/dev/null 2>&1 || true
        ' sh "$1" "$2" "$3" "$4"
    if ! [ -s "$1" ]; then
        echo "The tool asked no model in the $1 run." >&2
        exit 2
    fi
}

run plain @PLAIN@
run changed @CHANGED@
python3 compare.py
