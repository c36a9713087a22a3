//! Traces from vectors: each request that `vectors/rfc6618/message.json` calls invalid, said to a HAC.
//!
//! What a session makes anew (identity, nonces, `auth`) is filled in, so that only the fault of the row is left.

use serde::Deserialize;
use wire::param::Name;
use wire::value::hex;

use super::generate::{answered, init};
use super::{Act, Request, SCHEMA, Step, Trace, TraceError, literal};

/// A file of vectors, as far as it is needed here.
#[derive(Deserialize)]
struct File {
    group: String,
    tests: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    comment: String,
    result: String,
    method: Option<String>,
    kind: Option<String>,
    identifier: Option<u8>,
    content: Option<String>,
}

const CRLF: &[u8] = b"\r\n";

/// Hex digits of a nonce and of an `auth`.
const DIGITS: usize = 64;

/// The traces of the rows about exchanges by PSK, in the order of the file.
///
/// # Errors
/// No file of that group.
pub fn from_vectors(text: &str) -> Result<Vec<Trace>, TraceError> {
    let file: File = serde_json::from_str(text).map_err(|error| TraceError::Json(error.to_string()))?;
    if file.group != "message" {
        return Err(TraceError::Json(format!("the group {}; need message", literal(file.group.as_bytes()))));
    }
    Ok(file.tests.iter().filter_map(trace).collect())
}

fn trace(row: &Row) -> Option<Trace> {
    if row.result != "invalid" || row.method.as_deref() != Some("psk") {
        return None;
    }
    let content = hex::decode(row.content.as_ref()?.as_bytes()).ok()?;
    let said = Act::Request(request(row.identifier?, &content));
    let steps = match row.kind.as_deref()? {
        "request-init" => vec![said],
        "request-done" => vec![Act::Request(init()), answered(1, None), said],
        _ => return None,
    };
    Some(Trace {
        schema: SCHEMA.to_owned(),
        name: row.id.replace(['/', '_'], "-"),
        story: row.comment.clone(),
        source: Some(row.id.clone()),
        steps: steps.into_iter().map(Step::from).collect(),
    })
}

fn request(identifier: u8, content: &[u8]) -> Request {
    let mut headers = Vec::new();
    let mut rest = content;
    while let Some(len) = rest.windows(CRLF.len()).position(|octets| octets == CRLF).filter(|&len| len > 0) {
        headers.push(line(rest.get(..len).unwrap_or_default()));
        rest = rest.get(len + CRLF.len()..).unwrap_or_default();
    }
    Request { end: literal(rest), ..Request::new(identifier, headers) }
}

/// A line with the word for what has to be new in it.
fn line(octets: &[u8]) -> String {
    let colon = octets.iter().position(|&octet| octet == b':');
    let (name, value) = octets.split_at(colon.map_or(octets.len(), |at| at + 1));
    let is_hex = value.len() == DIGITS && hex::decode(value).is_ok();
    let word = match Name::from_octets(name.strip_suffix(b":").unwrap_or_default()) {
        Some(Name::MnId) if value == b"mn@example.org" => "<mn-id>",
        Some(Name::MnRand) if is_hex => "<mn-rand>",
        Some(Name::HacRand) if is_hex => "<hac-rand>",
        Some(Name::Auth) if is_hex => "<auth>",
        _ => return literal(octets),
    };
    literal(name) + word
}
