//! The part of a trace that is said to the HA, over an SA of its own.

use std::time::Instant;

use crypto::auth::Profile;
use wire::message::Grant;
use wire::mobility::{BindingStatus, Lifetime};

use super::bindings::{Bindings, Expected};
use super::datagram::{self, Due, Numbers};
use super::replay::{Owed, Stage};
use super::user_data::{FORWARDED, Inside, of_protocol, user_data};
use super::walk::Actor;
use super::{Answer as Then, Carried, Packet};
use crate::bench::Bench;
use crate::case::{Carrier, Check, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::judge;
use crate::player::{Acknowledged, BindingForge, Heard, Inner, PacketForge, Stay, Tunnel, TunnelAnswer};

/// Binding Updates that prove silence.
const CONTROLS: u16 = 2;

/// A flow in which a trace is played.
pub(super) struct Play {
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
    /// The last step that sent user data to which no answer is owed.
    user_data: Option<usize>,
    /// So many datagrams of the HA were looked at for user data.
    told: usize,
    waited_in_vain: bool,
    /// The last packet of the trace could not be made here.
    is_unsent: bool,
}

struct Silent {
    step: usize,
    why: String,
    /// By which an answer to it would be known.
    number: Option<(Carrier, u16)>,
}

impl Play {
    /// A flow under this SA, or under that of an honest exchange.
    ///
    /// # Errors
    /// Nobody grants one, or nobody says where the HA is.
    pub(super) fn new(bench: &mut Bench<'_>, granted: Option<Grant>) -> Result<Self, Finding> {
        Ok(Self {
            tunnel: match granted {
                Some(grant) => bench.tunnel_over(grant)?,
                None => bench.signaling_tunnel()?,
            },
            numbers: Numbers::default(),
            silent: Vec::new(),
            stray: Vec::new(),
            registrations: Vec::new(),
            last: None,
            is_honest: true,
            user_data: None,
            told: 0,
            waited_in_vain: false,
            is_unsent: false,
        })
    }

    /// Compares what was answered last with what was answered when the trace was taken.
    pub(super) fn compare(&mut self, stage: &mut Stage, step: usize, then: &Then) {
        let now = match then {
            Then::IpPacket { .. } if !self.is_unsent => self.next_user_data().map(|inside| inside.describe()),
            _ => self.last.take(),
        };
        stage.compare(step, in_words(then), now.unwrap_or_else(|| "no answer".to_owned()));
    }

    /// Judges what has to be judged from behind.
    ///
    /// # Errors
    /// Our own socket failed.
    pub(super) fn end(mut self, stage: &mut Stage, actor: &mut Actor<'_>) -> Result<(), Finding> {
        if !self.silent.is_empty() {
            self.prove_silence(stage, &mut actor.bindings)?;
        }
        self.judge_user_data(stage);
        self.judge_stay(stage, actor.bench.setup().profile);
        Ok(())
    }

    /// Sends a packet and waits for what it is owed.
    ///
    /// # Errors
    /// Our own socket failed.
    pub(super) fn packet(
        &mut self,
        stage: &mut Stage,
        bindings: &mut Bindings,
        step: usize,
        packet: &Packet,
    ) -> Result<(), Finding> {
        let packet = &packet.counted_from(bindings.base);
        let started = Instant::now();
        self.is_unsent = false;
        let forge = match datagram::forge(packet, &mut self.tunnel) {
            Ok(forge) => forge,
            Err(finding) => {
                self.is_honest = false;
                self.is_unsent = true;
                self.last = Some("no answer, since nothing could be sent".to_owned());
                stage.owed(data_owed(step), started, &Err(finding));
                return Ok(());
            }
        };
        for what in ["spi", "keys", "IV", "ICV", "addresses"] {
            stage.renew(step, what);
        }
        if matches!(packet.carries, Carried::IpPacket { .. }) {
            stage.renew(step, "inner checksums");
        }
        let due = self.numbers.due(packet, &self.tunnel, bindings);
        let sent = self.tunnel.send(&forge)?;
        self.last = None;
        self.is_honest &=
            matches!(due, Due::Reply(..) | Due::Nothing | Due::Acknowledgement(Expected::Acceptance));
        match due {
            Due::Reply(carrier, number) => {
                let outcome = self.replied(carrier, number);
                let outcome = outcome.map_err(|finding| finding.with_octets("datagram sent", &sent));
                stage.owed(answer_owed(step, carrier), started, &outcome);
            }
            Due::Acknowledgement(expected) => {
                let outcome = self.acknowledged(packet, &forge, expected, bindings);
                let outcome = outcome.map_err(|finding| finding.with_octets("datagram sent", &sent));
                stage.owed(acknowledgement_owed(step, expected), started, &outcome);
            }
            Due::Nothing => self.user_data = Some(step),
            Due::Silence(why) => self.silent.push(Silent { step, why, number: number(packet) }),
            Due::Unknown(why) => {
                let outcome = Err(Finding::Inconclusive(Because::Prerequisite(why.to_owned())));
                stage.owed(answer_owed(step, Carrier::BindingUpdate), started, &outcome);
            }
        }
        Ok(())
    }

    fn replied(&mut self, carrier: Carrier, number: u16) -> Outcome {
        let answers = self.tunnel.answer(carrier, number);
        self.keep(&answers.before);
        self.last = answers.answer.as_ref().map(told);
        match answers.answer {
            Some(_) => Ok(Pass::Clean),
            None => Err(Finding::fails("the packet accepted and answered", answers.describe())),
        }
    }

    fn acknowledged(
        &mut self,
        packet: &Packet,
        forge: &PacketForge,
        expected: Expected,
        bindings: &mut Bindings,
    ) -> Outcome {
        let Inner::Binding(BindingForge { update, .. }) = &forge.inner else { return Ok(Pass::Clean) };
        let answers = match expected {
            Expected::Acceptance => self.tunnel.answer(Carrier::BindingUpdate, update.sequence),
            // A refusal repeats another number than that of the update (RFC 6275 section 9.5.1).
            _ => self.tunnel.any_acknowledgement(),
        };
        self.keep(&answers.before);
        self.last = answers.answer.as_ref().map(told);
        let Some(TunnelAnswer::Acknowledgement(ack)) = &answers.answer else {
            return Err(Finding::fails("the packet accepted and answered", answers.describe()));
        };
        if ack.status.accepted() {
            bindings.accepted(update.sequence, update.lifetime);
            self.numbers.is_registered = update.lifetime != Lifetime::ZERO;
        }
        self.is_honest &= ack.status.accepted();
        let is_near_the_end = packet.sequence >= NEAR_THE_END;
        match (ack.status, expected) {
            // Whenever it likes, and near the end it should.
            (BindingStatus::REINIT_SA_WITH_HAC, _) if is_near_the_end => Ok(Pass::Clean),
            (BindingStatus::REINIT_SA_WITH_HAC, _) => Ok(Pass::Lenient("PK-31")),
            (status, Expected::Acceptance) if status.accepted() && is_near_the_end => {
                let expected = "status 176: the Sequence Numbers of the SA are nearly used up";
                Err(Finding::warns(expected, answers.describe()))
            }
            (status, Expected::Acceptance | Expected::AcceptanceOrOldNumber) if status.accepted() => {
                if update.lifetime != Lifetime::ZERO {
                    self.registrations.push((*update, *ack));
                }
                Ok(Pass::Clean)
            }
            (
                BindingStatus::SEQUENCE_OUT_OF_WINDOW,
                Expected::OldNumber | Expected::AcceptanceOrOldNumber,
            ) => Ok(Pass::Clean),
            (status, Expected::NoBinding) if !status.accepted() => Ok(Pass::Clean),
            _ => Err(Finding::fails(in_short(expected), answers.describe())),
        }
    }

    /// Keeps answers that somebody may have to account for.
    fn keep(&mut self, before: &[TunnelAnswer]) {
        let asked = before.iter().filter(|answer| !matches!(answer, TunnelAnswer::Unsolicited(_)));
        self.stray.extend(asked.cloned());
    }

    /// User data that came and was not told yet; once a wait for some was in vain, only what is there already.
    fn next_user_data(&mut self) -> Option<Inside<'_>> {
        let is_there = |heard: &[Heard], from: usize| {
            let rest = heard.get(from..).unwrap_or_default();
            rest.iter().position(|heard| user_data(heard).is_some()).map(|at| from + at)
        };
        if is_there(&self.tunnel.heard, self.told).is_none() && !self.waited_in_vain {
            let answers = self.tunnel.unasked();
            self.keep(&answers.before);
            self.waited_in_vain = answers.answer.is_none();
        }
        let at = is_there(&self.tunnel.heard, self.told)?;
        self.told = at + 1;
        self.tunnel.heard.get(at).and_then(user_data)
    }

    /// What user data came back is judged by the rules of the tunnel, and not by what is in it.
    fn judge_user_data(&mut self, stage: &mut Stage) {
        let Some(step) = self.user_data else { return };
        let started = Instant::now();
        let there = self.tunnel.there();
        self.keep(&there);
        let mut came = self.tunnel.heard.iter().filter_map(user_data).peekable();
        let broken = self.stray.iter().find(|answer| matches!(answer, TunnelAnswer::Broken(_)));
        let outcome = match (broken, came.peek()) {
            (Some(broken), _) => Err(Finding::fails(FORWARDED, broken.describe())),
            // Whether a host answers is its own matter.
            (None, None) => return,
            (None, Some(_)) => came
                .find_map(|inside| inside.fault(&self.tunnel))
                .map_or(Ok(Pass::Clean), |fault| Err(Finding::fails(FORWARDED, fault))),
        };
        let story = format!("what comes back is {FORWARDED}");
        stage.owed(Owed { story, ..data_owed(step) }, started, &outcome);
    }

    /// Two honest updates behind everything: what was not answered before their answers never will be.
    fn prove_silence(&mut self, stage: &mut Stage, bindings: &mut Bindings) -> Result<(), Finding> {
        self.tunnel.jump_to(self.numbers.unused());
        self.tunnel.resynchronise(bindings.newest());
        let started = Instant::now();
        let controls = judge::before_controls(&mut self.tunnel, Carrier::BindingUpdate);
        if let Ok(before) = &controls {
            self.keep(before);
            bindings.skip(CONTROLS);
        }
        for silent in &self.silent {
            let outcome = match &controls {
                Err(finding) => Err(finding.clone()),
                Ok(_) => self.vanished(silent),
            };
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
    fn judge_stay(self, stage: &mut Stage, profile: Profile) {
        if !self.is_honest || self.registrations.is_empty() {
            return;
        }
        let Tunnel { grant, home, ha, heard, .. } = self.tunnel;
        let stay = Stay { profile, grant, home, ha, registrations: self.registrations, heard };
        for case in crate::cases::all() {
            if let Check::HaSays(judge) = case.check {
                stage.case(case, &judge(&stay));
            }
        }
    }
}

/// From this Sequence Number on an HA should want a new SA (reading SQ-05).
const NEAR_THE_END: u32 = u32::MAX - 10;

fn number(packet: &Packet) -> Option<(Carrier, u16)> {
    match &packet.carries {
        Carried::BindingUpdate(update) => Some((Carrier::BindingUpdate, update.sequence)),
        Carried::EchoRequest { sequence } => Some((Carrier::ProtectedEcho, *sequence)),
        Carried::IpPacket { .. } | Carried::Octets(_) => None,
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

const fn in_short(expected: Expected) -> &'static str {
    match expected {
        Expected::Acceptance => "the Binding Update accepted",
        Expected::OldNumber => "Binding Acknowledgement, status 135",
        Expected::AcceptanceOrOldNumber => "the Binding Update accepted, or status 135",
        Expected::NoBinding => "a refusal: there is no binding to be given up",
    }
}

fn acknowledgement_owed(step: usize, expected: Expected) -> Owed {
    let (cites, story) = match expected {
        Expected::Acceptance => {
            ("rfc6618#6.3/binding-messages-in-figure-7", "the Binding Update is acknowledged")
        }
        Expected::OldNumber => (
            "rfc6275#9.5.1/old-sequence-answered-135",
            "a Binding Update with an old number is answered with status 135",
        ),
        Expected::AcceptanceOrOldNumber => (
            "rfc6275#9.5.1/old-sequence-answered-135",
            "a Binding Update whose number the HA may remember is answered",
        ),
        Expected::NoBinding => {
            ("rfc6275#10.3.2/unknown-binding-rejected", "a de-registration without a binding is refused")
        }
    };
    Owed { step, role: Role::Ha, section: "6.3", cites, story: story.to_owned() }
}

fn data_owed(step: usize) -> Owed {
    let (section, cites) = ("6.4", "rfc6618#6.4/user-data-protected");
    Owed { step, role: Role::Ha, section, cites, story: "user data goes through the tunnel".to_owned() }
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
        Then::IpPacket { protocol } => of_protocol(Some(*protocol)),
        Then::Other(what) => what.clone(),
    }
}

fn acknowledgement(status: u8) -> String {
    format!("Binding Acknowledgement, status {status}")
}
