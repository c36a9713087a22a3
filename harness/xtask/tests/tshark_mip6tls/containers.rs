//! Section 5: containers and TV-headers, in clear TCP and in a real TLS session.

use crate::capture::{Capture, From};
use crate::tls_session;
use crate::{preferences, read, scratch};

const PORT: u16 = 6618;

#[test]
fn every_fault_of_a_container_is_told_and_no_legal_one() {
    let faults: &[(&[u8], &str)] = &[
        (b"\x00\x01\x00\x15status-code:200\r\n\r\n\r\n", ""),
        (b"\x20\x01\x00\x05a:b\r\n", "ver"),
        (b"\x01\x01\x00\x05a:b\r\n", "rsrvd"),
        (b"\x00\x00\x00\x05a:b\r\n", "identifier"),
        (b"\x00\x01\x00\x00", "empty"),
        (b"\x00\x01\x00\x05nono\r", "line"),
        (b"\x00\x01\x00\x06nono\r\n", "line"),
        (b"\x00\x01\x00\x0dauth:00\r\na:b\r", "line"),
        (b"\x00\x01\x00\x0eauth:00\r\na:b\r\n", "after_auth"),
        (b"\x00\x01\x00\x0ca:b\r\n\r\nc:d\r\n", "after_end"),
        (b"\x00\x01\x00\x0d\xff\xfe\x1b:\x00\xc3\r\na:b\r\n", ""),
        (b"\x00\x01\x00\x11names:x\r\nauth:y\r\n", ""),
    ];
    let names = ["ver", "rsrvd", "identifier", "empty", "line", "after_auth", "after_end"];
    let fields = names.map(|name| format!("mip6hac.fault.{name}"));
    let fields: Vec<_> = std::iter::once("mip6hac.length").chain(fields.iter().map(String::as_str)).collect();
    let containers: Vec<_> = faults.iter().map(|(container, _)| *container).collect();
    let Some(rows) = read_clear("containers", &containers, &fields) else { return };
    assert_eq!(rows.len(), faults.len());
    for (row, (container, fault)) in rows.iter().zip(faults) {
        assert_eq!(row[0], u16::from_be_bytes([container[2], container[3]]).to_string());
        let told: Vec<_> =
            names.iter().zip(&row[1..]).filter(|(_, cell)| !cell.is_empty()).map(|(n, _)| *n).collect();
        let expected: Vec<_> = Some(*fault).filter(|fault| !fault.is_empty()).into_iter().collect();
        assert_eq!(told, expected, "{}", container.escape_ascii());
    }
}

#[test]
fn names_and_values_are_fields() {
    let container = b"\x00\x09\x00\x20mn-id:a@b.example\r\nauth:00ff\r\n\r\n";
    let fields = ["mip6hac.identifier", "mip6hac.name", "mip6hac.value", "_ws.col.Info"];
    let Some(rows) = read_clear("names", &[container], &fields) else { return };
    assert_eq!(rows, [["9", "mn-id,auth", "a@b.example,00ff", "Message 9: mn-id, auth"]]);
}

#[test]
fn a_tls_session_is_read_with_its_key_log() {
    let session = tls_session::record();
    let mut capture = Capture::new();
    capture.tcp(session.port, &session.pieces);
    let keys = scratch("session.keys");
    std::fs::write(&keys, &session.key_log).unwrap();
    let settings = [format!("tls.keylog_file:{}", keys.display()), format!("mip6hac.port:{}", session.port)];
    let mut arguments = preferences(&settings.each_ref().map(String::as_str));
    arguments.extend(["-Y", "mip6hac"].map(String::from));
    let fields = ["mip6hac.identifier", "mip6hac.name", "mip6hac.status", "_ws.col.Info"];
    let Some(messages) = read("session", capture.octets(), &arguments, &fields) else { return };
    // The second request came in two TLS records.
    assert_eq!(
        messages,
        [
            ["1", "mn-id", "", "Request 1: mn-id"],
            ["1", "status-code", "400", "Response 1, status 400: status-code"],
            ["2", "mn-id", "", "Request 2: mn-id"],
            ["2", "status-code", "400", "Response 2, status 400: status-code"],
        ]
    );
}

/// The rows of the containers, each sent by a client of its own over TCP without TLS.
fn read_clear(name: &str, containers: &[&[u8]], fields: &[&str]) -> Option<Vec<Vec<String>>> {
    let mut capture = Capture::new();
    for container in containers {
        capture.tcp(PORT, &[(From::Client, container.to_vec())]);
    }
    let arguments = ["-d".into(), format!("tcp.port=={PORT},mip6hac"), "-Y".into(), "mip6hac".into()];
    read(name, capture.octets(), &arguments, fields)
}
