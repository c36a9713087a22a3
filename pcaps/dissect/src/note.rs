//! What is worth a word and nobody's fault.

use core::fmt;

use wire::escape::Escaped;

use crate::format::Comment;

/// Something to know about a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Number of the frame, from 1; 0 before the first.
    pub frame: u64,
    /// What.
    pub what: Notice,
}

/// What a note says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The capture hands out other keys for an SPI than whoever looks on gave; those that were given are used.
    GivenStays {
        /// The SPI.
        spi: u32,
    },
    /// A comment on a frame.
    Comment {
        /// Its text, escaped.
        text: String,
    },
    /// A comment on the capture or an interface, ahead of the frame.
    CommentAhead {
        /// Its text, escaped.
        text: String,
    },
    /// The capture hands out an SPI again, with other keys: its numbers start anew.
    Replaced {
        /// The SPI.
        spi: u32,
    },
}

impl Note {
    pub(crate) fn of_comment(comment: &Comment<'_>) -> Self {
        let text = Escaped(comment.octets).to_string();
        let what = match comment.is_of_frame {
            true => Notice::Comment { text },
            false => Notice::CommentAhead { text },
        };
        Self { frame: comment.frame, what }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "frame {}: {}", self.frame, self.what)
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GivenStays { spi } => {
                write!(f, "SPI {spi} is handed out with other keys than those given, which are used")
            }
            Self::Comment { text } => write!(f, "comment: {text}"),
            Self::CommentAhead { text } => write!(f, "comment on the capture: {text}"),
            Self::Replaced { spi } => write!(f, "SPI {spi} is handed out again, its numbers start anew"),
        }
    }
}
