//! All the way round: a trace is played, what passes is captured, and `dissect --trace` makes of it the trace that was played.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use node::home::{CORRESPONDENT, CORRESPONDENT4};
use suite::bench::Setup;
use suite::evidence::Recorder;
use suite::identity::Identities;
use suite::link::tls::TlsTarget;
use suite::sa_file::SaPool;
use suite::sanity::Profile;
use suite::trace::{Act, Carried, Step, Trace, Whose, lint, replay};
use suite::verdict::Exit;

use super::place::{Reference, say};

/// Far above what loopback needs.
const WAIT: Duration = Duration::from_secs(10);

fn shipped(name: &str) -> Trace {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps/traces").join(name);
    let text = fs::read_to_string(file).expect("a trace that we ship");
    Trace::from_json(&text).expect("it can be played")
}

/// Plays it, and writes what passed into a file of the reference's folder.
fn captured(reference: &Reference, trace: &Trace) -> String {
    let recorder = Recorder::shared();
    let (target, hac) = (reference.folder.read("ca.pem"), reference.hac());
    let target = TlsTarget::new(hac, &hac.ip().to_string(), &target, WAIT, Some(recorder.clone()));
    let setup = Setup {
        target: Some(Box::new(target.expect("authorities of the reference"))),
        launcher: None,
        profile: Profile::Rfc6618,
        correspondent: Some(CORRESPONDENT),
        correspondent4: Some(CORRESPONDENT4),
        associations: SaPool::default(),
        ha: None,
        wait: WAIT,
        seed: 1,
        recorder: Some(recorder.clone()),
        identities: Identities::from_json(&reference.folder.read("ids.json")).expect("identities"),
    };
    assert_eq!(replay(&setup, trace).exit, Exit::Conformant);
    let capture = reference.folder.path("capture.pcapng");
    let file = File::create(&capture).expect("the folder is ours");
    suite::capture::write_pcapng(&recorder.snapshot(), file).expect("written");
    capture
}

/// Sequence #s of Binding Updates go on from what the HA has seen before: counted from the first one.
fn counted(steps: impl Iterator<Item = Step>) -> Vec<Act> {
    let mut first = None;
    let acts = steps.map(|Step { mut act, .. }| {
        if let Act::Packet(packet) = &mut act
            && let Carried::BindingUpdate(update) = &mut packet.carries
        {
            update.sequence -= *first.get_or_insert(update.sequence);
        }
        act
    });
    acts.collect()
}

/// The last connection of this MN that has packets: before it stands what every replay begins with.
fn of_mn(trace: &Trace, mn: &str) -> Whose {
    let is_it = |step: &&Step| step.whose.mn.as_deref() == Some(mn) && matches!(step.act, Act::Packet(_));
    let mut longest = trace.conversations().into_iter().filter(|whose| {
        let steps = trace.steps.iter().filter(is_it).filter(|step| step.whose == **whose);
        steps.count() > 2
    });
    longest.next_back().expect("its packets").clone()
}

#[test]
fn two_mns_in_a_capture_are_the_two_of_the_trace_that_was_played() {
    let reference = Reference::start("replay-round");
    let played = shipped("two-mns-at-once.json");
    let capture = captured(&reference, &played);
    let (file, keys) = (reference.folder.path("again.json"), reference.folder.path("ids.json"));
    let said = say(&["dissect", &capture, "--psk", &keys, "--trace", &file]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    for note in ["2 MNs, ", "mn-1 is mn1@conform.example", "mn-2 is mn2@conform.example"] {
        assert!(said.err.contains(note), "{note}: {}", said.err);
    }
    let again = Trace::from_json(&reference.folder.read("again.json")).expect("it can be played");
    assert_eq!(lint(&again), []);
    let names = [("a", of_mn(&again, "mn-1")), ("b", of_mn(&again, "mn-2"))];
    for (name, whose) in &names {
        let then = played.steps.iter().filter(|step| step.whose.mn.as_deref() == Some(name));
        let now = again.steps.iter().filter(|step| step.whose == *whose);
        assert_eq!(counted(now.cloned()), counted(then.cloned()), "{name}");
    }
    // Each waits for its own answers, and so all that is sent stands as it was played.
    let sent = |act: &Act| matches!(act, Act::Request(_) | Act::Packet(_));
    let order_then = played.steps.iter().filter(|step| sent(&step.act)).map(|step| step.whose.mn.as_deref());
    let order_now = again.steps.iter().filter(|step| sent(&step.act)).filter_map(|step| {
        let (name, _) = names.iter().find(|(_, whose)| *whose == step.whose)?;
        Some(Some(*name))
    });
    assert_eq!(order_now.collect::<Vec<_>>(), order_then.collect::<Vec<_>>());
}

#[test]
fn user_data_of_a_capture_is_sent_again_and_told() {
    let reference = Reference::start("replay-user-data");
    let played = shipped("user-data-of-any-kind.json");
    let capture = captured(&reference, &played);
    let (target, identities, ca) = reference.files();
    let own = ["replay", &capture, "--target", &target, "--identities", &identities, "--ca", &ca];
    let correspondents = ["--cn", &CORRESPONDENT.to_string(), "--cn4", &CORRESPONDENT4.to_string()];
    let said = say(&[&own[..], &correspondents].concat());
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    for words in ["inner checksums (step ", "(exit 0)"] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    assert!(!said.out.contains("now it was"), "{}", said.out);
}
