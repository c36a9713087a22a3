//! `mip6-conform probe`: what a HAC can do, with what showed it, and what it lacks though it must have it.

use std::path::Path;

use anstyle::Style;
use suite::declaration::{Contradiction, Declaration};
use suite::probe::{Capability, Probe, There, Topic, probe};
use suite::verdict::Exit;

use crate::Ended;
use crate::args::ProbeArgs;
use crate::folder::PrivateFolder;
use crate::output::{Channel, print};
use crate::report::page::{BAD, BOLD, DIM, DOUBT, GOOD, Page};
use crate::report::trouble;
use crate::setup::setup;
use crate::usage::UsageError;

pub(crate) fn command(args: &ProbeArgs) -> Ended {
    if args.subject.target.is_none() {
        return Err(UsageError::Needs { with: "probe", needs: "--target HOST:PORT" });
    }
    // A file that cannot be read is told before the target is asked.
    let declaration = match &args.capabilities {
        Some(file) => Some((file, read(file)?)),
        None => None,
    };
    let visits = PrivateFolder::new()?;
    let setup = setup(&args.subject, &args.conduct, &visits)?;
    let mut probe = match probe(setup, args.subject.profile) {
        Ok(probe) => probe,
        Err(met) => {
            let mut page = Page::new();
            trouble::tell(&mut page, &met);
            Channel::Err.print(&page.into_text());
            return Ok(Exit::Unreachable);
        }
    };
    if let Some((file, declaration)) = declaration {
        let refused = |why| UsageError::Declaration { file: file.clone(), why };
        declaration.hold_against(&mut probe).map_err(refused)?;
    }
    if let Some(file) = &args.declare {
        let text = Declaration::of(&probe).to_toml().map_err(UsageError::own)?;
        std::fs::write(file, text).map_err(|error| UsageError::file(file, &error))?;
    }
    if args.json {
        print(&(serde_json::to_string_pretty(&probe).map_err(UsageError::own)? + "\n"));
    } else {
        print(&table(&probe));
    }
    Ok(exit(&probe))
}

fn read(file: &Path) -> Result<Declaration, UsageError> {
    let text = std::fs::read_to_string(file).map_err(|error| UsageError::file(file, &error))?;
    Declaration::from_toml(&text).map_err(|why| UsageError::Declaration { file: file.to_owned(), why })
}

/// What is missing or falsely declared outweighs what is not shown, and that a declaration that is out of date.
fn exit(probe: &Probe) -> Exit {
    let is = |wanted| probe.capabilities.iter().any(|capability| capability.contradiction() == Some(wanted));
    let lacks_something = probe.missing().next().is_some();
    if lacks_something || is(Contradiction::NotThere) || is(Contradiction::DeclaredAway) {
        Exit::Failed
    } else if is(Contradiction::NotShown) {
        Exit::Incomplete
    } else if is(Contradiction::ThereAfterAll) {
        Exit::Expectations
    } else {
        Exit::Conformant
    }
}

fn table(probe: &Probe) -> String {
    let mut page = Page::new();
    let profile = format!("{} ({})", probe.profile, probe.profile_by);
    page.line(&[(BOLD, "Profile  "), (Style::new(), &profile)]);
    for topic in Topic::ALL {
        page.blank();
        page.line(&[(BOLD, topic.title())]);
        for capability in probe.capabilities.iter().filter(|capability| capability.topic == topic) {
            tell(&mut page, capability);
        }
    }
    page.blank();
    let missing: Vec<&Capability> = probe.missing().collect();
    for capability in &missing {
        let by = capability.mandatory_by.as_deref().unwrap_or_default();
        page.line(&[
            (BAD, "missing though mandatory: "),
            (BOLD, &capability.name),
            (DIM, &format!("  {by}")),
        ]);
    }
    if missing.is_empty() {
        page.line(&[(GOOD, "nothing mandatory is missing")]);
    }
    tell_declared(&mut page, probe);
    page.into_text()
}

/// Where somebody declared something: what contradicts it, and what was left undeclared.
fn tell_declared(page: &mut Page, probe: &Probe) {
    if probe.capabilities.iter().all(|capability| capability.declared.is_none()) {
        return;
    }
    let contradicting = probe.capabilities.iter().filter_map(|c| Some((c, c.contradiction()?)));
    let mut are_contradicted = false;
    for (capability, contradiction) in contradicting {
        are_contradicted = true;
        page.line(&[(BAD, &capability.name), (Style::new(), ": "), (BAD, contradiction.as_str())]);
    }
    if !are_contradicted {
        page.line(&[(GOOD, "nothing contradicts what is declared")]);
    }
    let is_silent = |c: &&Capability| c.declared.is_none() && c.there == There::Yes;
    let undeclared: Vec<&str> =
        probe.capabilities.iter().filter(is_silent).map(|capability| capability.name.as_str()).collect();
    if !undeclared.is_empty() {
        page.paragraph(0, &format!("there, and not declared: {}", undeclared.join(", ")));
    }
}

const fn said(declared: Option<bool>) -> &'static str {
    match declared {
        Some(true) => "  declared",
        Some(false) => "  declared as not there",
        None => "",
    }
}

fn tell(page: &mut Page, capability: &Capability) {
    let Capability { name, there, declared, evidence, mandatory_by, .. } = capability;
    let style = match (there, mandatory_by) {
        (There::Yes, _) => GOOD,
        (There::No, Some(_)) => BAD,
        (There::No, None) => DIM,
        (There::Unknown, _) => DOUBT,
    };
    let must = if mandatory_by.is_some() { "  mandatory" } else { "" };
    page.line(&[
        (style, &format!("  {:<8}", there.as_str())),
        (Style::new(), name),
        (DIM, must),
        (DIM, said(*declared)),
    ]);
    page.paragraph(10, evidence);
}
