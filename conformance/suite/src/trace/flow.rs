//! The part of a trace that is said to the HA, over an SA of its own.

use std::time::Instant;

use wire::message::Grant;
use wire::mobility::binding_update::Repr;

use super::datagram::{self, Due, Numbers};
use super::replay::{Owed, Stage};
use super::{Answer as Then, Carried, Packet, Step, Trace};
use crate::case::{Carrier, Check, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::judge;
use crate::player::{Acknowledged, Inner, Stay, Tunnel, TunnelAnswer};

/// A flow in which a trace is played.
struct Play {
    tunnel: Tunnel,
    numbers: Numbers,
    /// Packets that must vanish.
    silent: Vec<Silent>,
    /// Answers that no packet is owed.
    stray: Vec<TunnelAnswer>,
    registrations: Vec<Acknowledged>,
    /// The last answer, for the step of the trace that tells what was answered then.
    last: Option<String>,
    is_honest: bool,
}

struct Silent {
    step: usize,
    why: String,
    /// By which an answer to it would be known.
    number: Option<(Carrier, u16)>,
}

/// Plays everything that goes to the HA, under the SA of the exchange in the trace or of an honest one.
///
/// # Errors
/// What keeps the trace from being played at all.
pub(super) fn play(stage: &mut Stage<'_>, trace: &Trace, granted: Option<Grant>) -> Result<(), Finding> {
    let packets = trace.steps.iter().filter(|step| matches!(step, Step::Packet(_))).count();
    if packets == 0 {
        return Ok(());
    }
    let tunnel = match granted {
        Some(grant) => stage.bench.tunnel_over(grant)?,
        None => stage.bench.signaling_tunnel()?,
    };
    let mut play = Play {
        tunnel,
        numbers: Numbers::default(),
        silent: Vec::new(),
        stray: Vec::new(),
        registrations: Vec::new(),
        last: None,
        is_honest: true,
    };
    for (at, step) in trace.steps.iter().enumerate() {
        match step {
            Step::Packet(packet) => play.packet(stage, at + 1, packet)?,
            Step::Answer(then) => {
                let now = play.last.take().unwrap_or_else(|| "no answer".to_owned());
                stage.compare(at + 1, in_words(then), now);
            }
            _ => {}
        }
    }
    if play.silent.is_empty() { play.judge_stay(stage) } else { play.prove_silence(stage) }
}

impl Play {
    fn packet(&mut self, stage: &mut Stage<'_>, step: usize, packet: &Packet) -> Result<(), Finding> {
        let packet = &packet.counted_from(stage.binding_base);
        let forge = datagram::forge(packet, &mut self.tunnel)?;
        for what in ["spi", "keys", "IV", "ICV", "addresses"] {
            stage.renew(step, what);
        }
        let due = self.numbers.due(packet, &self.tunnel);
        let started = Instant::now();
        let sent = self.tunnel.send(&forge)?;
        self.last = None;
        self.is_honest &= matches!(due, Due::Answer(..));
        match due {
            Due::Answer(carrier, number) => {
                let update = match &forge.inner {
                    Inner::Binding(binding) => Some(binding.update),
                    Inner::Octets(..) => None,
                };
                let outcome = self.answered(carrier, number, update);
                let outcome = stage.bench.check(outcome).map_err(|f| f.with_octets("datagram sent", &sent));
                stage.owed(answer_owed(step, carrier), started, &outcome);
            }
            Due::Silence(why) => self.silent.push(Silent { step, why, number: number(packet) }),
            Due::Unknown(why) => {
                let outcome = Err(Finding::Inconclusive(Because::Prerequisite(why.to_owned())));
                stage.owed(answer_owed(step, Carrier::BindingUpdate), started, &outcome);
            }
        }
        Ok(())
    }

    fn answered(&mut self, carrier: Carrier, number: u16, update: Option<Repr>) -> Outcome {
        let answers = self.tunnel.answer(carrier, number);
        let unasked = |answer: &TunnelAnswer| !matches!(answer, TunnelAnswer::Unsolicited(_));
        self.stray.extend(answers.before.iter().filter(|answer| unasked(answer)).cloned());
        self.last = answers.answer.as_ref().map(told);
        match (&answers.answer, update) {
            (Some(TunnelAnswer::Acknowledgement(ack)), Some(update)) if ack.status.accepted() => {
                if update.lifetime.0 > 0 {
                    self.registrations.push((update, *ack));
                }
                Ok(Pass::Clean)
            }
            (Some(TunnelAnswer::Acknowledgement(_)), _) => {
                Err(Finding::fails("the Binding Update accepted", answers.describe()))
            }
            (Some(_), _) => Ok(Pass::Clean),
            (None, _) => Err(Finding::fails("the packet accepted and answered", answers.describe())),
        }
    }

    /// Two honest updates behind everything: what was not answered before their answers never will be.
    fn prove_silence(mut self, stage: &mut Stage<'_>) -> Result<(), Finding> {
        self.tunnel.jump_to(self.numbers.unused());
        self.tunnel.resynchronise(self.numbers.last_update());
        let started = Instant::now();
        let controls = judge::before_controls(&mut self.tunnel, Carrier::BindingUpdate);
        let unasked = |answer: &TunnelAnswer| !matches!(answer, TunnelAnswer::Unsolicited(_));
        if let Ok(before) = &controls {
            self.stray.extend(before.iter().filter(|answer| unasked(answer)).cloned());
        }
        for silent in &self.silent {
            let outcome = match &controls {
                Err(finding) => Err(finding.clone()),
                Ok(_) => self.vanished(silent),
            };
            let outcome = stage.bench.check(outcome);
            stage.owed(silence_owed(silent), started, &outcome);
        }
        Ok(())
    }

    fn vanished(&self, silent: &Silent) -> Outcome {
        let is_known = |answer: &TunnelAnswer, (carrier, number)| answer.number(carrier) == Some(number);
        let numbered = || self.silent.iter().filter_map(|silent| silent.number);
        let answer = self.stray.iter().find(|answer| match silent.number {
            Some(number) => is_known(answer, number),
            // An answer that fits no numbered packet can only be meant for one without a number.
            None => !numbered().any(|number| is_known(answer, number)),
        });
        answer.map_or(Ok(Pass::Clean), |answer| {
            let observed = format!("it was answered: {}", answer.describe());
            Err(Finding::fails("the packet silently discarded", observed))
        })
    }

    /// An honest stay is judged by what the HA sent in it, as in every run.
    fn judge_stay(self, stage: &mut Stage<'_>) -> Result<(), Finding> {
        if !self.is_honest || self.registrations.is_empty() {
            return Ok(());
        }
        let Tunnel { grant, home, ha, heard, .. } = self.tunnel;
        let profile = stage.bench.setup().profile;
        let stay = Stay { profile, grant, home, ha, registrations: self.registrations, heard };
        for case in crate::cases::all() {
            if let Check::HaSays(judge) = case.check {
                stage.case(case, &judge(&stay));
            }
        }
        Ok(())
    }
}

fn number(packet: &Packet) -> Option<(Carrier, u16)> {
    match &packet.carries {
        Carried::BindingUpdate(update) => Some((Carrier::BindingUpdate, update.sequence)),
        Carried::EchoRequest { sequence } => Some((Carrier::ProtectedEcho, *sequence)),
        Carried::Octets(_) => None,
    }
}

fn answer_owed(step: usize, carrier: Carrier) -> Owed {
    let (section, cites, story) = match carrier {
        Carrier::BindingUpdate => {
            ("6.3", "rfc6618#6.3/binding-messages-in-figure-7", "the Binding Update is acknowledged")
        }
        Carrier::ProtectedEcho | Carrier::ProtectedEcho4 => {
            ("6.4", "rfc6618#6.4/user-data-protected", "the echo request reaches its host")
        }
        Carrier::PlainEcho | Carrier::PlainEcho4 => {
            ("6.4", "rfc6618#6.4/ptype-0-is-plain-data", "the echo request reaches its host")
        }
    };
    Owed { step, role: Role::Ha, section, cites, story: story.to_owned() }
}

fn silence_owed(silent: &Silent) -> Owed {
    Owed {
        step: silent.step,
        role: Role::Ha,
        section: "6.1",
        cites: "rfc6618#9.3/replay-as-esp",
        story: format!("the packet is discarded: {}", silent.why),
    }
}

fn told(answer: &TunnelAnswer) -> String {
    match answer {
        TunnelAnswer::Acknowledgement(ack) => acknowledgement(ack.status.0),
        TunnelAnswer::EchoReply { sequence, .. } => format!("echo reply {sequence}"),
        other => other.describe(),
    }
}

fn in_words(then: &Then) -> String {
    match then {
        Then::BindingAck { status } => acknowledgement(*status),
        Then::BindingError { status } => format!("Binding Error, status {status}"),
        Then::EchoReply { sequence } => format!("echo reply {sequence}"),
        Then::Other(what) => what.clone(),
    }
}

fn acknowledgement(status: u8) -> String {
    format!("Binding Acknowledgement, status {status}")
}
