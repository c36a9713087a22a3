//! Goes through the steps of a trace: each MN has an identity of its own, each connection a session and an SA.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use wire::message::Grant;
use wire::mobility::Lifetime;

use super::bindings::Bindings;
use super::replay::{Owed, Stage};
use super::{Act, Carried, Party, Step, Trace, Whose, flow, session};
use crate::bench::{Bench, Setup, register};
use crate::case::Role;
use crate::finding::Finding;
use crate::identity::Lease;
use crate::report::Trouble;
use crate::sanity;

/// An MN of a trace.
pub(super) struct Actor<'a> {
    pub(super) bench: Bench<'a>,
    pub(super) bindings: Bindings,
}

/// A conversation of one MN, as far as it has come.
#[derive(Default)]
struct Talk {
    session: Option<session::Play>,
    granted: Option<Grant>,
    flow: Option<flow::Play>,
    /// It cannot go on.
    is_lost: bool,
}

/// Plays a trace from its first step to its last; each MN is played by the next of the identities.
///
/// # Errors
/// What keeps it from being played at all.
pub(super) fn play(
    stage: &mut Stage,
    setup: &Setup,
    leases: &[Lease<'_>],
    trace: &Trace,
) -> Result<(), Trouble> {
    let mns = trace.mns().into_iter();
    let mut actors: BTreeMap<Option<&str>, Actor<'_>> = mns
        .zip(leases)
        .map(|(mn, lease)| {
            let id = mn.map_or_else(|| trace.name.clone(), |mn| format!("{}/{mn}", trace.name));
            (mn, Actor { bench: Bench::new(setup, lease.identity, &id), bindings: Bindings::default() })
        })
        .collect();
    let binders: BTreeSet<Option<&str>> =
        trace.steps.iter().filter(|step| binds(step)).map(|step| step.whose.mn.as_deref()).collect();
    for (_, actor) in actors.iter_mut().filter(|(mn, _)| binders.contains(*mn)) {
        actor.forget_binding().map_err(|finding| sanity::trouble("clear the binding of the MN", &finding))?;
    }
    let mut acts: BTreeMap<&Whose, Vec<&Act>> = BTreeMap::new();
    for step in &trace.steps {
        acts.entry(&step.whose).or_default().push(&step.act);
    }
    let mut talks: BTreeMap<&Whose, Talk> = BTreeMap::new();
    let sessions_end = last_steps(trace, |act| !act.is_of_ha());
    // There a flow is judged, before the MN has another SA.
    let flows_end = last_steps(trace, Act::is_of_ha);
    for (at, step) in trace.steps.iter().enumerate() {
        let Some(actor) = actors.get_mut(&step.whose.mn.as_deref()) else { continue };
        stage.turn_to(&step.whose);
        let talk = talks.entry(&step.whose).or_default();
        let all = acts.get(&step.whose).map(Vec::as_slice).unwrap_or_default();
        let played = talk.play(stage, actor, all, (at + 1, &step.act));
        let ended = played.and_then(|()| match sessions_end.get(&step.whose) {
            Some(&end) if end == at => talk.end_session(stage),
            _ => Ok(()),
        });
        let ended = ended.and_then(|()| match flows_end.get(&step.whose) {
            Some(&end) if end == at => talk.end_flow(stage, actor),
            _ => Ok(()),
        });
        // Others may go on.
        if let Err(finding) = ended {
            *talk = Talk { is_lost: true, ..Talk::default() };
            stage.owed(lost(at + 1, &step.act), Instant::now(), &Err(finding));
        }
    }
    Ok(())
}

fn lost(step: usize, act: &Act) -> Owed {
    Owed {
        step,
        role: if act.is_of_ha() { Role::Ha } else { Role::Hac },
        section: if act.is_of_ha() { "6.3" } else { "5.3" },
        cites: "rfc6618#5.1/client-asks-server-answers",
        story: "the conversation goes on as in the trace".to_owned(),
    }
}

fn binds(step: &Step) -> bool {
    matches!(&step.act, Act::Packet(packet) if matches!(packet.carries, Carried::BindingUpdate(_)))
}

/// The last step of that kind in each conversation.
fn last_steps(trace: &Trace, is_of_kind: fn(&Act) -> bool) -> BTreeMap<&Whose, usize> {
    let steps = trace.steps.iter().enumerate().filter(|(_, step)| is_of_kind(&step.act));
    steps.map(|(at, step)| (&step.whose, at)).collect()
}

impl Actor<'_> {
    /// Takes the binding of earlier runs away. An HA may still remember its Sequence # and go on from it.
    fn forget_binding(&mut self) -> Result<(), Finding> {
        let mut tunnel = self.bench.signaling_tunnel()?;
        let (update, _) = register(&mut tunnel)?;
        // Whether the de-registration is acknowledged is the matter of other cases.
        let ended = tunnel.register(Lifetime::ZERO)?;
        self.bindings.base = update.sequence.wrapping_add(1);
        self.bindings.is_unclear = !ended.is_ok_and(|(_, ack)| ack.status.accepted());
        Ok(())
    }
}

impl Talk {
    fn play(
        &mut self,
        stage: &mut Stage,
        actor: &mut Actor<'_>,
        all: &[&Act],
        (step, act): (usize, &Act),
    ) -> Result<(), Finding> {
        if self.is_lost {
            return Ok(());
        }
        if act.asks_hac() && self.session.is_none() {
            self.session = Some(session::Play::new(&mut actor.bench, all.iter().copied())?);
        }
        if matches!(act, Act::Packet(_)) && self.flow.is_none() {
            // A trace may hold the end of its session only later.
            self.end_session(stage)?;
            self.flow = Some(flow::Play::new(&mut actor.bench, self.granted.take())?);
        }
        match (act, &mut self.session, &mut self.flow) {
            (Act::Request(request), Some(session), _) => session.request(stage, step, request)?,
            (Act::Octets(octets), Some(session), _) => session.octets(step, octets)?,
            (Act::Response(then), Some(session), _) => session.settle(stage, Some((step, then))),
            (Act::Closed(Party::Mn), Some(session), _) => session.close(),
            (Act::Packet(packet), _, Some(flow)) => flow.packet(stage, &mut actor.bindings, step, packet)?,
            (Act::Answer(then), _, Some(flow)) => flow.compare(stage, step, then),
            // How the HAC ends is judged with its last answer.
            _ => {}
        }
        Ok(())
    }

    fn end_session(&mut self, stage: &mut Stage) -> Result<(), Finding> {
        if let Some(session) = self.session.take() {
            self.granted = session.end(stage)?;
        }
        Ok(())
    }

    fn end_flow(&mut self, stage: &mut Stage, actor: &mut Actor<'_>) -> Result<(), Finding> {
        self.flow.take().map_or(Ok(()), |flow| flow.end(stage, actor))
    }
}
