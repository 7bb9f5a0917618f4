use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "conceal.packed",
    title: "is packed or obfuscated",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "The file as a whole is in a form that has to be undone before it can be read: a packer with its unpacking function, a table of encoded strings behind generated names, code spelt in six characters, or compressed code that is run.",
    why: "Neither a reader nor static analysis sees what runs. What was not understood is listed in the coverage.",
    not: "Minified code is not packed: names are short, but strings and structure are in the open. Vendors obfuscate to protect their work, too.",
    example: "eval(function(p,a,c,k,e,d){ ... }(\"0 1=2\", 36, 3, \"var|x|5\".split(\"|\"), 0, {}));",
    reference: "",
    source: None,
    calls: &[],
    variables: &[],
    texts: &[],
    hosts: &[],
    told_by: &["obfuscation", "packed code"],
    pass: Pass::Shape,
    positive: &[
        Example::js(
            r#"eval(function(p,a,c,k,e,d){e=function(c){return c.toString(36)};if(!''.replace(/^/,String)){while(c--){d[c.toString(a)]=k[c]||c.toString(a)}k=[function(e){return d[e]}];e=function(){return'\\w+'};c=1};while(c--){if(k[c]){p=p.replace(new RegExp('\\b'+e(c)+'\\b','g'),k[c])}}return p}('0 1="a b c";0 4=1.8(" ");0 5=4.9;6.3(5);7(0 2 f 4){6.3(2,2.9)}',16,16,'const|text|line|log|words|total|console|for|split|length||||||of'.split('|'),0,{}))"#,
        ),
        Example::js(
            r#"var _0x4f2a=['bG9n','bGVuZ3Ro','c3BsaXQ=','bm90ZXMudHh0','dXRmOA==','cmVhZEZpbGVTeW5j','d29yZHM='];(function(_0x1d3c5e,_0x4f2a17){var _0x2b9e04=function(_0x37c1aa){while(--_0x37c1aa){_0x1d3c5e['push'](_0x1d3c5e['shift']());}};_0x2b9e04(++_0x4f2a17);}(_0x4f2a,0x6b));var _0x2b9e=function(_0x1d3c5e,_0x4f2a17){_0x1d3c5e=_0x1d3c5e-0x0;var _0x2b9e04=_0x4f2a[_0x1d3c5e];return atob(_0x2b9e04);};var _0x5e11f0=require('fs')[_0x2b9e('0x3')](_0x2b9e('0x1'),_0x2b9e('0x2'));for(var _0x19aa42 of _0x5e11f0[_0x2b9e('0x0')]('\x0a')){var _0x77b0cd=_0x19aa42[_0x2b9e('0x0')]('\x20');console[_0x2b9e('0x5')](_0x77b0cd[_0x2b9e('0x6')],_0x19aa42);}"#,
        ),
        Example::js(
            "[(!![]+[])[+!+[]]+(!![]+[])[!+[]+!+[]+!+[]]+(![]+[])[!+[]+!+[]+!+[]]+(!![]+[])[+[]]+(![]+[])[!+[]+!+[]]+(!![]+[])[!+[]+!+[]+!+[]]+(![]+[])[!+[]+!+[]+!+[]]+(![]+[])[!+[]+!+[]+!+[]]][(![]+[])[+!+[]]+(!![]+[])[+[]]](+[])+(![]+[])[!+[]+!+[]+!+[]]+(!![]+[])[!+[]+!+[]]+([][[]]+[])[+!+[]]+(![]+[])[!+[]+!+[]]+(!![]+[])[!+[]+!+[]+!+[]]+(!![]+[])[+[]]+(!![]+[])[+[]]+(!![]+[])[!+[]+!+[]+!+[]]+(!![]+[])[+!+[]]+(![]+[])[!+[]+!+[]+!+[]]+(!![]+[])[!+[]+!+[]]+([][[]]+[])[+!+[]]+([][[]]+[])[!+[]+!+[]]+(!![]+[])[!+[]+!+[]+!+[]]+(!![]+[])[+!+[]]+(!![]+[])[+[]]+(!![]+[])[+!+[]]+(!![]+[])[!+[]+!+[]+!+[]]+(!![]+[])[!+[]+!+[]+!+[]]+(![]+[])[!+[]+!+[]+!+[]];",
        ),
        Example::js(
            "new Function('require', require('zlib').gunzipSync(Buffer.from('H4sIAAAAAAACA02MSY6cMABFr1I7F1KLBgwY1OptLpBtNp6x8WwzVZS7R1WtjrL97/1HvcvlZpTj+TPxuKnE70BkUNWJY/ZDGf7zcvQOnC881+Us4A1sRUygqnMwqtzBLweqD+HTnf5L3bz4Sla/v8bDJ5Y/n9P36waqjyfzhtfGy/vLqA13sixvT7H68z8Grxx4kW+ten9vYu+1vQzTWSFpRcsk2TGeAuoHDa+O5XgE4qId1lU9Fi4Kn6gj3bygYyR9hEO7Jh+hV/Y0VCc1SiMaJsiG58kjOCh4djTFPWAXbL9qdS1MZI6oJe0s0T7iPsC+1cnFzi/2MERHNciVPxgnBU+TQ92wwKMjMW5hdt7CValzoSLxkRrSzAJt49x7CFuVbGy9tLvBOqhean4xRjJGk0XtIOHe4RBLmJyz3bqoYyEi8oGu+DFzVMapd7Brl2Ri44XdzKy9glLxk1GS8DgZ1AwCbt3sYw7oLy2YFqr4AQAA', 'base64')).toString())(require);",
        ),
        Example::file(
            "example.py",
            "import base64, zlib\nexec(zlib.decompress(base64.b64decode(b'eNpljTEOwyAUQ3dO4Y0gRRygUg9Dym9AJfyI76Hp6aukY0fbz3bddh2EmnvqQE+boHaYDkqe1GKrxlzH5KMP4eYAwOpHcIda3BNLXIWnM53dcAH7qJ2Xni94hl8OivngfpGnMjU8axPzM5r0v6vguvK88QlN+yoDi+YDpmBJBItgT4+XZFDeREkG003OsZUFVFR69wUS2EmF')))\n",
        ),
        Example::file(
            "example.py",
            "import base64, zlib\n\nexec(zlib.decompress(base64.b64decode('eJzLzC3ILypRyC/mSklNUyguSSwq0dC04lIAgoKizLwSjfxivfTUkuTyFA1NTS6oPBcA7cARKg==')))\n",
        ),
    ],
    negative: &[
        Example::js(
            "var e=require('fs'),t=require('path');function n(r){return e.readFileSync(t.join(__dirname,r),'utf8').split('\\n').filter(i=>i.length>0)}function o(r,i){for(let a of n(r))i(a.trim(),a.length)}module.exports={lines:n,each:o,version:'1.4.2',name:'reader'};",
        ),
        Example::js(
            "const icon = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='; show(icon);",
        ),
        Example::js(
            "const _0xff = 255, _0x0f = 15; export const low = (n) => n & _0x0f, all = (n) => n & _0xff;",
        ),
        Example::file(
            "example.py",
            "import base64, json\n\nsettings = json.loads(base64.b64decode(text))\nuse(settings)\n",
        ),
    ],
};
