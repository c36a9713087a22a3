//! RFC 6618 sections 5.1 and 5.2: a message of the peer on its way to the honest machine, to be mended or spoiled.

use suite::player::Signer;
use wire::container::{Container, HEADER_LEN};
use wire::header::{Draft, lex};
use wire::param::Name;
use wire::value::Mac;

/// A message of the peer. What is changed here, the honest machine takes for what the peer said.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    /// 3-bit Ver.
    pub version: u8,
    /// 5-bit Rsrvd.
    pub reserved: u8,
    /// Identifier.
    pub identifier: u8,
    /// The Content; Length follows it.
    pub content: Vec<u8>,
    /// Whether `auth` counts as right. It starts as the truth; a true one is signed anew if anything was changed.
    pub believed: bool,
}

impl Incoming {
    /// A whole container; `signer` signs as the peer does.
    pub(super) fn new(container: &[u8], signer: Option<&Signer>) -> Self {
        let view = Container::new_unchecked(container);
        let content = container.get(HEADER_LEN..).unwrap_or_default().to_vec();
        let believed = signer.is_some_and(|signer| is_authentic(&content, signer));
        Self {
            version: view.version(),
            reserved: view.reserved(),
            identifier: view.identifier(),
            content,
            believed,
        }
    }

    /// The container again.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        let mut header = Container::new_unchecked([0; HEADER_LEN]);
        header.set_version(self.version);
        header.set_reserved(self.reserved);
        header.set_identifier(self.identifier);
        header.set_length(u16::try_from(self.content.len()).unwrap_or(u16::MAX));
        [&header.into_inner()[..], &self.content].concat()
    }

    /// Signs as the peer would have.
    pub(super) fn sign(&mut self, signer: &Signer) {
        self.edit(|draft| {
            let end = draft.position(Name::Auth).map(|at| draft.lines.split_off(at));
            draft.sign(Mac(signer.sign(&draft.unsigned_octets())));
            draft.lines.extend(end.into_iter().flatten().skip(1));
        });
    }

    /// Changes the headers, if they are any.
    pub fn edit(&mut self, change: impl FnOnce(&mut Draft)) {
        if let Ok(mut draft) = Draft::parse(&self.content) {
            change(&mut draft);
            self.content = draft.octets();
        }
    }

    /// Gives a header another value.
    pub fn set(&mut self, name: Name, value: &[u8]) {
        self.edit(|draft| {
            let before_auth = draft.position(Name::Auth).unwrap_or(draft.lines.len());
            match draft.position(name) {
                Some(_) => draft.set(name, value),
                None => draft.insert(before_auth, name.as_str().as_bytes(), value),
            }
        });
    }

    /// The first value of a header; `None` too where the content is none.
    #[must_use]
    pub fn value(&self, name: Name) -> Option<Vec<u8>> {
        lex(&self.content).ok()?.find(name).map(|header| header.value.to_vec())
    }

    /// Whether a header stands there, in content that is well formed.
    #[must_use]
    pub fn has(&self, name: Name) -> bool {
        self.value(name).is_some()
    }

    /// Takes out the lines that are in the way, by their octets without the CR LF that must end them; works on
    /// any content.
    pub fn drop_lines(&mut self, is_in_the_way: impl Fn(&[u8]) -> bool) {
        let kept =
            lines(&self.content).filter(|line| !line.strip_suffix(b"\r\n").is_some_and(&is_in_the_way));
        self.content = kept.flatten().copied().collect();
    }

    /// Puts other octets in place of some, wherever they stand.
    pub fn replace(&mut self, from: &[u8], to: &[u8]) {
        let mut left = self.content.as_slice();
        let mut replaced = Vec::with_capacity(left.len());
        while let Some(octet) = left.first() {
            if let Some(rest) = left.strip_prefix(from) {
                replaced.extend_from_slice(to);
                left = rest;
            } else {
                replaced.push(*octet);
                left = left.get(1..).unwrap_or_default();
            }
        }
        self.content = replaced;
    }

    /// Lets no header stand twice: the first one counts.
    pub fn keep_first(&mut self, name: Name) {
        self.edit(|draft| {
            let first = draft.position(name);
            let mut at = 0;
            draft.lines.retain(|line| {
                at += 1;
                line.known() != Some(name) || Some(at - 1) == first
            });
        });
    }

    /// Lets no header stand twice: the last one counts.
    pub fn keep_last(&mut self, name: Name) {
        self.edit(|draft| {
            draft.lines.reverse();
            let last = draft.position(name);
            let mut at = 0;
            draft.lines.retain(|line| {
                at += 1;
                line.known() != Some(name) || Some(at - 1) == last
            });
            draft.lines.reverse();
        });
    }

    /// Makes it a message that nobody can read, so that it is refused.
    pub fn spoil(&mut self) {
        self.content = b"spoiled".to_vec();
        self.believed = false;
    }
}

/// All lines with their ends.
fn lines(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content.split_inclusive(|octet| *octet == b'\n')
}

/// Whether the first `auth` is right, whatever else is wrong with the content.
fn is_authentic(content: &[u8], signer: &Signer) -> bool {
    let Some((signed, value)) = around_auth(content) else { return false };
    Mac::parse(value).is_ok_and(|mac| mac.0 == signer.sign(signed))
}

/// What `auth` signs, and its value; works on any content.
#[must_use]
pub fn around_auth(content: &[u8]) -> Option<(&[u8], &[u8])> {
    const NAME: &[u8] = b"auth:";
    let mut at = 0;
    for line in lines(content) {
        if let Some((name, value)) = line.split_at_checked(NAME.len())
            && name.eq_ignore_ascii_case(NAME)
        {
            return Some((content.get(..at)?, value.trim_ascii()));
        }
        at += line.len();
    }
    None
}
