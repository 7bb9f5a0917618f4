use super::source_functions;

/// The hashes of the functions of a text, in their order.
fn own(text: &str) -> Vec<u64> {
    let functions = source_functions("x.js", text).unwrap();
    functions.list.iter().map(|function| function.own).collect()
}

#[test]
fn what_minifiers_do_is_no_difference() {
    for (one, other) in [
        (
            "function f(a){if(a)return 'x';return g()}",
            "function h(b){return b?'x':g()}",
        ),
        (
            r#"function f(error) {
  if (error && typeof error === "object" && "response" in error) {
    const gaxiosError = error;
    const data = parseResponseData(gaxiosError);
    if (data.error && data.error.message && data.error.code) {
      switch (data.error.code) {
        case 400:
          return new BadRequestError(data.error.message);
        case 401:
          return new UnauthorizedError(data.error.message);
        case 403:
          return new ForbiddenError(data.error.message);
        default:
      }
    }
  }
  return error;
}"#,
            r#"function f(r){if(r&&typeof r=="object"&&"response"in r){let t=parseResponseData(r);if(t.error&&t.error.message&&t.error.code)switch(t.error.code){case 400:return new BadRequestError(t.error.message);case 401:return new UnauthorizedError(t.error.message);case 403:return new ForbiddenError(t.error.message);default:}}return r}"#,
        ),
    ] {
        assert_eq!(own(one), own(other), "{one}");
    }
}

#[test]
fn show_atoms() {
    for name in ["/tmp/t1.js", "/tmp/t2.js"] {
        let Ok(text) = std::fs::read_to_string(name) else {
            return;
        };
        for f in source_functions("x.js", &text).unwrap().list {
            println!("{:x} {} {}..{} {}", f.own, f.size, f.start, f.end, f.name);
        }
    }
}
