//! RFC 6618 sections 5.1, 5.2 and 5.5 to 5.7: one message by itself, whoever sent it.

use crypto::auth::Direction;
use wire::container::Container;
use wire::error::{DecodeError, Have, Need};
use wire::header::{EndOfMessage, Header, Lexed, lex};
use wire::param::{self, Name, Repeat, Value};
use wire::value::{Random, Scope, Status};

use super::breach::{Breach, What, field};
use super::requirement as id;

/// Content as far as it could be read.
pub(super) struct Content<'a> {
    pub(super) lexed: Lexed<'a>,
    /// The legal values of known headers, in the order sent.
    values: Vec<(Name, Value)>,
}

/// The rules of the four octets before the Content.
pub(super) fn judge_header(container: &Container<&[u8]>, by: Direction, breaches: &mut Vec<Breach>) {
    let value = |octet: u8| Have::Value(u64::from(octet));
    let mut tell = |requirement, what| breaches.push(Breach::new(requirement, by, what));
    if container.version() != 0 {
        tell(id::VERSION_ZERO, field("Ver", Need::Value(0), value(container.version())));
    }
    if container.identifier() == 0 {
        let need = Need::Range { min: 1, max: 255 };
        let error = DecodeError::new("Identifier", need, Have::Value(0)).shifted(1);
        tell(id::IDENTIFIER_NOT_ZERO, What::Field(error));
    }
    if container.length() == 0 {
        let need = Need::Range { min: 1, max: 65535 };
        let error = DecodeError::new("Length", need, Have::Value(0)).shifted(2);
        tell(id::LENGTH_AT_LEAST_ONE, What::Field(error));
    }
    if container.reserved() != 0 {
        let what = field("Rsrvd", Need::Value(0), value(container.reserved()));
        breaches.push(Breach::new(id::RESERVED_ZERO, by, what).soft());
    }
}

impl<'a> Content<'a> {
    /// Takes Content apart and judges each header; nothing if it cannot be taken apart.
    pub(super) fn judge(content: &'a [u8], by: Direction, breaches: &mut Vec<Breach>) -> Option<Self> {
        let lexed = match lex(content) {
            Ok(lexed) => lexed,
            Err(error) => {
                breaches.push(line_breach(error, by));
                return None;
            }
        };
        let mut values = Vec::new();
        for header in &lexed.headers {
            if header.padded {
                let have = Have::text(header.name);
                let error = DecodeError::new("white space", Need::Absent, have).shifted(header.at);
                breaches.push(Breach::new(id::WHITE_SPACE, by, What::Field(error)).soft());
            }
            let Some(name) = header.known() else { continue };
            match param::check(name, header.value) {
                Ok(value) => {
                    breaches.extend(lower_case(header, &value, by));
                    values.push((name, value));
                }
                Err(error) => {
                    let requirement = value_requirement(name, header.value, &error);
                    let what = What::Field(error.shifted(header.value_at));
                    breaches.push(Breach::new(requirement, by, what));
                }
            }
        }
        let content = Self { lexed, values };
        content.judge_whole(by, breaches);
        Some(content)
    }

    /// Repeats, the end, the place of `auth`.
    fn judge_whole(&self, by: Direction, breaches: &mut Vec<Breach>) {
        for name in Name::ALL {
            let Some(second) = self.lexed.all(name).nth(1) else { continue };
            let have = Have::Value(self.lexed.all(name).count() as u64);
            let error = DecodeError::new(name.as_str(), Need::Once, have).shifted(second.at);
            let breach = Breach::new(id::REPEATED_HEADERS, by, What::Field(error));
            match name.repeat() {
                Repeat::Never => breaches.push(breach),
                Repeat::NeverSoft => breaches.push(breach.soft()),
                Repeat::Joins | Repeat::Many => {}
            }
        }
        let end = self.lexed.content.len() - self.lexed.trailing.len();
        if self.lexed.end == EndOfMessage::Absent {
            let need = Need::Grammar("empty lines behind the last header");
            let error = DecodeError::new("end-of-message", need, Have::Nothing).shifted(end);
            breaches.push(Breach::new(id::END_OF_MESSAGE, by, What::Field(error)).soft());
        }
        if !self.lexed.trailing.is_empty() {
            let have = Have::Octets(self.lexed.trailing.len());
            let error = DecodeError::new("octets behind end-of-message", Need::Absent, have).shifted(end);
            breaches.push(Breach::new(id::END_OF_MESSAGE, by, What::Field(error)).soft());
        }
    }

