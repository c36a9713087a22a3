//! What the people behind a HAC say that it can do, held against what the probe found. A declaration is checked, never
//! believed, and it makes up for nothing that is mandatory.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::probe::{Capability, Probe, There, Topic};

/// A file of capabilities: under each topic, each name with `true` or `false`. What it does not name is undeclared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Declaration(BTreeMap<Topic, BTreeMap<String, bool>>);

/// Why a file is no declaration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeclarationError {
    /// Not the TOML that we read.
    #[error("no file of capabilities: {0}")]
    Toml(String),
    /// A name that is nothing to ask for.
    #[error("{name} is no capability of the topic {topic}{}", near.as_ref().map(|near| format!("; the nearest is {near}")).unwrap_or_default())]
    Unknown {
        /// As written.
        topic: &'static str,
        /// As written.
        name: String,
        /// The name that is closest to it.
        near: Option<String>,
    },
}

/// How a declaration and what was found contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Contradiction {
    /// Declared as there, and it is not.
    NotThere,
    /// Mandatory, and declared as not there.
    DeclaredAway,
    /// Declared as not there, and it is.
    ThereAfterAll,
    /// Declared as there, and the question could not be put.
    NotShown,
}

impl Contradiction {
    /// In words, behind the name of the capability.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotThere => "declared, and not there",
            Self::DeclaredAway => "declared away, and mandatory",
            Self::ThereAfterAll => "declared as not there, and there: the declaration is out of date",
            Self::NotShown => "declared, and not shown",
        }
    }
}

impl Declaration {
    /// From TOML.
    ///
    /// # Errors
    /// [`DeclarationError::Toml`].
    pub fn from_toml(text: &str) -> Result<Self, DeclarationError> {
        toml::from_str(text).map_err(|error| DeclarationError::Toml(error.to_string()))
    }

    /// Everything that was found, to be kept or edited; what could not be asked is left out.
    #[must_use]
    pub fn of(probe: &Probe) -> Self {
        let mut topics: BTreeMap<Topic, BTreeMap<String, bool>> = BTreeMap::new();
        for capability in probe.capabilities.iter().filter(|capability| capability.there != There::Unknown) {
            let names = topics.entry(capability.topic).or_default();
            names.insert(capability.name.clone(), capability.there == There::Yes);
        }
        Self(topics)
    }

    /// As [`Self::from_toml`] reads it.
    ///
    /// # Errors
    /// The TOML library refuses.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }

    /// Writes beside each capability what is declared of it.
    ///
    /// # Errors
    /// [`DeclarationError::Unknown`].
    pub fn hold_against(&self, probe: &mut Probe) -> Result<(), DeclarationError> {
        for (topic, names) in &self.0 {
            for (name, declared) in names {
                let is_meant = |capability: &&mut Capability| {
                    capability.topic == *topic && capability.name.eq_ignore_ascii_case(name)
                };
                let known: Vec<String> = probe.capabilities.iter().map(|known| known.name.clone()).collect();
                match probe.capabilities.iter_mut().find(is_meant) {
                    Some(capability) => capability.declared = Some(*declared),
                    None => {
                        let near = crate::select::nearest_of(name, known.iter().map(String::as_str));
                        let (topic, name) = (topic.as_str(), name.escape_debug().to_string());
                        return Err(DeclarationError::Unknown { topic, name, near });
                    }
                }
            }
        }
        Ok(())
    }
}

impl Capability {
    /// How what is declared and what was found contradict each other, if they do.
    #[must_use]
    pub const fn contradiction(&self) -> Option<Contradiction> {
        match (self.declared, self.there) {
            (Some(true), There::No) => Some(Contradiction::NotThere),
            (Some(true), There::Unknown) => Some(Contradiction::NotShown),
            (Some(false), There::Yes) => Some(Contradiction::ThereAfterAll),
            (Some(false), _) if self.mandatory_by.is_some() => Some(Contradiction::DeclaredAway),
            _ => None,
        }
    }
}
