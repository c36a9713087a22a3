//! Legal messages and packets to start from.

use std::net::Ipv6Addr;
use std::path::Path;

use wire::container::{Identifier, Repr};
use wire::ext_header::{home_address_option, routing_header};
use wire::mobility::{BindingAck, BindingStatus, BindingUpdate, Flags, Lifetime};
use wire::packet::{PType, plain};
use wire::trailer::{self, Trailer};

const HOME: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
const AGENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);
const CARE_OF: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 3);

pub(crate) fn messages() -> Vec<Vec<u8>> {
    let random = "0f".repeat(32);
    let nonces = format!("mn-rand:{random}\r\nhac-rand:{random}\r\n");
    let signed = format!("auth:{random}\r\n\r\n\r\n");
    let lines = [
        format!("mn-id:mn@example.com\r\nmn-rand:{random}\r\nauth-method:psk,eap\r\n\r\n\r\n"),
        format!("{nonces}auth-method:psk\r\n{signed}"),
        format!("auth-method:eap\r\neap-payload:0101000501\r\n{signed}"),
        format!("eap-payload:0201000501\r\n{signed}"),
        format!("{nonces}mip6-sas:1\r\nmip6-suitelist:{{00,2F}},{{00,02}}\r\n{signed}"),
        format!("{SA_DATA}{BOOTSTRAP}{nonces}status-code:200\r\n{signed}"),
        format!("{nonces}status-code:401\r\n{signed}"),
        "status-code:503\r\nretry-after:Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n\r\n".to_owned(),
    ];
    lines.map(String::into_bytes).to_vec()
}

const SA_DATA: &str = "mip6-sas:1\r\nmip6-spi:268435455\r\n\
    mip6-mn-to-ha-ikey:0102\r\nmip6-ha-to-mn-ikey:0304\r\n\
    mip6-mn-to-ha-ekey:0506\r\nmip6-ha-to-mn-ekey:0708\r\n\
    mip6-sa-validity-end:Sun, 06 Nov 1994 08:49:37 GMT\r\nmip6-ciphersuite:{00,2F}\r\n";

const BOOTSTRAP: &str = "mip6-haa-ip6:2001:db8:0:0:0:0:0:2\r\nmip6-haa-ip4:192.0.2.2\r\nmip6-port:7872\r\n\
    mip6-ip6-hoa:2001:db8:0:0:0:0:0:1\r\nmip6-ip4-hoa:192.0.2.1\r\n\
    mip6-ip6-hnp:2001:db8:0:0:0:0:0:0/64\r\nmip6-ip4-hnp:192.0.2.0/24\r\n\
    dns-ip6:2001:db8:0:0:0:0:0:53\r\ndns-ip4:192.0.2.53\r\n";

/// Each message alone, and all of them as one stream.
pub(crate) fn containers() -> Vec<Vec<u8>> {
    let contain = |content: Vec<u8>| {
        let identifier = Identifier::FIRST;
        let content = content.as_slice();
        Repr { identifier, content }.to_vec().unwrap()
    };
    let mut seeds: Vec<_> = messages().into_iter().map(contain).collect();
    seeds.push(seeds.concat());
    seeds
}

pub(crate) fn mobility_headers() -> Vec<Vec<u8>> {
    let update = BindingUpdate {
        sequence: 1,
        flags: Flags::REGISTRATION,
        lifetime: Lifetime::from_seconds(600),
        alternate_coa: Some(CARE_OF),
    };
    let ack = BindingAck {
        status: BindingStatus::ACCEPTED,
        key_management: false,
        sequence: 1,
        lifetime: Lifetime::from_seconds(600),
        refresh_advice: Some(75),
    };
    vec![update.emit(HOME, AGENT), ack.emit(AGENT, HOME)]
}

/// The first octet is the Next Header value.
pub(crate) fn chains() -> Vec<Vec<u8>> {
    let [update, ack] = <[_; 2]>::try_from(mobility_headers()).unwrap();
    let option = home_address_option(HOME, trailer::MOBILITY);
    let routing = routing_header(HOME, trailer::MOBILITY);
    let both = [routing_header(HOME, trailer::DEST_OPTIONS), option.clone(), update.clone()];
    vec![
        [vec![trailer::MOBILITY], update.clone()].concat(),
        [vec![trailer::DEST_OPTIONS], option, update].concat(),
        [vec![trailer::ROUTING], routing, ack].concat(),
        [vec![trailer::ROUTING], both.concat()].concat(),
    ]
}

/// As if a NULL cipher had sealed them, with 12 octets in place of the ICV.
pub(crate) fn packets() -> Vec<Vec<u8>> {
    let protect = |chain: Vec<u8>| {
        let (&next_header, payload) = chain.split_first().unwrap();
        let padding = trailer::sequential(trailer::minimal_padding(payload.len(), 4));
        let plaintext = Trailer { payload, padding, next_header }.to_vec();
        let word = PType::MOBILITY.word(7).to_be_bytes();
        [&word, &[0; 4][..], &plaintext, &[0xee; 12]].concat()
    };
    let mut seeds: Vec<_> = chains().into_iter().map(protect).collect();
    seeds.push(plain(&[0x60; 40]));
    seeds
}

/// The first octet says how they reach it; every way with something that it takes.
pub(crate) fn for_a_home_agent() -> Vec<Vec<u8>> {
    let echo = proto::correspondent::echo_request(HOME.into(), AGENT.into(), 1, 1, b"data").unwrap();
    let way = |way: u8, octets: Vec<u8>| [vec![way], octets].concat();
    let mut seeds: Vec<_> = chains().into_iter().map(|chain| way(1, chain)).collect();
    seeds.extend(packets().into_iter().map(|packet| way(0, packet)));
    seeds.push(way(2, [vec![trailer::IPV6], echo.clone()].concat()));
    seeds.push(way(3, echo));
    seeds
}

/// Those of `pcaps/captures` that are short: mutations of long ones hit nothing twice.
pub(crate) fn captures() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps/captures");
    let stories = std::fs::read_dir(folder).unwrap();
    let captures = stories.filter_map(|story| std::fs::read(story.ok()?.path().join("capture.pcapng")).ok());
    captures.filter(|capture| capture.len() < 20_000).collect()
}
