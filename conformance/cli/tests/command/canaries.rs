//! Broken targets: the program ends in bounded time, says what it met, never exits 0, and paints no terminal.

use canaries::{Canary, start};

use crate::place::{Folder, Said, say};

/// What it must say of each, besides not exiting 0; white space folded.
fn told(canary: Canary) -> &'static [&'static str] {
    match canary {
        Canary::ClosedPort => &["nothing answers at 127.0.0.1", "refused", "start the HAC"],
        Canary::BlackHole => &["no handshake in time", "speaks no TLS"],
        Canary::TcpEcho => &["no TLS session", "ClientHello"],
        Canary::ClosesAfterHandshake => &["closed with close_notify"],
        Canary::AlwaysOk => &["status-code 200 without SA data"],
        Canary::Refuses | Canary::CrashesOnMessage(_) => &["status-code 400"],
        Canary::NeverAnswers => &["no answer in time", "--timeout"],
        Canary::AnswersSlowly | Canary::LongTrickle => &["half a container, then nothing"],
        Canary::WrongName => &["certificate", "not valid for name", "--server-name"],
        Canary::EndlessData => &["65535"],
        Canary::InvalidUtf8 | Canary::TerminalEscapes => &["\\x"],
        _ => &["a canary that this table does not know yet"],
    }
}

/// Long enough for whoever answers on a machine with much to do; the silent ones are waited out.
fn patience(canary: Canary) -> &'static str {
    match canary {
        Canary::BlackHole => "0.5",
        Canary::NeverAnswers | Canary::AnswersSlowly | Canary::LongTrickle => "2",
        _ => "20",
    }
}

/// What is wrong with what it says of one of them.
fn faults(canary: Canary, said: &Said) -> Vec<String> {
    let text = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut faults: Vec<String> = ["cannot be judged"]
        .iter()
        .chain(told(canary))
        .filter(|word| !text.contains(**word))
        .map(|word| format!("does not say {word:?}"))
        .collect();
    if said.exit != 3 {
        faults.push(format!("exit {}", said.exit));
    }
    let painted = said.out.chars().chain(said.err.chars()).find(|&c| c.is_control() && c != '\n');
    faults.extend(painted.map(|c| format!("prints {c:?}")));
    faults
}

#[test]
fn every_canary_is_met_told_and_not_green() {
    let identities = say(&["provision", "--count", "2"]).out;
    let mut wrong = Vec::new();
    for canary in Canary::ALL {
        let running = start(canary).expect("a loopback port");
        let folder = Folder::new(&format!("canary-{}", canary.name()));
        let ids = folder.write("ids.json", &identities);
        let ca = folder.write("ca.pem", running.ca_pem());
        let target = running.addr().to_string();
        let files = ["--target", &target, "--identities", &ids, "--ca", &ca];
        let said = say(&[&files[..], &["--timeout", patience(canary), "--seed", "1"]].concat());
        println!("{}: exit {}\n{}{}", canary.name(), said.exit, said.out, said.err);
        wrong.extend(faults(canary, &said).into_iter().map(|fault| format!("{}: {fault}", canary.name())));
    }
    assert_eq!(wrong, Vec::<String>::new());
}