    /// Section 5.5.5: `auth` is the last header. Not asked of the first request, whose `auth` has no meaning.
    pub(super) fn judge_auth_last(&self, by: Direction, breaches: &mut Vec<Breach>) {
        let (Some(auth), Some(last)) = (self.lexed.find(Name::Auth), self.lexed.headers.last()) else {
            return;
        };
        if auth.at != last.at {
            let error =
                DecodeError::new(Name::Auth.as_str(), Need::Last, Have::text(last.name)).shifted(auth.at);
            breaches.push(Breach::new(id::AUTH_LAST, by, What::Field(error)));
        }
    }

    pub(super) fn has(&self, name: Name) -> bool {
        self.lexed.find(name).is_some()
    }

    pub(super) fn header(&self, name: Name) -> Option<&Header<'a>> {
        self.lexed.find(name)
    }

    /// The first legal value of a header.
    pub(super) fn value(&self, name: Name) -> Option<&Value> {
        self.values(name).next()
    }

    pub(super) fn values(&self, name: Name) -> impl Iterator<Item = &Value> {
        self.values.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(super) fn status(&self) -> Option<Status> {
        if let Some(Value::Status(status)) = self.value(Name::StatusCode) { Some(*status) } else { None }
    }

    pub(super) fn random(&self, name: Name) -> Option<Random> {
        if let Some(Value::Random(random)) = self.value(name) { Some(*random) } else { None }
    }

    pub(super) fn scope(&self) -> Option<Scope> {
        if let Some(Value::Scope(scope)) = self.value(Name::Sas) { Some(*scope) } else { None }
    }

    pub(super) fn octets(&self, name: Name) -> Option<&[u8]> {
        if let Some(Value::Octets(octets)) = self.value(name) { Some(octets) } else { None }
    }

    /// Where the headers end: there a missing one is missing.
    pub(super) fn end(&self) -> usize {
        self.lexed.headers.last().map_or(0, |header| header.end)
    }
}

/// Octets that are no lines.
fn line_breach(error: DecodeError, by: Direction) -> Breach {
    let is_folded = error.need == Need::Grammar("no folded line");
    let has_space = error.need == Need::Grammar("no white space before the colon");
    let requirement = match error.field {
        "line end" => id::LINE_ENDS,
        _ if is_folded => id::FOLDING,
        _ => id::HEADER_SYNTAX,
    };
    let breach = Breach::new(requirement, by, What::Field(error));
    // Readings TV-02 to TV-04: never sent, and taken only by the lax.
    if has_space || requirement != id::HEADER_SYNTAX { breach.soft() } else { breach }
}

/// Reading TV-10: a suite is sent as section 5.6.5 prints it, and taken in either letter case.
fn lower_case(header: &Header<'_>, value: &Value, by: Direction) -> Option<Breach> {
    let is_lower = matches!(value, Value::Ciphersuite(_) | Value::Suites(_))
        && header.value.iter().any(u8::is_ascii_lowercase);
    let name = header.known().filter(|_| is_lower)?;
    let need = Need::Grammar("hex digits in upper case");
    let error = DecodeError::new(name.as_str(), need, Have::text(header.value)).shifted(header.value_at);
    Some(Breach::new(id::grammar(name), by, What::Field(error)).soft())
}

/// The rule that a value breaks which its header does not allow.
fn value_requirement(name: Name, value: &[u8], error: &DecodeError) -> &'static str {
    match (name, &error.need) {
        (Name::MnRand | Name::HacRand, _) if value.len() != RANDOM_DIGITS => id::RANDOM_LENGTH,
        (Name::Spi, Need::Range { .. }) => id::SPI_RANGE,
        (Name::Sas, Need::OneOf(_)) => id::SAS_VALUES,
        (Name::StatusCode, Need::OneOf(_)) => id::STATUS_VALUES,
        (Name::SaValidityEnd, _) => id::VALIDITY_END_IS_DATE,
        _ => id::grammar(name),
    }
}

/// Hex digits of 32 octets.
const RANDOM_DIGITS: usize = 64;
