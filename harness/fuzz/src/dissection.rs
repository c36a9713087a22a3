//! The door into the dissector: any file may be handed to it, and what it prints is harmless.

use dissect::{Options, report};

/// A capture file.
pub fn capture(octets: &[u8]) {
    let text = report(octets, &Options::default()).to_string();
    let harmless = |character: char| character == '\n' || !character.is_control();
    assert!(text.chars().all(harmless), "{text:?}");
}
