//! Broken targets: the program ends in bounded time, says what it met, never exits 0, and paints no terminal.

use std::time::Instant;

use canaries::{Canary, start};

use crate::place::{Folder, say};

/// What it must say of each, besides not exiting 0.
fn told(canary: Canary) -> &'static [&'static str] {
    match canary {
        Canary::ClosedPort => &["nothing answers at 127.0.0.1", "refused"],
        Canary::BlackHole => &["no handshake in time"],
        Canary::TcpEcho => &["no TLS session"],
        Canary::ClosesAfterHandshake => &["closed"],
        Canary::AlwaysOk => &["status-code 200"],
        Canary::Refuses | Canary::CrashesOnMessage(_) => &["400"],
        Canary::NeverAnswers | Canary::AnswersSlowly | Canary::LongTrickle => &["in time"],
        Canary::WrongName => &["certificate"],
        Canary::EndlessData => &["65535"],
        Canary::InvalidUtf8 | Canary::TerminalEscapes => &["\\x"],
        _ => &["cannot be judged"],
    }
}

#[test]
fn no_canary_earns_exit_0() {
    let identities = say(&["provision", "--count", "2"]).out;
    for canary in Canary::ALL {
        let running = start(canary).expect("a loopback port");
        let folder = Folder::new(&format!("canary-{}", canary.name()));
        let ids = folder.write("ids.json", &identities);
        let ca = folder.write("ca.pem", running.ca_pem());
        let target = running.addr().to_string();
        let began = Instant::now();
        let said =
            say(&["--target", &target, "--identities", &ids, "--ca", &ca, "--timeout", "0.5", "--seed", "1"]);
        let (name, took) = (canary.name(), began.elapsed());
        println!("{name}: exit {} after {took:?}\n{}", said.exit, said.out);
        assert_eq!(said.exit, 3, "{name}: {}{}", said.out, said.err);
        assert!(said.out.contains("cannot be judged"), "{name}: {}", said.out);
        for word in told(canary) {
            assert!(said.out.contains(word), "{name} does not say {word:?}: {}", said.out);
        }
        let painted = said.out.chars().chain(said.err.chars()).find(|&c| c.is_control() && c != '\n');
        assert_eq!(painted, None, "{name}");
    }
}
