//! `message.json`: RFC 6618 sections 5.3, 5.8 and 5.9.

use vectors::rows::{Kind, Method};
use wire::container::Identifier;
use wire::{Request, Response};

use crate::judge;

/// EAP-Success of RFC 3748 section 4.2.
const SUCCESS: u8 = 3;

/// The kind of a message that has all that its method needs. What depends on the method, the type of a message
/// cannot ask for: the one who knows the exchange does.
fn kind(row: &vectors::rows::Message) -> Option<Kind> {
    let psk = row.method == Method::Psk;
    let first = |eap: &[u8]| eap.first().copied();
    if matches!(row.kind, Kind::RequestInit | Kind::RequestMid | Kind::RequestDone) {
        let identifier = Identifier::new(row.identifier)?;
        return match Request::parse(identifier, &row.content).ok()? {
            Request::Init(init) => (!psk || init.mn_rand.is_some()).then_some(Kind::RequestInit),
            Request::Mid(_) => (!psk).then_some(Kind::RequestMid),
            Request::Done(done) => {
                let rands = done.mn_rand.is_some() && done.hac_rand.is_some();
                (!psk || rands).then_some(Kind::RequestDone)
            }
        };
    }
    match Response::parse(&row.content).ok()? {
        Response::Init(_) => Some(Kind::ResponseInit),
        Response::Mid(mid) => {
            let early = mid.eap.as_deref().and_then(first) == Some(SUCCESS);
            (!psk && !early).then_some(Kind::ResponseMid)
        }
        Response::Final(last) => {
            let rands = last.mn_rand.is_some() && last.hac_rand.is_some();
            let succeeded = last.eap.as_deref().and_then(first) == Some(SUCCESS);
            let proven = if psk { rands } else { succeeded };
            (last.grant.is_none() || proven).then_some(Kind::ResponseFinal)
        }
    }
}

#[test]
fn messages_have_what_they_need() {
    let mut rows = 0;
    for test in vectors::message().tests {
        judge(&test, kind(&test.row) == Some(test.row.kind));
        rows += 1;
    }
    assert!(rows > 0);
}
